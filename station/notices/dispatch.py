"""Sending what the outbox owes: claim, put into words, hand to the channel, keep what became of it.

Opens its own transactions, so it is called by the scheduler and never inside one. Delivers at least once: a crash
between handing over and keeping it sends the message again, under the same id, when the claim has run out.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from station.core.db import reading, transaction
from station.core.failures import describe
from station.events import outbox
from station.events.outbox import Claimed
from station.notices import channels, service
from station.notices.channels import Channel, ChannelError, RefusedError
from station.notices.composing import Composed

# One station's turn, so that a busy one, or one whose gateway is slow or away, does not keep the others waiting. Ours.
BATCH = 200  # messages
TURN = timedelta(minutes=1)
FAILURES_IN_A_ROW = 3

log = logging.getLogger(__name__)


class _UnwrittenError(Exception):
    """A claimed message could not be put into words."""

    def __init__(self, claimed: Claimed) -> None:
        super().__init__(claimed.id)
        self.claimed = claimed


@dataclass(frozen=True, slots=True)
class Tally:
    """What one pass did; `to_call`: messages that no channel can deliver, left for staff to say by phone."""

    sent: int = 0
    failed: int = 0
    to_call: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.sent + other.sent, self.failed + other.failed, self.to_call + other.to_call)


def run_all(channels_of: Callable[[int], Sequence[Channel]], now: datetime) -> Tally:
    """Send what is due at every station through its own channels, best first.

    Where something breaks at one station, the others are served all the same; the first failure is raised at the end.
    """
    with reading():
        station_ids = outbox.stations_due(now)
    tally, began, broken = Tally(), time.monotonic(), []
    for station_id in station_ids:
        try:
            tally += _turn(station_id, channels_of, now + _since(began))
        except Exception as error:  # noqa: BLE001 - the loop over stations: one must not keep the others waiting
            log.error("messages of station %s could not be sent: %s", station_id, describe(error))
            broken.append(error)
    if broken:
        raise broken[0]
    return tally


def _turn(station_id: int, channels_of: Callable[[int], Sequence[Channel]], now: datetime) -> Tally:
    with reading():
        found = channels_of(station_id)
    return run_due(station_id, found, now)


def run_due(station_id: int, found: Sequence[Channel], now: datetime) -> Tally:
    """Send a station's due messages, one turn's worth; several processes share the work without sending twice."""
    tally, failures, began = Tally(), 0, time.monotonic()
    for _ in range(BATCH):
        if failures == FAILURES_IN_A_ROW or _since(began) > TURN:
            break
        due = now + _since(began)  # a claim is counted from when it is made
        try:
            composed = _next(station_id, due)
        except _UnwrittenError as error:
            done = _put_off(error, due)
        else:
            if composed is None:
                break
            done = _send(composed, found)
        failures = failures + 1 if done.failed else 0
        tally += done
    return tally


def _since(began: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - began)


def _next(station_id: int, now: datetime) -> Composed | None:
    """Claim the next message that may go out now; the others are dropped or put off on the way."""
    while True:
        with transaction():
            claimed = outbox.claim_next(station_id, now)
            if claimed is None:
                return None
            try:
                composed = service.prepare(claimed, now)
            except Exception as error:
                raise _UnwrittenError(claimed) from error
            if composed:
                return composed


def _put_off(unwritten: _UnwrittenError, now: datetime) -> Tally:
    """Count an attempt of a message that could not be put into words: its claim was rolled back with the failure.

    Else it would be the next one for ever, and all behind it would wait.
    """
    claimed = unwritten.claimed
    log.error("message %s could not be written: %s", claimed.id, describe(unwritten))
    with transaction():
        again = outbox.claim_next(claimed.station_id, now)
        if again and again.id == claimed.id:
            service.keep_unwritten(again)
        elif again:  # another process has it; this one is in order
            outbox.postpone(again, now)
    return Tally(failed=1)


def _send(composed: Composed, found: Sequence[Channel]) -> Tally:
    channel = channels.pick(found, composed.message, composed.preferred)
    if channel is None:
        with transaction():
            service.keep_to_call(composed)
        return Tally(to_call=1)
    failure = _attempt(channel, composed)
    with transaction():
        if failure is None:
            service.keep_sent(composed, channel=channel.name)
        elif isinstance(failure, RefusedError):
            service.keep_refused(composed, reason=failure.reason)
        else:
            service.keep_failed(composed, reason=failure.reason)
    return Tally(failed=1) if failure else Tally(sent=1)


def _attempt(channel: Channel, composed: Composed) -> ChannelError | None:
    """Hand a message over; return why it was not taken."""
    try:
        channel.send(composed.message)
    except ChannelError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the dispatcher's loop: a broken channel must not keep the others
        log.error("channel %s broke: %s", channel.name, describe(error))
        return ChannelError(service.BROKE)
    return None
