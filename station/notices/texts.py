"""The words of messages to people, in the language spoken now.

Phones find pickup codes in messages by patterns such as `凭 12-3-3210 取件`, several codes parted by comma and space
(DOMAIN.md 2.2). A message carries no waybill, no name, nothing of the phone number, and no other run of four digits.
The station's own words (templates.py) stand in place of ours; what must be asked and the link are ours to add.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from babel.dates import format_skeleton

from station.core.i18n import gettext as _
from station.core.i18n import language, ngettext
from station.notices import templates
from station.notices.templates import Variable

CODES_SHOWN = (
    10  # ours: with more the message would grow past three SMS parts of 67 characters (3GPP TS 23.038)
)
# What a phone may take for a pickup code where it stands in a station's name: four digits, joined ones, a locker.
_LIKE_CODE = re.compile(r"\d{4}|\d[-–—./]|[-–—./]\d|号柜")
_CODE_PARTS = re.compile(r"[\d\-–—./]|号柜")


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
    """What a message tells: the pickup codes, the local day on which the first parcel goes back, what is asked.

    `link`: the recipient's own page about these parcels; None where the installation has no address.
    """

    station: str
    codes: tuple[str, ...]
    goes_back: date | None
    asks_consent: bool
    link: str | None = None


@dataclass(frozen=True, slots=True)
class _Words:
    """The facts as they are written. `number` chooses the form of the sentence, `count` is what it shows."""

    codes: str
    number: int
    count: str
    day: str


def write(topic: Topic, facts: Facts, own: str | None = None) -> str:
    """Return the text of one message without its signature, in the station's `own` words if it has some."""
    words = _words(facts)
    main = _filled(own, facts) if own else _ours(topic, words)
    return _joined([main, *_question(topic, facts, own)])


def wants_link(topic: Topic, facts: Facts, own: str | None) -> bool:
    """Tell whether the message would give the recipient's link if there is one."""
    if own and templates.place(Variable.LINK) in own:
        return True
    return topic in _WITH_LINK or (facts.asks_consent and topic in ASKING)


def variables(facts: Facts) -> dict[str, str]:
    """Return what stands in the places of variables."""
    words = _words(facts)
    return {
        Variable.STATION: named(facts.station),
        Variable.CODES: words.codes,
        Variable.DAY: words.day,
        Variable.COUNT: words.count,
        Variable.LINK: facts.link or "",
    }


def _words(facts: Facts) -> _Words:
    return _Words(_codes(facts), len(facts.codes), str(len(facts.codes)), _day(facts.goes_back))


def draft(topic: Topic) -> str:
    """Return our words as a station's own begin: with variables where the facts will stand."""
    places = {name: templates.place(name) for name in Variable}
    return _ours(topic, _Words(places[Variable.CODES], 1, places[Variable.COUNT], places[Variable.DAY]))


def signed(station: str, text: str) -> str:
    """Put the station's name before a message, as gateways and readers of messages expect it."""
    return _("[%(station)s] %(text)s", station=named(station), text=text)


def named(station: str) -> str:
    """Return a station's name as messages may carry it: without digits when a phone might read them as a code."""
    if not _LIKE_CODE.search(station):
        return station
    return " ".join(_CODE_PARTS.sub(" ", station).split()) or _("Pickup station")


def _filled(own: str, facts: Facts) -> str:
    """Fill the station's words; a link that there is none of leaves no gap."""
    return " ".join(templates.fill(own, variables(facts)).split())


def _ours(topic: Topic, words: _Words) -> str:
    return _joined([_MAIN[topic](words), *([_LAST[topic](words)] if topic in _LAST and words.day else [])])


def _joined(sentences: list[str]) -> str:
    return ("" if language() == "zh" else " ").join(sentences)


def _codes(facts: Facts) -> str:
    shown = ", ".join(facts.codes[:CODES_SHOWN])
    more = len(facts.codes) - CODES_SHOWN
    return (
        ngettext("%(codes)s and %(num)s more", "%(codes)s and %(num)s more", more, codes=shown)
        if more > 0
        else shown
    )


def _stored(words: _Words) -> str:
    return ngettext("Pickup code %(codes)s.", "Pickup codes %(codes)s.", words.number, codes=words.codes)


def _moved(words: _Words) -> str:
    return ngettext(
        "Your parcel was moved. New pickup code %(codes)s.",
        "Your parcels were moved. New pickup codes %(codes)s.",
        words.number,
        codes=words.codes,
    )


def _remind(words: _Words) -> str:
    return ngettext(
        "Your parcel is waiting. Pickup code %(codes)s.",
        "%(count)s parcels are waiting. Pickup codes %(codes)s.",
        words.number,
        codes=words.codes,
        count=words.count,
    )


def _overdue(words: _Words) -> str:
    return ngettext(
        "Your parcel is overdue. Pickup code %(codes)s.",
        "%(count)s parcels are overdue. Pickup codes %(codes)s.",
        words.number,
        codes=words.codes,
        count=words.count,
    )


def _alert(words: _Words) -> str:
    return ngettext(
        "Last reminder. Pickup code %(codes)s.",
        "Last reminder. Pickup codes %(codes)s.",
        words.number,
        codes=words.codes,
    )


def _undone(words: _Words) -> str:
    # Without the words “pickup code”: a phone would show what is taken back as a new code.
    return _("Please ignore our message about %(codes)s: it was sent by mistake. Sorry.", codes=words.codes)


def _collect_by(words: _Words) -> str:
    return _("Please collect by %(day)s.", day=words.day)


def _else_back(words: _Words) -> str:
    return _("It goes back to the sender on %(day)s.", day=words.day)


def _question(topic: Topic, facts: Facts, own: str | None) -> list[str]:
    """Ask for consent where it lacks, and give the link where an answer is of use and the words don't hold it."""
    has_link = bool(own and templates.place(Variable.LINK) in own)
    if facts.asks_consent and topic in ASKING:
        if facts.link and not has_link:
            return [_("Not agreed to collect here? Choose here: %(link)s", link=facts.link)]
        return [
            _("Not agreed to collect here? Tell us at the counter: keep it, deliver it, or send it back.")
        ]
    if facts.link and not has_link and topic in _WITH_LINK:
        return [_("Need more time? %(link)s", link=facts.link)]
    return []


def _day(day: date | None) -> str:
    """Return month and day; a year would be a run of four digits, and `11-28` would read as a pickup code."""
    return format_skeleton("MMMd", day, locale=language()) if day else ""


_MAIN: dict[Topic, Callable[[_Words], str]] = {
    Topic.STORED: _stored,
    Topic.MOVED: _moved,
    Topic.REMIND: _remind,
    Topic.OVERDUE: _overdue,
    Topic.ALERT: _alert,
    Topic.UNDONE: _undone,
}
_LAST: dict[Topic, Callable[[_Words], str]] = {
    Topic.STORED: _collect_by,
    Topic.REMIND: _collect_by,
    Topic.OVERDUE: _else_back,
    Topic.ALERT: _else_back,
}
ASKING = frozenset({Topic.STORED, Topic.REMIND})
"""Messages that ask for the consent a parcel lacks."""
_WITH_LINK = frozenset({Topic.REMIND, Topic.OVERDUE, Topic.ALERT})
