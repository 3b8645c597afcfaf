"""Counting what went wrong with each carrier's parcels. Every statement is bounded by its period through an index.

A parcel counts in the period in which it came, with whatever was said of it since, solved or not; what was announced
counts on the day for which it was. A check-in that was undone counts for nothing, nor do parcels that the station held
before it began to use the books: they came in silently, and nobody knows how they were brought.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, distinct, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from station.carriers.catalogue import OWN
from station.core import clock, ids
from station.core.db import UtcDateTime, connection
from station.events.models import CustodyEvent
from station.manifests.models import Announced
from station.manifests.rows import AHEAD, PAST
from station.network import queries as network
from station.parcels.lifecycle import ParcelState
from station.parcels.models import CheckInBatch, Parcel
from station.quality.measures import ARRIVALS, SIGNS, TOLD, Measure
from station.quality.periods import DAY, Period, midnight
from station.quality.rates import Tally

UNKNOWN = "unknown"  # stands for parcels of which no carrier is known
# States of parcels that really were here.
CAME = tuple(state for state in ParcelState if state not in (ParcelState.EXPECTED, ParcelState.CANCELLED))
# An import that stood still, or a clock that was set, lets an announcement's id be as much older or newer than
# its own rules say. Source: ours; a week is longer than any import waits.
SLACK = timedelta(days=7)
_ID_SHIFT = ids.NODE_BITS + ids.SEQUENCE_BITS

_Undone = aliased(CustodyEvent)
SAME_EVENT = and_(CustodyEvent.station_id == Parcel.station_id, CustodyEvent.parcel_id == Parcel.id)
SAME_PARCEL = and_(Parcel.station_id == Announced.station_id, Parcel.id == Announced.parcel_id)


@dataclass(frozen=True, slots=True)
class Figures:
    """A carrier's parcels that came in a period, and its faults; `tallies` holds every measure."""

    parcels: int
    tallies: dict[Measure, Tally]


def zone_of(station_id: int) -> ZoneInfo:
    """Return a station's zone."""
    return ZoneInfo(network.rules(station_id).zone)


def figures(station_id: int, period: Period, *, zone: ZoneInfo) -> dict[str, Figures]:
    """Return the figures of each carrier that brought or announced something, by its code."""
    came = _came(station_id, period, zone)
    faults = _faults(station_id, period, zone)
    announced = _announced(station_id, period, zone)
    return {
        carrier: Figures(
            came.get(carrier, 0),
            {
                measure: announced.get(carrier, Tally())
                if measure is Measure.LATE
                else Tally(faults.get(carrier, {}).get(measure, 0), came.get(carrier, 0))
                for measure in Measure
            },
        )
        for carrier in sorted({*came, *announced} - {OWN})  # no company brought what the station packed
    }


def arrived_in(station_id: int, period: Period, zone: ZoneInfo) -> ColumnElement[bool]:
    """Return the condition on parcels that came in a period; (station_id, state, stored_at) is an index."""
    since, until = period.moments(zone)
    was_held = exists().where(
        CheckInBatch.station_id == Parcel.station_id,
        CheckInBatch.id == Parcel.batch_id,
        CheckInBatch.is_silent.is_(True),
    )
    return and_(
        Parcel.station_id == station_id,
        Parcel.state.in_(CAME),
        Parcel.stored_at >= since,
        Parcel.stored_at < until,
        ~was_held,
    )


def said(measure: Measure) -> ColumnElement[bool]:
    """Return the condition on events that show a fault, made since the parcel came as it is here now."""
    kinds = ARRIVALS if measure is Measure.CONSENT_MISSING else TOLD
    return and_(
        CustodyEvent.kind.in_(kinds),
        CustodyEvent.at >= Parcel.stored_at,
        CustodyEvent.data.contains(SIGNS[measure], autoescape=True),
    )


def _came(station_id: int, period: Period, zone: ZoneInfo) -> dict[str, int]:
    query = (
        select(Parcel.carrier, func.count())
        .where(arrived_in(station_id, period, zone))
        .group_by(Parcel.carrier)
    )
    return {carrier or UNKNOWN: count for carrier, count in connection().execute(query)}


def _faults(station_id: int, period: Period, zone: ZoneInfo) -> dict[str, dict[Measure, int]]:
    counted = [func.count(distinct(case((said(measure), Parcel.id)))) for measure in SIGNS]
    query = (
        select(Parcel.carrier, *counted)
        .join(CustodyEvent, SAME_EVENT)
        .where(arrived_in(station_id, period, zone), CustodyEvent.kind.in_(TOLD))
        .group_by(Parcel.carrier)
    )
    return {row[0] or UNKNOWN: dict(zip(SIGNS, row[1:], strict=True)) for row in connection().execute(query)}


def _announced(station_id: int, period: Period, zone: ZoneInfo) -> dict[str, Tally]:
    over = days_over(period, zone)
    if not over:
        return {}
    is_late = late(over)
    query = (
        announced_for(select(Parcel.carrier, func.sum(case((is_late, 1), else_=0)), func.count()), over)
        .where(Announced.station_id == station_id, Parcel.station_id == station_id)
        .group_by(Parcel.carrier)
    )
    return {row[0] or UNKNOWN: Tally(int(row[1]), int(row[2])) for row in connection().execute(query)}


def days_over(period: Period, zone: ZoneInfo) -> dict[date, datetime]:
    """Return when each day of a period was over, without those that are not yet."""
    now = clock.now()
    ends = {day: midnight(day + DAY, zone) for day in period.days()}
    return {day: end for day, end in ends.items() if end <= now}


def announced_for(query: Select[Any], over: dict[date, datetime]) -> Select[Any]:
    """Restrict a query to parcels announced for these days, without those that were withdrawn.

    An announcement is known by its parcel's id, which tells when it was made; a carrier may announce for AHEAD days to
    come and PAST days gone by (manifests/rows.py). So the primary key bounds what is read.
    """
    first, last = min(over.values()) - DAY, max(over.values())
    return query.join_from(Announced, Parcel, SAME_PARCEL).where(
        Announced.parcel_id >= _id_at(first - AHEAD - SLACK),
        Announced.parcel_id < _id_at(last + PAST + SLACK),
        Announced.expected_on >= min(over),
        Announced.expected_on <= max(over),
        Parcel.state != ParcelState.CANCELLED,
    )


def late(over: dict[date, datetime]) -> ColumnElement[bool]:
    """Return the condition on announced parcels that were not here when their day was over.

    A parcel that was lost and found again has a newer time of arrival, so the log is asked whether it had come before
    and was not taken back.
    """
    ends = {day: literal(end, UtcDateTime) for day, end in over.items()}
    end = case(ends, value=Announced.expected_on, else_=literal(max(over.values()), UtcDateTime))
    was_undone = exists().where(
        _Undone.station_id == CustodyEvent.station_id,
        _Undone.parcel_id == CustodyEvent.parcel_id,
        _Undone.seq > CustodyEvent.seq,
        _Undone.kind == "check_in_undone",
    )
    was_here = exists().where(
        SAME_EVENT, CustodyEvent.kind == "checked_in", CustodyEvent.at < end, ~was_undone
    )
    is_awaited = Parcel.state == ParcelState.EXPECTED
    return or_(is_awaited, and_(Parcel.stored_at >= end, ~was_here))


def _id_at(moment: datetime) -> int:
    return max((moment - ids.EPOCH) // ids.MILLISECOND, 0) << _ID_SHIFT
