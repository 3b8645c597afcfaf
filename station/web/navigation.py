"""The rail: which places the staff shell offers, with their icon, their key, and the permission they need."""

from dataclasses import dataclass

from flask import request, url_for

from station.core.actor import Actor
from station.core.i18n import gettext
from station.core.i18n import lazy as _l
from station.core.permissions import Permission


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail or of the settings.

    `key` is the function key that leads there; `rooms` are the blueprints whose pages belong to this place, unless
    one is a place of its own.
    """

    endpoint: str
    icon: str
    label: str
    permission: Permission
    key: str = ""
    rooms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A place as it is shown to one person on one page."""

    url: str
    icon: str
    label: str
    key: str
    is_current: bool


UNDER_PARCELS = (
    "parcels",
    "parcel",
    "drops",
    "manifests",
    "missed",
    "returns",
    "disputes",
    "unclaimed",
    "stocktakes",
    "stocktake_findings",
)
UNDER_GROUP_BUYS = ("group_buys", "group_claims", "group_desk", "group_news", "group_sharing", "suppliers")
UNDER_PROBLEMS = ("messages", "kiosk_cases")
UNDER_MONEY = (
    "ledger",
    "drawer",
    "journals",
    "money_accounts",
    "money_moves",
    "charges",
    "settlements",
    "payment_counter",
    "payment_waiting",
    "payment_scan",
    "payments",
    "reconciliation",
    "reports",
    "export",
)
PLACES = (
    Place(
        "check_in.page", "package-import", _l("Check in"), Permission.CHECK_IN, "F2", ("check_in", "labels")
    ),
    Place("hand_over.page", "package-export", _l("Hand over"), Permission.HAND_OVER, "F3", ("hand_over",)),
    Place("parcels.parcels", "list-search", _l("Parcels"), Permission.PARCELS_SEE, "F6", UNDER_PARCELS),
    Place("group_buys.page", "shopping-bag", _l("Group buys"), Permission.SHARE_OUT, rooms=UNDER_GROUP_BUYS),
    Place("people.page", "users", _l("People"), Permission.PARCELS_SEE, rooms=("people",)),
    Place("parcels.problems", "flag", _l("Problems"), Permission.PARCELS_SEE, "F9", UNDER_PROBLEMS),
    Place("ledger.page", "coin", _l("Money"), Permission.CASH, rooms=UNDER_MONEY),
    Place("days.page", "calendar", _l("Day book"), Permission.DAY_SEE, rooms=("days",)),
    Place("accounts.stations", "building-store", _l("Network"), Permission.NETWORK),
)
# The tabs of a resident's phone, at most five.
PHONE = (
    Place("me.home", "home", _l("Home"), Permission.OWN_PARCELS),
    Place("me.parcels", "package", _l("Parcels"), Permission.OWN_PARCELS),
    Place(
        "me_group_buys.page",
        "shopping-bag",
        _l("Group buys"),
        Permission.OWN_PARCELS,
        rooms=("me_group_buys", "me_group_claims"),
    ),
    Place("me_choices.choices", "settings", _l("Choices"), Permission.OWN_PARCELS, rooms=("me_choices",)),
    Place("me.account", "user", _l("Me"), Permission.OWN_PARCELS, rooms=("me_pay", "test_payments")),
)
# The tabs of a courier's phone.
COURIER = (
    Place(
        "couriers.home", "home", _l("Home"), Permission.OWN_DROPS, rooms=("hand_backs", "courier_disputes")
    ),
    Place("drops_courier.page", "scan", _l("Drop"), Permission.OWN_DROPS),
    Place("couriers.problems", "flag", _l("Problems"), Permission.OWN_DROPS),
    Place("couriers.account", "user", _l("Me"), Permission.OWN_DROPS),
)
# The pages of the settings, in the order of their tabs; a room that adds one is named here.
SETTINGS = (
    Place("network.station", "building-store", _l("Station"), Permission.SETTINGS),
    Place("network.hours", "clock", _l("Opening hours"), Permission.SETTINGS),
    Place("network.days", "calendar", _l("Holidays and closures"), Permission.SETTINGS),
    Place("network.storage", "history", _l("Storage times"), Permission.SETTINGS),
    Place("network.numbering", "tag", _l("Pickup codes"), Permission.SETTINGS),
    Place("network.messages", "message-2", _l("Consent and messages"), Permission.SETTINGS),
    Place("money_settings.page", "coin", _l("Money"), Permission.SETTINGS),
    Place("parcel_fees.page", "coin", _l("Parcel fees"), Permission.SETTINGS, rooms=("parcel_fees",)),
    Place(
        "message_words.page", "pencil", _l("Messages’ words"), Permission.SETTINGS, rooms=("message_words",)
    ),
    Place(
        "notice_channels.channels",
        "send",
        _l("Messages out"),
        Permission.SETTINGS,
        rooms=("notice_channels",),
    ),
    Place(
        "payment_providers.page", "coin", _l("Payments"), Permission.SETTINGS, rooms=("payment_providers",)
    ),
    Place(
        "shelves.shelves", "stack-2", _l("Shelves and cards"), Permission.SHELVES_PRINT, rooms=("shelves",)
    ),
    Place("accounts.staff", "users", _l("Staff"), Permission.STAFF),
    Place(
        "courier_people.page",
        "truck-delivery",
        _l("Couriers"),
        Permission.STAFF,
        rooms=("courier_people",),
    ),
    Place(
        "carriers.page",
        "truck-delivery",
        _l("Carriers"),
        Permission.PARCELS_SEE,
        rooms=("carriers", "quality"),
    ),
    Place("accounts.devices", "scan", _l("Devices"), Permission.DEVICES),
    Place(
        "carrier_keys.page",
        "send",
        _l("Carriers’ systems"),
        Permission.DEVICES,
        rooms=("carrier_keys", "webhooks"),
    ),
    Place("kiosks.page", "face-id", _l("Kiosks"), Permission.DEVICES, rooms=("kiosks",)),
)


def rail(actor: Actor) -> tuple[Entry, ...]:
    """Return the places of the rail that `actor` may go to, in its order."""
    return _entries(PLACES, actor)


def phone_tabs() -> tuple[Entry, ...]:
    """Return the tabs of a resident's pages."""
    return _listed(PHONE)


def courier_tabs() -> tuple[Entry, ...]:
    """Return the tabs of a courier's pages."""
    return _listed(COURIER)


def settings_tabs(actor: Actor) -> tuple[Entry, ...]:
    """Return the pages of the settings that `actor` may open, in their order."""
    return _entries(SETTINGS, actor)


def _entries(places: tuple[Place, ...], actor: Actor) -> tuple[Entry, ...]:
    return _listed(tuple(place for place in places if actor.may(place.permission)))


def _listed(places: tuple[Place, ...]) -> tuple[Entry, ...]:
    endpoints = {place.endpoint for place in places}
    return tuple(
        Entry(
            url_for(place.endpoint),
            place.icon,
            gettext(place.label),
            place.key,
            _is_current(place, endpoints),
        )
        for place in places
    )


def _is_current(place: Place, endpoints: set[str]) -> bool:
    if request.endpoint in endpoints:
        return request.endpoint == place.endpoint
    return request.blueprint in place.rooms
