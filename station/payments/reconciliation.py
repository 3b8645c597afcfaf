"""Comparing our books of a day with a provider's file, and what is done about each difference.

What our books say was paid on that day must be in the file. The fees of what is in both are booked at once, of the rest
when it is booked.
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
from station.payments import book_queries, fees, queries, refunds, service
from station.payments.against import Found, against, missing_there
from station.payments.book_models import Reconciliation, ReconciliationLine
from station.payments.book_queries import Difference
from station.payments.catalogue import Outcome, Way
from station.payments.fees import Fee
from station.payments.lifecycle import LINES, LineAction, LineState
from station.payments.provider import FileLine, Kind, Seen, Status
from station.payments.provider_alipay import HOME
from station.payments.queries import Asked

NOTE_LIMIT = 200
MOST_DIFFERENCES = 500  # ours: more means the wrong file, and nobody settles them one by one


@dataclass(frozen=True, slots=True)
class Compared:
    """A file that was compared: `matched` counts its lines that agree with our books."""

    way: Way
    day: date
    digest: bytes
    lines: Sequence[FileLine]
    matched: int

    def sum(self, kind: Kind) -> int:
        """Return what the file's payments or refunds come to."""
        return sum(line.amount_minor for line in self.lines if line.kind is kind)

    @property
    def fees_minor(self) -> int:
        """What the provider kept."""
        return sum(line.fee_minor for line in self.lines)


def compare(actor: Actor, way: Way, day: date, lines: Sequence[FileLine], content: bytes) -> int:
    """Compare a day's file with our books, and book its fees; return the comparison's id, the same for the same file.

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
    sides = [against(actor, way, line) for line in lines]
    found = missing_there(actor, way, lines, begin, end)
    found += [side.found for side in sides if side.found]
    if len(found) > MOST_DIFFERENCES:
        raise StationError("bad_input", _("Almost nothing of this file is in your books. It is another’s."))
    fees.book(actor, way, [side.fee for side in sides if side.fee])
    matched = sum(side.found is None for side in sides)
    return _keep(actor, Compared(way, day, digest, lines, matched), found)


def zone_of(station_id: int, way: Way) -> ZoneInfo:
    """Return the zone a provider counts its days in: Alipay Beijing's, the test provider the station's."""
    return HOME if way is Way.ALIPAY else ZoneInfo(network.rules(station_id).zone)


def day_of(station_id: int, way: Way, day: date) -> tuple[datetime, datetime]:
    """Return when a day of a provider's begins and ends."""
    zone = zone_of(station_id, way)
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


def book(actor: Actor, line_id: int) -> Outcome:
    """Book what the provider has and our books have not, with its fee: a payment, or a refund that was made there.

    Raises StationError `stale`, `bad_input`, and for a refund what `refunds.book_given` does.
    """
    take_turn(actor.station_id)
    line = book_queries.difference(actor.station_id, line_id)
    if not line.can_be_booked or line.payment_id is None:
        raise StationError("bad_input", _("This cannot be booked: no payment of ours has this number."))
    _end(actor, line, LineAction.BOOK, note=None)
    asked = queries.payment(actor.station_id, line.payment_id)
    if line.what is Kind.REFUND:
        entry, outcome = _book_refund(actor, asked, line), Outcome.NOTHING
    else:
        entry, outcome = asked.id, _book_payment(actor, asked, line)
    fees.book(actor, asked.provider, [Fee(line.what, entry, asked.id, line.fee_minor, line.currency)])
    return outcome


def _book_payment(actor: Actor, asked: Asked, line: Difference) -> Outcome:
    seen = Seen(line.number, Status.PAID, line.provider_ref or "", line.theirs_minor or 0, line.currency)
    outcome = service.settle(actor, asked.id, seen)
    if outcome not in (Outcome.PAID, Outcome.NOTHING):
        raise StationError("bad_input", _("The payment does not fit what the file says. Explain it instead."))
    return outcome


def _book_refund(actor: Actor, asked: Asked, line: Difference) -> int:
    if line.currency != asked.currency:
        raise StationError("bad_input", _("The payment does not fit what the file says. Explain it instead."))
    key, amount = queries.made_there_key(asked.provider, line.number), line.theirs_minor or 0
    return refunds.book_given(actor, asked.id, amount_minor=amount, key=key, ref=line.provider_ref or "").id


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


def _keep(actor: Actor, compared: Compared, found: Sequence[Found]) -> int:
    distinct = list({(one.kind, one.what, one.number): one for one in found}.values())
    reconciliation_id = ids.next_id()
    connection().execute(
        insert(Reconciliation).values(
            station_id=actor.station_id,
            id=reconciliation_id,
            provider=compared.way.value,
            day=compared.day,
            sha256=compared.digest,
            rows=len(compared.lines),
            matched=compared.matched,
            differing=len(distinct),
            made_by=actor.key,
            made_at=clock.now(),
            paid_minor=compared.sum(Kind.PAYMENT),
            back_minor=compared.sum(Kind.REFUND),
            fees_minor=compared.fees_minor,
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
                fee_minor=one.fee_minor,
            )
        )
    return reconciliation_id
