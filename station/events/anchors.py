"""Anchors: signed statements of what a station's chain was, in the database and in a file outside it.

Responsible for making, exporting and reading them; whether a chain still fits its anchors is verify.py's
question. A line of the file is one anchor as JSON (docs/custody-log.md).
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from station.core import clock, crypto
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.events.chain import VERSION, anchor_message
from station.events.models import CustodyAnchor, CustodyHead

LINE_LIMIT = 1000  # bytes; our own lines have about 400, so a longer one is no anchor
TAIL = 2 * LINE_LIMIT  # enough of a file's end to hold its last whole line and a torn one
TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a head was at a moment, signed. `public_key`: the raw 32 bytes that check `signature`."""

    station_id: int
    seq: int
    hash: bytes
    signed_at: datetime
    signature: bytes
    public_key: bytes

    @property
    def is_genuine(self) -> bool:
        """Whether this installation's key made the signature; a key of the anchor's own proves nothing."""
        message = anchor_message(self.station_id, self.seq, self.hash, self.signed_at)
        return crypto.verify(message, self.signature, crypto.public_key())


_HEAD = Statement(
    select(CustodyHead.seq, CustodyHead.hash).where(CustodyHead.station_id == bindparam("station_id"))
)
_NEWEST = Statement(
    select(func.max(CustodyAnchor.seq).label("seq")).where(
        CustodyAnchor.station_id == bindparam("station_id")
    )
)
_KEEP = {
    "sqlite": Statement(sqlite.insert(CustodyAnchor).on_conflict_do_nothing()),
    "postgresql": Statement(postgresql.insert(CustodyAnchor).on_conflict_do_nothing()),
}


def sign_head(station_id: int) -> Anchor | None:
    """Sign the newest link of a station and keep the anchor; None when that link is anchored already."""
    head = _HEAD.first(station_id=station_id)
    if head is None or head.seq <= (_NEWEST.first(station_id=station_id).seq or 0):
        return None
    signed_at = clock.now()
    signature = crypto.sign(anchor_message(station_id, head.seq, head.hash, signed_at))
    _KEEP[connection().dialect.name].run(
        station_id=station_id, seq=head.seq, hash=head.hash, signed_at=signed_at, signature=signature
    )
    return Anchor(station_id, head.seq, head.hash, signed_at, signature, crypto.public_key())


def kept(station_id: int, *, after: int = 0) -> list[Anchor]:
    """Return the station's anchors in the database behind link `after`, in order."""
    rows = connection().execute(
        select(CustodyAnchor.seq, CustodyAnchor.hash, CustodyAnchor.signed_at, CustodyAnchor.signature)
        .where(CustodyAnchor.station_id == station_id, CustodyAnchor.seq > after)
        .order_by(CustodyAnchor.seq)
    )
    return [
        Anchor(station_id, row.seq, row.hash, row.signed_at, row.signature, crypto.public_key())
        for row in rows
    ]


def file_of(folder: Path, station_id: int) -> Path:
    """Return where a station's anchors are exported below the installation's folder."""
    return folder / "anchors" / f"{station_id}.jsonl"


def export(folder: Path, station_id: int) -> int:
    """Append to the station's file every anchor it lacks, durably; return how many.

    Safe to repeat, and after a crash: a torn last line is written anew.
    """
    path = file_of(folder, station_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a+b") as file:
        missing = kept(station_id, after=_last_seq(file))
        file.write(b"".join(_line(anchor) for anchor in missing))
        file.flush()
        os.fsync(file.fileno())
    return len(missing)


def read_file(path: Path) -> Iterator[Anchor]:
    """Yield the anchors of an exported file, one line at a time.

    Raises StationError `anchor_invalid` when the file cannot be read or a line is no anchor of this
    installation.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise _refused(path, error.strerror or str(error)) from error
    with file:
        number = 0
        while line := file.readline(LINE_LIMIT + 1):
            number += 1
            if line.strip():
                yield _parse(path, number, line)


def _last_seq(file: BinaryIO) -> int:
    end = file.seek(0, os.SEEK_END)
    start = file.seek(max(0, end - TAIL))
    whole, newline, torn = file.read().rpartition(b"\n")
    if torn:
        file.truncate(end - len(torn))
    if not newline:
        return 0
    last = whole.rpartition(b"\n")[2]
    return _parse(Path(file.name), start, last).seq


def _line(anchor: Anchor) -> bytes:
    fields = {
        "version": VERSION,
        "station_id": str(anchor.station_id),
        "seq": anchor.seq,
        "hash": anchor.hash.hex(),
        "signed_at": anchor.signed_at.strftime(TIME),
        "signature": anchor.signature.hex(),
        "public_key": anchor.public_key.hex(),
    }
    return json.dumps(fields).encode() + b"\n"


def _parse(path: Path, number: int, line: bytes) -> Anchor:
    if len(line) > LINE_LIMIT:
        raise _refused(path, _("line %(number)s is too long", number=number))
    try:
        anchor = _fields(json.loads(line))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _refused(path, _("line %(number)s is not an anchor", number=number)) from error
    if not anchor.is_genuine:
        raise _refused(path, _("line %(number)s is not signed with this installation's key", number=number))
    return anchor


def _fields(line: dict[str, object]) -> Anchor:
    if line["version"] != VERSION:
        raise ValueError("another version")
    return Anchor(
        station_id=int(str(line["station_id"])),
        seq=int(str(line["seq"])),
        hash=bytes.fromhex(str(line["hash"])),
        signed_at=datetime.strptime(str(line["signed_at"]), TIME).replace(tzinfo=UTC),
        signature=bytes.fromhex(str(line["signature"])),
        public_key=bytes.fromhex(str(line["public_key"])),
    )


def _refused(path: Path, reason: str) -> StationError:
    return StationError(
        "anchor_invalid",
        _("The anchor file %(file)s cannot be used: %(reason)s.", file=path.name, reason=reason),
    )
