"""Migrations: up from nothing, down and up again, and no difference to the models - on both databases."""

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect, text

from station.core.db import db
from station.core.settings import Settings
from station.models import TENANT, metadata
from station.web.factory import ROOT, create_app
from tests import invariants, postgres
from tests.conftest import BACKENDS, TEST_KEYS
from tests.factories import make_station, store

SCRIPTS = ScriptDirectory(str(ROOT / "migrations"))
FILE_NAME = re.compile(r"\d{8}_\d{4}_[a-z0-9_]+\.py")


def new_url(backend, folder):
    """Return the address of a database that holds nothing yet."""
    if backend == "sqlite":
        return f"sqlite:///{folder / 'station.db'}"
    if not postgres.available():
        pytest.skip(postgres.WHY_NOT)
    return postgres.url.__wrapped__()  # past its cache: a database of this test's own


@pytest.fixture(params=BACKENDS)
def empty(request, backends, tmp_path):
    """An application on a database that holds nothing yet; `backends` leases ids and stops the server in the end."""
    app = create_app(Settings(tmp_path, new_url(request.param, tmp_path), TEST_KEYS))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def declared(empty, tmp_path):
    """The shape of a database that is made from the models."""
    folder = tmp_path / "declared"
    folder.mkdir()
    engine = create_engine(new_url(db.engine.dialect.name, folder))
    metadata.create_all(engine)
    yield shape(engine)
    engine.dispose()


def shape(engine):
    """Return all that the database says of its tables, but for the order in which things were made."""
    found = inspect(engine)
    return {
        table: {
            "columns": {column["name"]: describe(column) for column in found.get_columns(table)},
            "primary key": found.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": sorted(map(describe, found.get_foreign_keys(table))),
            "unique": sorted(map(describe, found.get_unique_constraints(table))),
            "checks": sorted(map(describe, found.get_check_constraints(table))),
            "indexes": sorted(map(describe, found.get_indexes(table))),
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def describe(found):
    if not isinstance(found, dict):
        return str(found)
    return str(sorted((key, describe(value)) for key, value in found.items()))


def test_up_from_empty_leads_to_the_models(empty, declared):
    upgrade()

    with db.engine.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), metadata
        )
    assert differences == []
    assert shape(db.engine) == declared


def test_down_leaves_nothing_and_up_again_works(empty, declared):
    upgrade()
    store(make_station())
    db.session.remove()
    downgrade(revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    upgrade()
    assert shape(db.engine) == declared
    station = make_station()
    store(station)
    invariants.check(station.id)


def test_tenant_rows_live_in_the_tree_of_their_key_on_sqlite(sqlite):
    with sqlite.app.app_context(), db.engine.connect() as connection:
        tables = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        made = {name for name, sql in tables if sql.rstrip().endswith("WITHOUT ROWID")}
    assert made >= TENANT


def test_migrations_form_one_line():
    assert len(SCRIPTS.get_heads()) == 1
    assert len(SCRIPTS.get_bases()) == 1


def test_migration_files_say_when_and_what():
    files = [path.name for path in (ROOT / "migrations/versions").glob("*.py")]
    assert files
    assert [name for name in files if not FILE_NAME.fullmatch(name)] == []
