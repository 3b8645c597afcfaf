"""Making a backup of the whole installation and putting one back. The keys are never in it (docs/operations.md)."""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alembic.script import ScriptDirectory

from station.backups import archive, postgres_dump, sqlite_file
from station.backups.archive import Manifest
from station.backups.contents import Contents
from station.core import clock
from station.core.db import db
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.settings import Settings

MIGRATIONS = Path(__file__).parents[2] / "migrations"
KEEP = 14  # nightly backups: two weeks to notice that something is missing
STAMP = "%Y%m%d-%H%M%S"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and where the old state stays (None when there was none)."""

    manifest: Manifest
    kept: Path | None


def make(settings: Settings, file: Path) -> Manifest:
    """Write a backup of the whole database to `file` while the station works.

    Opens connections of its own. Raises StationError `backup_failed`.
    """
    folder = file.parent
    if not folder.is_dir():
        raise archive.failed(_("the folder %(folder)s does not exist", folder=folder.name))
    try:
        return _make(settings, file)
    except OSError as error:
        raise archive.failed(error.strerror or str(error)) from error


def _make(settings: Settings, file: Path) -> Manifest:
    made_at = clock.now().isoformat()
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.parent) as scratch:
        database = Path(scratch) / archive.DATABASE
        contents = _copy(settings, database)
        return archive.pack(file, database, made_at=made_at, kind=_kind(settings), contents=contents)


def make_nightly(settings: Settings) -> Path:
    """Write a backup named by its moment into `instance/backups/` and remove all but the newest KEEP."""
    folder = _folder(settings)
    file = folder / f"station-{clock.now():{STAMP}}.zip"
    make(settings, file)
    for old in sorted(folder.glob("station-*.zip"))[:-KEEP]:
        old.unlink()
    return file


def refuse_if_present(settings: Settings) -> None:
    """Raise StationError `restore_refused` when a restore would replace a station."""
    path = settings.sqlite_path
    if path.exists() if path else postgres_dump.read() is not None:
        raise archive.refused(
            _("there is a station already; add --force to replace it, it will be kept aside")
        )


def restore(settings: Settings, file: Path) -> Restored:
    """Replace the database by that of a backup; the old one is kept aside, and so are the exported anchors.

    Raises StationError `backup_invalid` (damaged, another kind of database, other keys, a newer schema),
    `restore_refused` (the database is in use, or has tables of its own) or `backup_failed` (PostgreSQL's tools are not
    there, or stop), and then has changed nothing.
    """
    settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = clock.now()
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=_place(settings)) as scratch:
        staged = Path(scratch) / archive.DATABASE
        manifest = archive.unpack(file, staged)
        _check(settings, manifest)
        db.session.remove()
        db.engine.dispose()
        replace = _replace_sqlite if settings.sqlite_path else _replace_postgres
        kept = replace(settings, staged, manifest, now=now)
    anchors = settings.instance / "anchors"
    if anchors.exists():
        # They name events that this database may not have; they stay as proof of what was lost.
        anchors.rename(anchors.with_name(f"anchors.before-{now:{STAMP}}"))
    return Restored(manifest, kept)


def _copy(settings: Settings, target: Path) -> Contents:
    if settings.sqlite_path:
        return sqlite_file.copy(settings.sqlite_path, target)
    return postgres_dump.dump(settings.database_url, target)


def _kind(settings: Settings) -> str:
    return "sqlite" if settings.sqlite_path else "postgresql"


def _folder(settings: Settings) -> Path:
    folder = settings.instance / "backups"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _place(settings: Settings) -> Path:
    """Return a folder on the file system of the database, so that the staged file can be renamed into place."""
    return settings.sqlite_path.parent if settings.sqlite_path else settings.instance


def _check(settings: Settings, manifest: Manifest) -> None:
    if manifest.kind != _kind(settings):
        raise archive.invalid(
            _("it is of a %(kind)s database, this station has another kind", kind=manifest.kind)
        )
    if not archive.fits_keys(manifest.keys):
        raise archive.invalid(_("it was made with other keys; put its keys.env in place first"))
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if manifest.contents.revision not in known:
        raise archive.invalid(_("it was made by a newer version of Stationmaster"))


def _replace_sqlite(settings: Settings, staged: Path, manifest: Manifest, *, now: datetime) -> Path | None:
    path = settings.sqlite_path
    assert path is not None  # noqa: S101 - the caller asked
    if sqlite_file.read(staged) != manifest.contents:
        raise _other_tables()
    aside = path.with_name(f"{path.name}.before-{now:{STAMP}}")
    return aside if sqlite_file.replace(path, staged, aside=aside) else None


def _replace_postgres(settings: Settings, staged: Path, manifest: Manifest, *, now: datetime) -> Path | None:
    """Ask everything that can be a reason to refuse before the first table is touched."""
    if postgres_dump.contents_of(staged) != manifest.contents:
        raise _other_tables()
    if not postgres_dump.tables() <= manifest.contents.counts.keys():
        raise archive.refused(
            _("the database has tables that the backup does not know; restore into an empty database")
        )
    postgres_dump.assure_unused()
    kept = None
    if postgres_dump.read() is not None:
        kept = _folder(settings) / f"before-{now:{STAMP}}.zip"
        make(settings, kept)
    postgres_dump.restore(settings.database_url, staged)
    return kept


def _other_tables() -> StationError:
    return archive.invalid(_("its tables are not those its manifest names"))
