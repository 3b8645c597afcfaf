"""Settling with suppliers and partner stations: what a period left owed is paid out, once and never too much."""

from dataclasses import dataclass

from sqlalchemy import insert

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.money import CURRENCIES, MOST_MINOR, format_money
from station.events.service import Event, append, take_turn
from station.ledger import queries, settlement_queries
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.journal import Journal, Move
from station.ledger.models import Settlement
from station.ledger.service import post, reason_of
from station.ledger.settlement_queries import PARTNERS, Settled
from station.ledger.statements import Period

WAYS = (AccountKind.BANK, AccountKind.CASH)


@dataclass(frozen=True, slots=True)
class Payout:
    """What is paid out to whom, for which days, from where. `reason` is needed only for more than is owed."""

    ref: AccountRef
    currency: str
    period: Period
    amount_minor: int
    way: AccountKind = AccountKind.BANK
    reason: str = ""


def owed(station_id: int, ref: AccountRef, currency: str, period: Period) -> int:
    """Return what may be paid out for a period: what was owed at its end, and is still owed now."""
    at_its_end = queries.balance(station_id, ref, currency, until=period.last_day)
    return max(0, min(at_its_end, queries.balance(station_id, ref, currency)))


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
    note = wanted.reason.strip()
    if wanted.amount_minor > owed_minor and not note:
        amount = format_money(owed_minor, wanted.currency)
        message = _("Only %(amount)s is owed. Give a reason to pay out more.", amount=amount)
        raise StationError("not_owed", message)
    journal_id = (
        post(actor, _journal(wanted, reason_of(note) if note else "")) if wanted.amount_minor else None
    )
    made = Settled(
        id=ids.next_id(),
        kind=wanted.ref.kind,
        owner=wanted.ref.owner,
        currency=wanted.currency,
        first_day=wanted.period.first_day,
        last_day=wanted.period.last_day,
        owed_minor=owed_minor,
        paid_minor=wanted.amount_minor,
        journal_id=journal_id,
        made_at=clock.now(),
        made_by=actor.key,
    )
    values = {name: getattr(made, name) for name in Settled.__slots__}
    connection().execute(insert(Settlement).values(station_id=actor.station_id, **values))
    said = {"settlement": str(made.id), "kind": made.kind, "owner": made.owner, "paid": made.paid_minor}
    append(actor, Event("settlement_made", data=said | {"owed": owed_minor, "currency": made.currency}))
    return made


def _check(wanted: Payout) -> None:
    wanted.period.check()
    if wanted.ref.kind not in PARTNERS or wanted.way not in WAYS or wanted.currency not in CURRENCIES:
        raise StationError("bad_input", _("This account is not settled this way."))
    if not 0 <= wanted.amount_minor <= MOST_MINOR:
        raise StationError("bad_input", _("Type an amount in digits, such as 12.50."))


def _same(known: Settled, wanted: Payout) -> Settled:
    days = Period(known.first_day, known.last_day)
    if days == wanted.period and known.paid_minor == wanted.amount_minor:
        return known
    raise StationError(
        "settled_already",
        _(
            "%(first)s to %(last)s is settled already. Choose days behind it.",
            first=known.first_day.isoformat(),
            last=known.last_day.isoformat(),
        ),
    )


def _journal(wanted: Payout, note: str) -> Journal:
    days = f"{wanted.period.first_day.isoformat()}:{wanted.period.last_day.isoformat()}"
    key = f"settlement:{wanted.ref.kind}:{wanted.ref.owner}:{wanted.currency}:{days}"
    move = Move(wanted.ref, AccountRef(wanted.way), wanted.amount_minor)
    refers_to = f"{wanted.ref.kind}:{wanted.ref.owner}"
    return Journal(key, JournalKind.PAYOUT, wanted.currency, (move,), refers_to, note=note)
