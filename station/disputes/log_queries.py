"""Reads of the custody log for disputes: what happened to parcels, each event with its link before."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from station.core.db import connection
from station.events.chain import GENESIS, Link
from station.events.models import CustodyAnchor, CustodyEvent, CustodyHead


@dataclass(frozen=True, slots=True)
class Proven:
    """An event of the log with the hash of the link before it, from which its own is made."""

    link: Link
    previous: bytes


_BEFORE = aliased(CustodyEvent)


def events_about(station_id: int, parcel_ids: Collection[int], *, signed_at: datetime) -> list[Proven]:
    """Return what happened to these parcels, and what manifests were signed from then on, in the order of the log."""
    about = or_(
        CustodyEvent.parcel_id.in_(parcel_ids),
        and_(CustodyEvent.kind == "manifest_signed", CustodyEvent.at >= signed_at),
    )
    query = (
        select(
            CustodyEvent.seq,
            CustodyEvent.at,
            CustodyEvent.kind,
            CustodyEvent.parcel_id,
            CustodyEvent.actor,
            CustodyEvent.data,
            CustodyEvent.hash,
            _BEFORE.hash.label("previous"),
        )
        .outerjoin(
            _BEFORE,
            and_(_BEFORE.station_id == CustodyEvent.station_id, _BEFORE.seq == CustodyEvent.seq - 1),
        )
        .where(CustodyEvent.station_id == station_id, about)
        .order_by(CustodyEvent.seq)
    )
    return [
        Proven(
            Link(station_id, row.seq, row.at, row.kind, row.parcel_id, row.actor, row.data, row.hash),
            row.previous or GENESIS,
        )
        for row in connection().execute(query)
    ]


def head(station_id: int) -> tuple[int, bytes]:
    """Return the number and the hash of the newest link."""
    query = select(CustodyHead.seq, CustodyHead.hash).where(CustodyHead.station_id == station_id)
    row = connection().execute(query).one()
    return row.seq, row.hash


@dataclass(frozen=True, slots=True)
class Signed:
    """An anchor as it is kept: a signed statement of what the newest link was."""

    seq: int
    hash: bytes
    signed_at: datetime
    signature: bytes


def newest_anchor(station_id: int) -> Signed | None:
    """Return the newest anchor of a station; None before the first."""
    query = (
        select(CustodyAnchor.seq, CustodyAnchor.hash, CustodyAnchor.signed_at, CustodyAnchor.signature)
        .where(CustodyAnchor.station_id == station_id)
        .order_by(CustodyAnchor.seq.desc())
        .limit(1)
    )
    row = connection().execute(query).first()
    return Signed(*row) if row else None


def hashes(station_id: int, numbers: Sequence[int]) -> dict[int, bytes]:
    """Return the hashes that the log has now for these links."""
    query = select(CustodyEvent.seq, CustodyEvent.hash).where(
        CustodyEvent.station_id == station_id, CustodyEvent.seq.in_(numbers)
    )
    return {row.seq: row.hash for row in connection().execute(query)}


def openings(station_id: int, parcel_id: int) -> list[str]:
    """Return the data of the events by which disputes about a parcel were opened, in the order of the log."""
    query = (
        select(CustodyEvent.data)
        .where(
            CustodyEvent.station_id == station_id,
            CustodyEvent.parcel_id == parcel_id,
            CustodyEvent.kind == "dispute_opened",
        )
        .order_by(CustodyEvent.seq)
    )
    return list(connection().scalars(query))
