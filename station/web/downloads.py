"""Files for people to keep: an answer the browser saves under a name."""

from pathlib import PurePath
from urllib.parse import quote

from flask import Response


def download(content: bytes | str, media_type: str, name: str) -> Response:
    """Return an answer that is saved under `name`, whatever its letters (RFC 6266, 4.3 and appendix D).

    A header carries no letters beyond Latin-1 (PEP 3333), so they come encoded, with a plain name for who reads none.
    """
    response = Response(content, mimetype=media_type)
    names = {"filename": name}
    if not name.isascii():
        names = {"filename": f"file{PurePath(name).suffix}", "filename*": f"UTF-8''{quote(name, safe='')}"}
    response.headers.set("Content-Disposition", "attachment", **names)
    return response
