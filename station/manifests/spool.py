"""The rows of an uploaded file on disk while they are worked on: encrypted line by line, read on from any place.

One file for each manifest, `instance/manifests/ID.rows`. It lets a scheduler go on where another stopped without
reading a workbook again, and is deleted with the last row.
"""

import base64
import hashlib
import json
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from station.core import clock, crypto
from station.core.settings import Settings
from station.manifests.columns import header_row
from station.manifests.sheets import HEAD, ROWS, Layout, Row, SheetError, layout_of, rows

FOLDER = "manifests"
BLOCK = 1024 * 1024
LEFT_ALONE_S = 3600  # ours: an upload takes seconds; one whose request died is deleted after this


class SpoolError(Exception):
    """The rows on disk are gone or were changed."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """A file whose rows are on disk. `head`: the first rows; `headers`: which of them holds the headers."""

    sha256: bytes
    layout: Layout
    rows: int
    head: list[Row]
    headers: int | None


def path_of(settings: Settings, manifest_id: int) -> Path:
    """Return where the rows of a manifest are."""
    return settings.instance / FOLDER / f"{manifest_id}.rows"


def write(path: Path, file: BinaryIO) -> Spooled:
    """Read an uploaded file into rows on disk. Raises SheetError; then no file is left."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        return _write(path, file)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write(path: Path, file: BinaryIO) -> Spooled:
    layout, head, count = layout_of(file), list[Row](), 0
    with path.open("wb") as out:
        path.chmod(0o600)
        for row in rows(file, layout):
            if len(head) < HEAD:
                head.append(row)
            out.write(_line(row))
            count += 1
    if not count:
        raise SheetError("empty")
    headers = header_row([cells for _number, cells in head])
    if count - (0 if headers is None else headers + 1) > ROWS:
        raise SheetError("too_many_rows")
    return Spooled(_sha256(file), layout, count, head, headers)


def _sha256(file: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    file.seek(0)
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.digest()


def _line(row: Row) -> bytes:
    return base64.b64encode(crypto.encrypt_bytes(json.dumps(row, ensure_ascii=False).encode())) + b"\n"


@dataclass(frozen=True, slots=True)
class Placed:
    """A row, and the place in the file behind it."""

    number: int
    cells: list[str]
    behind: int


def read(path: Path, place: int = 0) -> Iterator[Placed]:
    """Return the rows from a place on. Raises SpoolError when the file is gone or was changed."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise SpoolError from error
    with file:
        file.seek(place)
        while line := file.readline():
            number, cells = _row(line)
            place += len(line)
            yield Placed(number, cells, place)


def _row(line: bytes) -> Row:
    try:
        number, cells = json.loads(crypto.decrypt_bytes(base64.b64decode(line.rstrip(b"\n"), validate=True)))
    except ValueError as error:
        raise SpoolError from error
    return number, cells


def delete_others(settings: Settings, needed: Container[int]) -> int:
    """Delete the rows of manifests that are not `needed`; return how many. Those of this moment stay."""
    old, deleted = clock.now().timestamp() - LEFT_ALONE_S, 0
    for path in (settings.instance / FOLDER).glob("*.rows"):
        is_needed = path.stem.isdecimal() and int(path.stem) in needed
        if not is_needed and path.stat().st_mtime < old:
            path.unlink(missing_ok=True)
            deleted += 1
    return deleted
