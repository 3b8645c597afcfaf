"""What every test may ask for: an application on a fresh database, a small station, and someone signed in."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import HealthCheck, settings
from sqlalchemy import text

from station import models
from station.accounts import passwords
from station.core import i18n, ids
from station.core.db import db, transaction
from station.core.settings import Keys, Settings
from station.web.factory import create_app
from tests import postgres
from tests.factories import Station, make_station

ANY_MACHINE = settings(deadline=None, suppress_health_check=list(HealthCheck))
# The same examples each time, so that a run tells of the change and not of the dice; "thorough" looks for new ones.
settings.register_profile("fast", ANY_MACHINE, max_examples=60, derandomize=True, database=None)
settings.register_profile("thorough", ANY_MACHINE, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

TEST_KEYS = Keys(b"s" * 32, b"d" * 32, b"h" * 32, b"g" * 32)
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PRODUCTS_OWN = passwords._hasher
BACKENDS = ("sqlite", "postgresql")
TABLES = [table.name for table in models.metadata.sorted_tables]
# TRUNCATE makes new files for every table and index: 75 to 200 ms of the server's time before each test, where this
# takes 25 (105 tables, two cores, 22 November 2026). Foreign keys rest meanwhile, since all rows go.
EMPTYING = "; ".join(
    [
        "SET LOCAL session_replication_role = replica",
        f"LOCK TABLE {', '.join(TABLES)}",
        *(f"DELETE FROM {name}" for name in TABLES),
    ]
)


class Backend:
    """One application on one kind of database, emptied before each test."""

    def __init__(self, name: str, app: Flask, template: Path | None) -> None:
        self.name = name
        self.app = app
        self._template = template

    def reset(self) -> None:
        """Bring the database back to the moment after the migrations."""
        with self.app.app_context():
            db.session.remove()
            if self._template:
                db.engine.dispose()
                path = self.app.config["SETTINGS"].sqlite_path
                for leftover in path.parent.glob(path.name + "*"):
                    leftover.unlink()
                shutil.copy(self._template, path)
                return
            db.engine.dispose()  # what a test's threads left in the pool would count as somebody using the database
            with transaction():
                db.session.execute(text(EMPTYING))
            db.session.remove()


def _application(folder: Path, url: str) -> Flask:
    app = create_app(Settings(folder, url, TEST_KEYS))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


def _migrate(app: Flask) -> None:
    with app.app_context():
        upgrade()
        db.session.remove()
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect().execution_options(writing=True) as connection:
                connection.rollback()
            db.engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Hash quickly: the product's own work, which tests/unit/test_passwords.py shows, costs each sign-in 200 CPU ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", CHEAP)
        yield


@pytest.fixture(autouse=True)
def _english() -> None:
    """Begin in English, whatever the last request of another test spoke."""
    i18n.set_language("en")


@pytest.fixture(scope="session")
def backends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Backend]]:
    """Applications made so far in this run, by database."""
    ids.use_node(int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw") or 0))
    made: dict[str, Backend] = {}
    yield made
    for backend in made.values():
        with backend.app.app_context():
            db.engine.dispose()
    postgres.stop()


def _backend(name: str, made: dict[str, Backend], factory: pytest.TempPathFactory) -> Backend:
    if name not in made:
        folder = factory.mktemp(name)
        if name == "sqlite":
            template = folder / "template.db"
            _migrate(_application(folder, f"sqlite:///{template}"))
            made[name] = Backend(name, _application(folder, f"sqlite:///{folder / 'station.db'}"), template)
        else:
            app = _application(folder, postgres.url())
            _migrate(app)
            made[name] = Backend(name, app, None)
    made[name].reset()
    return made[name]


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, backends: dict[str, Backend]) -> Backend:
    """An empty, migrated database: once on SQLite, once on PostgreSQL."""
    if request.param == "postgresql" and not postgres.available():
        pytest.skip(postgres.WHY_NOT)
    return _backend(request.param, backends, request.getfixturevalue("tmp_path_factory"))


@pytest.fixture
def sqlite(backends: dict[str, Backend], tmp_path_factory: pytest.TempPathFactory) -> Backend:
    """An empty, migrated SQLite database."""
    return _backend("sqlite", backends, tmp_path_factory)


@pytest.fixture
def app(backend: Backend) -> Iterator[Flask]:
    """The application, its context pushed: for service tests, on both databases."""
    with backend.app.app_context():
        yield backend.app
        db.session.remove()


@pytest.fixture
def station(app: Flask) -> Station:
    """A small station on the `app` fixture's database."""
    return make_station()


@pytest.fixture
def web(sqlite: Backend) -> Iterator[Flask]:
    """The application on SQLite, for page and API tests."""
    with sqlite.app.app_context():
        yield sqlite.app
        db.session.remove()


@pytest.fixture
def web_station(web: Flask) -> Station:
    """A small station on the `web` fixture's database."""
    return make_station()


@pytest.fixture
def client(web: Flask, web_station: Station) -> FlaskClient:
    """A browser in which nobody is signed in."""
    return web.test_client()


@pytest.fixture
def clerk_client(web: Flask, web_station: Station) -> FlaskClient:
    """A browser in which the station's clerk is signed in."""
    return web_station.sign_in(web.test_client(), "clerk")


@pytest.fixture
def manager_client(web: Flask, web_station: Station) -> FlaskClient:
    """A browser in which the station's manager is signed in."""
    return web_station.sign_in(web.test_client(), "manager")
