"""A program started on tables that are older than it: it says so, and does nothing with them."""

from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path

import pytest
from flask import Flask
from flask.globals import _cv_app
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError

from station.commands import bring_up_to_date
from station.core import ids
from station.core.db import db, transaction
from station.core.settings import Settings
from station.web.factory import create_app
from tests import postgres
from tests.conftest import BACKENDS, TEST_KEYS

SENTENCE = "Stationmaster was updated, but its database was not yet."


@pytest.fixture(params=BACKENDS)
def behind(request, backends: object, tmp_path: Path) -> Iterator[Flask]:
    """An application whose database was never migrated; `backends` leases ids and stops the server in the end."""
    if request.param == "postgresql" and not postgres.available():
        pytest.skip(postgres.WHY_NOT)
    is_file = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'station.db'}" if is_file else postgres.url.__wrapped__()
    app = create_app(Settings(tmp_path, url, TEST_KEYS))
    app.config.update(TESTING=True)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def get(app: Flask, address: str, **headers: str):
    """Ask outside the context that the test has pushed, as on a real server."""

    def ask():
        _cv_app.set(None)  # type: ignore[arg-type]
        return app.test_client().get(address, headers=headers)

    return copy_context().run(ask)


def test_health_gives_the_reason_and_is_well_after_the_upgrade(behind: Flask) -> None:
    before = get(behind, "/healthz")
    bring_up_to_date()
    after = get(behind, "/healthz")

    assert before.status_code == 503
    assert before.json["status"] == before.json["database"] == "failing"
    assert "flask --app app station upgrade" in before.json["reason"]
    assert (after.status_code, after.json["status"]) == (200, "ok")
    assert "reason" not in after.json


def test_health_needs_no_id_of_the_database(behind: Flask, monkeypatch) -> None:
    """A worker's first request leases a number in a table that is not there yet."""
    monkeypatch.setattr(ids, "_held", None)

    assert get(behind, "/healthz").status_code == 503


def test_pages_say_so_in_a_sentence_and_work_after_the_upgrade(behind: Flask, monkeypatch) -> None:
    monkeypatch.setattr(ids, "_held", None)
    before = get(behind, "/sign-in")
    bring_up_to_date()
    after = get(behind, "/sign-in")

    assert before.status_code == 503
    assert SENTENCE in before.text
    assert "station upgrade" in before.text
    assert after.status_code == 200


def test_the_sentence_is_in_the_browsers_language(behind: Flask) -> None:
    answer = get(behind, "/", **{"Accept-Language": "zh-CN"})

    assert answer.status_code == 503
    assert 'lang="zh-CN"' in answer.text
    assert SENTENCE not in answer.text


def test_somebody_signed_in_gets_the_sentence_too(behind: Flask) -> None:
    """Whoever was signed in before the update still has the cookie; looking it up would break the page."""

    def ask():
        _cv_app.set(None)  # type: ignore[arg-type]
        client = behind.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = "1.1.1"
        return client.get("/check-in")

    answer = copy_context().run(ask)

    assert answer.status_code == 503
    assert SENTENCE in answer.text


def test_machines_get_a_problem_and_styles_are_served(behind: Flask) -> None:
    problem = get(behind, "/api/v1/parcels")

    assert (problem.status_code, problem.json["code"]) == (503, "database_outdated")
    with get(behind, "/static/app.css") as styles:
        assert styles.status_code == 200


def test_nothing_is_written(behind: Flask) -> None:
    get(behind, "/")
    with transaction():
        assert inspect(db.engine).get_table_names() == []


def test_the_page_of_a_broken_database_asks_it_no_more(clerk_client, monkeypatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OperationalError("select", {}, Exception("disk I/O error"))

    monkeypatch.setattr("station.web.gate.accounts.person", broken)
    answer = clerk_client.get("/account")

    assert answer.status_code == 500
    assert "<h1>" in answer.text
    assert "Nothing was saved" in answer.text


def test_tables_of_a_newer_program_are_served(web: Flask, client) -> None:
    """The previous release runs on the new schema while the workers are changed one after the other."""
    with transaction():
        db.session.execute(db.text("UPDATE alembic_version SET version_num = '99990101'"))
    web.extensions.pop("schema_fits", None)

    assert client.get("/sign-in").status_code == 200
    assert client.get("/healthz").status_code == 200
