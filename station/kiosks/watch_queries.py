"""Reads by which the kiosk watch decides: what an id from a kiosk stands for here, and which kiosks say nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select

from station.accounts.devices import DeviceKind
from station.accounts.models import Device
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.kiosks.call_kinds import AlertKind
from station.kiosks.watch_models import KioskAlert, KioskConflict, KioskReport, KioskUnfinished
from station.parcels.models import HandOver, Parcel
from station.residents.models import Recipient


def parcel_here(station_id: int, parcel_id: int | None) -> int | None:
    """Return the parcel's id if it is one of the station's."""
    return _here(Parcel, station_id, parcel_id)


def recipient_here(station_id: int, recipient_id: int | None) -> int | None:
    """Return the recipient's id if they are one of the station's."""
    return _here(Recipient, station_id, recipient_id)


def parcels_of(station_id: int, recipient_ids: Sequence[int]) -> list[int]:
    """Return all parcels that these recipients ever had here."""
    query = select(Parcel.id).where(Parcel.station_id == station_id, Parcel.recipient_id.in_(recipient_ids))
    return list(connection().scalars(query))


def standing_hand_over(station_id: int, parcel_id: int | None) -> int | None:
    """Return the hand-over by which a parcel left, if it did and nobody took it back."""
    query = select(HandOver.id).where(
        HandOver.station_id == station_id, HandOver.parcel_id == parcel_id, HandOver.undone_at.is_(None)
    )
    return connection().scalar(query)


def stands(station_id: int, hand_over_id: int) -> bool:
    """Tell whether a hand-over was not taken back."""
    query = select(HandOver.id).where(
        HandOver.station_id == station_id, HandOver.id == hand_over_id, HandOver.undone_at.is_(None)
    )
    return connection().scalar(query) is not None


def parcel_of_hand_over(kiosk: Actor, hand_over_id: int) -> int | None:
    """Return which parcel left by a hand-over, if it was this kiosk's."""
    query = select(HandOver.parcel_id).where(
        HandOver.station_id == kiosk.station_id,
        HandOver.id == hand_over_id,
        HandOver.handed_by == kiosk.key,
    )
    return connection().scalar(query)


def unfinished_of(station_id: int, kiosk_id: int) -> int:
    """Return how many hand-overs of a kiosk wait for staff to say whether the parcel left."""
    waiting = (
        KioskUnfinished.station_id == station_id,
        KioskUnfinished.kiosk_id == kiosk_id,
        KioskUnfinished.settled_at.is_(None),
    )
    return connection().scalar(select(func.count()).select_from(KioskUnfinished).where(*waiting)) or 0


def unsettled_of(station_id: int, kiosk_id: int) -> int:
    """Return how many conflicts of a kiosk nobody has settled."""
    waiting = (
        KioskConflict.station_id == station_id,
        KioskConflict.kiosk_id == kiosk_id,
        KioskConflict.settled_at.is_(None),
    )
    return connection().scalar(select(func.count()).select_from(KioskConflict).where(*waiting)) or 0


def require_kiosk(station_id: int, kiosk_id: int) -> None:
    """Raise StationError `not_found` for what is no kiosk of the station, or one whose token is revoked."""
    query = select(Device.id).where(Device.id == kiosk_id, *_kiosks(station_id))
    if connection().scalar(query) is None:
        raise StationError("not_found", _("There is no such kiosk, or it is out of use."))


def has_kiosks(station_id: int) -> bool:
    """Tell whether the station has a kiosk in use."""
    return connection().scalar(select(Device.id).where(*_kiosks(station_id)).limit(1)) is not None


def stations_with_kiosks() -> list[int]:
    """Return the stations that have a kiosk in use."""
    query = select(Device.station_id).where(Device.kind == DeviceKind.KIOSK, Device.revoked_at.is_(None))
    return list(connection().scalars(query.distinct().order_by(Device.station_id)))


def silent_kiosks(station_id: int, *, since: datetime) -> list[int]:
    """Return the kiosks that said nothing after `since` and that staff have not been called to for this yet.

    One that never spoke is silent since it was enrolled.
    """
    is_told = and_(
        KioskAlert.station_id == Device.station_id,
        KioskAlert.kiosk_id == Device.id,
        KioskAlert.kind == AlertKind.SILENT,
        KioskAlert.raised_at > func.coalesce(KioskReport.reported_at, Device.created_at),
    )
    mine = and_(KioskReport.station_id == Device.station_id, KioskReport.kiosk_id == Device.id)
    query = (
        select(Device.id)
        .outerjoin(KioskReport, mine)
        .outerjoin(KioskAlert, is_told)
        .where(
            *_kiosks(station_id),
            func.coalesce(KioskReport.reported_at, Device.created_at) <= since,
            KioskAlert.id.is_(None),
        )
        .order_by(Device.id)
    )
    return list(connection().scalars(query))


def silent_calls(*, since: datetime) -> int:
    """Return how many kiosks of all stations fell silent after `since` and are so still."""
    silent = (
        KioskAlert.kind == AlertKind.SILENT,
        KioskAlert.ended_at.is_(None),
        KioskAlert.raised_at > since,
    )
    return connection().scalar(select(func.count()).select_from(KioskAlert).where(*silent)) or 0


def _kiosks(station_id: int) -> tuple[ColumnElement[bool], ...]:
    return (Device.station_id == station_id, Device.kind == DeviceKind.KIOSK, Device.revoked_at.is_(None))


def _here(table: type[Parcel] | type[Recipient], station_id: int, row_id: int | None) -> int | None:
    return connection().scalar(select(table.id).where(table.station_id == station_id, table.id == row_id))
