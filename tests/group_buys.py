"""Campaigns, money and orders of group buys for tests, made by the real services."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from station.core import clock
from station.core.db import reading, transaction
from station.group_buys import arrival, campaigns, cut_off, orders, reminders, store, suppliers
from station.group_buys.arrival import Count
from station.group_buys.orders import Placed, Wish
from station.group_buys.plans import AtCutOff, Pays, Plan, Point
from station.group_buys.prices import Tier
from station.group_buys.suppliers import Details
from station.ledger import service as ledger
from station.ledger.chart import AccountKind, AccountRef
from station.ledger.service import Journal, JournalKind, Move
from station.residents.service import Known
from tests.factories import Station, recipient

ZONE = ZoneInfo("Asia/Shanghai")
TIERS = (Tier(1, 2990), Tier(20, 2790), Tier(50, 2490))


def make_supplier(station: Station, name: str = "Gannan Fruit") -> int:
    """Return the id of the station's supplier, added when new."""
    with transaction():
        known = [one.id for one in suppliers.all_of(station.id) if one.name == name]
        return known[0] if known else suppliers.add(station.manager, Details(name))


def plan(station: Station, **changes: object) -> Plan:
    """Return a plan of oranges, cut off in two days."""
    cut_off = (clock.now() + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    usual = Plan(
        title="Gannan oranges",
        text="Sweet, from one orchard.",
        unit="box of 2.5 kg",
        supplier_id=make_supplier(station),
        currency="CNY",
        tiers=TIERS,
        points=(Point(station.id),),
        cut_off_at=cut_off,
        arrives_on=cut_off.astimezone(ZONE).date() + timedelta(days=2),
        pays=Pays.AT_PICKUP,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def make_draft(station: Station, **changes: object) -> int:
    """Return the id of a new draft."""
    wanted = plan(station, **changes)
    with transaction():
        return campaigns.create(station.manager, wanted)


def make_campaign(station: Station, **changes: object) -> int:
    """Return the id of a campaign people can order from."""
    campaign_id = make_draft(station, **changes)
    with transaction():
        campaigns.open_campaign(station.manager, campaign_id)
    return campaign_id


def place(
    station: Station, campaign_id: int, buyer: Known, quantity: int = 1, *, tolerance: int = 0
) -> Placed:
    """Order as the clerk does for somebody."""
    with transaction():
        return orders.order(station.clerk, campaign_id, buyer.id, Wish(quantity, tolerance, station.id))


def change(station: Station, order_id: int, quantity: int, *, tolerance: int = 0) -> Placed:
    """Change an order as the clerk does for somebody."""
    with transaction():
        return orders.change(station.clerk, order_id, Wish(quantity, tolerance, station.id))


def cancel(station: Station, order_id: int) -> None:
    """Take an order back."""
    with transaction():
        orders.cancel(station.clerk, order_id)


def make_late(station: Station, buyer: Known, quantity: int = 2) -> tuple[int, int]:
    """Return a campaign whose goods should have come days ago, and the buyer's order."""
    then = clock.now() - timedelta(days=9)
    with clock.use(lambda: then):
        campaign_id = make_campaign(station, title="Late walnuts", at_cut_off=AtCutOff.CLOSE_AND_ORDER)
        placed = place(station, campaign_id, buyer, quantity)
    with transaction():
        cut_off.cut_off(station.manager, campaign_id)
    return campaign_id, placed.order_id


def make_left_over(station: Station, buyer: Known) -> tuple[int, int]:
    """Return a campaign of which three units are left over, and the order of the buyer, who waits for two of them."""
    then = clock.now() - timedelta(days=3)
    with clock.use(lambda: then):
        changes = {"title": "Grapes", "at_cut_off": AtCutOff.CLOSE_AND_ORDER, "maximum_total": 2}
        campaign_id = make_campaign(station, **changes)
        place(station, campaign_id, recipient(station, "13900002222"), 2)
        waits = place(station, campaign_id, buyer, 2)
    with transaction():
        cut_off.cut_off(station.manager, campaign_id)
        arrival.count_crate(station.clerk, campaign_id, "A", Count(5))
        arrival.finish(station.clerk, campaign_id)
    return campaign_id, waits.order_id


def remind(station: Station, campaign_id: int, buyer: Known) -> None:
    """Note that somebody wants to hear before a campaign closes."""
    with transaction():
        reminders.ask(station.clerk, campaign_id, buyer.id)


def pay_in(station: Station, buyer: Known, amount_minor: int, key: str) -> int:
    """Pay into somebody's balance in cash; return how many held orders that placed."""
    cash, theirs = AccountRef(AccountKind.CASH), AccountRef(AccountKind.RESIDENT, str(buyer.id))
    moves = (Move(debit=cash, credit=theirs, amount_minor=amount_minor),)
    with transaction():
        ledger.post(station.clerk, Journal(key, JournalKind.PAYMENT, "CNY", moves, None))
        return orders.settle_holds(station.clerk, buyer.id)


def campaign(station: Station, campaign_id: int) -> store.Current:
    """Return a campaign as it stands."""
    with reading():
        return store.look_campaign(station.id, campaign_id)


def order(station: Station, order_id: int) -> store.Order:
    """Return an order as it stands."""
    with reading():
        return store.look_order(station.id, order_id)
