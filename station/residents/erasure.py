"""Erasing a person who wishes so, at every station that knows their phone number.

What tells who they are goes: name, phone number, beginnings of the name, preferences, words of messages, guardians,
notes, links, sign-in. What the law and disputes need stays, under numbers that lead to nobody: the custody log, that
consent was given or not, the books of what was bought and paid (thirty years: 会计档案管理办法, order 79 of 2015,
annex 1), and for EVIDENCE_KEPT the proof of hand-overs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, or_, select, update

from station.accounts import service as accounts
from station.accounts.queries import Resident
from station.claims import personal as claims
from station.claims import personal_queries as claim_queries
from station.core import clock, crypto, idempotency, throttle
from station.core.actor import Actor, system_actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import ngettext, speaking
from station.core.money import format_money
from station.disputes import service as disputes
from station.events import retention
from station.events.service import Event, append, take_turn
from station.group_buys import personal as group_buys
from station.kiosks import conflicts
from station.ledger import personal, rules
from station.network import queries as network
from station.parcels import evidence
from station.payments import personal as payments
from station.residents import agreements, preferences, proxies, queries
from station.residents.models import (
    DigitSecret,
    MessageLink,
    PhoneStation,
    Proxy,
    Recipient,
    RecipientNote,
    RecipientPrefix,
    SignInCode,
)

# Ours, as long as what was read in refused scans (events/retention.py): a complaint has to be answered within 7 days
# (DOMAIN.md section 3, Measures art. 30), and it comes in the weeks after the hand-over it is about.
EVIDENCE_KEPT = timedelta(days=90)
SHORTEST_TEXT = 2  # characters: one alone is in half of all scans and names nobody


def open_parcels(resident: Resident) -> int:
    """Return how many parcels keep the resident from being erased, at all their stations."""
    stations = queries.stations_of(resident.phone_hash)
    return sum(evidence.open_parcels(one, _ids(one, resident)) for one in stations)


@dataclass(frozen=True, slots=True)
class OpenMoney:
    """What keeps a resident from being erased at a station: their balance, negative what they owe, and what moves."""

    station_id: int
    station: str
    currency: str
    balance_minor: int
    under_way: int


def open_money(resident: Resident) -> list[OpenMoney]:
    """Return what of the resident's money is not settled, at all their stations in the order of their names."""
    stations = queries.stations_of(resident.phone_hash)
    found = [one for station_id in stations for one in _open_at(station_id, resident)]
    return sorted(found, key=lambda one: (one.station, one.currency))


def _open_at(station_id: int, resident: Resident) -> list[OpenMoney]:
    mine = _ids(station_id, resident)
    balances, moving = personal.balances(station_id, mine), payments.under_way(station_id, mine)
    if moving and not balances:
        balances = {rules.for_station(station_id).currency: 0}
    name = network.station(station_id).name
    return [OpenMoney(station_id, name, currency, amount, moving) for currency, amount in balances.items()]


def erase(resident: Resident) -> int:
    """Erase everything that tells who the resident is; return at how many stations. A second time finds nothing.

    Raises StationError `parcels_waiting` while parcels are on their way, here, or searched for, `orders_open` while an
    order in a group buy is not settled, or a complaint about one not answered, `money_open` while
    the station owes them money, they owe it some, or a payment is under way.
    """
    known = queries.stations_of(resident.phone_hash)
    stations = sorted({*known, *proxies.collecting_at(resident.phone_hash)})
    for station_id in stations:  # always in this order, so that two erasures never wait for each other
        take_turn(station_id)
    _refuse_while_waiting(resident)
    _refuse_while_ordered(resident)
    _refuse_while_money_is_open(resident)
    for station_id in stations:
        _erase_at(resident.at(station_id), resident)
    _forget_number(resident.phone_hash)
    accounts.close_resident(resident)
    return len(stations)


def forget_evidence(station_id: int) -> int:
    """Erase the proof of hand-overs to erased people, and to erased collectors, that is older than EVIDENCE_KEPT.

    Return from how many rows.

    Safe to repeat, and late: the second time there is nothing to erase, and nothing is logged.
    """
    take_turn(station_id)
    gone = select(Recipient.id).where(Recipient.station_id == station_id, Recipient.erased_at.is_not(None))
    erased = _forget_old(station_id, list(connection().scalars(gone)))
    if erased:
        append(system_actor(station_id), Event("evidence_erased", data={"count": erased}))
    return erased


def _forget_old(station_id: int, recipient_ids: Sequence[int]) -> int:
    until = clock.now() - EVIDENCE_KEPT
    theirs = select(Proxy.id).where(Proxy.station_id == station_id, Proxy.phone_hash == _erased_collector())
    proxy_ids = list(connection().scalars(theirs))
    erased = evidence.forget(station_id, recipient_ids, left_until=until)
    return erased + evidence.forget_collectors(station_id, proxy_ids, left_until=until)


def _erased_collector() -> bytes:
    """Return what stands where the phone of any erased collector stood: it leads to none of them."""
    return crypto.keyed_hash("proxy-erased", "collector")


def _refuse_while_waiting(resident: Resident) -> None:
    waiting = open_parcels(resident)
    if waiting:
        raise StationError(
            "parcels_waiting",
            ngettext(
                "%(num)s parcel of yours is not settled yet. Collect it or send it back first.",
                "%(num)s parcels of yours are not settled yet. Collect them or send them back first.",
                waiting,
            ),
        )


