"""Payments: asking for one, taking money at the counter, and booking what was paid, once.

Money that came is never turned away: an expired payment that is paid after all is booked, and lies on the resident's
account. What providers say comes in by notices.py, what is given back goes out by refunds.py.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, or_, update

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.money import CURRENCIES, MOST_MINOR
from station.events.service import take_turn
from station.ledger import rules
from station.ledger import service as ledger
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.service import Journal, Move
from station.payments import queries
from station.payments.catalogue import AT_COUNTER, WAYS, Outcome, Way
from station.payments.lifecycle import PaymentAction, PaymentState, paid
from station.payments.models import Payment
from station.payments.provider import Seen, Status
from station.payments.queries import PURPOSE, Asked
from station.residents import people_queries
from station.residents import queries as residents

# As long as a group buy holds an order for its money (docs/group-buys.md).
ASKED_FOR = timedelta(minutes=30)
AT_COUNTER_FOR = timedelta(minutes=5)  # ours: somebody stands there with a phone in their hand
KEY_LIMIT = 128
MOST_OPEN = 10  # ours: payments that one resident may have begun; more is a mistake or mischief
LOOK_EVERY = timedelta(seconds=3)  # ours: quick enough at a counter, and no burden to the provider
EARLY = timedelta(minutes=5)  # ours: how far a provider's clock may run before ours


@dataclass(frozen=True, slots=True)
class Wanted:
    """Money to be asked of a resident. `purpose`: `balance`, or what it is for, such as `group_order:123`."""

    purpose: str
    recipient_id: int
    amount_minor: int
    currency: str
    provider: Way


def ask(actor: Actor, wanted: Wanted, key: str) -> Asked:
    """Ask a resident to pay through a provider; the same key asks once.

    Raises StationError `not_found` for nobody of the station, `bad_input` for an amount, currency or way that cannot
    be, `payment_key_used` when the key stands for another payment, `too_many_attempts`.
    """
    return _ask(actor, wanted, key, until=clock.now() + ASKED_FOR)


def ask_at_counter(actor: Actor, wanted: Wanted, key: str) -> Asked:
    """Ask somebody who stands at the counter to pay by phone; the same key asks once.

    Raises StationError as `ask` does, `payment_waiting` while another payment of theirs is waited for at a counter.
    """
    take_turn(actor.station_id)
    named = f"{queries.COUNTER}{key}"
    if not _known(actor, wanted, named):
        _refuse_second(actor, wanted)
    return _ask(actor, wanted, named, until=clock.now() + AT_COUNTER_FOR)


def _ask(actor: Actor, wanted: Wanted, key: str, *, until: datetime) -> Asked:
    if wanted.provider in AT_COUNTER:
        raise StationError("bad_input", _("Cash and cards are taken at the counter."))
    take_turn(actor.station_id)
    known = _known(actor, wanted, key)
    if known:
        return known
    if queries.count_waiting(actor.station_id, wanted.recipient_id) >= MOST_OPEN:
        raise StationError(
            "too_many_attempts", _("Pay what is open first, or wait until it has ended by itself.")
        )
    return _add(actor, wanted, key, expires_at=until)


def receive(actor: Actor, wanted: Wanted, key: str) -> Asked:
    """Take cash or a card at the counter: paid at once. Raises StationError as `ask_at_counter` does."""
    if wanted.provider not in AT_COUNTER:
        raise StationError("bad_input", _("Only cash and cards are taken at the counter."))
    take_turn(actor.station_id)
    known = _known(actor, wanted, key)
    if known:
        return known
    _refuse_second(actor, wanted)
    asked = _add(actor, wanted, key, expires_at=None)
    return _book(actor, asked, ref=None, at=clock.now())


def refuse_unseen(actor: Actor, recipient_id: int, *, paid_before: int) -> None:
    """Refuse to take money on a page that was opened before somebody else took some of the same person.

    `paid_before`: how many of their payments were paid when it was opened. Raises StationError `stale`.
    """
    take_turn(actor.station_id)
    names = residents.person_ids(actor.station_id, recipient_id)
    if queries.count_paid(actor.station_id, names) != paid_before:
        raise StationError(
            "stale",
            _("Money of this person came since this page was opened. Look below before you take more."),
        )


def settle(actor: Actor, payment_id: int, seen: Seen) -> Outcome:
    """Bring a payment to what its provider says of it; return what came of that. Acts once, in any order.

    Raises StationError `not_found`.
    """
    take_turn(actor.station_id)
    asked = queries.payment(actor.station_id, payment_id)
    if seen.status is Status.PAID:
        return _settle_paid(actor, asked, seen)
    if seen.status is Status.CLOSED and paid(asked.state, PaymentAction.FAIL):
        _step(asked, PaymentAction.FAIL)
        return Outcome.FAILED
    return Outcome.NOTHING


def keep_code(actor: Actor, payment_id: int, code: str) -> str:
    """Keep the code under which a payment is scanned; return the one that is kept, the first that came."""
    take_turn(actor.station_id)
    mine = (Payment.station_id == actor.station_id, Payment.id == payment_id)
    connection().execute(update(Payment).where(*mine, Payment.code.is_(None)).values(code=code))
    return queries.code_of(actor.station_id, payment_id) or code


def may_look(actor: Actor, payment_id: int) -> bool:
    """Tell whether it is time to ask the provider where a payment stands, which is then asked by whoever asks here."""
    now = clock.now()
    mine = (Payment.station_id == actor.station_id, Payment.id == payment_id)
    is_due = or_(Payment.looked_at.is_(None), Payment.looked_at <= now - LOOK_EVERY)
    change = update(Payment).where(*mine, Payment.state == PaymentState.ASKED.value, is_due)
    return bool(connection().execute(change.values(looked_at=now)).rowcount)


def expire(actor: Actor, payment_id: int) -> bool:
    """Stop waiting for a payment whose time is over; return whether it was waited for."""
    take_turn(actor.station_id)
    asked = queries.payment(actor.station_id, payment_id)
    if asked.expires_at is None or asked.expires_at > clock.now():
        return False
    if paid(asked.state, PaymentAction.EXPIRE) is None:
        return False
    _step(asked, PaymentAction.EXPIRE)
    return True


def resident_account(recipient_id: int) -> AccountRef:
    """Return a resident's account: what lies on it is theirs."""
    return AccountRef(AccountKind.RESIDENT, str(recipient_id))


