"""What a resident reads about a parcel: where it is, until when it waits, what became of it; in their language."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from station.carriers.catalogue import CARRIERS
from station.core import clock
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.core.i18n import lazy as _l
from station.core.moments import moment
from station.me.queries import AtStation, Past, Waiting
from station.me.tracking_queries import Tracked
from station.parcels import clock_words
from station.parcels.clock_rules import StorageLevel
from station.parcels.lifecycle import ParcelState
from station.parcels.station_clock import calendar
from station.shelves.storage import PLACES, Storage

BECAME = {
    ParcelState.RETURNING: _l("It is going back to the carrier. Ask at the station if you still want it."),
    ParcelState.RETURNED: _l("It went back to the carrier on %(when)s."),
    ParcelState.LOST: _l("The station is looking for it. Ask there what happens next."),
    ParcelState.WRITTEN_OFF: _l("The station could not find it. Ask there about your compensation."),
}
RECIPIENT = "recipient"
_COLLECTED = {
    RECIPIENT: _l("You collected it on %(when)s."),
    "proxy": _l("Somebody collected it for you on %(when)s."),
}
URGENT = {StorageLevel.ALERT, StorageLevel.RETURN}


def carrier(code: str | None) -> str:
    """Return a carrier's name."""
    return CARRIERS[code].short_name(language()) if code in CARRIERS else _("not known")


def place(parcel: Waiting) -> str:
    """Return where a parcel lies."""
    row = _("Shelf %(shelf)s, layer %(layer)s", shelf=parcel.shelf_code, layer=parcel.layer_number)
    if parcel.storage == Storage.ROOM:
        return row
    return _("%(cold)s: %(row)s", cold=_(PLACES[Storage(parcel.storage)]), row=row)


def deadline(parcel: Waiting, zone: str) -> str:
    """Return until when a parcel waits, and why."""
    when = moment(parcel.goes_back.at, zone)
    return _("Collect it by %(when)s: %(why)s.", when=when, why=clock_words.why(parcel.goes_back, zone))


def badge(parcel: Waiting, zone: str) -> tuple[str, str, str]:
    """Return kind, icon and words of a parcel's pill (macro `pill`)."""
    days = (_day(parcel.goes_back.at, zone) - _day(clock.now(), zone)).days
    if parcel.level is StorageLevel.RETURN:
        return "bad", "alert-circle", _("Time is up")
    if days <= 1:
        return "bad", "alert-circle", _("Last day tomorrow") if days == 1 else _("Last day today")
    if parcel.level in URGENT:
        return "bad", "alert-circle", _("Collect it soon")
    if parcel.level is StorageLevel.OVERDUE:
        return "warn", "clock", _("Overdue")
    return (
        ("ok", "circle-check", _("New")) if parcel.level is StorageLevel.NONE else ("", "box", _("Waiting"))
    )


def became(past: Past) -> str:
    """Return what became of a parcel that waits no more."""
    when = moment(past.at, past.zone)
    sentence = (
        _COLLECTED[past.taken_by or RECIPIENT]
        if past.state is ParcelState.HANDED_OVER
        else BECAME[past.state]
    )
    return _(sentence, when=when)


_TRACKED = {
    ParcelState.EXPECTED: _l("It is on its way to the station."),
    ParcelState.STORED: _l("It has been waiting at the station since %(when)s."),
    ParcelState.HANDED_OVER: _l("It was collected on %(when)s."),
} | BECAME


def tracked(found: Tracked) -> str:
    """Return where a parcel is, for a stranger."""
    return _(_TRACKED[found.state], when=moment(found.at, found.zone))


def opening(here: AtStation) -> str:
    """Return when a station is open today."""
    zone = here.rules.zone
    spans = calendar(here.rules).hours_on(_day(clock.now(), zone))
    if not spans:
        return _("Closed today")
    hours = ", ".join(f"{span.opens:%H:%M}–{span.closes:%H:%M}" for span in spans)
    return _("Open today %(hours)s", hours=hours)


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