def _refuse_while_ordered(resident: Resident) -> None:
    known = queries.stations_of(resident.phone_hash)
    if any(group_buys.open_orders(one, _ids(one, resident)) for one in known):
        raise StationError(
            "orders_open",
            _("An order of yours in a group buy is not settled yet. Take it back, or collect it first."),
        )
    if any(claim_queries.count_open(one, _ids(one, resident)) for one in known):
        raise StationError(
            "orders_open", _("A complaint of yours is not answered yet. Withdraw it, or wait for the answer.")
        )


def _refuse_while_money_is_open(resident: Resident) -> None:
    """Refuse while a contract is not fulfilled: until then it needs the person's data (PIPL art. 13 and 47)."""
    found = open_money(resident)
    if not found:
        return
    one = next((place for place in found if place.balance_minor < 0), found[0])
    amount = format_money(abs(one.balance_minor), one.currency)
    if one.balance_minor < 0:
        message = _("You owe %(station)s %(amount)s. Pay it first.", station=one.station, amount=amount)
    elif one.under_way:
        message = _("A payment of yours at %(station)s is still on its way.", station=one.station)
    else:
        message = _(
            "%(amount)s at %(station)s is yours. Have it back first.", station=one.station, amount=amount
        )
    raise StationError("money_open", message)


def _ids(station_id: int, resident: Resident) -> list[int]:
    return queries.ids_at_phone(station_id, resident.phone_hash)


def _erase_at(actor: Actor, resident: Resident) -> None:
    station_id = actor.station_id
    recipient_ids = _ids(station_id, resident)
    idempotency.forget_actor(actor)
    retention.erase_messages(station_id, recipient_ids)
    retention.erase_scans_with(station_id, _texts(station_id, recipient_ids))
    for recipient_id in recipient_ids:
        agreements.erase(actor, recipient_id)
        preferences.erase(station_id, recipient_id)
        _erase_recipient(station_id, recipient_id)
    _erase_beside(station_id, recipient_ids)
    group_buys.forget(station_id, recipient_ids)
    claims.forget(station_id, recipient_ids)
    _erase_proxies(station_id, recipient_ids, resident.phone_hash)
    conflicts.forget_notes(station_id, recipient_ids)
    disputes.forget_words(station_id, recipient_ids)
    personal.forget_notes(station_id, recipient_ids)
    _forget_old(station_id, recipient_ids)
    events = [Event("recipient_erased", data={"recipient": str(one)}) for one in recipient_ids]
    if events:  # none where they only collected for others
        append(actor, *events)


def _texts(station_id: int, recipient_ids: Sequence[int]) -> list[str]:
    known = [queries.personal(station_id, one) for one in recipient_ids]
    texts = [text for one in known if one for text in (one.phone, one.name or "")]
    return [text for text in texts if len(text) >= SHORTEST_TEXT]


def _erase_recipient(station_id: int, recipient_id: int) -> None:
    """Leave a row that parcels can hang on and nobody can be found by."""
    with speaking(network.rules(station_id).language):
        erased = _("erased")
    values = {
        "phone": "",
        "phone_tail": "",
        "phone_hash": crypto.keyed_hash("phone-erased", str(recipient_id)),
        "name": None,
        "name_hash": crypto.keyed_hash("name-erased", str(recipient_id)),
        "name_masked": erased,
        "standing_choice": None,
        "erased_at": clock.now(),
    }
    mine = (Recipient.station_id == station_id, Recipient.id == recipient_id)
    connection().execute(update(Recipient).where(*mine).values(**values))


def _erase_beside(station_id: int, recipient_ids: Sequence[int]) -> None:
    for table in (RecipientPrefix, RecipientNote, DigitSecret, MessageLink):
        theirs = (table.station_id == station_id, table.recipient_id.in_(recipient_ids))
        connection().execute(delete(table).where(*theirs))


def _erase_proxies(station_id: int, recipient_ids: Sequence[int], phone_hash: bytes) -> None:
    """Forget whom they let collect, and that they were let collect: nobody collects by it any more."""
    concerned = or_(Proxy.recipient_id.in_(recipient_ids), Proxy.phone_hash == phone_hash)
    query = select(Proxy.id, Proxy.phone_hash, Proxy.state).where(Proxy.station_id == station_id, concerned)
    for row in connection().execute(query).all():
        values: dict[str, object] = {"name": None, "phone_tail": None}
        if row.phone_hash == phone_hash:
            values["phone_hash"] = _erased_collector()
        elif row.phone_hash is not None:
            values["phone_hash"] = crypto.keyed_hash("proxy-erased", str(row.id))
        if row.state == "active":
            values |= {"state": "revoked", "ended_at": clock.now()}
        mine = (Proxy.station_id == station_id, Proxy.id == row.id)
        connection().execute(update(Proxy).where(*mine).values(**values))


def _forget_number(phone_hash: bytes) -> None:
    for table in (PhoneStation, SignInCode):
        connection().execute(delete(table).where(table.phone_hash == phone_hash))
    throttle.forgive(f"code-phone:{phone_hash.hex()}")
