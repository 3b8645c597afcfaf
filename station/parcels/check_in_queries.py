"""What the check-in screen shows beside the scan: the batch's list, four numbers, and people to choose from."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, select

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection
from station.core.phones import Phone
from station.events.models import RefusedScan
from station.parcels.batches import Batch
from station.parcels.lifecycle import ParcelState
from station.parcels.models import OpenQuestion, Parcel
from station.residents import queries as residents
from station.residents.models import Recipient
from station.residents.queries import Contact
from station.shelves import queries as shelves

FEED = 26  # entries: twice what a 900 px high screen shows
SPEED_OVER = timedelta(minutes=10)
RANKED_OVER = timedelta(days=30)
CANDIDATES = 8  # digits 1 to 8; the next one is "someone new"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the batch's list: a parcel, or a scan that was refused (`reason`)."""

    at: datetime
    parcel_id: int | None
    waybill: str
    carrier: str | None
    pickup_code: str | None
    name_masked: str
    phone_tail: str
    state: str
    problem: str | None
    reason: str | None

    @property
    def can_be_undone(self) -> bool:
        """Whether the entry is a parcel still on its shelf."""
        return self.state == ParcelState.STORED

    @property
    def is_problem(self) -> bool:
        """Whether somebody has to look after it: a refused scan, or a parcel here with a problem."""
        return self.reason is not None or (self.can_be_undone and self.problem is not None)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The four numbers under the scan; `per_hour` is the speed of the last ten minutes."""

    batch: int
    expected: int
    per_hour: int
    problems: int
    free: int
    places: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody the parcel may be for, with what speaks for them."""

    contact: Contact
    recent: int
    same_carrier: bool


def feed(actor: Actor, batch: Batch) -> list[Entry]:
    """Return what was scanned in a batch, newest first, at most FEED entries."""
    found = _stored(actor.station_id, batch) + _refused(actor.station_id, batch)
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:FEED]


def _stored(station_id: int, batch: Batch) -> list[Entry]:
    same = and_(Recipient.station_id == Parcel.station_id, Recipient.id == Parcel.recipient_id)
    query = (
        select(
            Parcel.stored_at,
            Parcel.id,
            Parcel.waybill,
            Parcel.carrier,
            Parcel.pickup_code,
            func.coalesce(Recipient.name_masked, ""),
            func.coalesce(Recipient.phone_tail, ""),
            Parcel.state,
            Parcel.problem,
        )
        .outerjoin(Recipient, same)
        .where(Parcel.station_id == station_id, Parcel.batch_id == batch.id)
        .order_by(Parcel.stored_at.desc(), Parcel.id.desc())
        .limit(FEED)
    )
    return [Entry(*row._tuple(), reason=None) for row in connection().execute(query)]  # type: ignore[arg-type]


def _refused(station_id: int, batch: Batch) -> list[Entry]:
    query = (
        select(RefusedScan.at, RefusedScan.raw, RefusedScan.reason)
        .where(
            RefusedScan.station_id == station_id,
            RefusedScan.at >= batch.opened_at,
            RefusedScan.batch_id == batch.id,
        )
        .order_by(RefusedScan.at.desc())
        .limit(FEED)
    )
    return [
        Entry(row.at, None, row.raw or "", None, None, "", "", "refused", None, row.reason)
        for row in connection().execute(query)
    ]


def numbers(actor: Actor, batch: Batch | None) -> Numbers:
    """Return the four numbers of the screen."""
    station_id, since = actor.station_id, clock.now() - SPEED_OVER
    layers = [layer for layer in shelves.layers(station_id) if not layer.is_set_aside]
    recent = _count(Parcel.station_id == station_id, Parcel.stored_at >= since)
    problems = _count(
        Parcel.station_id == station_id, Parcel.state == ParcelState.STORED, Parcel.problem.is_not(None)
    )
    return Numbers(
        batch=_count(Parcel.station_id == station_id, Parcel.batch_id == batch.id) if batch else 0,
        expected=_expected(station_id, batch.carrier) if batch else 0,
        per_hour=recent * int(timedelta(hours=1) / SPEED_OVER),
        problems=problems + _questions(station_id),
        free=sum(layer.free for layer in layers),
        places=sum(layer.capacity for layer in layers),
    )


def _expected(station_id: int, carrier: str | None) -> int:
    if carrier is None:
        return 0
    return _count(
        Parcel.station_id == station_id, Parcel.state == ParcelState.EXPECTED, Parcel.carrier == carrier
    )


def _count(*where: object) -> int:
    return int(connection().execute(select(func.count()).select_from(Parcel).where(*where)).scalar_one())  # type: ignore[arg-type]


def _questions(station_id: int) -> int:
    query = select(func.count()).select_from(OpenQuestion).where(OpenQuestion.station_id == station_id)
    return int(connection().execute(query).scalar_one())


def by_tail(station_id: int, tail: str, *, carrier: str | None) -> list[Candidate]:
    """Return whom a phone's last four digits may mean, best first, at most CANDIDATES.

    Ranked by: had a parcel of this carrier before, parcels of the last 30 days, newest.
    """
    return _ranked(station_id, residents.by_tail(station_id, tail), carrier)


def by_phone(station_id: int, phone: Phone, *, carrier: str | None) -> list[Candidate]:
    """Return every name known at a whole phone number, best first."""
    return _ranked(station_id, residents.by_phone(station_id, phone), carrier)


def _ranked(station_id: int, contacts: list[Contact], carrier: str | None) -> list[Candidate]:
    facts = _history(station_id, [contact.id for contact in contacts], carrier) if contacts else {}
    found = [Candidate(contact, *facts.get(contact.id, (0, False))) for contact in contacts]
    return sorted(found, key=lambda one: (not one.same_carrier, -one.recent))[:CANDIDATES]


def _history(station_id: int, recipient_ids: list[int], carrier: str | None) -> dict[int, tuple[int, bool]]:
    since = clock.now() - RANKED_OVER
    query = (
        select(
            Parcel.recipient_id,
            func.sum(case((Parcel.stored_at >= since, 1), else_=0)),
            func.max(case((Parcel.carrier == carrier, 1), else_=0)),
        )
        .where(Parcel.station_id == station_id, Parcel.recipient_id.in_(recipient_ids))
        .group_by(Parcel.recipient_id)
    )
    return {int(row[0]): (int(row[1]), bool(row[2])) for row in connection().execute(query)}