def _known(actor: Actor, wanted: Wanted, key: str) -> Asked | None:
    found = queries.by_key(actor.station_id, key)
    if found is None:
        return None
    was = Wanted(found.purpose, found.recipient_id, found.amount_minor, found.currency, found.provider)
    if was != wanted:
        raise StationError(
            "payment_key_used", _("Another payment was asked under this key. Nothing was changed.")
        )
    return found


def _refuse_unclear(actor: Actor, wanted: Wanted, key: str) -> None:
    people_queries.person(actor.station_id, wanted.recipient_id)
    if not 0 < wanted.amount_minor <= MOST_MINOR:
        raise StationError("bad_input", _("Type an amount that is more than nothing."))
    if wanted.currency not in CURRENCIES or wanted.currency != rules.for_station(actor.station_id).currency:
        raise StationError("bad_input", _("The station does not take this currency."))
    currencies = WAYS[wanted.provider].currencies
    if currencies and wanted.currency not in currencies:
        raise StationError("bad_input", _("This way to pay does not take the station’s currency."))
    if not PURPOSE.fullmatch(wanted.purpose) or not 0 < len(key) <= KEY_LIMIT:
        raise StationError("bad_input", _("What the payment is for is not understood."))


def _refuse_second(actor: Actor, wanted: Wanted) -> None:
    """Refuse money of somebody who pays at another counter, or by another way, at this moment."""
    names = residents.person_ids(actor.station_id, wanted.recipient_id)
    if queries.waiting_at_counter(actor.station_id, names, clock.now()):
        raise StationError(
            "payment_waiting",
            _("A payment of this person is being waited for at a counter. Finish or cancel that one first."),
        )


def _add(actor: Actor, wanted: Wanted, key: str, *, expires_at: datetime | None) -> Asked:
    _refuse_unclear(actor, wanted, key)
    payment_id = ids.next_id()
    connection().execute(
        insert(Payment).values(
            station_id=actor.station_id,
            id=payment_id,
            key=key,
            purpose=wanted.purpose,
            recipient_id=wanted.recipient_id,
            provider=wanted.provider.value,
            amount_minor=wanted.amount_minor,
            currency=wanted.currency,
            state=PaymentState.ASKED.value,
            asked_by=actor.key,
            asked_at=clock.now(),
            expires_at=expires_at,
        )
    )
    return queries.payment(actor.station_id, payment_id)


def _settle_paid(actor: Actor, asked: Asked, seen: Seen) -> Outcome:
    if seen.currency != asked.currency:
        return Outcome.OTHER_CURRENCY
    if seen.amount_minor != asked.amount_minor:
        return Outcome.OTHER_AMOUNT
    if asked.state is PaymentState.PAID:
        return Outcome.NOTHING if asked.provider_ref == seen.ref else Outcome.OTHER_TRADE
    if queries.has_ref(actor.station_id, asked.provider, seen.ref):
        return Outcome.OTHER_TRADE
    _book(actor, asked, ref=seen.ref, at=_moment(asked, seen))
    return Outcome.PAID


def _moment(asked: Asked, seen: Seen) -> datetime:
    """Return when it was paid: as the provider says, so that its file of the day holds it, unless that cannot be."""
    now = clock.now()
    said = seen.paid_at or now
    return said if asked.asked_at - EARLY <= said <= now + EARLY else now


def _book(actor: Actor, asked: Asked, *, ref: str | None, at: datetime) -> Asked:
    """Book that a payment was paid: from where the money is now to the resident's account."""
    journal = Journal(
        key=f"payment:{asked.id}",
        kind=JournalKind.PAYMENT,
        currency=asked.currency,
        moves=(Move(WAYS[asked.provider].account, resident_account(asked.recipient_id), asked.amount_minor),),
        refers_to=f"payment:{asked.id}",
    )
    journal_id = ledger.post(actor, journal)
    _step(asked, PaymentAction.PAY, provider_ref=ref, paid_at=at, journal_id=journal_id)
    return replace(
        asked,
        state=PaymentState.PAID,
        provider_ref=ref,
        paid_at=at,
        journal_id=journal_id,
        version=asked.version + 1,
    )


def _step(asked: Asked, action: PaymentAction, **values: Any) -> None:
    state = paid(asked.state, action)
    if state is None:
        raise StationError("stale", _("This payment was settled at the same moment. Load the page again."))
    row = (Payment.station_id == asked.station_id, Payment.id == asked.id, Payment.version == asked.version)
    change = update(Payment).where(*row).values(state=state.value, version=asked.version + 1, **values)
    if not connection().execute(change).rowcount:
        raise StationError("stale", _("This payment was settled at the same moment. Load the page again."))
