"""What tests of the kiosk watch stand on: a kiosk at a station, and hand-overs by it."""

from station.accounts import devices
from station.core.actor import Actor, ActorKind
from station.core.db import transaction
from station.core.permissions import Role
from station.parcels import hand_over
from station.parcels.hand_over import HandedOver, Taker
from tests.factories import Station, store


def kiosk(station: Station, name: str = "Door kiosk") -> Actor:
    """Return a kiosk of the station."""
    with transaction():
        new = devices.add_device(station.manager, name=name)
    return Actor(ActorKind.DEVICE, new.id, station.id, Role.DEVICE, name)


def hand_over_by(actor: Actor, parcel_id: int) -> HandedOver:
    """Hand a parcel over, as a kiosk or somebody at the counter does."""
    with transaction():
        return hand_over.hand_over(actor, parcel_id, Taker("api"))


def left_by(actor: Actor, station: Station) -> HandedOver:
    """Return a hand-over of a parcel that was just stored."""
    return hand_over_by(actor, store(station).parcel_id)
