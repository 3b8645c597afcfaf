"""Copying and replacing the SQLite file, so that neither a working station nor a crash spoils anything."""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import DatabaseError

from station.backups import archive, contents
from station.backups.contents import Contents
from station.core.i18n import gettext as _
from station.core.sqlite import BUSY_TIMEOUT_MS

# SQLite 3.40.1 says this of sound tables whose rows live in the key's tree and whose key is not declared first
# (seen here 2026-11-21: `create table t(b int not null, a int not null, primary key(a)) without rowid`).
FALSE_ALARM = "NULL value in "
COMPANIONS = ("-wal", "-shm")  # what SQLite keeps beside a file (sqlite.org/wal.html, section 4)


def copy(path: Path, target: Path) -> Contents:
    """Copy the database at one moment, by SQLite's online backup, without stopping writers; return what is in it.

    Raises StationError `backup_failed` when there is no station's database.
    """
    if not path.exists():
        raise archive.failed(_("there is no database yet"))
    try:
        _copy_online(path, target)
    except sqlite3.Error as error:  # a full disk, or a file that cannot be read
        raise archive.failed(str(error)) from error
    found = read(target)
    if found is None:
        raise archive.failed(_("there is no station in the database yet"))
    return found


def _copy_online(path: Path, target: Path) -> None:
    with closing(_connect(path)) as source, closing(_connect(target)) as copied:
        source.backup(copied)
        copied.execute("PRAGMA journal_mode=DELETE")  # so that the copy is one file


def read(path: Path) -> Contents | None:
    """Return what is in a database file; None when no station is. Raises StationError `backup_invalid`: damaged."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    try:
        with engine.connect() as conn:
            is_sound, found = _is_sound(conn), contents.read(conn)
    except DatabaseError as error:
        raise archive.invalid(_("its database is damaged")) from error
    if not is_sound:
        raise archive.invalid(_("its database is damaged"))
    return found


def replace(path: Path, staged: Path, *, aside: Path) -> bool:
    """Put `staged` in the place of `path`, which stays under the name `aside`; False when there was no old file.

    Raises StationError `restore_refused` while another process has the database open.
    """
    existed = path.exists()
    if existed:
        _assure_unused(path)
        for suffix in ("", *COMPANIONS):
            _keep(Path(f"{path}{suffix}"), Path(f"{aside}{suffix}"))
    for suffix in COMPANIONS:  # a log of the old file would be played into the new one
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    staged.replace(path)
    _sync_folder(path.parent)
    return existed


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000)


def _is_sound(conn: Connection) -> bool:
    found = conn.exec_driver_sql("PRAGMA quick_check").scalars()
    return all(line == "ok" or line.startswith(FALSE_ALARM) for line in found)


def _assure_unused(path: Path) -> None:
    """Leave WAL mode, which only the sole user of a file can; this also brings the log into the file."""
    try:
        with closing(sqlite3.connect(path, timeout=0)) as conn:
            conn.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise archive.refused(_("the database is in use; stop the station first")) from error
    except sqlite3.DatabaseError:
        return  # too damaged to be in use: the very case for restoring


def _keep(source: Path, aside: Path) -> None:
    if not source.exists():
        return
    with suppress(OSError):  # a file system without links gets a copy
        os.link(source, aside)
    if not aside.exists():
        shutil.copy2(source, aside)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
