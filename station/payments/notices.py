"""What providers tell by themselves: verified, kept once each, and acted on once, in whatever order they come.

What cannot be believed is kept by its hash with the reason, up to a bound, and changes nothing.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import insert, select

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.events.service import take_turn
from station.payments import queries, service
from station.payments.catalogue import ACCEPTED, Outcome
from station.payments.models import PaymentNotice
from station.payments.provider import Notice, NoticeError, Provider
from station.payments.queries import Asked

MOST_REFUSED = 200  # ours: of a station and a day; anybody may send them, and they must not fill the disk
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a notice, and the payment it was about."""

    outcome: Outcome
    asked: Asked | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether the provider need not tell it again."""
        return self.outcome in ACCEPTED


def take(actor: Actor, provider: Provider, fields: Mapping[str, str]) -> Taken:
    """Verify a callback and do what it says, once. `fields`: the form as it came."""
    digest = hashlib.sha256(json.dumps(dict(fields), sort_keys=True).encode()).digest()
    try:
        notice = provider.read_notice(fields)
    except NoticeError as error:
        return _refuse(actor, provider, digest, error.outcome)
    return _act(actor, provider, notice, digest)


def _act(actor: Actor, provider: Provider, notice: Notice, digest: bytes) -> Taken:
    take_turn(actor.station_id)
    earlier = _outcome(actor.station_id, provider, notice.id)
    if earlier:
        return Taken(Outcome.NOTHING if earlier in ACCEPTED else earlier)
    asked = queries.by_number(actor.station_id, provider.way, notice.seen.number)
    outcome = service.settle(actor, asked.id, notice.seen) if asked else Outcome.UNKNOWN_PAYMENT
    _keep(actor.station_id, provider, notice.id, digest=digest, taken=Taken(outcome, asked))
    return Taken(outcome, asked)


def _refuse(actor: Actor, provider: Provider, digest: bytes, outcome: Outcome) -> Taken:
    take_turn(actor.station_id)
    named = f"refused:{digest.hex()}"  # never a provider's own: those hold no colon
    is_full = queries.count_refused(actor.station_id, clock.now() - A_DAY) >= MOST_REFUSED
    if not is_full and _outcome(actor.station_id, provider, named) is None:
        _keep(actor.station_id, provider, named, digest=digest, taken=Taken(outcome))
    return Taken(outcome)


def _outcome(station_id: int, provider: Provider, notice_id: str) -> Outcome | None:
    mine = (PaymentNotice.station_id == station_id, PaymentNotice.provider == provider.way.value)
    found = connection().scalar(select(PaymentNotice.outcome).where(*mine, PaymentNotice.notice == notice_id))
    return None if found is None else Outcome(found)


def _keep(station_id: int, provider: Provider, notice_id: str, *, digest: bytes, taken: Taken) -> None:
    connection().execute(
        insert(PaymentNotice).values(
            station_id=station_id,
            id=ids.next_id(),
            provider=provider.way.value,
            notice=notice_id,
            sha256=digest,
            payment_id=taken.asked.id if taken.asked else None,
            outcome=taken.outcome.value,
            at=clock.now(),
        )
    )
