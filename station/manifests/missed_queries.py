"""Reading what was announced and has not come: what is to be reported, the reports, and their parcels."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select

from station.core.db import connection
from station.manifests.models import Announced, MissedReport
from station.parcels.lifecycle import ParcelState
from station.parcels.models import Parcel
from station.residents.models import Recipient

STEP = 500  # parcels of one transaction, as of an import
DAYS = 31  # reports on the page
PAGE = 100  # parcels on a page of a report

_SAME_PARCEL = and_(Parcel.station_id == Announced.station_id, Parcel.id == Announced.parcel_id)


@dataclass(frozen=True, slots=True)
class Report:
    """How many parcels of a carrier were announced for a day, and how many had not come when it was over.

    `still`: how many of those are awaited to this hour.
    """

    day: date
    carrier: str
    announced: int
    missed: int
    still: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Missing:
    """A parcel of a report."""

    parcel_id: int
    waybill: str
    carrier: str | None
    state: str
    day: date
    stored_at: datetime | None
    phone_tail: str | None


def late(station_id: int, today: date) -> list[Any]:
    """Return up to STEP parcels that were expected before `today`, have not come and are in no report."""
    # From the parcels that are still expected: they are few, while announcements stay for ever.
    query = (
        select(Parcel.id, Parcel.carrier, Announced.expected_on)
        .join(Announced, _SAME_PARCEL)
        .where(
            Parcel.station_id == station_id,
            Parcel.state == ParcelState.EXPECTED,
            Announced.station_id == station_id,
            Announced.expected_on < today,
            Announced.missed_on.is_(None),
        )
        .order_by(Parcel.id)
        .limit(STEP)
    )
    return list(connection().execute(query))


def announced(station_id: int, day: date, carrier: str) -> int:
    """Return how many parcels of a carrier were announced for a day."""
    query = (
        select(func.count())
        .select_from(Announced)
        .join(Parcel, _SAME_PARCEL)
        .where(
            Announced.station_id == station_id,
            Parcel.station_id == station_id,
            Announced.expected_on == day,
            Parcel.carrier == carrier,
        )
    )
    return connection().scalar(query) or 0


def reports(station_id: int) -> list[Report]:
    """Return the reports of the last DAYS days that have one, the newest day first."""
    days = (
        select(MissedReport.day)
        .where(MissedReport.station_id == station_id)
        .group_by(MissedReport.day)
        .order_by(MissedReport.day.desc())
        .limit(DAYS)
    )
    still = (
        select(Announced.missed_on, Parcel.carrier, func.count().label("still"))
        .join(Parcel, _SAME_PARCEL)
        .where(
            Announced.station_id == station_id,
            Parcel.station_id == station_id,
            Parcel.state == ParcelState.EXPECTED,
            Announced.missed_on.is_not(None),
        )
        .group_by(Announced.missed_on, Parcel.carrier)
        .subquery()
    )
    query = (
        select(
            MissedReport.day,
            MissedReport.carrier,
            MissedReport.announced,
            MissedReport.missed,
            func.coalesce(still.c.still, 0),
            MissedReport.made_at,
        )
        .outerjoin(
            still, and_(still.c.missed_on == MissedReport.day, still.c.carrier == MissedReport.carrier)
        )
        .where(MissedReport.station_id == station_id, MissedReport.day.in_(days.scalar_subquery()))
        .order_by(MissedReport.day.desc(), MissedReport.missed.desc(), MissedReport.carrier)
    )
    return [Report(*row) for row in connection().execute(query)]


def missing(station_id: int, day: date, carrier: str, *, after: int = 0, limit: int = PAGE) -> list[Missing]:
    """Return a report's parcels, in the order in which they were announced, behind parcel `after`."""
    query = (
        select(
            Parcel.id,
            Parcel.waybill,
            Parcel.carrier,
            Parcel.state,
            Announced.expected_on,
            Parcel.stored_at,
            Recipient.phone_tail,
        )
        .join(Announced, _SAME_PARCEL)
        .outerjoin(
            Recipient,
            and_(Recipient.station_id == Parcel.station_id, Recipient.id == Parcel.recipient_id),
        )
        .where(
            Parcel.station_id == station_id,
            Announced.station_id == station_id,
            Announced.missed_on == day,
            Parcel.carrier == carrier,
            Parcel.id > after,
        )
        .order_by(Parcel.id)
        .limit(limit)
    )
    return [Missing(*row) for row in connection().execute(query)]
