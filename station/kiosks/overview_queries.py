"""Reads for the pages about kiosks: how each one is, what staff are called for, and hand-overs to be settled."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from station.accounts.devices import DeviceKind
from station.accounts.models import Device
from station.core.db import connection
from station.kiosks.watch_models import (
    FaceEnrolment,
    KioskAlert,
    KioskConflict,
    KioskReport,
    KioskUnfinished,
)
from station.parcels.models import HandOver, Parcel
from station.residents.models import Recipient

SHOWN = 50  # of a list: more than a station's staff can settle in a day
SETTLED_SHOWN = 20  # of settled conflicts, the newest


@dataclass(frozen=True, slots=True)
class KioskEntry:
    """A kiosk with what it said last; all of that is None for one that never spoke.

    `enrolled`: faces the station knows of; `faces`: templates the kiosk says it has.
    """

    id: int
    name: str
    created_at: datetime
    revoked_at: datetime | None
    reported_at: datetime | None
    version: str | None
    queue_length: int | None
    clock_drift_ms: int | None
    list_age_s: int | None
    camera: str | None
    faces: int | None
    is_demo: bool | None
    enrolled: int

    @property
    def heard_at(self) -> datetime:
        """When it spoke last; one that never did counts from when it was enrolled."""
        return self.reported_at or self.created_at


@dataclass(frozen=True, slots=True)
class OpenCall:
    """Something staff are called for. `pickup_code`: of its parcel."""

    id: int
    kind: str
    times: int
    raised_at: datetime
    kiosk: str
    part: str | None
    parcel_id: int | None
    pickup_code: str | None


@dataclass(frozen=True, slots=True)
class OpenEnd:
    """A hand-over of which nobody knows whether the parcel left."""

    hand_over_id: int
    kiosk: str
    parcel_id: int
    waybill: str
    pickup_code: str | None
    name_masked: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Conflict:
    """An offline hand-over that was refused, and the one that stands (its times and method), if there is one."""

    id: int
    kiosk: str
    parcel_id: int | None
    pickup_code: str | None
    waybill: str
    way: str
    reason: str
    name_masked: str | None
    handed_over_at: datetime
    made_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    note: str | None
    first_at: datetime | None
    first_method: str | None
    first_taken_by: str | None
    first_handed_by: str | None


def kiosks(station_id: int) -> list[KioskEntry]:
    """Return a station's kiosks: those in use first, then the newest."""
    enrolled = (
        select(func.count())
        .where(
            FaceEnrolment.station_id == Device.station_id,
            FaceEnrolment.kiosk_id == Device.id,
            FaceEnrolment.gone_at.is_(None),
        )
        .scalar_subquery()
    )
    query = (
        select(
            Device.id,
            Device.name,
            Device.created_at,
            Device.revoked_at,
            KioskReport.reported_at,
            KioskReport.version,
            KioskReport.queue_length,
            KioskReport.clock_drift_ms,
            KioskReport.list_age_s,
            KioskReport.camera,
            KioskReport.faces,
            KioskReport.is_demo,
            enrolled,
        )
        .outerjoin(
            KioskReport,
            and_(KioskReport.station_id == Device.station_id, KioskReport.kiosk_id == Device.id),
        )
        .where(Device.station_id == station_id, Device.kind == DeviceKind.KIOSK)
        .order_by(Device.revoked_at.is_not(None), Device.id.desc())
    )
    return [KioskEntry(*row) for row in connection().execute(query)]


def open_calls(station_id: int) -> list[OpenCall]:
    """Return what staff are called for at kiosks in use, the newest first: one statement."""
    query = (
        select(
            KioskAlert.id,
            KioskAlert.kind,
            KioskAlert.times,
            KioskAlert.raised_at,
            Device.name,
            KioskAlert.part,
            KioskAlert.parcel_id,
            Parcel.pickup_code,
        )
        .join(Device, _is_kiosk(KioskAlert))
        .outerjoin(Parcel, _is_parcel(KioskAlert))
        .where(
            KioskAlert.station_id == station_id,
            KioskAlert.ended_at.is_(None),
            Device.revoked_at.is_(None),
        )
        .order_by(KioskAlert.raised_at.desc(), KioskAlert.id.desc())
        .limit(SHOWN)
    )
    return [OpenCall(*row) for row in connection().execute(query)]


def open_ends(station_id: int) -> list[OpenEnd]:
    """Return hand-overs whose end only staff can tell, the oldest first."""
    query = (
        select(
            KioskUnfinished.hand_over_id,
            Device.name,
            KioskUnfinished.parcel_id,
            Parcel.waybill,
            Parcel.pickup_code,
            Recipient.name_masked,
            HandOver.at,
        )
        .join(Device, _is_kiosk(KioskUnfinished))
        .join(Parcel, _is_parcel(KioskUnfinished))
        .join(
            HandOver,
            and_(
                HandOver.station_id == KioskUnfinished.station_id,
                HandOver.id == KioskUnfinished.hand_over_id,
            ),
        )
        .outerjoin(
            Recipient,
            and_(Recipient.station_id == Parcel.station_id, Recipient.id == Parcel.recipient_id),
        )
        .where(KioskUnfinished.station_id == station_id, KioskUnfinished.settled_at.is_(None))
        .order_by(KioskUnfinished.reported_at)
        .limit(SHOWN)
    )
    return [OpenEnd(*row) for row in connection().execute(query)]


def unsettled(station_id: int) -> list[Conflict]:
    """Return conflicts nobody has settled, the oldest first."""
    query = _conflicts(station_id).where(KioskConflict.settled_at.is_(None))
    return _read(query.order_by(KioskConflict.made_at).limit(SHOWN))


def settled(station_id: int) -> list[Conflict]:
    """Return the SETTLED_SHOWN conflicts that were settled last."""
    query = _conflicts(station_id).where(KioskConflict.settled_at.is_not(None))
    return _read(query.order_by(KioskConflict.settled_at.desc()).limit(SETTLED_SHOWN))


def _conflicts(station_id: int) -> Select[Any]:
    return (
        select(
            KioskConflict.id,
            Device.name,
            KioskConflict.parcel_id,
            Parcel.pickup_code,
            KioskConflict.waybill,
            KioskConflict.way,
            KioskConflict.reason,
            Recipient.name_masked,
            KioskConflict.handed_over_at,
            KioskConflict.made_at,
            KioskConflict.settled_at,
            KioskConflict.settled_by,
            KioskConflict.note,
            HandOver.at,
            HandOver.method,
            HandOver.taken_by,
            HandOver.handed_by,
        )
        .join(Device, _is_kiosk(KioskConflict))
        .outerjoin(Parcel, _is_parcel(KioskConflict))
        .outerjoin(
            Recipient,
            and_(
                Recipient.station_id == KioskConflict.station_id, Recipient.id == KioskConflict.recipient_id
            ),
        )
        .outerjoin(
            HandOver,
            and_(HandOver.station_id == KioskConflict.station_id, HandOver.id == KioskConflict.hand_over_id),
        )
        .where(KioskConflict.station_id == station_id)
    )


def _read(query: Select[Any]) -> list[Conflict]:
    return [Conflict(*row) for row in connection().execute(query)]


def _is_kiosk(table: type[KioskAlert] | type[KioskUnfinished] | type[KioskConflict]) -> ColumnElement[bool]:
    return and_(Device.station_id == table.station_id, Device.id == table.kiosk_id)


def _is_parcel(table: type[KioskAlert] | type[KioskUnfinished] | type[KioskConflict]) -> ColumnElement[bool]:
    return and_(Parcel.station_id == table.station_id, Parcel.id == table.parcel_id)
