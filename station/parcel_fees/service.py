"""What carriers pay for parcels (派费): fees are set, earned fees come into the books, fines are deducted.

A day's fees are counted from the parcels themselves, as often as anybody asks; what differs from what is in the books
is posted. So it is safe late, twice or never for a week, and a hand-over that is undone later is taken back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import insert

from station.carriers.catalogue import COMPANIES
from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.money import MOST_MINOR
from station.core.statements import Statement
from station.events.service import Event, append, take_turn
from station.ledger import queries as ledger
from station.ledger import rules
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.journal import Journal, Move
from station.ledger.service import post, post_all, reason_of
from station.parcel_fees import queries
from station.parcel_fees.models import ParcelFee, ParcelFeeCount
from station.parcel_fees.terms import Earned, Fee, terms

PARCEL_FEES, FINES = AccountRef(AccountKind.PARCEL_FEES), AccountRef(AccountKind.FINES)
# Ours: a month is settled within the next, and a fee that is agreed late is agreed within a month.
LOOK_BACK = timedelta(days=62)
# Ours: a year by its days; one statement holds a part for each, and SQLite takes 500.
LONGEST = timedelta(days=366)
LATEST_SET = timedelta(days=31)
EARLIEST_SET = timedelta(days=366)  # ours: a fee is agreed at most a year ahead

_ADD_COUNT = Statement(insert(ParcelFeeCount))


@dataclass(frozen=True, slots=True)
class Wish:
    """What a carrier pays from which day of check-in on, and when a parcel earns it."""

    carrier: str
    first_day: date
    fee_minor: int
    earned_by: Earned


def account(carrier: str) -> AccountRef:
    """Return a carrier's account. Raises StationError `bad_input` for a carrier that is not known."""
    if carrier not in COMPANIES:
        raise StationError("bad_input", _("Choose a carrier of the list."))
    return AccountRef(AccountKind.CARRIER, carrier)


def set_fee(actor: Actor, wish: Wish) -> bool:
    """Set what a carrier pays; return whether anything is different now, which is logged.

    Raises StationError `bad_input` for an unknown carrier, a fee that is too large or a day too far away.
    """
    account(wish.carrier)
    take_turn(actor.station_id)
    today = ledger.local_today(actor.station_id)
    if not 0 <= wish.fee_minor <= MOST_MINOR:
        raise StationError("bad_input", _("This amount is too large."))
    if not today - LATEST_SET <= wish.first_day <= today + EARLIEST_SET:
        raise StationError("bad_input", _("Choose a day from a month ago to a year ahead."))
    currency = rules.for_station(actor.station_id).currency
    if _stands(actor.station_id, wish, currency):
        return False
    fee = Fee(ids.next_id(), wish.carrier, wish.first_day, wish.fee_minor, currency, wish.earned_by)
    values = {name: getattr(fee, name) for name in Fee.__slots__}
    values |= {"set_at": clock.now(), "set_by": actor.key}
    connection().execute(insert(ParcelFee).values(station_id=actor.station_id, **values))
    said = {"carrier": fee.carrier, "first_day": fee.first_day.isoformat(), "fee": fee.fee_minor}
    said |= {"currency": fee.currency, "earned_by": fee.earned_by}
    append(actor, Event("parcel_fee_set", data=said))
    return True


def _stands(station_id: int, wish: Wish, currency: str) -> bool:
    """Whether what is wished is what stands already, and nothing later takes its place."""
    mine = [term for term in terms(queries.fees(station_id)) if term.fee.carrier == wish.carrier]
    if not mine:
        return wish.fee_minor == 0
    fee = mine[-1].fee
    wanted = (wish.first_day, wish.fee_minor, currency, wish.earned_by)
    return (fee.first_day, fee.fee_minor, fee.currency, fee.earned_by) == wanted


def post_until(actor: Actor, last_day: date) -> int:
    """Bring the fees of the days up to `last_day` into the books; return how many journals that took."""
    take_turn(actor.station_id)
    fees = queries.fees(actor.station_id)
    if not fees:
        return 0
    first_day = max(min(fee.first_day for fee in fees), _counted_from(actor.station_id, last_day))
    if first_day > last_day:
        return 0
    paid = [term for term in terms(fees) if term.fee.fee_minor]
    earned = queries.earned(actor.station_id, paid, queries.days_between(first_day, last_day))
    known = queries.booked(actor.station_id, first_day, last_day)
    by_id = {fee.id: fee for fee in fees}
    found: dict[date, list[_Line]] = {}
    for day, fee_id in sorted(earned.keys() | known.keys()):
        before = known.get((day, fee_id), queries.Booked(0, 0))
        parcels = earned.get((day, fee_id), 0) - before.parcels
        if parcels:
            found.setdefault(day, []).append(_Line(by_id[fee_id], day, before.lines + 1, parcels))
    for day, lines in found.items():
        _book(actor, day, lines)
    return sum(len(lines) for lines in found.values())


def _counted_from(station_id: int, last_day: date) -> date:
    """Return the day from which parcels are counted again: some time back, and all that was not closed yet."""
    closed = ledger.last_closed(station_id)
    return max(min(last_day - LOOK_BACK, closed or date.min), last_day - LONGEST)


@dataclass(frozen=True, slots=True)
class _Line:
    """How many more parcels than known before earned a fee on a day."""

    fee: Fee
    day: date
    number: int
    parcels: int

    @property
    def journal(self) -> Journal:
        carrier = AccountRef(AccountKind.CARRIER, self.fee.carrier)
        move = Move(carrier, PARCEL_FEES, abs(self.parcels) * self.fee.fee_minor)
        return Journal(
            f"parcel_fee:{self.fee.id}:{self.day.isoformat()}:{self.number}",
            JournalKind.PARCEL_FEE,
            self.fee.currency,
            (move if self.parcels > 0 else move.turned(),),
            f"carrier:{self.fee.carrier}",
        )


def _book(actor: Actor, day: date, lines: Iterable[_Line]) -> None:
    written = list(lines)
    journal_ids = post_all(actor, [line.journal for line in written], day=day)
    _ADD_COUNT.run_many(
        [
            {
                "station_id": actor.station_id,
                "day": line.day,
                "fee_id": line.fee.id,
                "line": line.number,
                "parcels": line.parcels,
                "journal_id": journal_id,
            }
            for line, journal_id in zip(written, journal_ids, strict=True)
        ]
    )


def fine(actor: Actor, carrier: str, *, amount_minor: int, reason: str, key: str) -> int:
    """Deduct what a carrier keeps as a fine or compensation; return the journal, the same for the same key.

    Raises StationError `bad_input` for an unknown carrier or no reason, `journal_refused` for no amount.
    """
    move = Move(FINES, account(carrier), amount_minor)
    currency = rules.for_station(actor.station_id).currency
    note = reason_of(reason)
    return post(
        actor, Journal(f"fine:{key}", JournalKind.FINE, currency, (move,), f"carrier:{carrier}", note)
    )
