"""The rail: which places the staff shell offers, with their icon, their key, and the permission they need."""

from dataclasses import dataclass

from flask import current_app, request, url_for

from station.core.actor import Actor
from station.core.i18n import gettext
from station.core.i18n import lazy as _l
from station.core.permissions import Permission


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail. `key` is the function key that leads there."""

    endpoint: str
    icon: str
    label: str
    permission: Permission
    key: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A place as it is shown to one person on one page."""

    url: str
    icon: str
    label: str
    key: str
    is_current: bool


PLACES = (
    Place("check_in.page", "package-import", _l("Check in"), Permission.CHECK_IN, "F2"),
    Place("hand_over.page", "package-export", _l("Hand over"), Permission.HAND_OVER, "F3"),
    Place("parcels.parcels", "list-search", _l("Parcels"), Permission.PARCELS_SEE, "F6"),
    Place("parcels.problems", "flag", _l("Problems"), Permission.PARCELS_SEE, "F9"),
    Place("days.page", "calendar", _l("Day"), Permission.DAY_SEE),
    Place("accounts.stations", "building-store", _l("Network"), Permission.NETWORK),
)


def rail(actor: Actor) -> tuple[Entry, ...]:
    """Return the places of the rail that `actor` may go to, in its order."""
    return tuple(
        Entry(
            url_for(place.endpoint),
            place.icon,
            gettext(place.label),
            place.key,
            place.endpoint == request.endpoint,
        )
        for place in PLACES
        if place.endpoint in current_app.view_functions and actor.may(place.permission)
    )
