"""Charging whoever shows a payment code: the code goes to the provider, once, and what it answers is booked.

As in asking.py a provider is asked between two transactions, never inside one. What it did not answer is found out by
looking (at_counter.py): under the payment's own number it takes money once, however often it is asked.
"""

from station.core.actor import Actor
from station.core.db import transaction
from station.payments import asking, queries, scans, service
from station.payments.asking import Paid
from station.payments.catalogue import Outcome
from station.payments.provider import Provider, ProviderError, RefusedError, Seen, Status, Wish


def charge(actor: Actor, provider: Provider, wish: Wish, *, code: str, on_paid: Paid) -> None:
    """Send a payer's code to the provider, unless another is on its way, and keep what came of it.

    `on_paid` runs in the transaction in which the payment is booked.
    """
    payment_id = int(wish.number)
    with transaction():
        is_mine = scans.send(actor, payment_id)
    if not is_mine:
        return  # it is paid, or over, or another scan of it is being answered
    try:
        seen = provider.charge(wish, code)
    except RefusedError as error:
        with transaction():
            scans.refuse(actor, payment_id, error.code)
    except ProviderError as error:
        asking.log.warning("payment %s charged, not known: %s", payment_id, error)
    else:
        _keep(actor, payment_id, seen, on_paid)


def _keep(actor: Actor, payment_id: int, seen: Seen, on_paid: Paid) -> None:
    if seen.status is not Status.PAID:
        with transaction():
            scans.wait(actor, payment_id)
        return
    with transaction():
        asked = queries.payment(actor.station_id, payment_id)
        if service.settle(actor, payment_id, seen) is Outcome.PAID:
            on_paid(actor, asked)
