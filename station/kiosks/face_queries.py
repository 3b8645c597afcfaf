"""Reads of enrolled faces: which ones a kiosk must delete, and what a resident is told of theirs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, or_, select

from station.accounts.models import Device
from station.core import clock
from station.core.db import connection
from station.kiosks.watch_models import FaceEnrolment
from station.residents.agreement_texts import CURRENT, Purpose
from station.residents.models import Agreement

RECEIPTS_SHOWN = 5  # of one person at one station, the newest
RECEIPTS_FOR = timedelta(days=300)  # ours: dates are written without their year, so never as long as one


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a resident is told of their face at one kiosk; `is_leaving`: the kiosk deletes it at its next contact."""

    kiosk: str
    is_kiosk_in_use: bool
    enrolled_at: datetime
    expires_at: datetime
    gone_at: datetime | None
    is_leaving: bool


def to_forget(station_id: int, kiosk_id: int) -> tuple[int, ...]:
    """Return whose templates a kiosk must delete: unused for too long, or agreed to no more.

    Whatever was said about faces after the enrolment ends it: a word of before cannot be newer, since ids grow.
    """
    query = select(FaceEnrolment.recipient_id).where(
        FaceEnrolment.station_id == station_id,
        FaceEnrolment.kiosk_id == kiosk_id,
        FaceEnrolment.gone_at.is_(None),
        _is_over(clock.now()),
    )
    return tuple(connection().scalars(query.order_by(FaceEnrolment.recipient_id)))


def of_recipient(station_id: int, recipient_id: int) -> list[Enrolment]:
    """Return where somebody's face is enrolled, then where it was deleted, the newest first.

    Deletions of RECEIPTS_FOR, RECEIPTS_SHOWN at most.
    """
    query = (
        select(
            Device.name,
            Device.revoked_at,
            FaceEnrolment.enrolled_at,
            FaceEnrolment.expires_at,
            FaceEnrolment.gone_at,
            _is_over(clock.now()).label("is_leaving"),
        )
        .join(Device, (Device.station_id == station_id) & (Device.id == FaceEnrolment.kiosk_id))
        .where(FaceEnrolment.station_id == station_id, FaceEnrolment.recipient_id == recipient_id)
        .order_by(FaceEnrolment.gone_at.is_not(None), FaceEnrolment.gone_at.desc(), FaceEnrolment.id)
    )
    found = [
        Enrolment(
            row.name,
            row.revoked_at is None,
            row.enrolled_at,
            row.expires_at,
            row.gone_at,
            row.gone_at is None and bool(row.is_leaving),
        )
        for row in connection().execute(query)
    ]
    live = [one for one in found if one.gone_at is None]
    until = clock.now() - RECEIPTS_FOR
    return live + [one for one in found if one.gone_at and one.gone_at > until][:RECEIPTS_SHOWN]


def _is_over(now: datetime) -> ColumnElement[bool]:
    later = exists().where(
        Agreement.station_id == FaceEnrolment.station_id,
        Agreement.recipient_id == FaceEnrolment.recipient_id,
        Agreement.purpose == Purpose.FACE,
        Agreement.id > FaceEnrolment.id,
    )
    return or_(FaceEnrolment.expires_at <= now, FaceEnrolment.text_version != CURRENT[Purpose.FACE], later)
