"""Backing a PostgreSQL database up and restoring it by PostgreSQL's own pg_dump and pg_restore."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Connection, inspect, make_url, text

from station.backups import archive, contents
from station.backups.contents import Contents, Head
from station.core.db import db
from station.core.errors import StationError
from station.core.i18n import gettext as _

_PATIENCE_S = 2  # ours: a connection that was closed just now is seen for a moment still
_MOMENT = text("SELECT pg_sleep(0.1)")
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)

# The script that pg_restore writes (PostgreSQL 15 manual, COPY, "Text Format"): a line for each row, columns parted by
# tabs, ended by a line of its own; bytes in hex behind a backslash that is itself escaped.
_COPY = re.compile(rb'COPY (?:\w+\.)?"?(\w+)"? \((.+)\) FROM stdin;\n')
_END = b"\\.\n"
_BYTEA = "\\\\x"


def dump(url: str, target: Path) -> Contents:
    """Dump the database at one moment (pg_dump custom format) and return what was in it at that moment.

    Raises StationError `backup_failed`.
    """
    tool = _tool("pg_dump")
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
        snapshot = conn.scalar(text("SELECT pg_export_snapshot()"))
        found = contents.read(conn)
        if found is None:
            raise archive.failed(_("there is no station in the database yet"))
        _run([tool, "--format=custom", f"--snapshot={snapshot}", f"--file={target}", _address(url)], url)
    target.chmod(0o600)
    return found


def read() -> Contents | None:
    """Return what is in the database now."""
    with db.engine.connect() as conn:
        return contents.read(conn)


def tables() -> set[str]:
    """Return the names of the tables in the database now."""
    with db.engine.connect() as conn:
        return set(inspect(conn).get_table_names())


def contents_of(source: Path) -> Contents:
    """Return what is in a dump, without a database: pg_restore writes it out as text, which is counted.

    Raises StationError `backup_invalid` when it cannot be read to its end, `backup_failed` without pg_restore.
    """
    command = [_tool("pg_restore"), "--data-only", "--file=-", str(source)]
    with tempfile.TemporaryFile() as problems:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=problems) as reading:  # noqa: S603 - our own words
            assert reading.stdout is not None  # noqa: S101 - asked for
            found = _count(reading.stdout)
        if reading.returncode or found is None:
            raise archive.invalid(_("its database is damaged"))
    return found


def _count(script: Iterable[bytes]) -> Contents | None:
    counts: dict[str, int] = {}
    rows: dict[str, list[dict[str, str]]] = {contents.REVISION.name: [], contents.HEADS.name: []}
    table, columns = "", [""]
    for line in script:
        if line == _END:
            table = ""
        elif table:
            counts[table] += 1
            if table in rows:
                values = line.decode().rstrip("\n").split("\t")
                rows[table].append(dict(zip(columns, values, strict=True)))
        elif begun := _COPY.fullmatch(line):
            table, columns = begun[1].decode(), begun[2].decode().split(", ")
            counts[table] = 0
    if not rows[contents.REVISION.name]:
        return None
    revision = rows[contents.REVISION.name][0]["version_num"]
    heads = {
        row["station_id"]: Head(int(row["seq"]), row["hash"].removeprefix(_BYTEA))
        for row in rows[contents.HEADS.name]
    }
    return Contents(revision, counts, heads)


def assure_unused() -> None:
    """Raise StationError `restore_refused` while somebody else is connected."""
    with db.engine.connect() as conn:
        if _is_in_use(conn):
            raise archive.refused(_("the database is in use; stop the station first"))


def restore(url: str, source: Path) -> None:
    """Replace the database's tables by those of a dump, in one transaction: all or nothing.

    Raises StationError `backup_failed` when pg_restore fails.
    """
    db.engine.dispose()
    options = ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction"]
    _run([_tool("pg_restore"), *options, f"--dbname={_address(url)}", str(source)], url)


def _is_in_use(conn: Connection) -> bool:
    for _try in range(_PATIENCE_S * 10):
        if not conn.scalar(_OTHERS):
            return False
        conn.execute(_MOMENT)
        conn.rollback()  # a transaction sees the list of connections as it was at first
    return True


def _tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise archive.failed(_("%(tool)s is not installed (Debian: postgresql-client)", tool=name))
    return path


def _address(url: str) -> str:
    """Return the URL for PostgreSQL's tools without the password, which a list of processes would show."""
    parts = make_url(url).set(drivername="postgresql")._replace(password=None)
    return parts.render_as_string(hide_password=False)


def _run(command: list[str], url: str) -> None:
    password = make_url(url).password
    environment = {**os.environ, "PGPASSWORD": str(password)} if password else None
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own words and settings
    if done.returncode:
        raise _tool_failed(done.stderr)


def _tool_failed(stderr: str) -> StationError:
    lines = stderr.strip().splitlines()
    return archive.failed(lines[0] if lines else "?")
