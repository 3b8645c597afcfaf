"""What a resident sees of their parcels: each of their stations is asked in turn, for the names at their phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, func, literal, or_, select

from station.accounts.queries import Resident
from station.core import clock
from station.core.db import EPOCH, MICROSECOND, UtcDateTime, connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.network import queries as network
from station.network.queries import StationRules
from station.parcels import consent_answers
from station.parcels.clock_rules import Explanation, StorageLevel, explain, level_at
from station.parcels.lifecycle import ParcelState
from station.parcels.models import HandOver, Parcel
from station.parcels.station_clock import calendar, deadlines_of, limits
from station.residents import queries as residents
from station.shelves.models import Layer, Shelf

MOST = 100  # parcels of one person at one station on one page; a person with more asks at the counter
PAGE = 20  # parcels of the history on one page: two screens of a phone
GONE = (
    ParcelState.HANDED_OVER,
    ParcelState.RETURNING,
    ParcelState.RETURNED,
    ParcelState.LOST,
    ParcelState.WRITTEN_OFF,
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A parcel that waits for a resident.

    `goes_back`: when the station may send it back, and why then. `is_unanswered`: nobody knows whether it may stay.
    """

    id: int
    pickup_code: str
    carrier: str | None
    waybill_tail: str
    stored_at: datetime
    shelf_code: str
    layer_number: int
    storage: str  # how cold it is there
    goes_back: Explanation
    level: StorageLevel
    is_unanswered: bool


@dataclass(frozen=True, slots=True)
class AtStation:
    """A station that knows the resident, and what waits there: what goes back first comes first."""

    rules: StationRules
    waiting: list[Waiting]


@dataclass(frozen=True, slots=True)
class Past:
    """A parcel that waits no more, and what became of it. `taken_by`: recipient or proxy, when it was collected."""

    id: int
    station: str
    zone: str
    carrier: str | None
    waybill_tail: str
    state: ParcelState
    at: datetime
    taken_by: str | None

    @property
    def cursor(self) -> str:
        """Where the page behind this parcel begins."""
        return f"{(self.at - EPOCH) // MICROSECOND}.{self.id}"


def stations(resident: Resident) -> list[AtStation]:
    """Return every station that knows the resident's phone, those where something waits first."""
    found = [_at(station_id, resident) for station_id in residents.stations_of(resident.phone_hash)]
    return sorted(found, key=lambda place: not place.waiting)


def _at(station_id: int, resident: Resident) -> AtStation:
    rules = network.rules(station_id)
    return AtStation(rules, _waiting(rules, recipients(station_id, resident)))


def recipients(station_id: int, resident: Resident) -> list[int]:
    """Return who the resident is at a station: every name at their phone, the newest first."""
    return [one.id for one in residents.same_phone(station_id, resident.phone_hash)]


def recipient(station_id: int, resident: Resident) -> int:
    """Return the newest of `recipients`. Raises StationError `not_found` at a station that does not know the phone."""
    found = recipients(station_id, resident)
    if not found:
        raise StationError("not_found", _("This station does not know your number."))
    return found[0]


def _waiting(rules: StationRules, recipient_ids: Sequence[int]) -> list[Waiting]:
    query = (
        select(
            Parcel.id,
            Parcel.pickup_code,
            Parcel.carrier,
            Parcel.waybill_tail,
            Parcel.stored_at,
            Parcel.extended_h,
            Shelf.code,
            Layer.number,
            Shelf.storage,
        )
        .join(Layer, and_(Layer.station_id == Parcel.station_id, Layer.id == Parcel.layer_id))
        .join(Shelf, and_(Shelf.station_id == Layer.station_id, Shelf.id == Layer.shelf_id))
        .where(
            Parcel.station_id == rules.station_id,
            Parcel.recipient_id.in_(recipient_ids),
            Parcel.state == ParcelState.STORED,
        )
        .order_by(Parcel.stored_at, Parcel.id)
        .limit(MOST)
    )
    unanswered = consent_answers.unanswered(rules.station_id, recipient_ids)
    found = [_parcel(row, rules, row.id in unanswered) for row in connection().execute(query)]
    return sorted(found, key=lambda parcel: parcel.goes_back.at)


def _parcel(row: Row[Any], rules: StationRules, is_unanswered: bool) -> Waiting:
    extension = timedelta(hours=row.extended_h)
    counting, put_off = limits(rules, extension)
    return Waiting(
        id=row.id,
        pickup_code=row.pickup_code,
        carrier=row.carrier,
        waybill_tail=row.waybill_tail,
        stored_at=row.stored_at,
        shelf_code=row.code,
        layer_number=row.number,
        storage=row.storage,
        goes_back=explain(
            StorageLevel.RETURN,
            row.stored_at,
            rules=counting,
            calendar=calendar(rules),
            extension=put_off,
        ),
        level=level_at(deadlines_of(row.stored_at, rules, extension), clock.now()),
        is_unanswered=is_unanswered,
    )


def history(resident: Resident, *, after: str = "") -> list[Past]:
    """Return a page of what waits no more, the newest first, behind the parcel of a cursor; PAGE + 1 tell of more.

    Raises StationError `bad_input` for a cursor that is none.
    """
    end = _end(after)
    found = [
        past
        for station_id in residents.stations_of(resident.phone_hash)
        for past in _history_at(station_id, resident, end)
    ]
    return sorted(found, key=lambda past: (past.at, past.id), reverse=True)[: PAGE + 1]


def _end(after: str) -> tuple[datetime, int] | None:
    if not after:
        return None
    moment, _dot, number = after.partition(".")
    if not (moment.isdecimal() and number.isdecimal() and len(moment) <= 16 and len(number) <= 18):
        raise StationError("bad_input", _("This page is not there. Go back to the list."))
    return EPOCH + int(moment) * MICROSECOND, int(number)


# When it left; what is still here, on its way back or searched for, is as old as its storage.
_WHEN = func.coalesce(Parcel.left_at, Parcel.stored_at, type_=UtcDateTime())


def _history_at(station_id: int, resident: Resident, end: tuple[datetime, int] | None) -> list[Past]:
    query = (
        select(
            Parcel.id, Parcel.carrier, Parcel.waybill_tail, Parcel.state, _WHEN.label("at"), HandOver.taken_by
        )
        .outerjoin(
            HandOver,
            and_(
                HandOver.station_id == Parcel.station_id,
                HandOver.parcel_id == Parcel.id,
                HandOver.undone_at.is_(None),
            ),
        )
        .where(
            Parcel.station_id == station_id,
            Parcel.recipient_id.in_(recipients(station_id, resident)),
            Parcel.state.in_(GONE),
            _WHEN.is_not(None),
        )
        .order_by(_WHEN.desc(), Parcel.id.desc())
        .limit(PAGE + 1)
    )
    here = network.station(station_id)
    return [
        Past(
            row.id,
            here.name,
            here.zone,
            row.carrier,
            row.waybill_tail,
            ParcelState(row.state),
            row.at,
            row.taken_by,
        )
        for row in connection().execute(_behind(query, end))
    ]


def _behind(query: Select[Any], end: tuple[datetime, int] | None) -> Select[Any]:
    if end is None:
        return query
    at = literal(end[0], UtcDateTime())
    return query.where(or_(at > _WHEN, and_(at == _WHEN, Parcel.id < end[1])))
