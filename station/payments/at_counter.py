"""Paying by phone at the counter: the code that is shown, looking whether the money came, and stopping.

As in asking.py a provider is asked between two transactions, never inside one.
"""

from station.core import clock
from station.core.actor import Actor
from station.core.db import reading, transaction
from station.core.settings import Settings
from station.payments import asking, queries, refunds, scans, service
from station.payments.asking import Paid
from station.payments.catalogue import Outcome
from station.payments.lifecycle import PaymentState, ScanState
from station.payments.provider import Provider, ProviderError, Seen, Status, Wish
from station.payments.queries import Asked


def code(actor: Actor, provider: Provider, wish: Wish) -> str:
    """Return the code to show for a payment: the one that is kept, else the provider's, which is kept then.

    Killed in between, the next one asks again and gets the same payment. Raises ProviderError, RefusedError.
    """
    payment_id = int(wish.number)
    with reading():
        kept = queries.code_of(actor.station_id, payment_id)
    if kept:
        return kept
    fresh = provider.code(wish)
    with transaction():
        return service.keep_code(actor, payment_id, fresh)


def look(actor: Actor, asked: Asked, settings: Settings, *, on_paid: Paid) -> Asked:
    """Ask the provider where a payment stands, if it is time to, and book what it says; return how it stands now.

    Once its time is over the provider is asked a last time; what is not paid then has expired. A scanned code that the
    provider does not know of, or that nobody agreed to, is cancelled there instead: no money may come for it any more.
    """
    if asked.state is not PaymentState.ASKED:
        return asked
    with transaction():
        is_time = service.may_look(actor, asked.id)
    outcome = asking.ask(actor, asked, settings, on_paid=on_paid) if is_time else None
    with reading():
        asked = queries.payment(actor.station_id, asked.id)
    if outcome is Outcome.NOTHING and _is_given_up(asked):
        return cancel(actor, asked, settings, on_paid=on_paid)
    with transaction():
        if outcome is Outcome.NOTHING:
            service.expire(actor, asked.id)  # before its time this changes nothing
        return queries.payment(actor.station_id, asked.id)


def cancel(actor: Actor, asked: Asked, settings: Settings, *, on_paid: Paid) -> Asked:
    """Let nobody pay a payment any more; return how it stands then: still asked for when its provider is silent.

    The provider is asked first whether it is paid: cancelling would give the money back. What comes in between is
    booked, and so is that it was given back.
    """
    outcome = asking.ask(actor, asked, settings, on_paid=on_paid)
    with reading():
        asked = queries.payment(actor.station_id, asked.id)
    if outcome is not Outcome.NOTHING or asked.state is not PaymentState.ASKED:
        return asked
    provider = asking.provider_of(asked, settings)
    try:
        ref = provider.cancel(str(asked.id)) if provider else ""
    except ProviderError as error:
        asking.log.warning("payment %s not cancelled: %s", asked.id, error)
        return asked
    with transaction():
        if ref:
            _given_back(actor, asked, ref)
        # Of a paid one this changes nothing.
        service.settle(actor, asked.id, Seen(str(asked.id), Status.CLOSED))
        return queries.payment(actor.station_id, asked.id)


def is_over(asked: Asked) -> bool:
    """Tell whether the time of a payment is over."""
    return asked.expires_at is not None and asked.expires_at <= clock.now()


def _is_given_up(asked: Asked) -> bool:
    """Tell whether a scanned code is waited for no longer: its time is over, or its provider never got to know it."""
    is_lost = asked.scan is ScanState.SENT and not scans.is_under_way(asked, clock.now())
    return asked.scan is not None and (is_lost or is_over(asked))


def _given_back(actor: Actor, asked: Asked, ref: str) -> None:
    """Book money that came and went at the provider: its file has both."""
    paid = Seen(str(asked.id), Status.PAID, ref, asked.amount_minor, asked.currency)
    service.settle(actor, asked.id, paid)
    rest = queries.payment(actor.station_id, asked.id).rest_minor
    if rest:
        key = queries.cancelled_key(str(asked.id))
        refunds.book_given(actor, asked.id, amount_minor=rest, key=key, ref=ref)
