"""Sending what the outbox owes: claim, put into words, hand to the channel, keep what became of it.

Opens its own transactions, so it is called by the scheduler and never inside one. Delivers at least once: a crash
between handing over and keeping it sends the message again, under the same id, when the claim has run out.
"""

from dataclasses import dataclass
from datetime import datetime

from station.core.db import reading, transaction
from station.events import outbox
from station.notices import service
from station.notices.channels import Channel, ChannelError
from station.notices.service import Composed

BATCH = 200  # messages of one station in a row, so that a busy one does not keep the others waiting


@dataclass(frozen=True, slots=True)
class Tally:
    """What one pass did."""

    sent: int = 0
    failed: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.sent + other.sent, self.failed + other.failed)


def run_all(channel: Channel, now: datetime) -> Tally:
    """Send what is due at every station."""
    with reading():
        station_ids = outbox.stations_due(now)
    return sum((run_due(station_id, channel, now) for station_id in station_ids), Tally())


def run_due(station_id: int, channel: Channel, now: datetime) -> Tally:
    """Send a station's due messages, at most BATCH; several processes share the work without sending twice."""
    tally = Tally()
    for _ in range(BATCH):
        composed = _next(station_id, now)
        if composed is None:
            break
        tally += _send(composed, channel)
    return tally


def _next(station_id: int, now: datetime) -> Composed | None:
    """Claim the next message that still has something to tell; those that have not are dropped on the way."""
    while True:
        with transaction():
            claimed = outbox.claim_next(station_id, now)
            if claimed is None:
                return None
            composed = service.compose(claimed)
            if composed:
                return composed
            outbox.drop(claimed)


def _send(composed: Composed, channel: Channel) -> Tally:
    try:
        channel.send(composed.message)
    except ChannelError as error:
        with transaction():
            service.keep_failed(composed, reason=error.reason)
        return Tally(failed=1)
    with transaction():
        service.keep_sent(composed, channel=channel.name)
    return Tally(sent=1)
