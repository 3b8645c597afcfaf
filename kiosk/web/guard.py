"""Who may ask the kiosk's page, and the headers of every answer.

The page is for the one browser on this machine. A foreign page that this browser shows could send requests here too,
so the name we were asked by, the page that asked and the kind of body are looked at (Fetch Metadata, W3C; RFC 6454).
"""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
OWN_SITES = frozenset({"same-origin", "none"})  # none: typed into the address bar, or the kiosk's start
MAX_BODY = 1024  # a touch is a word and a digit
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def install(app: Flask) -> None:
    """Refuse who is not our own page, bound the bodies and put the headers on every answer."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.config["START"] = secrets.token_hex(8)  # a page that was loaded before a restart loads itself again
    app.before_request(_refuse_strangers)
    app.after_request(_add_headers)


def _refuse_strangers() -> None:
    if urlsplit(f"//{request.host}").hostname not in LOOPBACK:
        abort(403)  # another name that points here: DNS rebinding
    if request.headers.get("Sec-Fetch-Site", "none") not in OWN_SITES:
        abort(403)
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        abort(403)
    if request.method == "POST" and request.mimetype != "application/json":
        abort(415)  # no form and no other page can send this kind without asking first


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    response.headers["Cache-Control"] = "no-cache" if request.endpoint in {"static", "shared"} else "no-store"
    return response
