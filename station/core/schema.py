"""Whether the tables fit the program, and bringing them there: the migrations, by one process at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import column, func, inspect, select, table

from station.core.db import connection, db, reading
from station.core.settings import SettingsError

MIGRATIONS = Path(__file__).parents[2] / "migrations"
LOCK_KEY = int.from_bytes(b"station")  # ours: any number of 63 bits that no other user of the database takes
NOTED = table("alembic_version", column("version_num"))  # where Alembic notes the revision of the tables
# For operators and machines, so in English as all that stops a start.
OUTDATED = "The database is older than the program. Run: flask --app app station upgrade"


class Fit(StrEnum):
    """How the tables stand to the program. A program works on newer tables too (docs/architecture.md, Migrations)."""

    CURRENT = "current"
    OUTDATED = "outdated"
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class Schema:
    """The revision of the tables, None while there are none, and the one that the program was written for."""

    database: str | None
    program: str
    fit: Fit


def head() -> str:
    """Return the revision that the program was written for."""
    return _revisions(MIGRATIONS)[0]


def look() -> Schema:
    """Compare the tables with the program, inside the transaction that is open."""
    known = _revisions(MIGRATIONS)
    is_migrated = inspect(connection()).has_table(NOTED.name)
    found = connection().scalar(select(NOTED.c.version_num)) if is_migrated else None
    return Schema(found, known[0], _fit(found, known))


def _fit(found: str | None, known: tuple[str, ...]) -> Fit:
    if found == known[0]:
        return Fit.CURRENT
    # Revisions are never deleted, so one that the program does not know was made after it.
    return Fit.OUTDATED if found is None or found in known else Fit.NEWER


@cache
def _revisions(folder: Path) -> tuple[str, ...]:
    """Return the revisions the program knows, newest first."""
    return tuple(script.revision for script in ScriptDirectory(str(folder)).walk_revisions())


@contextmanager
def alone() -> Iterator[None]:
    """Let one process at a time into the block; others wait. The lock is gone with the process that held it."""
    with _advisory_lock() if db.engine.dialect.name == "postgresql" else _file_lock():
        yield
    db.engine.dispose()  # connections of before plan queries, and wait for locks, as a migration wants it


@contextmanager
def _advisory_lock() -> Iterator[None]:
    # Of a transaction, not of a session: a pgbouncer in between hands sessions to others.
    with db.engine.begin() as conn:
        conn.execute(select(func.pg_advisory_xact_lock(LOCK_KEY)))
        yield


@contextmanager
def _file_lock() -> Iterator[None]:
    # Not the database's own lock: each migration takes that one, and between two of them it is free.
    with Path(f"{db.engine.url.database}.upgrading").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def upgrade() -> Schema:
    """Bring the tables to the program's revision; return how they stood before. Call it inside `alone`.

    Raises SettingsError when they are newer than the program: going back is for a backup, not for a migration.
    """
    with reading():
        before = look()
    if before.fit is Fit.NEWER:
        raise SettingsError(
            f"the database ({before.database}) is newer than this program ({before.program})."
            " Start the newer program, or restore a backup made with this one."
        )
    if before.fit is Fit.OUTDATED:
        config = Config(MIGRATIONS / "alembic.ini")
        config.set_main_option("script_location", str(MIGRATIONS))
        command.upgrade(config, "head")
    return before
