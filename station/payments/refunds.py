"""Giving money back to where it came from: never more than was paid, never twice, never what is not the resident's.

The journal is written when a refund is asked, so that the money cannot be spent meanwhile. A provider is asked outside
any transaction (asking.py); when it refuses for good, the journal is reversed.
"""

from dataclasses import dataclass

from sqlalchemy import insert, update

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import take_turn
from station.ledger import queries as books
from station.ledger import service as ledger
from station.ledger.chart import JournalKind
from station.ledger.service import Journal, Move
from station.payments import balances, queries
from station.payments.catalogue import AT_COUNTER, WAYS, Reason
from station.payments.lifecycle import REFUNDS, PaymentState, RefundAction, RefundState
from station.payments.models import Payment, Refund
from station.payments.queries import Asked, Given
from station.payments.service import resident_account


def give_back(actor: Actor, payment_id: int, *, amount_minor: int, key: str, reason: Reason) -> Given:
    """Give a part or all of a payment back, as far as it is free on the resident's account; the key acts once.

    Raises StationError `not_found`, `payment_key_used`, `not_paid`, `refund_too_large` for more than is left of the
    payment, `journal_reversed` for a payment that the books took back, `balance_too_small`.
    """
    take_turn(actor.station_id)
    known = _known(actor, payment_id, amount_minor, key)
    if known:
        return known
    asked = _refundable(actor, payment_id, amount_minor)
    if amount_minor > balances.free(actor.station_id, asked.recipient_id, asked.currency):
        raise StationError("balance_too_small", _("Not so much is free on the resident’s account."))
    return _add(actor, asked, _Back(amount_minor, key, reason))


def undo(actor: Actor, payment_id: int, *, key: str) -> Given:
    """Take a payment at the counter back that was typed by mistake: all that is left of it, spent or not.

    Raises StationError as `give_back` does, `bad_input` for money that came through a provider.
    """
    take_turn(actor.station_id)
    found = queries.refund_by_key(actor.station_id, key)
    if found and found.payment_id == payment_id:
        return found
    asked = queries.payment(actor.station_id, payment_id)
    if asked.provider not in AT_COUNTER:
        raise StationError("bad_input", _("This money came through a provider. Refund it instead."))
    _refundable(actor, payment_id, asked.rest_minor)
    return _add(actor, asked, _Back(asked.rest_minor, key, Reason.MISTAKE))


def give_back_balance(actor: Actor, recipient_id: int, currency: str, *, key: str) -> list[Given]:
    """Give a resident's free balance back to the providers it came from, newest payment first; the key acts once.

    Returns the refunds; what came as cash stays and is given back at the counter.
    """
    take_turn(actor.station_id)
    done = queries.refunds_under(actor.station_id, f"{key}:")
    if done:
        return done
    left = balances.free(actor.station_id, recipient_id, currency)
    given = []
    for asked in queries.refundable(actor.station_id, recipient_id, currency):
        amount = min(left, asked.rest_minor)
        is_reversed = books.reversal_of(actor.station_id, asked.journal_id or 0) is not None
        if asked.provider in AT_COUNTER or not amount or is_reversed:
            continue
        one = f"{key}:{asked.id}"
        given.append(_add(actor, asked, _Back(amount, one, Reason.NOT_NEEDED)))
        left -= amount
    return given


def book_given(actor: Actor, payment_id: int, *, amount_minor: int, key: str, ref: str) -> Given:
    """Book money that the provider gave back without our asking, spent or not; the key acts once.

    The resident owes the station what was spent. Raises StationError as `give_back` does, but `balance_too_small`.
    """
    take_turn(actor.station_id)
    known = _known(actor, payment_id, amount_minor, key)
    if known:
        return known
    asked = _refundable(actor, payment_id, amount_minor)
    return _add(actor, asked, _Back(amount_minor, key, Reason.BY_PROVIDER, ref))


def confirm(actor: Actor, refund_id: int, *, ref: str) -> Given:
    """Keep that the provider gave the money back; again changes nothing."""
    take_turn(actor.station_id)
    given = queries.refund(actor.station_id, refund_id)
    if _can(given, RefundAction.CONFIRM):
        _end(given, RefundAction.CONFIRM, ref=ref)
    return queries.refund(actor.station_id, refund_id)


