"""Settling with suppliers and partner stations: what a period left owed is paid, once and never too much."""

from dataclasses import dataclass

from sqlalchemy import insert

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.money import CURRENCIES, MOST_MINOR, format_money
from station.core.text import clean_line
from station.events.service import Event, append, take_turn
from station.ledger import queries, settlement_queries
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.journal import Journal, Move
from station.ledger.models import Settlement
from station.ledger.service import post, reason_of
from station.ledger.settlement_queries import PARTNERS, Settled
from station.ledger.statements import Period

WAYS = (AccountKind.BANK, AccountKind.CASH)
REFERENCE = 64  # characters: ours, twice the longest reference of SEPA (ISO 20022, EndToEndId: 35)


@dataclass(frozen=True, slots=True)
class Payout:
    """What is paid out to whom, for which days, from where; or received from who owes the station.

    `reason` is needed only for more than is owed; `reference` is the bank's number of the transfer.
    """

    ref: AccountRef
    currency: str
    period: Period
    amount_minor: int
    way: AccountKind = AccountKind.BANK
    reason: str = ""
    reference: str = ""
    received_minor: int = 0


def owed(station_id: int, ref: AccountRef, currency: str, period: Period) -> int:
    """Return what was owed at the end of a period and still is; negative is what they owe the station."""
    at_its_end = queries.balance(station_id, ref, currency, until=period.last_day)
    now = queries.balance(station_id, ref, currency)
    return max(0, min(at_its_end, now)) if at_its_end > 0 else min(0, max(at_its_end, now))


def settle(actor: Actor, wanted: Payout) -> Settled:
    """Settle a period and pay out; the same again changes nothing and returns the same.

    Raises StationError `bad_input` for what cannot be, `settled_already` for days that were settled in another way,
    `not_owed` for more than is owed without a reason.
    """
    _check(wanted)
    take_turn(actor.station_id)
    if wanted.period.last_day >= queries.posting_day(actor.station_id):
        raise StationError("bad_input", _("This period is not over yet. Settle up to yesterday."))
    known = settlement_queries.touching(actor.station_id, wanted.ref, wanted.currency, wanted.period)
    if known:
        return _same(known, wanted)
    owed_minor = owed(actor.station_id, wanted.ref, wanted.currency, wanted.period)
    _refuse_too_much(wanted, owed_minor)
    journal_id = post(actor, _journal(wanted)) if wanted.amount_minor or wanted.received_minor else None
    made = Settled(
        id=ids.next_id(),
        kind=wanted.ref.kind,
        owner=wanted.ref.owner,
        currency=wanted.currency,
        first_day=wanted.period.first_day,
        last_day=wanted.period.last_day,
        owed_minor=owed_minor,
        paid_minor=wanted.amount_minor,
        journal_id=journal_id if wanted.amount_minor else None,
        made_at=clock.now(),
        made_by=actor.key,
        received_minor=wanted.received_minor,
        reference=wanted.reference,
    )
    values = {name: getattr(made, name) for name in Settled.__slots__}
    connection().execute(insert(Settlement).values(station_id=actor.station_id, **values))
    said = {"settlement": str(made.id), "kind": made.kind, "owner": made.owner, "paid": made.paid_minor}
    said |= {"owed": owed_minor, "received": made.received_minor, "currency": made.currency}
    append(actor, Event("settlement_made", data=said))
    return made


def _refuse_too_much(wanted: Payout, owed_minor: int) -> None:
    """Refuse more than is owed, by whoever owes it, unless somebody says why."""
    if wanted.reason.strip():
        return
    if wanted.amount_minor > max(0, owed_minor):
        amount = format_money(max(0, owed_minor), wanted.currency)
        message = _("Only %(amount)s is owed. Give a reason to pay out more.", amount=amount)
        raise StationError("not_owed", message)
    if wanted.received_minor > max(0, -owed_minor):
        amount = format_money(max(0, -owed_minor), wanted.currency)
        message = _("They owe only %(amount)s. Give a reason to take more.", amount=amount)
        raise StationError("not_owed", message)


def _check(wanted: Payout) -> None:
    wanted.period.check()
    if wanted.ref.kind not in PARTNERS or wanted.way not in WAYS or wanted.currency not in CURRENCIES:
        raise StationError("bad_input", _("This account is not settled this way."))
    amounts = (wanted.amount_minor, wanted.received_minor)
    if not all(0 <= amount <= MOST_MINOR for amount in amounts) or all(amounts):
        raise StationError("bad_input", _("Type an amount in digits, such as 12.50."))
    if wanted.reference and clean_line(wanted.reference, limit=REFERENCE) != wanted.reference:
        raise StationError("bad_input", _("Type the bank's reference in one line of at most 64 characters."))


def _same(known: Settled, wanted: Payout) -> Settled:
    days = Period(known.first_day, known.last_day)
    amounts = (known.paid_minor, known.received_minor)
    if days == wanted.period and amounts == (wanted.amount_minor, wanted.received_minor):
        return known
    raise StationError(
        "settled_already",
        _(
            "%(first)s to %(last)s is settled already. Choose days behind it.",
            first=known.first_day.isoformat(),
            last=known.last_day.isoformat(),
        ),
    )


def _journal(wanted: Payout) -> Journal:
    way, note = AccountRef(wanted.way), reason_of(wanted.reason) if wanted.reason.strip() else ""
    move, kind = Move(wanted.ref, way, wanted.amount_minor), JournalKind.PAYOUT
    if wanted.received_minor:
        move, kind = Move(way, wanted.ref, wanted.received_minor), JournalKind.PAY_IN
    key = settlement_queries.key_of(wanted.ref, wanted.currency, wanted.period)
    refers_to = f"{wanted.ref.kind}:{wanted.ref.owner}"
    return Journal(key, kind, wanted.currency, (move,), refers_to, note=note)
