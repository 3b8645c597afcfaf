"""Backing a PostgreSQL database up and restoring it by PostgreSQL's own pg_dump and pg_restore."""

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import Connection, make_url, text

from station.backups import archive, contents
from station.backups.contents import Contents
from station.core.db import db
from station.core.errors import StationError
from station.core.i18n import gettext as _

_PATIENCE_S = 2  # ours: a connection that was closed just now is seen for a moment still
_MOMENT = text("SELECT pg_sleep(0.1)")
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


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


def restore(url: str, source: Path) -> None:
    """Replace the database's tables by those of a dump, in one transaction.

    Raises StationError `restore_refused` while somebody else is connected, `backup_failed` when pg_restore fails.
    """
    tool = _tool("pg_restore")
    with db.engine.connect() as conn:
        if _is_in_use(conn):
            raise archive.refused(_("the database is in use; stop the station first"))
    db.engine.dispose()
    options = ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction"]
    _run([tool, *options, f"--dbname={_address(url)}", str(source)], url)


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
