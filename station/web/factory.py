"""Makes the Flask application: the one place where rooms, extensions and settings meet."""

import logging
from pathlib import Path

from flask import Flask
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

import station.models  # noqa: F401 - migrations and relationships need every table
from station import commands
from station.core import crypto, ids, sqlite
from station.core.db import db
from station.core.settings import Settings, load_settings
from station.residents import links
from station.web import api, errors, gate, headers, shell, uploads
from station.web.blueprints import BLUEPRINTS

ROOT = Path(__file__).parents[2]
BODY_LIMIT = 8 * 1024 * 1024  # a photo from a phone is 2 to 6 MB
POOL = 16  # measured: enough for 8 writers and 2 readers without waiting (docs/architecture.md)

csrf = CSRFProtect()
migrate = Migrate()


class IdConverter(IntegerConverter):
    """The `int` of our addresses: an id that a column can hold."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=ids.LARGEST_ID)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application for `settings`, read from the environment when not given.

    Raises SettingsError when a key is missing.
    """
    settings = settings or load_settings()
    crypto.configure(settings.keys)
    links.configure(settings.public_url)
    app = Flask(
        "station", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "station/web/static")
    )
    app.url_map.converters["int"] = IdConverter
    app.config.update(
        SECRET_KEY=settings.keys.session,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,  # a counter page stays open all day; the token lives as long as the session
        SETTINGS=settings,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), compare_type=True)
    uploads.install(app)
    csrf.init_app(app)
    with app.app_context():
        if settings.sqlite_path:
            sqlite.install(db.engine)
    for room in (errors, headers, shell, api, gate):
        room.install(app)
    for blueprint, is_api in BLUEPRINTS:
        app.register_blueprint(blueprint)
        if is_api:
            csrf.exempt(blueprint)  # the API is signed in by token, never by cookie
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    app.before_request(ids.hold_node)
    commands.install(app)
    if settings.proxies:  # else the sign-in limit of an address would count the proxy as everybody
        trusted = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)  # type: ignore[method-assign]
    return app


def _engine_options(settings: Settings) -> dict[str, object]:
    if settings.sqlite_path:
        settings.sqlite_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A failed statement is logged; its values are names, hashes and pickup codes.
    return {"pool_size": POOL, "max_overflow": 0, "hide_parameters": True}
