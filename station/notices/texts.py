"""The words of messages to people, in the language spoken now.

Phones find pickup codes in messages by patterns such as `凭 12-3-3210 取件`, several codes parted by comma and space
(DOMAIN.md 2.2). A message carries no waybill, no name, nothing of the phone number, and no other run of four digits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from babel.dates import format_skeleton

from station.core.i18n import gettext as _
from station.core.i18n import language, ngettext

CODES_SHOWN = (
    10  # ours: with more the message would grow past three SMS parts of 67 characters (3GPP TS 23.038)
)


class Topic(StrEnum):
    """What a message is about."""

    STORED = "stored"
    MOVED = "moved"
    REMIND = "remind"
    OVERDUE = "overdue"
    ALERT = "alert"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message tells: the pickup codes, the local day on which the first parcel goes back, what is asked."""

    station: str
    codes: tuple[str, ...]
    goes_back: date | None
    asks_consent: bool


def write(topic: Topic, facts: Facts) -> str:
    """Return the text of one message."""
    sentences = [_MAIN[topic](facts), *_DETAILS.get(topic, _nothing)(facts)]
    gap = "" if language() == "zh" else " "
    return signed(facts.station, gap.join(sentences))


def signed(station: str, text: str) -> str:
    """Put the station's name before a message, as gateways and readers of messages expect it."""
    return _("[%(station)s] %(text)s", station=station, text=text)


def _codes(facts: Facts) -> str:
    shown = ", ".join(facts.codes[:CODES_SHOWN])
    more = len(facts.codes) - CODES_SHOWN
    return (
        ngettext("%(codes)s and %(num)s more", "%(codes)s and %(num)s more", more, codes=shown)
        if more > 0
        else shown
    )


def _stored(facts: Facts) -> str:
    return ngettext(
        "Pickup code %(codes)s.", "Pickup codes %(codes)s.", len(facts.codes), codes=_codes(facts)
    )


def _moved(facts: Facts) -> str:
    return ngettext(
        "Your parcel was moved. New pickup code %(codes)s.",
        "Your parcels were moved. New pickup codes %(codes)s.",
        len(facts.codes),
        codes=_codes(facts),
    )


def _remind(facts: Facts) -> str:
    return ngettext(
        "Your parcel is waiting. Pickup code %(codes)s.",
        "%(num)s parcels are waiting. Pickup codes %(codes)s.",
        len(facts.codes),
        codes=_codes(facts),
    )


def _overdue(facts: Facts) -> str:
    return ngettext(
        "Your parcel is overdue. Pickup code %(codes)s.",
        "%(num)s parcels are overdue. Pickup codes %(codes)s.",
        len(facts.codes),
        codes=_codes(facts),
    )


def _alert(facts: Facts) -> str:
    return ngettext(
        "Last reminder. Pickup code %(codes)s.",
        "Last reminder. Pickup codes %(codes)s.",
        len(facts.codes),
        codes=_codes(facts),
    )


def _undone(facts: Facts) -> str:
    return ngettext(
        "Please ignore our message about code %(codes)s: it was sent by mistake. Sorry.",
        "Please ignore our message about codes %(codes)s: it was sent by mistake. Sorry.",
        len(facts.codes),
        codes=_codes(facts),
    )


def _nothing(facts: Facts) -> list[str]:
    return []


def _collect_by(facts: Facts) -> list[str]:
    deadline = [_("Please collect by %(day)s.", day=_day(facts.goes_back))] if facts.goes_back else []
    return deadline + _question(facts)


def _else_back(facts: Facts) -> list[str]:
    return [_("It goes back to the sender on %(day)s.", day=_day(facts.goes_back))] if facts.goes_back else []


def _question(facts: Facts) -> list[str]:
    if not facts.asks_consent:
        return []
    return [_("Not agreed to collect here? Tell us at the counter: keep it, deliver it, or send it back.")]


def _day(day: date) -> str:
    """Return month and day; a year would be a run of four digits, and `11-28` would read as a pickup code."""
    return format_skeleton("MMMd", day, locale=language())


_MAIN: dict[Topic, Callable[[Facts], str]] = {
    Topic.STORED: _stored,
    Topic.MOVED: _moved,
    Topic.REMIND: _remind,
    Topic.OVERDUE: _overdue,
    Topic.ALERT: _alert,
    Topic.UNDONE: _undone,
}
_DETAILS: dict[Topic, Callable[[Facts], list[str]]] = {
    Topic.STORED: _collect_by,
    Topic.MOVED: _nothing,
    Topic.REMIND: _collect_by,
    Topic.OVERDUE: _else_back,
    Topic.ALERT: _else_back,
    Topic.UNDONE: _nothing,
}
