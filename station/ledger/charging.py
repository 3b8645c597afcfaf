"""Charges by hand: what a resident owes for a service, and storage fees where a station has them."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from station.core import clock
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import take_turn
from station.ledger import queries, rules
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.journal import Journal, Move
from station.ledger.service import post, reason_of
from station.network import queries as network
from station.parcels import parcel_queries
from station.residents import people_queries

SERVICES = AccountRef(AccountKind.SERVICES)
STORAGE_FEES = AccountRef(AccountKind.STORAGE_FEES)


def resident(recipient_id: int) -> AccountRef:
    """Return a resident's account."""
    return AccountRef(AccountKind.RESIDENT, str(recipient_id))


def charge(actor: Actor, recipient_id: int, *, amount_minor: int, reason: str, key: str) -> int:
    """Charge a resident for a service; return the journal, the same for the same key.

    Raises StationError `not_found` for nobody, `bad_input` without a reason, `journal_refused` for no amount.
    """
    people_queries.person(actor.station_id, recipient_id)
    currency = rules.for_station(actor.station_id).currency
    move = Move(resident(recipient_id), SERVICES, amount_minor)
    note = reason_of(reason)
    return post(
        actor,
        Journal(f"charge:{key}", JournalKind.CHARGE, currency, (move,), f"recipient:{recipient_id}", note),
    )


@dataclass(frozen=True, slots=True)
class StorageFee:
    """What a parcel's storage costs whom by now, or what it was charged with the journal `journal_id`.

    `days`: those that cost something by now. A charge that was reversed is none.
    """

    recipient_id: int | None
    days: int
    amount_minor: int
    currency: str
    journal_id: int | None


def storage_fee(station_id: int, parcel_id: int) -> StorageFee:
    """Return what storage costs: whole local days since check-in beyond the free ones, times the fee of a day.

    What was charged is what it costs, however many days follow.
    Raises StationError `not_found` for an unknown parcel.
    """
    parcel, rule = parcel_queries.detail(station_id, parcel_id), rules.for_station(station_id)
    zone = ZoneInfo(network.rules(station_id).zone)
    until = parcel.left_at or clock.now()
    days = 0 if parcel.stored_at is None else _days(parcel.stored_at.astimezone(zone), until.astimezone(zone))
    counted = max(0, days - rule.storage_free_days)
    _key, posted = queries.standing(station_id, _first_key(parcel_id))
    if posted:
        payer = int(posted.moves[0].debit.owner)
        return StorageFee(payer, counted, posted.total_minor, posted.currency, posted.id)
    return StorageFee(
        parcel.recipient_id, counted, counted * rule.storage_fee_minor, rule.currency, journal_id=None
    )


def charge_storage(actor: Actor, parcel_id: int) -> int:
    """Charge what a parcel's storage costs by now, once unless it was reversed; return the journal that stands.

    Raises StationError `not_found`, `bad_input` when it costs nothing or nobody knows whose the parcel is.
    """
    take_turn(actor.station_id)
    fee = storage_fee(actor.station_id, parcel_id)
    if fee.journal_id is not None:
        return fee.journal_id
    if fee.recipient_id is None:
        raise StationError("bad_input", _("Nobody knows whose parcel this is. Give its phone number first."))
    if not fee.amount_minor:
        raise StationError("bad_input", _("The storage of this parcel costs nothing."))
    move = Move(resident(fee.recipient_id), STORAGE_FEES, fee.amount_minor)
    refers_to = f"parcel:{parcel_id}"
    key, _posted = queries.standing(actor.station_id, _first_key(parcel_id))
    return post(actor, Journal(key, JournalKind.STORAGE_FEE, fee.currency, (move,), refers_to))


def _first_key(parcel_id: int) -> str:
    return f"storage_fee:{parcel_id}"


def _days(since: datetime, until: datetime) -> int:
    return (until.date() - since.date()).days
