"""What every page stands on: language, theme, the station worked at, the names templates may use."""

from typing import Any

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from station.accounts.queries import Person
from station.core import clock, i18n
from station.core.permissions import Permission
from station.web import formatting, gate, language, navigation

THEMES = ("light", "dark")
CONTRASTS = ("normal", "more")
RESIDENT_ROOMS = {
    "group_share",
    "me",
    "me_choices",
    "me_data",
    "me_extension",
    "me_group_buys",
    "me_group_claims",
    "me_group_goods",
    "me_identity",
    "me_links",
    "me_pay",
    "me_proxies",
    "me_tracking",
    "test_payments",
}  # the blueprints whose pages are residents'
# Where somebody with a one-time password may still go.
BEFORE_NEW_PASSWORD = {
    "static",
    "accounts.account",
    "accounts.change_password",
    "accounts.sign_out",
    "web.preferences",
    "web.healthz",
}


def install(app: Flask) -> None:
    """Prepare each request of `app`, and give templates their names."""
    environment: Any = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)
    formatting.install(app)
    app.before_request(_prepare)
    app.context_processor(_names)


def _prepare() -> ResponseReturnValue | None:
    g.person = g.station = g.resident = g.courier = None
    if request.endpoint == "static":
        return None
    if current_user.is_authenticated:  # the gate loads the station with the person, in one transaction
        g.person = current_user.person
    if request.blueprint in RESIDENT_ROOMS:
        g.resident = gate.load_resident()
    if gate.is_courier_page(current_app):
        g.courier = gate.load_courier()
    who = None if g.courier else g.resident or g.person
    preference = who.language if who else None
    i18n.set_language(language.choose(preference, g.station.language if g.station else None))
    if g.person and g.person.must_change_password and request.endpoint not in BEFORE_NEW_PASSWORD:
        return redirect(url_for("accounts.account"), 303)
    return None


def _names() -> dict[str, Any]:
    """Return the names every template may use; they hold even when the request failed before it was prepared."""
    person: Person | None = g.get("person")
    who = g.get("resident") or person
    return {
        "lang": i18n.language(),
        "html_lang": i18n.HTML_LANG[i18n.language()],
        "languages": i18n.LANGUAGES,
        "theme": who.theme if who else _cookie("theme", THEMES),
        "contrast": who.contrast if who else _cookie("contrast", CONTRASTS),
        "person": person,
        "resident": g.get("resident"),
        "courier": g.get("courier"),
        "actor": person.actor if person else None,
        "station": g.get("station"),
        "is_backup_old": g.get("is_backup_old", False),
        "has_kiosks": g.get("has_kiosks", False),
        "now": clock.now(),
        "rail": navigation.rail,
        "settings_tabs": navigation.settings_tabs,
        "phone_tabs": navigation.phone_tabs,
        "courier_tabs": navigation.courier_tabs,
        "Permission": Permission,
    }


def _cookie(name: str, choices: tuple[str, ...]) -> str:
    value = request.cookies.get(name)
    return value if value in choices else choices[0]
