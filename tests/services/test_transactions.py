"""Transactions: writes only inside the one that the edge opens."""

import pytest
from flask import Flask
from sqlalchemy import event, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from station.core.db import connection, db, reading, transaction
from station.core.statements import Statement
from station.network.models import City

_ADD = Statement(insert(City))
_ALL = Statement(select(City.id, City.name).order_by(City.id))


def test_a_write_in_a_reading_transaction_fails(app: Flask) -> None:
    with pytest.raises((RuntimeError, DBAPIError)), reading():
        _ADD.run(id=1, name="杭州")


def test_a_write_through_the_session_outside_a_transaction_fails_on_sqlite(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    with pytest.raises(RuntimeError, match="outside transaction"):
        db.session.execute(insert(City).values(id=1, name="杭州"))


def test_a_connection_that_read_may_write_in_its_next_transaction(app: Flask) -> None:
    for number in range(1, 40):  # more than the pool has connections
        with reading():
            _ALL.all()
        with transaction():
            _ADD.run(id=number, name=f"City {number}")
    with reading():
        assert len(_ALL.all()) >= 39


def test_the_open_connection_is_the_session_s_own(app: Flask) -> None:
    with transaction():
        assert connection() is db.session.connection()
    with reading():
        assert connection() is db.session.connection()


def test_a_statement_raises_what_sqlalchemy_raises(app: Flask) -> None:
    with transaction():
        _ADD.run(id=1, name="A city")
    with pytest.raises(IntegrityError), transaction():
        _ADD.run(id=1, name="Another city")


def test_a_statement_is_seen_by_listeners(app: Flask) -> None:
    seen: list[str] = []

    def note(_conn, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    with reading():
        _ALL.all()
    event.remove(db.engine, "before_cursor_execute", note)
    assert any("cities" in statement for statement in seen)


def test_a_statement_refuses_values_it_has_no_place_for_and_misses(app: Flask) -> None:
    with pytest.raises(TypeError, match="surprise"), transaction():
        _ADD.run(id=1, name="x", surprise=1)
    with pytest.raises(TypeError, match="name"), transaction():
        _ADD.run(id=1)


@pytest.mark.parametrize("write", ["hot", "ordinary"])
def test_a_failed_statement_does_not_repeat_its_values(app: Flask, write: str) -> None:
    """What fails is logged, and a log is no place for names and pickup codes."""
    values = {"id": 1, "name": "Secret Gardens"}
    with transaction():
        _ADD.run(**values)
    with pytest.raises(IntegrityError) as failure, transaction():
        _ADD.run(**values) if write == "hot" else connection().execute(insert(City).values(**values))
    assert "Secret" not in str(failure.value)


def test_a_transaction_that_could_not_begin_does_not_block_the_next(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(**_options: object) -> None:
        raise TimeoutError

    with monkeypatch.context() as now:
        now.setattr(db.session, "connection", busy)
        with pytest.raises(TimeoutError), transaction():
            raise AssertionError("it began")
    with transaction():
        _ADD.run(id=1, name="杭州")
