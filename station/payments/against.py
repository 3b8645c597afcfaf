"""How a provider's file stands beside our books: each line of it, and what of ours it does not have. Reads only.

A line is looked for by our own number, whatever its day: a payment at midnight stands in one file, in none twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from station.core.actor import Actor
from station.payments import queries
from station.payments.catalogue import Reason, Way
from station.payments.fees import Fee
from station.payments.lifecycle import PaymentState, RefundState
from station.payments.provider import FileLine, Kind
from station.payments.queries import Asked, Given


@dataclass(frozen=True, slots=True)
class Found:
    """A difference as it is found. `ours_minor` or `theirs_minor` is None where a side knows nothing of it."""

    kind: str
    what: Kind
    number: str
    ref: str | None
    payment_id: int | None
    refund_id: int | None
    ours_minor: int | None
    theirs_minor: int | None
    currency: str
    fee_minor: int = 0


@dataclass(frozen=True, slots=True)
class Against:
    """A line of the file beside our books: how they differ, if they do, and the fee, where the line is ours."""

    found: Found | None = None
    fee: Fee | None = None


def against(actor: Actor, way: Way, line: FileLine) -> Against:
    """Return what a line of the file is beside our books."""
    if line.kind is Kind.REFUND:
        return _refund_against(actor, way, line)
    asked = queries.by_number(actor.station_id, way, line.number)
    if asked is None or asked.state is not PaymentState.PAID:
        return Against(_found("missing_here", line, None, payment_id=asked.id if asked else None))
    fee = Fee(line.kind, asked.id, asked.id, line.fee_minor, asked.currency)
    if (asked.amount_minor, asked.currency) == (line.amount_minor, line.currency):
        return Against(fee=fee)
    return Against(_found("other_amount", line, asked.amount_minor, payment_id=asked.id), fee)


def _refund_against(actor: Actor, way: Way, line: FileLine) -> Against:
    given, asked = _given(actor, way, line), queries.by_number(actor.station_id, way, line.payment)
    if given is None or given.state is RefundState.FAILED:
        payment_id = given.payment_id if given else asked.id if asked else None
        refund_id = given.id if given else None
        return Against(_found("missing_here", line, None, payment_id=payment_id, refund_id=refund_id))
    fee = Fee(line.kind, given.id, given.payment_id, line.fee_minor, line.currency)
    if given.amount_minor == line.amount_minor:
        return Against(fee=fee)
    return Against(_found("other_amount", line, given.amount_minor, refund_id=given.id), fee)


def _given(actor: Actor, way: Way, line: FileLine) -> Given | None:
    """Return our refund that a line tells of: one that we asked for, or one that was booked from a file or a cancel."""
    found = queries.refund_by_number(actor.station_id, way, line.number)
    if found and found.state is not RefundState.FAILED:
        return found
    keys = (queries.made_there_key(way, line.number), queries.cancelled_key(line.payment))
    there = (queries.refund_by_key(actor.station_id, key) for key in keys)
    return next((one for one in there if one), found)


def _found(
    kind: str,
    line: FileLine,
    ours: int | None,
    *,
    payment_id: int | None = None,
    refund_id: int | None = None,
) -> Found:
    theirs, fee = line.amount_minor, line.fee_minor
    return Found(
        kind, line.kind, line.number, line.ref, payment_id, refund_id, ours, theirs, line.currency, fee
    )


def missing_there(
    actor: Actor, way: Way, lines: Sequence[FileLine], begin: datetime, end: datetime
) -> list[Found]:
    """Return what our books have from `begin` until before `end` and the file has not."""
    told = {(line.kind, line.number) for line in lines}
    asked = queries.paid_between(actor.station_id, way, begin, end)
    given = queries.refunds_between(actor.station_id, way, begin, end)
    currencies = {one.id: one.currency for one in queries.payments_of(actor.station_id, given)}
    payments = [_payment_there(one) for one in asked if (Kind.PAYMENT, str(one.id)) not in told]
    return payments + [
        _refund_there(one, currencies[one.payment_id])
        for one in given
        if (Kind.REFUND, str(one.id)) not in told and one.reason is not Reason.BY_PROVIDER
    ]


def _payment_there(asked: Asked) -> Found:
    ref, number = asked.provider_ref, str(asked.id)
    return Found(
        "missing_there", Kind.PAYMENT, number, ref, asked.id, None, asked.amount_minor, None, asked.currency
    )


def _refund_there(given: Given, currency: str) -> Found:
    ref, number = given.provider_ref, str(given.id)
    return Found(
        "missing_there", Kind.REFUND, number, ref, None, given.id, given.amount_minor, None, currency
    )
