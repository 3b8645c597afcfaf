"""Each number of the reports against a sum of its own, over campaigns in every state and money of every kind."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from station.core import clock
from station.core.db import connection, reading, transaction
from station.group_buys import unclaimed
from station.group_buys.models import GroupOrder, OrderBag
from station.ledger import queries as ledger_queries
from station.ledger.chart import CHART, AccountKind, Side
from station.ledger.statements import Period
from station.parcels.models import Parcel
from station.reports import campaign_queries, queries
from tests import ledger, sharing
from tests.factories import store
from tests.ledger import CASH, COMMISSION, RESIDENT, SERVICES, SUPPLIER
from tests.sharing import CUT_OFF

PERIOD = Period(CUT_OFF.date(), CUT_OFF.date() + timedelta(days=60))


def postings(station):
    """Yield (journal, move) of all the books."""
    with reading():
        for one in ledger_queries.read_journals(station.id):
            for move in one.moves:
                yield one, move


def mixed(station):
    """Return two campaigns: one of which half was left on the shelf, one with less than was ordered."""
    left, orders = sharing.packed(station, (3,), (2,), commission_bp=1000)
    sharing.shelve(left, orders[0])
    left.clock.wind(timedelta(days=20))
    with clock.use(left.clock), transaction():
        unclaimed.run(station.id)
    short, _orders = sharing.packed(station, (4,), (1,), came=4, commission_bp=500)
    return left, short


def found(station):
    with clock.use(lambda: CUT_OFF + timedelta(days=70)), reading():
        return {one.id: one.figures for one in campaign_queries.results(station.id, PERIOD)}


def test_campaigns_money_is_what_its_orders_journals_moved(station):
    deals = mixed(station)
    shown = found(station)
    for deal in deals:
        mine = {f"group_order:{order.id}" for order in deal.all()}
        sold = back = commission = 0
        for one, move in postings(station):
            if one.refers_to not in mine:
                continue
            sold += move.amount_minor * (move.debit.kind is AccountKind.RESIDENT)
            back += move.amount_minor * (move.credit.kind is AccountKind.RESIDENT)
            commission += move.amount_minor * (move.credit == COMMISSION)
            commission -= move.amount_minor * (move.debit == COMMISSION)
        figures = shown[deal.id]
        assert sold > 0
        assert (figures.sold_minor, figures.back_minor, figures.commission_minor) == (sold, back, commission)


def test_campaigns_units_are_what_its_orders_and_bags_say(station):
    deals = mixed(station)
    shown = found(station)
    for deal in deals:
        orders = {order.id: order for order in deal.all()}
        with reading():
            bags = [
                row
                for row in connection().execute(select(OrderBag.__table__))
                if row.order_id in orders and row.ready_at is not None
            ]
            delivered = dict(connection().execute(select(GroupOrder.id, GroupOrder.delivered)).all())
        bagged = sum(one.units for one in bags if delivered[one.order_id] != 0)
        left = sum(one.units for one in bags if one.state in ("left", "settled"))
        figures = shown[deal.id]
        assert figures.ordered == sum(order.quantity for order in orders.values())
        assert figures.delivered == sum(delivered[one] or 0 for one in orders)
        assert (figures.bagged, figures.unclaimed) == (bagged, left)
        assert figures.unclaimed_rate == (left / bagged if bagged else 0.0)


def test_totals_of_campaigns_are_the_sums_of_their_lines(station):
    mixed(station)
    with clock.use(lambda: CUT_OFF + timedelta(days=70)), reading():
        lines = campaign_queries.results(station.id, PERIOD)
    total = campaign_queries.totals(lines)["CNY"]
    for name in (
        "ordered",
        "delivered",
        "bagged",
        "unclaimed",
        "sold_minor",
        "back_minor",
        "commission_minor",
    ):
        assert getattr(total, name) == sum(getattr(one.figures, name) for one in lines)


def test_income_of_each_service_is_what_its_accounts_grew_by(station):
    ledger.post(station.clerk, (RESIDENT, SERVICES, 700), (RESIDENT, COMMISSION, 90))
    ledger.reverse(station.manager, ledger.post(station.clerk, (RESIDENT, SERVICES, 55)))
    ledger.post(station.clerk, (RESIDENT, SUPPLIER, 5_000), (CASH, RESIDENT, 9_000))
    with reading():
        day = ledger_queries.local_today(station.id)
        shown = queries.report(station.id, "CNY", Period(day, day)).total
    grown = Counter()
    for _one, move in postings(station):
        for ref, is_debit in ((move.debit, True), (move.credit, False)):
            side = CHART[ref.kind].side
            if side in (Side.INCOME, Side.EXPENSE):
                grown[ref.kind] += (
                    move.amount_minor if side.grows_by_debit == is_debit else -move.amount_minor
                )
    assert {kind: amount for kind, amount in shown.money.items() if amount} == +grown
    assert shown.income_minor == 790


def test_parcels_beside_the_income_are_those_that_came(station):
    for _number in range(3):
        store(station)
    with reading():
        day = ledger_queries.local_today(station.id)
        came = len(list(connection().scalars(select(Parcel.id).where(Parcel.station_id == station.id))))
        assert queries.report(station.id, "CNY", Period(day, day)).total.parcels["in"] == came == 3


def test_more_campaigns_than_a_page_are_all_in_the_totals(station):
    for _number in range(3):
        deal = sharing.deal(station)
        deal.order(2)
        deal.cut_off()
    with clock.use(lambda: CUT_OFF + timedelta(days=70)), reading():
        lines = campaign_queries.results(station.id, PERIOD)
    assert [one.number for one in lines] == [1, 2, 3]
    assert campaign_queries.totals(lines)["CNY"].sold_minor == 6_000
