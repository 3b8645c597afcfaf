"""Comparing our books of a day with a provider's file, and what is done about each difference.

A line is looked for by our own number, whatever its day: a payment at midnight stands in one file, in none twice. What
our books say was paid on that day must be in the file.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, update

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.text import clean_line
from station.events.service import take_turn
from station.network import queries as network
from station.payments import book_queries, queries, service
from station.payments.book_models import Reconciliation, ReconciliationLine
from station.payments.book_queries import Difference
from station.payments.catalogue import Outcome, Way
from station.payments.lifecycle import LINES, LineAction, LineState, PaymentState, RefundState
from station.payments.provider import FileLine, Kind, Seen, Status
from station.payments.provider_alipay import HOME
from station.payments.queries import Asked, Given

NOTE_LIMIT = 200
MOST_DIFFERENCES = 500  # ours: more means the wrong file, and nobody settles them one by one


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


def compare(actor: Actor, way: Way, day: date, lines: Sequence[FileLine], content: bytes) -> int:
    """Compare a day's file with our books; return the comparison's id, the same for the same file again.

    Raises StationError `bad_input` for a day that is not over, or a file that is another's.
    """
    take_turn(actor.station_id)
    digest = hashlib.sha256(content).digest()
    known = book_queries.by_file(actor.station_id, way, day, digest)
    if known is not None:
        return known
    begin, end = day_of(actor.station_id, way, day)
    if end > clock.now():
        raise StationError("bad_input", _("This day is not over. Its file cannot be whole yet."))
    found = _missing_there(actor, way, lines, begin, end)
    theirs = [_against(actor, way, line) for line in lines]
    found += [one for one in theirs if one]
    if len(found) > MOST_DIFFERENCES:
        raise StationError("bad_input", _("Almost nothing of this file is in your books. It is another’s."))
    return _keep(actor, way, day, digest, (len(lines), theirs.count(None), found))


def zone_of(station_id: int, way: Way) -> ZoneInfo:
    """Return the zone a provider counts its days in: Alipay Beijing's, the test provider the station's."""
    return HOME if way is Way.ALIPAY else ZoneInfo(network.rules(station_id).zone)


def day_of(station_id: int, way: Way, day: date) -> tuple[datetime, datetime]:
    """Return when a day of a provider's begins and ends."""
    zone = zone_of(station_id, way)
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


def book(actor: Actor, line_id: int) -> Outcome:
    """Book a payment that the provider has and our books have not. Raises StationError `stale`, `bad_input`."""
    take_turn(actor.station_id)
    line = book_queries.difference(actor.station_id, line_id)
    if not line.can_be_booked or line.payment_id is None:
        raise StationError("bad_input", _("This cannot be booked: no payment of ours has this number."))
    seen = Seen(line.number, Status.PAID, line.provider_ref or "", line.theirs_minor or 0, line.currency)
    outcome = service.settle(actor, line.payment_id, seen)
    if outcome not in (Outcome.PAID, Outcome.NOTHING):
        raise StationError("bad_input", _("The payment does not fit what the file says. Explain it instead."))
    _end(actor, line, LineAction.BOOK, note=None)
    return outcome


def explain(actor: Actor, line_id: int, note: str) -> None:
    """Keep why a difference is none. Raises StationError `bad_input` without words, `stale` when it is settled."""
    take_turn(actor.station_id)
    said = clean_line(note, limit=NOTE_LIMIT)
    if not said:
        raise StationError("bad_input", _("Say why, in one line."))
    _end(actor, book_queries.difference(actor.station_id, line_id), LineAction.EXPLAIN, note=said)


def _end(actor: Actor, line: Difference, action: LineAction, *, note: str | None) -> None:
    state = LINES.get((line.state, action))
    row = (
        ReconciliationLine.station_id == actor.station_id,
        ReconciliationLine.id == line.id,
        ReconciliationLine.state == LineState.OPEN.value,
    )
    values = {"note": note, "ended_by": actor.key, "ended_at": clock.now()}
    change = update(ReconciliationLine).where(*row).values(state=state and state.value, **values)
    if state is None or not connection().execute(change).rowcount:
        raise StationError("stale", _("This difference is settled already. Load the page again."))


def _against(actor: Actor, way: Way, line: FileLine) -> Found | None:
    """Return how a line of the file differs from our books, None where it does not."""
    if line.kind is Kind.REFUND:
        return _refund_against(actor, way, line)
    asked = queries.by_number(actor.station_id, way, line.number)
    if asked is None or asked.state is not PaymentState.PAID:
        return _here(line, payment_id=asked.id if asked else None)
    if (asked.amount_minor, asked.currency) == (line.amount_minor, line.currency):
        return None
    return _other(line, asked.amount_minor, payment_id=asked.id)


def _refund_against(actor: Actor, way: Way, line: FileLine) -> Found | None:
    given = queries.refund_by_number(actor.station_id, way, line.number)
    if given is None or given.state is RefundState.FAILED:
        return _here(line, refund_id=given.id if given else None)
    if given.amount_minor == line.amount_minor:
        return None
    return _other(line, given.amount_minor, refund_id=given.id)


def _here(line: FileLine, *, payment_id: int | None = None, refund_id: int | None = None) -> Found:
    return _found("missing_here", line, None, payment_id=payment_id, refund_id=refund_id)


def _other(
    line: FileLine, ours: int, *, payment_id: int | None = None, refund_id: int | None = None
) -> Found:
    return _found("other_amount", line, ours, payment_id=payment_id, refund_id=refund_id)


def _found(
    kind: str, line: FileLine, ours: int | None, *, payment_id: int | None, refund_id: int | None
) -> Found:
    theirs = line.amount_minor
    return Found(kind, line.kind, line.number, line.ref, payment_id, refund_id, ours, theirs, line.currency)


def _missing_there(
    actor: Actor, way: Way, lines: Sequence[FileLine], begin: datetime, end: datetime
) -> list[Found]:
    told = {(line.kind, line.number) for line in lines}
    asked = queries.paid_between(actor.station_id, way, begin, end)
    given = queries.refunds_between(actor.station_id, way, begin, end)
    currencies = {one.id: one.currency for one in queries.payments_of(actor.station_id, given)}
    payments = [_payment_there(one) for one in asked if (Kind.PAYMENT, str(one.id)) not in told]
    return payments + [
        _refund_there(one, currencies[one.payment_id])
        for one in given
        if (Kind.REFUND, str(one.id)) not in told
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


def _keep(actor: Actor, way: Way, day: date, digest: bytes, counted: tuple[int, int, list[Found]]) -> int:
    rows, matched, found = counted
    distinct = list({(one.kind, one.what, one.number): one for one in found}.values())
    reconciliation_id = ids.next_id()
    connection().execute(
        insert(Reconciliation).values(
            station_id=actor.station_id,
            id=reconciliation_id,
            provider=way.value,
            day=day,
            sha256=digest,
            rows=rows,
            matched=matched,
            differing=len(distinct),
            made_by=actor.key,
            made_at=clock.now(),
        )
    )
    for one in distinct:
        connection().execute(
            insert(ReconciliationLine).values(
                station_id=actor.station_id,
                id=ids.next_id(),
                reconciliation_id=reconciliation_id,
                kind=one.kind,
                what=one.what.value,
                number=one.number,
                provider_ref=one.ref,
                payment_id=one.payment_id,
                refund_id=one.refund_id,
                ours_minor=one.ours_minor,
                theirs_minor=one.theirs_minor,
                currency=one.currency,
                state=LineState.OPEN.value,
            )
        )
    return reconciliation_id
