"""Security headers of every answer, what may be cached, and static addresses that change with their content."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, request

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
# Of the one page whose code reader is WebAssembly, compiled from our own origin (CSP 3, 'wasm-unsafe-eval').
WITH_WASM = f"{POLICY}; script-src 'self' 'wasm-unsafe-eval'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FOR_EVER = "public, max-age=31536000, immutable"  # a year: the longest RFC 9111's delta-seconds is used for
ASK_FIRST = "no-cache"
KEEP_NOTHING = "no-store"
HASH_LENGTH = 10


def install(app: Flask) -> None:
    """Put the headers on every answer of `app` and the content's hash into static addresses."""
    folder = Path(app.static_folder or "")

    @app.url_defaults
    def _name_content(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            values["v"] = fingerprint(folder / values["filename"])

    app.after_request(_add_headers)


def fingerprint(path: Path) -> str | None:
    """Return a short hash of a file's content, None when there is no such file."""
    return _hash(path, path.stat().st_mtime_ns) if path.is_file() else None


@cache
def _hash(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:HASH_LENGTH]


def _names_this_content() -> bool:
    asked = request.args.get("v")
    folder = Path(current_app.static_folder or "")
    return asked is not None and asked == fingerprint(folder / (request.view_args or {})["filename"])


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static":
        response.headers["Cache-Control"] = FOR_EVER if _names_this_content() else ASK_FIRST
    elif g.get("person") or "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = KEEP_NOTHING
    return response
