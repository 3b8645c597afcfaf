"""The parcels behind a number: which they are, when it was recorded and by whom. Masked; in the order of their ids."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, null, select
from sqlalchemy.orm import aliased

from station.core.db import connection
from station.events.models import CustodyEvent
from station.manifests.models import Announced
from station.parcels.models import Parcel
from station.quality.measures import Measure
from station.quality.periods import Period
from station.quality.queries import (
    SAME_EVENT,
    UNKNOWN,
    announced_for,
    arrived_in,
    days_over,
    late,
    said,
)
from station.residents.models import Recipient

PAGE = 100  # parcels on a page

_RECIPIENT = and_(Recipient.station_id == Parcel.station_id, Recipient.id == Parcel.recipient_id)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which number is looked behind: a carrier's (UNKNOWN for none) of one measure in a period."""

    station_id: int
    carrier: str
    measure: Measure
    period: Period
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Behind:
    """A parcel with a fault. `recorded_at`, `recorded_by`: the event that shows it, none for one still awaited.

    `expected_on`: the day it was announced for, where that is what it is about.
    """

    parcel_id: int
    waybill: str
    state: str
    stored_at: datetime | None
    phone_tail: str | None
    expected_on: date | None
    recorded_at: datetime | None
    recorded_by: str | None


_Shown = aliased(CustodyEvent)  # the event that is shown, beside those that are looked through
_COLUMNS = (Parcel.id, Parcel.waybill, Parcel.state, Parcel.stored_at, Recipient.phone_tail)
_SHOWN = (_Shown.at, _Shown.actor)


def behind(asked: Asked, *, after: int = 0, limit: int = PAGE) -> list[Behind]:
    """Return the parcels of a number with an id greater than `after`, at most `limit`."""
    build = _late if asked.measure is Measure.LATE else _faulty
    query = build(asked, after, limit)
    return [] if query is None else [Behind(*row) for row in connection().execute(query)]


def _faulty(asked: Asked, after: int, limit: int) -> Select[Any]:
    shown_by = (
        select(Parcel.id, func.min(CustodyEvent.seq).label("seq"))
        .join(CustodyEvent, SAME_EVENT)
        .where(
            arrived_in(asked.station_id, asked.period, asked.zone),
            _of_carrier(asked),
            Parcel.id > after,
            said(asked.measure),
        )
        .group_by(Parcel.id)
        .order_by(Parcel.id)
        .limit(limit)
        .subquery()
    )
    same = and_(_Shown.station_id == asked.station_id, _Shown.seq == shown_by.c.seq)
    return (
        select(*_COLUMNS, null(), *_SHOWN)
        .select_from(shown_by)
        .join(Parcel, and_(Parcel.station_id == asked.station_id, Parcel.id == shown_by.c.id))
        .join(_Shown, same)
        .outerjoin(Recipient, _RECIPIENT)
        .order_by(Parcel.id)
    )


def _late(asked: Asked, after: int, limit: int) -> Select[Any] | None:
    over = days_over(asked.period, asked.zone)
    if not over:
        return None
    arrival = (
        select(func.min(CustodyEvent.seq))
        .where(SAME_EVENT, CustodyEvent.kind == "checked_in", CustodyEvent.at >= Parcel.stored_at)
        .scalar_subquery()
    )
    return (
        announced_for(select(*_COLUMNS, Announced.expected_on, *_SHOWN), over)
        .outerjoin(_Shown, and_(_Shown.station_id == Parcel.station_id, _Shown.seq == arrival))
        .outerjoin(Recipient, _RECIPIENT)
        .where(
            Announced.station_id == asked.station_id,
            Parcel.station_id == asked.station_id,
            _of_carrier(asked),
            Announced.parcel_id > after,
            late(over),
        )
        .order_by(Parcel.id)
        .limit(limit)
    )


def _of_carrier(asked: Asked) -> ColumnElement[bool]:
    if asked.carrier == UNKNOWN:
        return Parcel.carrier.is_(None)
    return Parcel.carrier == asked.carrier
