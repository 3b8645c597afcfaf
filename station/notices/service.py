"""One message on its way out: put into words from what is true now, then kept as sent or put back.

Each function is one transaction's worth; who opens the transactions and when is dispatch.py's.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from station.core.actor import system_actor
from station.core.i18n import speaking
from station.core.phones import parse
from station.events import outbox
from station.events.outbox import Claimed, MessageState
from station.events.service import Event, append
from station.network import queries as network
from station.network.queries import StationRules
from station.notices import notes, queries, texts
from station.notices.channels import Message
from station.notices.queries import Tellable
from station.notices.texts import Facts, Topic
from station.residents import queries as residents


@dataclass(frozen=True, slots=True)
class Composed:
    """A claimed message in words, the parcels it really tells of, and the medium its recipient prefers."""

    claimed: Claimed
    message: Message
    parcel_ids: tuple[int, ...]
    preferred: str | None = None


def compose(claimed: Claimed) -> Composed | None:
    """Put a claimed message into words in the station's language; None when nothing is left to tell.

    A parcel that left since, or is somebody else's, is not told of; a correction tells of just those.
    """
    rules = network.rules(claimed.station_id)
    if claimed.topic in notes.WRITERS:
        return _note(claimed, rules)
    topic = Topic(claimed.topic)
    found = queries.tellable(rules, claimed.parcel_ids)
    told = [
        parcel for parcel in found if _waits_for(parcel, claimed.recipient_id) is not (topic is Topic.UNDONE)
    ]
    person = residents.personal(claimed.station_id, claimed.recipient_id)
    phone = parse(person.phone) if person else None
    if not told or phone is None:
        return None
    with speaking(rules.language):
        text = texts.write(topic, _facts(rules, told))
    return Composed(claimed, Message(claimed.id, phone, text), tuple(parcel.id for parcel in told))


def _note(claimed: Claimed, rules: StationRules) -> Composed | None:
    """Put a message that is about no parcel into words."""
    person = residents.personal(claimed.station_id, claimed.recipient_id)
    phone = parse(person.phone) if person else None
    if phone is None:
        return None
    with speaking(rules.language):
        text = notes.WRITERS[claimed.topic](claimed, phone)
    return Composed(claimed, Message(claimed.id, phone, texts.signed(rules.name, text)), ()) if text else None


def _waits_for(parcel: Tellable, recipient_id: int) -> bool:
    return parcel.is_stored and parcel.recipient_id == recipient_id


def _facts(rules: StationRules, told: list[Tellable]) -> Facts:
    first_back = min(parcel.goes_back_at for parcel in told)
    return Facts(
        station=rules.name,
        codes=tuple(parcel.pickup_code for parcel in told),
        goes_back=first_back.astimezone(ZoneInfo(rules.zone)).date(),
        asks_consent=any(parcel.lacks_consent for parcel in told),
    )


def keep_sent(composed: Composed, *, channel: str) -> None:
    """Keep that a message went out, in the outbox and in each parcel's story."""
    text = None if composed.claimed.topic in notes.SECRET else composed.message.text
    if outbox.mark_sent(composed.claimed, channel=channel, body=text):
        _log(composed, "message_sent", {"channel": channel})


def keep_failed(composed: Composed, *, reason: str) -> None:
    """Keep that an attempt failed; it is tried again, and given up for good after the last attempt."""
    if outbox.put_back(composed.claimed, failure=reason) is MessageState.DEAD:
        _log(composed, "message_failed", {"reason": reason})


def keep_refused(composed: Composed, *, reason: str) -> None:
    """Keep that a channel will never take this message; it is given up at once."""
    if outbox.give_up(composed.claimed, failure=reason):
        _log(composed, "message_failed", {"reason": reason})


def keep_to_call(composed: Composed) -> None:
    """Keep that no channel reaches this person: the message is given up and stands on the call list."""
    keep_refused(composed, reason=outbox.NO_CHANNEL)


def _log(composed: Composed, kind: str, facts: dict[str, str]) -> None:
    claimed = composed.claimed
    data = {"message": str(claimed.id), "topic": claimed.topic, **facts}
    append(
        system_actor(claimed.station_id),
        *(Event(kind, parcel_id, data) for parcel_id in composed.parcel_ids),
    )
