"""Files for people to keep: an answer the browser saves under a name."""

from flask import Response


def download(content: bytes | str, media_type: str, name: str) -> Response:
    """Return an answer that is saved under `name`, whatever its letters (RFC 6266, 4.3)."""
    response = Response(content, mimetype=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
