"""What is said to providers by ourselves: where does a payment stand, give this money back. Late or twice is the same.

Each question stands between two transactions, never inside one: a provider may take seconds.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from station.core import clock
from station.core.actor import Actor, system_actor
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.settings import Settings
from station.payments import queries, refunds, scans, service
from station.payments import settings as providers
from station.payments.catalogue import Outcome
from station.payments.lifecycle import ScanState
from station.payments.provider import Back, Provider, ProviderError, RefusedError, Seen, Status
from station.payments.queries import Asked, Given

log = logging.getLogger(__name__)
# Ours: a provider's own notice takes seconds; whoever lost it is asked a minute later.
PATIENCE = timedelta(minutes=1)
# Ours: a provider that is silent for so long, with wrong keys for instance, must not keep newer payments waiting.
GIVEN_UP = timedelta(days=1)
Paid = Callable[[Actor, Asked], None]


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of a round."""

    paid: int = 0
    expired: int = 0
    refunded: int = 0


def run(station_id: int, settings: Settings, *, on_paid: Paid) -> Tally:
    """Settle what waits at a station: ask for payments, let old ones expire, give back what was not given yet.

    `on_paid` runs in the transaction in which a payment is booked.
    """
    actor, before = system_actor(station_id), clock.now() - PATIENCE
    with reading():
        asked, given = queries.waiting(station_id, before), queries.refunds_waiting(station_id, before)
    outcomes = [ask(actor, one, settings, on_paid=on_paid) for one in asked]
    over = [one for one, outcome in zip(asked, outcomes, strict=True) if outcome or _is_old(one)]
    expired = [_expire(actor, one) for one in over]
    refunded = [give_back(actor, one, settings) for one in given]
    return Tally(outcomes.count(Outcome.PAID), sum(expired), sum(refunded))


def ask(actor: Actor, asked: Asked, settings: Settings, *, on_paid: Paid) -> Outcome | None:
    """Ask a provider for a payment's state and book it; return what came of it, None when it did not answer."""
    provider = provider_of(asked, settings)
    if provider is None:
        return Outcome.NOTHING  # it can be paid no more
    seen = _look(provider, asked)
    if seen is None:
        return None
    if seen.status not in (Status.PAID, Status.CLOSED):
        if seen.status is Status.WAITING and asked.scan is ScanState.SENT:
            with transaction():
                scans.wait(actor, asked.id)
        return Outcome.NOTHING
    with transaction():
        outcome = service.settle(actor, asked.id, seen)
        if outcome is Outcome.PAID:
            on_paid(actor, asked)
    return outcome


def give_back(actor: Actor, given: Given, settings: Settings) -> bool:
    """Ask the provider to give a refund's money back, and keep what it says; return whether it was given back."""
    with reading():
        asked = queries.payment(actor.station_id, given.payment_id)
    provider = provider_of(asked, settings)
    if provider is None:
        return False
    back = Back(str(given.id), str(asked.id), given.amount_minor, asked.currency)
    try:
        ref = provider.refund(back)
    except ProviderError as error:
        log.warning("refund %s not settled: %s", given.id, error)
        return False
    except RefusedError as error:
        log.warning("refund %s refused: %s", given.id, error.code)
        with transaction():
            refunds.fail(actor, given.id)
        return False
    with transaction():
        refunds.confirm(actor, given.id, ref=ref)
    return True


def _is_old(asked: Asked) -> bool:
    return asked.asked_at < clock.now() - GIVEN_UP


def _expire(actor: Actor, asked: Asked) -> bool:
    with transaction():
        return service.expire(actor, asked.id)


def _look(provider: Provider, asked: Asked) -> Seen | None:
    try:
        return provider.look(str(asked.id))
    except ProviderError as error:
        log.warning("payment %s not known: %s", asked.id, error)
        return None


def provider_of(asked: Asked, settings: Settings) -> Provider | None:
    """Return the provider of a payment, None when the installation knows it no more."""
    with reading():
        try:
            return providers.provider(asked.station_id, asked.provider, settings)
        except StationError:
            return None
