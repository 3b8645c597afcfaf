"""A claimed message in words, made from what is true now: for whom, what is left to tell, whether it may go out.

Composing changes nothing but for the link it makes; service.py keeps what becomes of the message.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from station.core.i18n import gettext as _
from station.core.i18n import language, speaking
from station.core.phones import Phone, parse
from station.events.outbox import Claimed
from station.network import queries as network
from station.network.queries import StationRules
from station.notices import notes, queries, quiet, texts
from station.notices.channels import Message
from station.notices.queries import Tellable
from station.notices.texts import Facts, Topic
from station.residents import links, preferences
from station.residents import queries as residents
from station.residents.preferences import Preferences, Way

LINK_KEPT = "[…]"
RUN = 4  # digits: what a phone's tail has, so fewer tell nothing of a number


@dataclass(frozen=True, slots=True)
class Composed:
    """A claimed message in words, the parcels it really tells of, and the medium its recipient prefers.

    `kept`: its words as they are kept, without what opens something: its link, or all when it is a secret (None).
    """

    claimed: Claimed
    message: Message
    parcel_ids: tuple[int, ...]
    preferred: str | None = None
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """A message that waits until the quiet hours are over."""

    until: datetime


@dataclass(frozen=True, slots=True)
class _Person:
    """Whom a message goes to, and how they and their station want it."""

    rules: StationRules
    phone: Phone
    wishes: Preferences

    @property
    def language(self) -> str:
        return self.wishes.language or self.rules.language

    def waits_until(self, now: datetime) -> datetime | None:
        """Return the end of the quiet hours: the person's own, or else the station's."""
        hours = quiet.hours(self.rules.quiet_from, self.rules.quiet_until)
        if self.wishes.quiet_from and self.wishes.quiet_until:
            hours = quiet.Hours(self.wishes.quiet_from, self.wishes.quiet_until)
        return quiet.until(now, self.rules.zone, hours)


def compose(claimed: Claimed, now: datetime) -> Composed | Later | None:
    """Put a claimed message into its recipient's language; None when there is nothing to tell or none is wanted.

    A parcel that left since, or is somebody else's, is not told of; a correction tells of just those. A message waits
    in quiet hours, unless it is a code that somebody asked for, or the last one before a parcel goes back.
    """
    person = _person(claimed)
    if person is None:
        return None
    if notes.kind_of(claimed.topic) in notes.WRITERS:
        return _note(claimed, person, now)
    topic = Topic(claimed.topic)
    told = _told(claimed, topic, person)
    if not told or person.wishes.channel is Way.NONE:
        return None
    until = person.waits_until(now)
    if until and not (topic is Topic.ALERT and min(parcel.goes_back_at for parcel in told) <= until):
        return Later(until)
    return _about_parcels(claimed, topic, person, told)


def _person(claimed: Claimed) -> _Person | None:
    found = residents.personal(claimed.station_id, claimed.recipient_id)
    phone = parse(found.phone) if found else None
    if phone is None:
        return None
    rules = network.rules(claimed.station_id)
    return _Person(rules, phone, preferences.of(claimed.station_id, claimed.recipient_id))


def _note(claimed: Claimed, person: _Person, now: datetime) -> Composed | Later | None:
    """Put a message that is about no parcel into words."""
    kind = notes.kind_of(claimed.topic)
    if kind not in notes.AT_ONCE:
        if person.wishes.channel is Way.NONE:
            return None
        until = person.waits_until(now)
        if until:
            return Later(until)
    with speaking(person.language):
        text = notes.WRITERS[kind](claimed, person.phone)
        if text is None:
            return None
        message = _message(claimed, person, text, notes.variables(claimed, person.phone))
    if kind in notes.PHONE_ONLY:
        message = replace(message, email=None)
    kept = None if kind in notes.SECRET else message.text
    return Composed(claimed, message, (), person.wishes.channel, kept)


def _told(claimed: Claimed, topic: Topic, person: _Person) -> list[Tellable]:
    found = queries.tellable(person.rules, claimed.id)
    return [parcel for parcel in found if _waits_for(parcel, claimed) is not (topic is Topic.UNDONE)]


def _waits_for(parcel: Tellable, claimed: Claimed) -> bool:
    return parcel.is_stored and parcel.recipient_id == claimed.recipient_id


def _about_parcels(claimed: Claimed, topic: Topic, person: _Person, told: list[Tellable]) -> Composed:
    rules = person.rules
    facts = Facts(
        station=rules.name,
        codes=tuple(parcel.pickup_code for parcel in told),
        goes_back=min(parcel.goes_back_at for parcel in told).astimezone(ZoneInfo(rules.zone)).date(),
        asks_consent=any(parcel.lacks_consent for parcel in told),
    )
    with speaking(person.language):
        own = queries.own_words(claimed.station_id, topic, language())
        if texts.wants_link(topic, facts, own):
            facts = replace(facts, link=_link(claimed, person.phone))
        message = _message(claimed, person, texts.write(topic, facts, own), texts.variables(facts))
    kept = message.text.replace(facts.link, LINK_KEPT) if facts.link else message.text
    parcel_ids = tuple(parcel.id for parcel in told)
    return Composed(claimed, message, parcel_ids, person.wishes.channel, kept)


def _link(claimed: Claimed, phone: Phone) -> str | None:
    """Return the recipient's link; none when the installation's address happens to show a part of their number."""
    url = links.url(claimed.station_id, claimed.recipient_id, message_id=claimed.id)
    return None if url is None or tells_of(phone, url) else url


def _message(
    claimed: Claimed, person: _Person, text: str, variables: dict[str, str] | None = None
) -> Message:
    station = texts.named(person.rules.name)
    return Message(
        claimed.id,
        person.phone,
        texts.signed(person.rules.name, text),
        subject=_("Message from %(station)s", station=station),
        email=person.wishes.email,
        topic=notes.kind_of(claimed.topic),
        variables=variables or {},
        attempt=claimed.attempts,
    )


def tells_of(phone: Phone, text: str) -> bool:
    """Tell whether a text shows a part of a phone number that is as long as its tail."""
    runs = re.findall(rf"\d{{{RUN},}}", text)
    parts = {run[start : start + RUN] for run in runs for start in range(len(run) - RUN + 1)}
    return any(part in digits for part in parts for digits in (phone.number, phone.extension or ""))
