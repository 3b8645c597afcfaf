"""Who does something: a value handed to every service, so that no service needs to know about HTTP."""

from dataclasses import dataclass
from enum import StrEnum

from station.core.permissions import Permission, Role, allowed


class ActorKind(StrEnum):
    """What kind of party acts."""

    STAFF = "staff"
    DEVICE = "device"
    RESIDENT = "resident"
    COURIER = "courier"
    LINK = "link"  # whoever opened the link in a message
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """One party acting at one station.

    `id` is the account's or the device's id, of a link the message's, 0 for the system. `station_id` is the station
    worked at now.
    """

    kind: ActorKind
    id: int
    station_id: int
    role: Role
    name: str = ""

    @property
    def key(self) -> str:
        """A stable text naming the actor in idempotency keys and events, such as `staff:42`."""
        return f"{self.kind}:{self.id}"

    def may(self, permission: Permission) -> bool:
        """Tell whether the actor's role holds `permission`."""
        return permission in allowed(self.role)


def system_actor(station_id: int) -> Actor:
    """Return the actor that jobs and commands are at a station."""
    return Actor(ActorKind.SYSTEM, 0, station_id, Role.SYSTEM, "system")
