"""How refusals and failures are shown: as a page, as problem+JSON (RFC 9457), or as a fragment for htmx.

Never a stack trace, never a bare code: what happened, and what to do next.
"""

import logging
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from station.core.errors import CATALOGUE, StationError
from station.core.failures import describe
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.web import health
from station.web.targets import safe_target

PROBLEM_JSON = "application/problem+json"
API_PREFIX = "/api/"
log = logging.getLogger(__name__)

# What werkzeug refuses by itself: (our code, what to do next).
HTTP_REFUSALS = {
    400: ("bad_input", _l("Go back and try again.")),
    404: ("not_found", _l("Check the address, or go to the start.")),
    405: ("method_not_allowed", _l("Go back to the page you came from.")),
    413: ("too_large", _l("Choose a smaller file or photo.")),
    415: ("bad_input", _l("Send JSON, or fill in the form of the page.")),
}
SIGN_IN = {
    "sign_in_needed": "accounts.sign_in",
    "resident_sign_in_needed": "me.sign_in",
    "courier_sign_in_needed": "couriers.sign_in",
}
FAILED = _l("Nothing was saved. Try again; if it happens again, tell the manager.")


def install(app: Flask) -> None:
    """Answer every exception of `app` in words, and in one sentence all requests while the tables are too old."""
    health.install(app)
    app.register_error_handler(StationError, _refused)
    app.register_error_handler(CSRFError, _page_too_old)
    app.register_error_handler(HTTPException, _http_refused)
    app.register_error_handler(Exception, _failed)
    app.register_error_handler(InternalServerError, _failed_twice)
    app.log_exception = _log_unanswered  # type: ignore[method-assign, assignment]


def problem(status: int, code: str, *, detail: str, facts: dict[str, Any] | None = None) -> Response:
    """Return a refusal as problem+JSON (RFC 9457). `facts` are shown as they are: never personal data."""
    body = {
        "type": f"urn:stationmaster:error:{code}",
        "title": _(CATALOGUE[code][1]),
        "status": status,
        "code": code,
        "detail": detail,
        "facts": facts or {},
    }
    response = jsonify(body)
    response.status_code = status
    response.content_type = PROBLEM_JSON
    return response


def wants_json() -> bool:
    """Tell whether the request is to be answered in JSON."""
    if request.path.startswith(API_PREFIX):
        return True
    accepted = request.accept_mimetypes
    best = accepted.best_match(("text/html", "application/json", PROBLEM_JSON), default="text/html")
    return best != "text/html"


def wants_fragment() -> bool:
    """Tell whether htmx asks, and so only a piece of the page is to be answered."""
    return request.headers.get("HX-Request") == "true"


def _refused(error: StationError) -> Response:
    log.info("refused %s %s %s", request.method, request.endpoint, error.code)
    if error.code in SIGN_IN and not wants_json():
        return _to_sign_in(SIGN_IN[error.code])
    response = _answer(error.status, error.code, error.message, error.facts)
    if "retry_after_s" in error.facts:
        response.headers["Retry-After"] = str(error.facts["retry_after_s"])
    return response


def _page_too_old(error: CSRFError) -> Response:
    log.info("refused %s %s csrf_failed", request.method, request.endpoint)
    return _answer(400, "csrf_failed", _("This page is too old. Load it again and repeat what you did."), {})


def _http_refused(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:  # a redirect that routing itself asks for
        return make_response(error.get_response())
    code, text = HTTP_REFUSALS.get(status, ("bad_input", FAILED))
    log.info("refused %s %s %s", request.method, request.endpoint, status)
    response = _answer(status, code, _(text), {})
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _failed(error: Exception) -> Response:
    _log_failure(error)
    return _answer(500, "failed", _(FAILED), {})


def _failed_twice(_error: InternalServerError) -> Response:
    """Answer when the error page broke too; else the server below would print the chain with its messages."""
    response = make_response(_(FAILED), 500)
    response.content_type = "text/plain; charset=utf-8"
    return response


def _log_failure(error: BaseException) -> None:
    log.error("failed %s %s: %s", request.method, request.endpoint, describe(error))


def _log_unanswered(
    found: tuple[type, BaseException, TracebackType] | tuple[None, None, None],
) -> None:
    """Log what broke the error page itself; Flask's own way would print every message of the chain."""
    if found[1] is not None:
        _log_failure(found[1])


def _answer(status: int, code: str, detail: str, facts: dict[str, Any]) -> Response:
    if wants_json():
        return problem(status, code, detail=detail, facts=facts)
    if status >= 500:  # Flask-Login would ask the database that just failed who looks at the page
        g.setdefault("_login_user", AnonymousUserMixin())
    template = "web/error_fragment.html" if wants_fragment() else "error.html"
    title = _(CATALOGUE[code][1])
    next_step = detail.removeprefix(title).strip()  # a message often begins with what its code means
    page = render_template(template, status=status, title=title, detail=detail, next_step=next_step)
    return make_response(page, status)


def _to_sign_in(endpoint: str) -> Response:
    """Send somebody to the sign-in page, and after it back to where they wanted to go."""
    if wants_fragment():
        here = urlsplit(request.headers.get("HX-Current-URL", ""))
        target = safe_target(f"{here.path}?{here.query}" if here.query else here.path)
        response = make_response("", 401)
        response.headers["HX-Redirect"] = url_for(endpoint, next=target)
        return response
    target = safe_target(request.full_path.removesuffix("?")) if request.method == "GET" else None
    return make_response(redirect(url_for(endpoint, next=target), 303))
