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
SETTINGS = (
    Place("accounts.staff_list", "users", _l("Staff"), Permission.STAFF),
    Place("accounts.device_list", "scan", _l("Devices"), Permission.DEVICES),
)


def rail(actor: Actor) -> tuple[Entry, ...]:
    """Return the places of the rail that `actor` may go to, in its order."""
    return _entries(PLACES, actor)


def settings_tabs(actor: Actor) -> tuple[Entry, ...]:
    """Return the pages of the settings that `actor` may open."""
    return _entries(SETTINGS, actor)


def settings_entry(actor: Actor) -> Entry | None:
    """Return the rail's way to the settings, None for those who may open none of their pages."""
    tabs = settings_tabs(actor)
    if not tabs:
        return None
    return Entry(tabs[0].url, "settings", gettext("Settings"), "", any(tab.is_current for tab in tabs))


def _entries(places: tuple[Place, ...], actor: Actor) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            url_for(place.endpoint),
            place.icon,
            gettext(place.label),
            place.key,
            request.endpoint == place.endpoint,
        )
        for place in places
        if place.endpoint in current_app.view_functions and actor.may(place.permission)
    )
