"""What a failure leaves in the log: its kind and its place, and nothing of anybody's data."""

import logging
import secrets

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from station.core import clock
from station.core.db import connection, transaction
from station.core.errors import StationError
from station.core.failures import describe
from station.jobs import lease, runs, timetable
from station.jobs.models import JobRun
from station.jobs.runs import Every, Job
from station.jobs.scheduler import Keeper


@pytest.fixture
def secret() -> str:
    """Return somebody's number, which no line of code quotes."""
    return f"138{secrets.randbelow(10**8):08}"


@pytest.fixture
def write_twice(app: Flask, secret: str):
    """Write the same key twice: PostgreSQL says its values in the message."""

    def write(*_: object, **__: object) -> None:
        now = clock.now()
        with transaction():
            for _number in range(2):
                connection().execute(insert(JobRun).values(job=secret, slot=now, started_at=now))

    write.gate = None  # type: ignore[attr-defined] # a view that is open to everybody
    return write


def assert_logged(caplog: pytest.LogCaptureFixture, backend_name: str, secret: str) -> None:
    """The log names the constraint and the place, and not the value."""
    said = "\n".join(logging.Formatter().format(record) for record in caplog.records)
    assert secret not in said
    assert "IntegrityError" in said
    assert "in write" in said
    codes = {"sqlite": "SQLITE_CONSTRAINT_PRIMARYKEY", "postgresql": "23505, pk_job_runs"}
    assert codes[backend_name] in said


def test_a_failed_request_logs_no_value(app, backend, write_twice, secret, monkeypatch, caplog) -> None:
    monkeypatch.setitem(app.view_functions, "web.home", write_twice)

    assert app.test_client().get("/").status_code == 500
    assert "failed GET web.home" in caplog.text
    assert_logged(caplog, backend.name, secret)


def test_an_error_page_that_breaks_logs_no_value(
    app, backend, write_twice, secret, monkeypatch, caplog
) -> None:
    """Flask's own last line of defence would print the whole chain of exceptions with their messages."""

    def explode(*_: object, **__: object) -> None:
        raise ValueError(secret)

    monkeypatch.setitem(app.view_functions, "web.home", write_twice)
    monkeypatch.setattr("station.web.errors.render_template", explode)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)

    assert app.test_client().get("/").status_code == 500
    assert "ValueError" in caplog.text
    assert_logged(caplog, backend.name, secret)


def test_a_failed_job_logs_no_value(app, backend, write_twice, secret, caplog) -> None:
    runs.run(Job("a_job", Every(timetable.HEARTBEAT_EVERY), write_twice), app.config["SETTINGS"])

    assert "job a_job failed" in caplog.text
    assert_logged(caplog, backend.name, secret)


def test_a_ledger_that_fails_logs_no_value(app, backend, write_twice, secret, monkeypatch, caplog) -> None:
    monkeypatch.setattr(runs, "_open_slot", write_twice)
    runs.run(timetable.JOBS[0], app.config["SETTINGS"])

    assert_logged(caplog, backend.name, secret)


def test_a_lease_that_cannot_be_renewed_logs_no_value(
    app, backend, secret, write_twice, monkeypatch, caplog
) -> None:
    def write(owner: str, now: object) -> None:
        row = {"job": secret, "slot": now, "started_at": now}
        for _number in range(2):
            connection().execute(insert(JobRun).values(row))

    monkeypatch.setattr(lease, "take", write)
    Keeper("one").renew()

    assert_logged(caplog, backend.name, secret)


def test_a_lease_that_cannot_be_given_back_stops_nothing(app, monkeypatch, caplog) -> None:
    monkeypatch.setattr(lease, "give_back", lambda owner: 1 / 0)
    Keeper("one").give_back()

    assert "could not be given back: ZeroDivisionError" in caplog.text


def test_a_refusal_is_described_by_its_code(secret: str) -> None:
    said = describe(StationError("anchor_invalid", secret))

    assert "StationError (anchor_invalid)" in said
    assert secret not in said


def test_a_full_disk_is_described_by_its_number(secret: str) -> None:
    said = describe(OSError(28, "No space left on device", secret))

    assert said == "OSError (ENOSPC)"


def test_exceptions_that_cause_each_other_are_described_once() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first

    assert describe(first) == "ValueError\ncaused by KeyError"


def test_what_was_hidden_on_purpose_is_not_described() -> None:
    error = KeyError()
    error.__context__ = IntegrityError("", {}, Exception())
    error.__suppress_context__ = True  # as `from None` does

    assert describe(error) == "KeyError"
