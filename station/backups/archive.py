"""The backup file: a zip of the database and of a manifest that says what has to be in it.

Written beside its name and renamed when whole, readable by its owner only. Holds no key: it says which keys it needs
by something only they can make or read.
"""

import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from station.backups.contents import Contents, Head
from station.core import crypto
from station.core.errors import StationError
from station.core.i18n import gettext as _

FORMAT = "stationmaster-backup-1"
MANIFEST = "manifest.json"
DATABASE = "database"
MANIFEST_LIMIT = 4 * 1024 * 1024  # bytes; a network of 30,000 stations has 30,000 heads of about 100 bytes
BLOCK = 1024 * 1024
PROBE = "stationmaster"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `kind`: sqlite or postgresql; `sha256` and `size` (bytes) of the database file."""

    made_at: str
    kind: str
    sha256: str
    size: int
    contents: Contents
    keys: dict[str, str]


def key_marks() -> dict[str, str]:
    """Return marks of this installation's keys that tell nothing about them."""
    return {
        "data": crypto.encrypt(PROBE).hex(),
        "hash": crypto.keyed_hash("backup", PROBE).hex(),
        "signing": crypto.public_key().hex(),
    }


def fits_keys(marks: dict[str, str]) -> bool:
    """Tell whether the keys of this installation are those the marks were made with."""
    try:
        probe = crypto.decrypt(bytes.fromhex(marks["data"]))
    except (ValueError, KeyError):
        return False
    own = key_marks()
    return probe == PROBE and all(marks.get(name) == own[name] for name in ("hash", "signing"))


def pack(file: Path, database: Path, *, made_at: str, kind: str, contents: Contents) -> Manifest:
    """Write the backup `file`; it appears under its name when it is whole. Raises OSError."""
    digest = hashlib.sha256()
    with database.open("rb") as source:
        while block := source.read(BLOCK):
            digest.update(block)
    size = database.stat().st_size
    manifest = Manifest(made_at, kind, digest.hexdigest(), size, contents, key_marks())
    with _replacing(file) as target, ZipFile(target, "w", ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1))
        archive.write(database, DATABASE)
    return manifest


def unpack(file: Path, target: Path) -> Manifest:
    """Write the database of a backup to `target` (0600) and return its manifest, both checked against each other.

    Raises StationError `backup_invalid` when the file is missing, damaged, cut short or no backup.
    """
    try:
        with ZipFile(file) as archive:
            manifest = _read_manifest(archive)
            with archive.open(DATABASE) as source:
                _copy(source, target, manifest)
    except (BadZipFile, KeyError, EOFError, zlib.error, NotImplementedError) as error:
        raise invalid(_("it is damaged, cut short, or no backup")) from error
    except OSError as error:
        raise invalid(error.strerror or str(error)) from error
    return manifest


@contextmanager
def _replacing(file: Path) -> Iterator[IO[bytes]]:
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _read_manifest(archive: ZipFile) -> Manifest:
    if archive.getinfo(MANIFEST).file_size > MANIFEST_LIMIT:
        raise invalid(_("its manifest is too long"))
    try:
        return _parse(json.loads(archive.read(MANIFEST)))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise invalid(_("its manifest cannot be read")) from error


def _parse(fields: dict[str, Any]) -> Manifest:
    if fields["format"] != FORMAT:
        raise ValueError("another format")
    contents = fields["contents"]
    return Manifest(
        made_at=str(fields["made_at"]),
        kind=str(fields["kind"]),
        sha256=str(fields["sha256"]),
        size=int(fields["size"]),
        contents=Contents(
            revision=str(contents["revision"]),
            counts={str(name): int(count) for name, count in contents["counts"].items()},
            heads={
                str(name): Head(int(head["seq"]), head["hash"]) for name, head in contents["heads"].items()
            },
        ),
        keys={str(name): str(mark) for name, mark in fields["keys"].items()},
    )


def _copy(source: IO[bytes], target: Path, manifest: Manifest) -> None:
    digest, left = hashlib.sha256(), manifest.size
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        while left >= 0 and (block := source.read(BLOCK)):
            digest.update(block)
            left -= len(block)
            file.write(block)
        os.fsync(file.fileno())
    if left != 0 or digest.hexdigest() != manifest.sha256:
        raise invalid(_("its database does not fit its checksum"))


def invalid(reason: str) -> StationError:
    """Return the refusal of a file that cannot be restored."""
    return StationError("backup_invalid", _("The backup file cannot be used: %(reason)s.", reason=reason))


def failed(reason: str) -> StationError:
    """Return the report of a backup that could not be made."""
    return StationError("backup_failed", _("The backup could not be made: %(reason)s.", reason=reason))


def refused(reason: str) -> StationError:
    """Return the refusal to restore here and now."""
    return StationError("restore_refused", _("Nothing was restored: %(reason)s.", reason=reason))
