"""What tests of the kiosk watch stand on: a kiosk at a station, and hand-overs by it."""

from sqlalchemy import insert, select

from station.accounts import devices
from station.accounts.devices import DeviceKind
from station.core import clock
from station.core.actor import Actor, ActorKind
from station.core.db import connection, reading, transaction
from station.core.permissions import Role
from station.events.models import CustodyEvent
from station.kiosks.models import KioskRelease
from station.kiosks.watch_models import KioskAlert
from station.parcels import hand_over
from station.parcels.hand_over import HandedOver, Taker
from tests.factories import Station, store


def kiosk(station: Station, name: str = "Door kiosk") -> Actor:
    """Return a kiosk of the station."""
    with transaction():
        new = devices.add_device(station.manager, name=name, kind=DeviceKind.KIOSK)
    return Actor(ActorKind.DEVICE, new.id, station.id, Role.KIOSK, name)


def hand_over_by(actor: Actor, parcel_id: int) -> HandedOver:
    """Hand a parcel over, as a kiosk or somebody at the counter does."""
    with transaction():
        return hand_over.hand_over(actor, parcel_id, Taker("api"))


def left_by(actor: Actor, station: Station) -> HandedOver:
    """Return a hand-over of a parcel that was just stored."""
    return hand_over_by(actor, store(station).parcel_id)


def release(actor: Actor, left: HandedOver, conflict_id: int | None = None) -> None:
    """Note a release as the kiosk API does: its hand-over, or the conflict it became."""
    values = {"hand_over_id": None if conflict_id else left.hand_over_id, "conflict_id": conflict_id}
    now = clock.now()
    with transaction():
        connection().execute(
            insert(KioskRelease).values(
                station_id=actor.station_id,
                kiosk_id=actor.id,
                key=f"release-{left.hand_over_id}-{conflict_id}",
                parcel_id=left.parcel_id,
                at=now,
                noted_at=now,
                **values,
            )
        )


def kinds(station_id: int) -> list[str]:
    """Return the kinds of all events of a station, in their order."""
    mine = select(CustodyEvent.kind).where(CustodyEvent.station_id == station_id)
    with reading():
        return list(connection().scalars(mine.order_by(CustodyEvent.seq)))


def open_alerts(station_id: int) -> list[str]:
    """Return the kinds of a station's open alerts, sorted."""
    mine = select(KioskAlert.kind).where(KioskAlert.station_id == station_id, KioskAlert.ended_at.is_(None))
    with reading():
        return sorted(connection().scalars(mine))
