"""What the demo shows of group buys and money: a campaign in every state, orders in most, books with closed days.

Everything by the services, as the manager, the clerks and the buyers would do it; money by the test provider, in cash
and by card. What is refused is left out, as in life.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial

from station.accounts import service as accounts
from station.accounts.queries import Resident
from station.claims import queries as claim_queries
from station.claims import service as claims
from station.claims.rules import BorneBy, Problem
from station.core import phones
from station.core.actor import Actor, system_actor
from station.core.permissions import Role
from station.group_buys import (
    arrival,
    bag_store,
    bags,
    campaigns,
    cut_off,
    lateness,
    orders,
    pictures,
    supplier_orders,
    suppliers,
    unclaimed,
)
from station.group_buys import balances as group_balances
from station.group_buys.arrival import Count
from station.group_buys.lifecycle import CampaignState, OrderState
from station.group_buys.orders import Wish
from station.group_buys.plans import Plan, Point
from station.group_buys.prices import Tier
from station.group_buys.suppliers import Details
from station.ledger import closes, moving, settling
from station.ledger import queries as books
from station.ledger.chart import AccountKind, AccountRef
from station.ledger.settling import Payout
from station.ledger.statements import Period
from station.parcels import hand_over
from station.parcels import store as parcels
from station.parcels.hand_over import Taker
from station.payments import balances, queries, refunds, service, test_bank
from station.payments.catalogue import AT_COUNTER, WAYS, Reason, Way
from station.payments.provider import Kind, Seen, Status
from station.payments.queries import Asked
from station.payments.service import Wanted
from station.payments.settling import on_paid
from station.residents import service as residents
from station.simulator import goods_drawn
from station.simulator import group_buys_shown as goods
from station.simulator.group_buys_shown import RESIDENT, Shown, Want
from station.simulator.run import Simulation
from station.simulator.world import World

CURRENCY = "CNY"
PAID_AHEAD = 10_000  # fen
IN_TURN = (Way.TEST, Way.CASH, Way.CARD)  # neighbours in turn
_SEED = 11  # dice of its own: those of the simulation fall as if nobody bought together
_CRATES = {  # of the two campaigns that arrived
    goods.STRAWBERRIES.title: (("A-1", Count(12)), ("A-2", Count(6, damaged=1))),
    goods.MILK.title: (("M-1", Count(12)), ("M-2", Count(15, damaged=1, short=2))),
    goods.ORANGES.title: (("O-1", Count(21)),),
}

Act = Callable[[], object]


@dataclass
class Shop:
    """Who buys and sells, and what was made so far: campaigns by title, orders by title and buyer."""

    world: World
    until: datetime
    phone: str
    suppliers: dict[str, int] = field(default_factory=dict)
    buyers: list[int] = field(default_factory=list)
    campaigns: dict[str, int] = field(default_factory=dict)
    orders: dict[tuple[str, int], int] = field(default_factory=dict)

    @property
    def station_id(self) -> int:
        """The station."""
        return self.world.station_id

    def staff(self, role: Role) -> Actor:
        """Return somebody of the staff with a role."""
        return next(one for one in self.world.staff if one.role == role)

    @property
    def manager(self) -> Actor:
        """Who runs campaigns and settles."""
        return self.staff(Role.MANAGER)

    @property
    def clerk(self) -> Actor:
        """Who takes orders and money, counts, packs and hands out."""
        return self.staff(Role.CLERK)

    def resident(self) -> Resident:
        """Return the resident whose number is printed, signed in."""
        phone = phones.parse(self.phone)
        if phone is None:
            raise ValueError("a made-up number is none")
        return accounts.sign_in_resident(residents.phone_hash(phone.key))


def plan(simulation: Simulation, *, phone: str) -> None:
    """Plan what is shown; `phone` is the number of the resident whose orders and balance anybody may look at."""
    shop = Shop(simulation.world, simulation.until, phone)
    _at(shop, 217, "suppliers", partial(_begin, shop))
    for shown in goods.ALL:
        _at(shop, shown.made_h, "campaigns", partial(_open, shop, shown))
        for place, want in enumerate(shown.wants, 1):
            _at(shop, shown.made_h - place / 2, "orders", partial(_order, shop, shown, want))
        if shown.cut_off_h > 0 and shown.reaches is not CampaignState.CANCELLED:
            _at(shop, shown.cut_off_h, "cut-offs", partial(_cut_off, shop, shown))
    for hours, word, act in _steps():
        _at(shop, hours, word, partial(act, shop))
    _plan_the_books(shop, simulation.since)


def _at(shop: Shop, hours: float, word: str, act: Act) -> None:
    at = shop.until - timedelta(hours=hours)
    shop.world.agenda.plan(at, partial(shop.world.attempt, word, act))


def _steps() -> tuple[tuple[float, str, Callable[[Shop], object]], ...]:
    """Return what happens in the campaigns: hours ago, a word to count it by, and the act."""
    oranges, berries, milk = goods.ORANGES, goods.STRAWBERRIES, goods.MILK
    return (
        (146, "counts", lambda shop: _count(shop, oranges)),
        (145, "bags packed", lambda shop: _pack(shop, oranges)),
        (144, "bags shelved", lambda shop: _shelve(shop, oranges, range(5))),
        (140, "bags collected", lambda shop: _collect(shop, oranges, range(3))),
        (130, "bags collected", lambda shop: _collect(shop, oranges, (3, 4))),
        (100, "paid ahead", lambda shop: _pay_ahead(shop, (RESIDENT,))),
        (100, "later days", _name_a_later_day),
        (71, "money back", _give_back),
        (60, "called off", _call_off),
        (31, "counts", lambda shop: _count(shop, berries)),
        (30.5, "bags packed", lambda shop: _pack(shop, berries)),
        (30, "bags shelved", lambda shop: _shelve(shop, berries, (1, 2, 3))),
        (29, "orders sent", _send),
        (28, "bags collected", lambda shop: _collect(shop, berries, (1,))),
        (26, "bags collected", lambda shop: _collect(shop, berries, (2,))),
        (25, "complaints", _complain),
        (24, "complaints answered", _answer),
        (23, "complaints", _complain_again),
        (2, "given up", lambda shop: orders.cancel(shop.clerk, shop.orders[goods.CRABS.title, 3])),
        (1.5, "left", lambda shop: unclaimed.run(shop.station_id)),
        (1.2, "counts", lambda shop: _count(shop, milk)),
        (1, "bags shelved", lambda shop: _shelve(shop, berries, (RESIDENT, 4, 5))),
        (0.5, "paid ahead", lambda shop: _pay_ahead(shop, (9, 10, 11))),
        (0.3, "offered", _let_others_have),
    )


def _begin(shop: Shop) -> None:
    """Note who delivers and who buys: the resident whose number is printed, and neighbours."""
    for name, (phone, email) in goods.SUPPLIERS.items():
        shop.suppliers[name] = suppliers.add(shop.manager, Details(name, phone, email))
    phone_of = phones.parse(shop.phone)
    if phone_of is None:
        raise ValueError("a made-up number is none")
    shop.buyers.append(residents.find_or_add(shop.station_id, phone_of, "陈晓明").id)
    dice = random.Random(_SEED)  # noqa: S311 - the same demo each time
    people = {(one.phone.key, one.name): one for one in shop.world.town.neighbours()}
    for person in dice.sample(list(people.values()), goods.BUYERS - 1):
        shop.buyers.append(residents.find_or_add(shop.station_id, person.phone, person.name).id)


def _open(shop: Shop, shown: Shown) -> None:
    made = campaigns.create(shop.manager, _plan(shop, shown))
    pictures.add(shop.manager, made, goods_drawn.picture(shown.drawn))
    shop.campaigns[shown.title] = made
    if shown.reaches is not CampaignState.DRAFT:
        campaigns.open_campaign(shop.manager, made)


def _plan(shop: Shop, shown: Shown) -> Plan:
    cut_off_at = shop.until - timedelta(hours=shown.cut_off_h)
    return Plan(
        title=shown.title,
        text=shown.text,
        unit=shown.unit,
        supplier_id=shop.suppliers[shown.supplier],
        currency=CURRENCY,
        tiers=tuple(Tier(*price) for price in shown.prices),
        points=(Point(shop.station_id),),
        storage=shown.storage,
        minimum_total=shown.minimum,
        maximum_total=shown.maximum,
        per_person_most=shown.each,
        box_size=shown.box_size,
        commission_bp=shown.commission_bp,
        pays=shown.pays,
        at_cut_off=shown.at_cut_off,
        cut_off_at=cut_off_at,
        arrives_on=cut_off_at.astimezone(shop.world.zone).date() + timedelta(days=shown.arrives_after),
        collect_h=shown.collect_h,
        unclaimed_rule=shown.unclaimed,
    )


def _order(shop: Shop, shown: Shown, want: Want) -> None:
    """Let a buyer order, and pay at once where that comes first; the resident on the phone, others at the counter."""
    wish = Wish(want.quantity, want.tolerance, shop.station_id)
    campaign_id, recipient_id = shop.campaigns[shown.title], shop.buyers[want.buyer]
    if want.buyer == RESIDENT:
        signed_in = shop.resident()
        actor, account_id = signed_in.at(shop.station_id), signed_in.account_id
        placed = orders.order(actor, campaign_id, recipient_id, wish, account_id=account_id)
    else:
        placed = orders.order(shop.clerk, campaign_id, recipient_id, wish)
    shop.orders[shown.title, want.buyer] = placed.order_id
    if placed.state is OrderState.HELD:
        amount = group_balances.to_pay(shop.station_id, placed.order_id)
        _pay(shop, want.buyer, amount, purpose=f"group_order:{placed.order_id}")


def _pay(shop: Shop, buyer: int, amount_minor: int, *, purpose: str) -> None:
    """Pay through the test provider, in cash or by card, as the buyer does."""
    way = IN_TURN[buyer % len(IN_TURN)]
    wanted = Wanted(purpose, shop.buyers[buyer], amount_minor, CURRENCY, way)
    key = f"demo:{buyer}:{purpose}"
    if way in AT_COUNTER:
        asked = service.receive(shop.clerk, wanted, key)
    else:
        asked = service.ask(shop.clerk, wanted, key)
        moved = test_bank.take(shop.station_id, str(asked.id), amount_minor, CURRENCY)
        seen = Seen(str(asked.id), Status.PAID, moved.ref, amount_minor, CURRENCY, moved.at)
        service.settle(system_actor(shop.station_id), asked.id, seen)
    on_paid(shop.clerk, asked)


def _pay_ahead(shop: Shop, buyers: tuple[int, ...]) -> None:
    for buyer in buyers:
        _pay(shop, buyer, PAID_AHEAD, purpose="balance")


def _cut_off(shop: Shop, shown: Shown) -> None:
    cut_off.cut_off(system_actor(shop.station_id), shop.campaigns[shown.title])


def _send(shop: Shop) -> None:
    """Note that the order without an e-mail address was handed over."""
    made = supplier_orders.of_campaign(shop.station_id, shop.campaigns[goods.DUMPLINGS.title])
    if made:
        supplier_orders.mark_sent(shop.manager, made.id, way="by_hand")


def _count(shop: Shop, shown: Shown) -> None:
    campaign_id = shop.campaigns[shown.title]
    for crate, found in _CRATES[shown.title]:
        arrival.count_crate(shop.clerk, campaign_id, crate, found)
    arrival.finish(shop.clerk, campaign_id)


def _pack(shop: Shop, shown: Shown) -> None:
    bags.pack(shop.clerk, shop.campaigns[shown.title])


def _shelve(shop: Shop, shown: Shown, buyers: range | tuple[int, ...]) -> None:
    for buyer in buyers:
        row = shop.world.row_for("medium", needs=shown.storage) or shop.world.row_for("medium")
        if row:
            bag = bag_store.of_order(shop.station_id, shop.orders[shown.title, buyer])
            waybill = parcels.look(shop.station_id, [bag.parcel_id])[0].waybill
            bags.shelve(shop.clerk, waybill, row.id)


def _collect(shop: Shop, shown: Shown, buyers: range | tuple[int, ...]) -> None:
    """Let buyers come: they pay what they owe, then they take their bag."""
    for buyer in buyers:
        owed = balances.owed(shop.station_id, [shop.buyers[buyer]], CURRENCY)
        order_id = shop.orders[shown.title, buyer]
        if owed:
            _pay(shop, buyer, owed, purpose=f"group_order:{order_id}")
        bag = bag_store.of_order(shop.station_id, order_id)
        hand_over.hand_over(shop.clerk, bag.parcel_id, Taker())
    bags.follow(shop.station_id)


def _complain(shop: Shop) -> None:
    """Let a buyer show what was wrong with what they collected."""
    wish = claims.Wish(Problem.BAD, 1, "有一盒发霉了 One box is mouldy")
    claims.make(shop.clerk, shop.orders[goods.STRAWBERRIES.title, 1], wish, [goods_drawn.picture("spoilt")])


def _answer(shop: Shop) -> None:
    for one in claim_queries.waiting(shop.station_id):
        claims.refund(
            shop.manager, one.claim.id, claims.Refund(one.claim.units, BorneBy.SUPPLIER, "抱歉 Sorry")
        )


def _complain_again(shop: Shop) -> None:
    """Let the resident whose number is printed, and a neighbour, wait for an answer."""
    oranges, berries = goods.ORANGES.title, goods.STRAWBERRIES.title
    missing = claims.Wish(Problem.MISSING, 1, "少了一箱 One box is missing")
    claims.make(shop.resident().at(shop.station_id), shop.orders[oranges, RESIDENT], missing, [])
    damaged = claims.Wish(Problem.DAMAGED, 2, "两盒压坏了 Two boxes are crushed")
    claims.make(shop.clerk, shop.orders[berries, 2], damaged, [goods_drawn.picture("spoilt")])


def _let_others_have(shop: Shop) -> None:
    """Let one buyer say that they will not come; who waits is asked."""
    unclaimed.agree_release(shop.clerk, shop.orders[goods.STRAWBERRIES.title, 4])


def _name_a_later_day(shop: Shop) -> None:
    """Name a later day for goods that do not come; it is over by now too, and they are still not there."""
    day = shop.until.astimezone(shop.world.zone).date() - timedelta(days=2)
    lateness.postpone(shop.manager, shop.campaigns[goods.WALNUTS.title], day)
    lateness.give_back(shop.clerk, shop.orders[goods.WALNUTS.title, 6])


def _call_off(shop: Shop) -> None:
    reason = "产地暴雨，无法采摘 Heavy rain: nothing can be picked"
    campaigns.cancel(shop.manager, shop.campaigns[goods.CHERRIES.title], reason=reason)


def _give_back(shop: Shop) -> None:
    """Give the buyers of the campaign that failed their money back the way it came."""
    for want in goods.APPLES.wants:
        recipient_id = shop.buyers[want.buyer]
        for asked in queries.refundable(shop.station_id, recipient_id, CURRENCY):
            amount = min(asked.rest_minor, balances.free(shop.station_id, recipient_id, CURRENCY))
            if amount:
                _give_back_of(shop, asked, amount)


def _give_back_of(shop: Shop, asked: Asked, amount_minor: int) -> None:
    """Give a part of a payment back; the test provider says at once that it did."""
    key = f"demo:back:{asked.id}"
    reason = Reason.NOT_NEEDED
    given = refunds.give_back(shop.clerk, asked.id, amount_minor=amount_minor, key=key, reason=reason)
    paid = test_bank.find(shop.station_id, Kind.PAYMENT, str(asked.id))
    if paid:
        moved = test_bank.give(shop.station_id, str(given.id), paid, amount_minor)
        refunds.confirm(shop.clerk, given.id, ref=moved.ref)


def _plan_the_books(shop: Shop, since: datetime) -> None:
    """Close each day after midnight, bring what was paid by card to the bank, and settle with one supplier."""
    world, today = shop.world, shop.until.astimezone(shop.world.zone).date()
    midnight = datetime.combine(today, time(), world.zone)
    for days in range((shop.until - since).days):
        close = partial(world.attempt, "days closed", partial(_close, shop))
        world.agenda.plan(midnight - timedelta(days=days), close)
    _at(shop, 0.2, "money moved", partial(_bring_to_the_bank, shop))
    _at(shop, 0.1, "settlements", partial(_settle, shop, since))


def _close(shop: Shop) -> None:
    for day in closes.open_days(shop.station_id, books.local_today(shop.station_id)):
        closes.close_day(system_actor(shop.station_id), day)


def _bring_to_the_bank(shop: Shop) -> None:
    """Let what was paid by card and through the test provider arrive at the bank."""
    for way in (Way.CARD, Way.TEST):
        source = WAYS[way].account
        amount = books.balance(shop.station_id, source, CURRENCY)
        wish = moving.Wish(source, moving.BANK, amount, "平台结算到账 Payout arrived")
        moving.move(shop.manager, wish, key=f"demo:{way}")


def _settle(shop: Shop, since: datetime) -> None:
    last_day = books.local_today(shop.station_id) - timedelta(days=1)
    period = Period(since.astimezone(shop.world.zone).date(), last_day)
    supplier = AccountRef(AccountKind.SUPPLIER, str(shop.suppliers[goods.ORCHARD]))
    owed = settling.owed(shop.station_id, supplier, CURRENCY, period)
    settling.settle(shop.manager, Payout(supplier, CURRENCY, period, owed))
