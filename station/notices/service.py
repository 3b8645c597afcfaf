"""What becomes of a message on its way out: made ready, kept as sent, put back, given up.

Each function is one transaction's worth; who opens the transactions and when is dispatch.py's.
"""

from collections.abc import Sequence
from datetime import datetime

from station.core.actor import system_actor
from station.events import outbox
from station.events.outbox import Charge, Claimed, MessageState
from station.events.service import Event, append
from station.notices import composing, queries, sms
from station.notices.channels import Medium
from station.notices.composing import Composed, Later

BROKE = "channel_broke"  # of events/vocabulary.py: the fault is ours, and the technical log says where


def prepare(claimed: Claimed, now: datetime) -> Composed | None:
    """Return a claimed message in words; None when it was settled instead: dropped, or put off in quiet hours."""
    composed = composing.compose(claimed, now)
    if composed is None:
        outbox.drop(claimed)
        return None
    if isinstance(composed, Later):
        outbox.postpone(claimed, composed.until)
        return None
    return composed


def keep_sent(composed: Composed, *, channel: str) -> None:
    """Keep that a message went out and what it cost, in the outbox and in each parcel's story."""
    charge = _charge(composed, channel)
    if outbox.mark_sent(composed.claimed, channel=channel, body=composed.kept, charge=charge):
        _log(composed.claimed, composed.parcel_ids, "message_sent", {"channel": channel})


def _charge(composed: Composed, channel: str) -> Charge:
    parts = 1 if channel == Medium.EMAIL else sms.size(composed.message.text).parts
    price = queries.price(composed.claimed.station_id, channel)
    return Charge(parts, price.minor, price.currency) if price else Charge(parts)


def keep_failed(composed: Composed, *, reason: str) -> None:
    """Keep that an attempt failed; it is tried again, and given up for good after the last attempt."""
    if outbox.put_back(composed.claimed, failure=reason) is MessageState.DEAD:
        _log(composed.claimed, composed.parcel_ids, "message_failed", {"reason": reason})


def keep_unwritten(claimed: Claimed) -> None:
    """Keep that a message could not be put into words; it counts as an attempt."""
    if outbox.put_back(claimed, failure=BROKE) is MessageState.DEAD:
        _log(claimed, claimed.parcel_ids, "message_failed", {"reason": BROKE})


def keep_refused(composed: Composed, *, reason: str) -> None:
    """Keep that a channel will never take this message; it is given up at once."""
    if outbox.give_up(composed.claimed, failure=reason):
        _log(composed.claimed, composed.parcel_ids, "message_failed", {"reason": reason})


def keep_to_call(composed: Composed) -> None:
    """Keep that no channel reaches this person: the message is given up and stands on the call list."""
    keep_refused(composed, reason=outbox.NO_CHANNEL)


def _log(claimed: Claimed, parcel_ids: Sequence[int], kind: str, facts: dict[str, str]) -> None:
    data = {"message": str(claimed.id), "topic": claimed.topic, **facts}
    append(
        system_actor(claimed.station_id),
        *(Event(kind, parcel_id, data) for parcel_id in parcel_ids),
    )
