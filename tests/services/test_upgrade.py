"""`flask --app app station upgrade`: the tables follow the program, once, and never backwards."""

import os
import shutil
import subprocess
import sys
from base64 import urlsafe_b64encode

import pytest
from sqlalchemy import func, select, text

from station import commands
from station.carriers.catalogue import CARRIERS
from station.carriers.models import Carrier
from station.commands import group
from station.core import schema
from station.core.db import connection, db, reading, transaction
from station.core.schema import Fit
from station.core.settings import KEY_NAMES, Settings, SettingsError
from station.web.factory import ROOT, create_app
from tests import postgres
from tests.conftest import BACKENDS, TEST_KEYS

HEAD = schema.head()
NEXT = '''"""The next change."""
from alembic import op

revision = "99990101_0000"
down_revision = "%s"


def upgrade():
    op.execute("CREATE TABLE next_things (id INTEGER)")


def downgrade():
    op.execute("DROP TABLE next_things")
'''


@pytest.fixture(params=BACKENDS)
def empty(request, backends, tmp_path):
    """An application on a database that holds nothing yet; `backends` leases ids and stops the server in the end."""
    if request.param == "postgresql" and not postgres.available():
        pytest.skip(postgres.WHY_NOT)
    is_file = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'station.db'}" if is_file else postgres.url.__wrapped__()
    app = create_app(Settings(tmp_path, url, TEST_KEYS))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def upgrade(empty):
    return lambda: empty.test_cli_runner().invoke(group, ["upgrade"])


@pytest.fixture
def newer_program(monkeypatch, tmp_path):
    """A program with one more migration than this one."""

    def release():
        folder = tmp_path / "migrations"
        shutil.copytree(ROOT / "migrations", folder)
        (folder / "versions/99990101_0000_next.py").write_text(NEXT % HEAD)
        monkeypatch.setattr(schema, "MIGRATIONS", folder)

    return release


def pretend(revision):
    with transaction():
        connection().execute(text("UPDATE alembic_version SET version_num = :new"), {"new": revision})


def look():
    with reading():
        return schema.look()


def test_an_empty_database_is_set_up_and_a_second_time_nothing_happens(empty, upgrade):
    first, second = upgrade(), upgrade()
    with reading():
        carriers = connection().scalar(select(func.count()).select_from(Carrier))

    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    assert first.output == f"The empty database was set up at {HEAD}; the reference tables are filled.\n"
    assert second.output == f"The database is up to date at {HEAD}; the reference tables are filled.\n"
    assert carriers == len(CARRIERS)


def test_an_older_database_is_taken_to_the_newest_revision(empty, upgrade, newer_program):
    upgrade()
    newer_program()
    before = look()
    answer = upgrade()

    assert before.fit is Fit.OUTDATED
    assert look().fit is Fit.CURRENT
    assert f"from {HEAD} to 99990101_0000;" in answer.output


def test_a_newer_database_is_refused_and_left_as_it_is(empty, upgrade):
    upgrade()
    pretend("99990101_0000")
    answer = upgrade()

    assert answer.exit_code == 1
    assert answer.output.startswith("Error: the database (99990101_0000) is newer than this program")
    assert look().database == "99990101_0000"
    assert look().fit is Fit.NEWER


@pytest.mark.parametrize("url", ["sqlite:///{folder}", "postgresql+psycopg://nobody@127.0.0.1:1/none"])
def test_a_database_that_does_not_answer_is_said_in_words(tmp_path, url):
    app = create_app(Settings(tmp_path, url.format(folder=tmp_path), TEST_KEYS))
    answer = app.test_cli_runner().invoke(group, ["upgrade"])
    with app.app_context(), pytest.raises(SettingsError, match="cannot be upgraded"):
        commands.bring_up_to_date()

    assert answer.exit_code == 1
    assert answer.output.startswith("Error: the database cannot be upgraded: ")


def test_two_processes_at_once_do_it_once(empty, tmp_path):
    url = empty.config["SETTINGS"].database_url
    place = {"STATION_INSTANCE": str(tmp_path), "DATABASE_URL": url}
    keys = (TEST_KEYS.session, TEST_KEYS.data, TEST_KEYS.hash, TEST_KEYS.signing)
    coded = {name: urlsafe_b64encode(key).decode() for name, key in zip(KEY_NAMES, keys, strict=True)}
    words = [sys.executable, "-m", "flask", "--app", "app", "station", "upgrade"]
    environment = {**os.environ, **place, **coded}
    both = [
        subprocess.Popen(words, cwd=ROOT, env=environment, stdout=-1, stderr=-2, text=True) for _ in range(2)
    ]
    said = [process.communicate()[0] for process in both]

    assert [process.returncode for process in both] == [0, 0], said
    assert sorted(text.split(" was ")[0].split(" is ")[0] for text in said) == [
        "The database",
        "The empty database",
    ]
    assert look().fit is Fit.CURRENT
