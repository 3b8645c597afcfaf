"""Proving that a station's custody log is what was written: every link, the head, and the anchors.

Reads in bounded memory, whatever the length of the log, and names the first thing that is wrong. Repairs
nothing.
"""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import Label
from sqlalchemy.types import NULLTYPE

from station.core import crypto
from station.core.db import EPOCH, UtcDateTime, connection
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.core.statements import Statement
from station.events.anchors import Anchor
from station.events.chain import GENESIS, Break, Link, first_break
from station.events.models import CustodyAnchor, CustodyEvent, CustodyHead

CHUNK = 1000  # rows held at a time: about 1 MB of the longest events

MESSAGES = {
    "changed": _l("event %(seq)s was changed or put there by someone else"),
    "gap": _l("event %(seq)s is missing or out of order"),
    "no_head": _l("the station has no head row"),
    "cut": _l("the log ends before event %(seq)s, which the head or an anchor names: its tail was cut off"),
    "head": _l("the head row does not fit event %(seq)s, the last of the log"),
    "anchor": _l("event %(seq)s is not the one that was anchored: the log was rebuilt"),
    "signature": _l("the anchor of event %(seq)s in the database is not signed with this installation's key"),
}


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: how many events, the newest link, the newest good anchor kept, and the first break."""

    station_id: int
    events: int
    head: bytes
    newest_anchor: Anchor | None
    broken: Break | None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.broken is None


_EVENT_HASH = Statement(
    select(CustodyEvent.hash).where(
        CustodyEvent.station_id == bindparam("station_id"), CustodyEvent.seq == bindparam("seq")
    )
)


def verify(station_id: int, anchors: Iterable[Anchor] = ()) -> Report:
    """Check a station's log against itself, its head, the anchors in the database and those of `anchors`.

    `anchors`: from a file kept elsewhere (anchors.read_file), in any order; those of other stations are
    passed over.
    One statement reads links and head together, so the check is right while the station works.
    """
    walk = _Walk(station_id)
    broken = walk.first_break() or _against_kept(walk) or _against_file(walk, anchors)
    return Report(station_id, walk.seq, walk.hash, walk.newest_anchor, broken)


def explain(broken: Break) -> str:
    """Return in words what is wrong."""
    return _(MESSAGES[broken.reason], seq=broken.seq)


@dataclass(slots=True)
class _Walk:
    """One pass over a chain: remembers the newest link and the head row that went by."""

    station_id: int
    seq: int = 0
    hash: bytes = GENESIS
    head: tuple[object, bytes] | None = None
    newest_anchor: Anchor | None = None

    def first_break(self) -> Break | None:
        with closing(self._links()) as links:
            broken = first_break(links)
        if broken:
            return broken
        if self.head is None:
            return Break(0, "no_head")
        if self.head == (self.seq, self.hash):
            return None
        claimed = self.head[0]
        is_cut = isinstance(claimed, int) and claimed > self.seq
        return Break(self.seq + 1, "cut") if is_cut else Break(self.seq, "head")

    def _links(self) -> Generator[Link, None, None]:
        for row in _stream(_chain(self.station_id)):
            self.head = (row.head_seq, _bytes(row.head_hash))
            if row.seq is None:
                return
            link = Link(
                self.station_id,
                row.seq,
                _moment(row.at),
                str(row.kind),
                row.parcel_id,
                str(row.actor),
                str(row.data),
                _bytes(row.hash),
            )
            yield link
            self.seq, self.hash = link.seq, link.hash


def _chain(station_id: int) -> Select[Any]:
    """Select head and links together, so that both are of one moment."""
    head = CustodyHead
    return (
        select(
            head.seq.label("head_seq"),
            _raw(head.hash, "head_hash"),
            CustodyEvent.seq,
            _raw(CustodyEvent.at, "at"),
            CustodyEvent.kind,
            CustodyEvent.parcel_id,
            CustodyEvent.actor,
            CustodyEvent.data,
            _raw(CustodyEvent.hash, "hash"),
        )
        .outerjoin(CustodyEvent, CustodyEvent.station_id == head.station_id)
        .where(head.station_id == station_id)
        .order_by(CustodyEvent.seq)
    )


def _raw(column: InstrumentedAttribute[Any], name: str) -> Label[Any]:
    """Select a column as the driver gives it: SQLite keeps whatever an editor put there, of any type."""
    return type_coerce(column, NULLTYPE).label(name)


def _moment(raw: object) -> datetime:
    """Return the time in a raw value; for what is no time any other, since its hash cannot fit either."""
    if not isinstance(raw, int | datetime):
        return EPOCH
    try:
        moment = UtcDateTime().process_result_value(raw, connection().dialect)
    except OverflowError:
        return EPOCH
    return moment or EPOCH


def _bytes(raw: object) -> bytes:
    return bytes(raw) if isinstance(raw, bytes | memoryview) else b""


def _against_kept(walk: _Walk) -> Break | None:
    query = (
        select(
            CustodyAnchor.seq,
            _raw(CustodyAnchor.hash, "hash"),
            _raw(CustodyAnchor.signed_at, "signed_at"),
            _raw(CustodyAnchor.signature, "signature"),
            _raw(CustodyEvent.hash, "event_hash"),
        )
        .outerjoin(
            CustodyEvent,
            and_(CustodyEvent.station_id == CustodyAnchor.station_id, CustodyEvent.seq == CustodyAnchor.seq),
        )
        .where(CustodyAnchor.station_id == walk.station_id)
        .order_by(CustodyAnchor.seq)
    )
    for row in _stream(query):
        anchor = _anchor(walk.station_id, row)
        if not anchor.is_genuine:
            return Break(anchor.seq, "signature")
        if _bytes(row.event_hash) != anchor.hash:
            return _not_as_anchored(walk, anchor)
        walk.newest_anchor = anchor
    return None


def _anchor(station_id: int, row: Row[Any]) -> Anchor:
    return Anchor(
        station_id,
        row.seq,
        _bytes(row.hash),
        _moment(row.signed_at),
        _bytes(row.signature),
        crypto.public_key(),
    )


def _against_file(walk: _Walk, anchors: Iterable[Anchor]) -> Break | None:
    for anchor in anchors:
        if anchor.station_id != walk.station_id:
            continue
        event = _EVENT_HASH.first(station_id=walk.station_id, seq=anchor.seq)
        if event is None or event.hash != anchor.hash:
            return _not_as_anchored(walk, anchor)
    return None


def _not_as_anchored(walk: _Walk, anchor: Anchor) -> Break:
    if anchor.seq > walk.seq:
        return Break(walk.seq + 1, "cut")
    return Break(anchor.seq, "anchor")


def _stream(query: Select[Any]) -> Iterator[Row[Any]]:
    result = connection().execute(query, execution_options={"yield_per": CHUNK})
    with result:
        yield from result
