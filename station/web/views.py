"""Pages of the shell itself: the way home, preferences, health."""

from flask import Blueprint, Response, g, jsonify, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import service as accounts
from station.core.db import reading, transaction
from station.core.i18n import LANGUAGES
from station.network import queries as network
from station.web import health, language, navigation
from station.web.gate import public
from station.web.shell import CONTRASTS, THEMES
from station.web.targets import safe_target

bp = Blueprint("web", __name__)

CHOICES: dict[str, tuple[str, ...]] = {
    language.COOKIE: tuple(LANGUAGES),
    "theme": THEMES,
    "contrast": CONTRASTS,
}
REMEMBER_S = 365 * 24 * 3600


@bp.get("/")
@public
def home() -> ResponseReturnValue:
    """Send staff to their first place, everybody else to the sign-in page, or to the first run before that."""
    if g.person is None:
        with reading():
            is_set_up = network.has_station()
        return redirect(url_for("accounts.sign_in" if is_set_up else "network.setup"), 303)
    places = navigation.rail(g.person.actor)
    return redirect(places[0].url if places else url_for("accounts.account"), 303)


@bp.post("/preferences")
@public
def preferences() -> ResponseReturnValue:
    """Remember language, theme or contrast: in the browser, and with the person who is signed in."""
    chosen = {name: request.form[name] for name in CHOICES if request.form.get(name) in CHOICES[name]}
    if g.person and chosen:
        with transaction():
            accounts.choose_preferences(g.person.actor, chosen)
    response = make_response(redirect(safe_target(request.form.get("next")) or url_for("web.home"), 303))
    for name, value in chosen.items():
        response.set_cookie(
            name, value, max_age=REMEMBER_S, samesite="Lax", httponly=True, secure=request.is_secure
        )
    return response


@bp.get("/healthz")
@public
def healthz() -> Response:
    """Answer machines that watch the installation: 200 while the database works, else 503."""
    state = health.look()
    response = jsonify(state.as_json())
    response.status_code = 200 if state.database_works else 503
    return response