def fail(actor: Actor, refund_id: int) -> Given:
    """Take a refund back that the provider refused: the money is the resident's again; again changes nothing."""
    take_turn(actor.station_id)
    given = queries.refund(actor.station_id, refund_id)
    if _can(given, RefundAction.FAIL):
        if books.reversal_of(actor.station_id, given.journal_id) is None:  # else somebody did it by hand
            reason = _("The provider refused the refund.")
            ledger.reverse(actor, given.journal_id, key=f"refund_failed:{given.id}", reason=reason)
        _count(queries.payment(actor.station_id, given.payment_id), -given.amount_minor)
        _end(given, RefundAction.FAIL, ref=None)
    return queries.refund(actor.station_id, refund_id)


def _can(given: Given, action: RefundAction) -> bool:
    return (given.state, action) in REFUNDS


def _known(actor: Actor, payment_id: int, amount_minor: int, key: str) -> Given | None:
    found = queries.refund_by_key(actor.station_id, key)
    if found and (found.payment_id, found.amount_minor) != (payment_id, amount_minor):
        raise StationError(
            "payment_key_used", _("Another refund was asked under this key. Nothing was changed.")
        )
    return found


def _refundable(actor: Actor, payment_id: int, amount_minor: int) -> Asked:
    asked = queries.payment(actor.station_id, payment_id)
    if asked.state is not PaymentState.PAID or asked.journal_id is None:
        raise StationError("not_paid", _("Nothing was paid, so nothing can be given back."))
    if books.reversal_of(actor.station_id, asked.journal_id) is not None:
        raise StationError("journal_reversed", _("The books took this payment back already."))
    if not 0 < amount_minor <= asked.rest_minor:
        raise StationError("refund_too_large", _("Not so much of this payment is left to give back."))
    return asked


@dataclass(frozen=True, slots=True)
class _Back:
    """A refund as it is to be written."""

    amount_minor: int
    key: str
    reason: Reason
    ref: str | None = None


def _add(actor: Actor, asked: Asked, back: _Back) -> Given:
    refund_id, now = ids.next_id(), clock.now()
    is_done = asked.provider in AT_COUNTER or back.reason is Reason.BY_PROVIDER
    _count(asked, back.amount_minor)
    journal_id = ledger.post(actor, _journal(asked, refund_id, back.amount_minor))
    connection().execute(
        insert(Refund).values(
            station_id=actor.station_id,
            id=refund_id,
            payment_id=asked.id,
            key=back.key,
            amount_minor=back.amount_minor,
            state=(RefundState.DONE if is_done else RefundState.ASKED).value,
            reason=back.reason.value,
            provider_ref=back.ref,
            asked_by=actor.key,
            asked_at=now,
            ended_at=now if is_done else None,
            journal_id=journal_id,
        )
    )
    return queries.refund(actor.station_id, refund_id)


def _journal(asked: Asked, refund_id: int, amount_minor: int) -> Journal:
    move = Move(resident_account(asked.recipient_id), WAYS[asked.provider].account, amount_minor)
    return Journal(
        f"refund:{refund_id}", JournalKind.REFUND, asked.currency, (move,), refers_to=f"payment:{asked.id}"
    )


def _count(asked: Asked, change_minor: int) -> None:
    """Count what is given back of a payment; the database refuses more than was paid."""
    row = (Payment.station_id == asked.station_id, Payment.id == asked.id, Payment.version == asked.version)
    values = {"refunded_minor": asked.refunded_minor + change_minor, "version": asked.version + 1}
    if not connection().execute(update(Payment).where(*row).values(**values)).rowcount:
        raise StationError("stale", _("This payment was changed at the same moment. Load the page again."))


def _end(given: Given, action: RefundAction, *, ref: str | None) -> None:
    row = (Refund.station_id == given.station_id, Refund.id == given.id, Refund.state == given.state.value)
    state = REFUNDS[given.state, action]
    change = update(Refund).where(*row).values(state=state.value, ended_at=clock.now(), provider_ref=ref)
    if not connection().execute(change).rowcount:
        raise StationError("stale", _("This refund was settled at the same moment. Load the page again."))
