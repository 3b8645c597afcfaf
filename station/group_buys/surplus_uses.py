"""What becomes of units left over: taken by who waits, or returned, sold or given away by staff.

Who takes them gets an order like any other: charged once at the price that all pay, of which the supplier gets its part
and the station its commission; the bag is made with the others, or at once when these are made already. Sold at the
counter is for that price too, in cash. Returned or given away moves no money: nobody had bought them.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import ngettext
from station.events.service import Event, append
from station.group_buys import bags, balances, charges, offer_store, sharing_store, store, surplus
from station.group_buys.charges import Rates
from station.group_buys.lifecycle import CampaignState, OrderAction
from station.group_buys.news_models import SurplusUse
from station.group_buys.offer_store import Offer
from station.group_buys.plans import Pays
from station.group_buys.sharing_store import Change
from station.group_buys.store import Current, Order
from station.ledger import service as ledger
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.journal import Journal, Move

CASH = AccountRef(AccountKind.CASH)
CAMPAIGN = "campaign:"  # how a journal names what it is about when no order is


class Way(StrEnum):
    """What staff do with units that nobody on the waiting list takes."""

    RETURNED = "returned"
    SOLD = "sold"
    GIVEN_AWAY = "given_away"


@dataclass(frozen=True, slots=True)
class Use:
    """Units that staff did something with."""

    id: int
    units: int
    way: str
    by: str
    at: datetime


_COLUMNS = tuple(getattr(SurplusUse, name) for name in Use.__slots__)


def of_campaign(station_id: int, campaign_id: int) -> list[Use]:
    """Return what staff did with a campaign's units left over, the first first."""
    mine = (SurplusUse.station_id == station_id, SurplusUse.campaign_id == campaign_id)
    return [Use(*row) for row in connection().execute(select(*_COLUMNS).where(*mine).order_by(SurplusUse.id))]


def take(actor: Actor, found: Offer, taker: Order) -> None:
    """Let a waiting order have the units it was offered.

    Raises StationError `offer_over` when they are gone, `balance_low` where the campaign is paid before and the balance
    does not cover them.
    """
    station_id = actor.station_id
    campaign = store.look_campaign(station_id, found.campaign_id)
    left = surplus.of_campaign(station_id, campaign.id)
    if left is None or campaign.state not in surplus.RUNNING:
        raise offer_store.over()
    amount = found.units * left.unit_price_minor
    refuse_unpaid(station_id, campaign, taker, amount)
    if not surplus.take(station_id, campaign.id, found.units):
        raise offer_store.over()
    rates = charges.rates(campaign, taker, sharing_store.point_shares(station_id, campaign.id))
    ledger.post_all(actor, charges.charge(campaign, taker, amount_minor=amount, at=rates))
    price = left.unit_price_minor
    change = Change(
        taker, OrderAction.ALLOCATE, allocated=found.units, delivered=found.units, unit_price_minor=price
    )
    sharing_store.change(station_id, [change])
    append(actor, Event("surplus_taken", data={"order": str(taker.id), "units": found.units}))
    if campaign.state == CampaignState.SHARING:
        fresh = store.look_order(station_id, taker.id)
        bags.pack_for(actor, taker.point_station_id, [fresh], storage=campaign.storage)


def refuse_unpaid(station_id: int, campaign: Current, taker: Order, amount_minor: int) -> None:
    """Refuse goods that are to be paid before and are not. Raises StationError `balance_low`."""
    if campaign.pays != Pays.BEFORE:
        return
    missing = amount_minor - max(0, balances.free(station_id, taker.recipient_id, campaign.currency))
    if missing > 0:
        raise StationError(
            "balance_low",
            _("Your balance does not cover this. Add to it, then take the offer."),
            missing_minor=missing,
        )


def use(actor: Actor, campaign_id: int, units: int, *, way: Way) -> int:
    """Keep what staff did with units that nobody is asked about, while sharing out or later; return the row's id.

    Raises StationError `surplus_gone` for more than are free, `not_found` for another station's campaign.
    """
    station_id, use_id = actor.station_id, ids.next_id()
    campaign = store.campaign(station_id, campaign_id)
    left = surplus.of_campaign(station_id, campaign_id)
    free = left.free if left else 0
    if left is None or not 1 <= units <= free or not surplus.take(station_id, campaign_id, units):
        raise _gone(free)
    row = {"campaign_id": campaign_id, "units": units, "way": way, "by": actor.key, "at": clock.now()}
    connection().execute(insert(SurplusUse).values(station_id=station_id, id=use_id, **row))
    if way is Way.SOLD:
        ledger.post_all(actor, _sale(campaign, units * left.unit_price_minor, use_id))
    facts = {"campaign": str(campaign_id), "units": units, "way": str(way)}
    append(actor, Event("surplus_used", data=facts))
    return use_id


def _gone(free: int) -> StationError:
    if not free:
        return StationError("surplus_gone", _("Nothing is left over that nobody is asked about."))
    return StationError(
        "surplus_gone",
        ngettext(
            "Only %(num)s is free: nobody took it and nobody is asked about it now.",
            "Only %(num)s are free: nobody took them and nobody is asked about them now.",
            free,
        ),
    )


def _sale(campaign: Current, amount_minor: int, use_id: int) -> list[Journal]:
    """Return the journal of units sold for cash at the counter: the supplier's part, and the station's."""
    parts = charges.split(amount_minor, Rates(campaign.commission_bp))
    moves = (
        Move(CASH, AccountRef(AccountKind.SUPPLIER, str(campaign.supplier_id)), parts.supplier),
        Move(CASH, AccountRef(AccountKind.COMMISSION), parts.commission),
    )
    paid = tuple(one for one in moves if one.amount_minor)
    refers_to = f"{CAMPAIGN}{campaign.id}"
    key = f"surplus:{use_id}"
    return [Journal(key, JournalKind.SALE, campaign.currency, paid, refers_to)] if paid else []
