"""Complaints in the results of group buys, by campaign and by supplier; and goods left over that were sold for cash."""

from collections import Counter
from decimal import Decimal

import pytest

from station.claims import service as claims
from station.claims.rules import BorneBy
from station.core.db import reading
from station.group_buys import surplus_uses
from station.group_buys.surplus_uses import Way
from station.ledger import queries as ledger_queries
from station.ledger.chart import AccountKind
from station.ledger.statements import Period
from station.reports import campaign_queries, sheets
from station.reports.campaign_queries import Figures
from tests import ledger, sharing
from tests.claims import bring_back, claim, collect, collected, refund
from tests.factories import make_station
from tests.ledger import COMMISSION
from tests.services.test_group_buy_surplus import counted
from tests.sharing import CUT_OFF

DAY = Period(CUT_OFF.date(), CUT_OFF.date())


def results(station):
    with reading():
        return campaign_queries.results(station.id, DAY)


def complaints(figures):
    """Return what figures say of complaints."""
    orders = (figures.collected, figures.complained)
    return *orders, figures.refunded, figures.by_supplier_minor, figures.by_station_minor


def complained_of(station, **values):
    """Return a deal of which three orders were collected and two of them complained of, and one stands on its shelf."""
    one, orders = sharing.packed(station, (3,), (2,), (2,), (1,), **values)
    for order in orders[:3]:
        collect(one, order)
    sharing.shelve(one, orders[3])
    refund(one, claim(one, orders[0], 2), 2, BorneBy.SUPPLIER)
    one.do(claims.refuse, claim(one, orders[1], 2), "Too dark to see.")
    refund(one, claim(one, orders[1], 2), 1, BorneBy.STATION)
    one.do(claims.withdraw, claim(one, orders[2], 1))
    return one, orders


def test_an_order_counts_once_and_what_was_withdrawn_does_not(station):
    complained_of(station, commission_bp=1000)
    (found,) = results(station)
    assert complaints(found.figures) == (3, 2, 3, 2000, 1000)
    assert found.figures.complaint_rate == 2 / 3
    assert found.figures.back_minor == 3000


@pytest.mark.parametrize("answer", ["none", "refused"])
def test_a_complaint_counts_whatever_is_answered(station, answer):
    one, (order, _other) = collected(station, (3,), (1,))
    made = claim(one, order, 2)
    if answer == "refused":
        one.do(claims.refuse, made, "Too dark to see.")
    assert complaints(results(station)[0].figures) == (2, 1, 0, 0, 0)


def test_goods_brought_back_after_a_complaint_were_collected_all_the_same(station):
    one, (order, other) = collected(station, (3,), (1,))
    refund(one, claim(one, order, 1), 1)
    for each in (order, other):
        bring_back(one, each)
    assert complaints(results(station)[0].figures) == (1, 1, 1, 1000, 0)


def test_nothing_collected_has_no_rate(station):
    one, (order,) = sharing.packed(station, (3,))
    assert results(station)[0].figures.complaint_rate is None
    collect(one, order)
    assert results(station)[0].figures.complaint_rate == 0.0


def test_another_stations_complaints_are_its_own(station):
    complained_of(make_station("Elm Court"))
    collected(station, (3,))
    assert complaints(results(station)[0].figures) == (1, 0, 0, 0, 0)


def test_what_complaints_cost_is_what_their_journals_moved(station):
    complained_of(station, commission_bp=777)
    moved = Counter()
    with reading():
        for one in ledger_queries.read_journals(station.id):
            for move in one.moves:
                if one.key.startswith("claim:"):
                    moved[move.debit.kind is AccountKind.WASTE] += move.amount_minor
    figures = results(station)[0].figures
    assert (figures.by_supplier_minor, figures.by_station_minor) == (moved[False], moved[True])


def test_a_suppliers_line_is_the_sum_of_their_campaigns(station):
    first, _orders = complained_of(station)
    mine = {"supplier_id": first.campaign.supplier_id}
    collected(station, (4,), (1,), came=4, **mine)
    sharing.packed(station, (1,), currency="EUR", **mine)
    sharing.packed(station, (2,))
    lines = results(station)

    with reading():
        found = campaign_queries.by_supplier(lines)

    assert [(one.supplier, one.currency, one.campaigns) for one in found] == sorted(
        [
            (lines[0].supplier, "CNY", 2),
            (lines[0].supplier, "EUR", 1),
            (lines[3].supplier, "CNY", 1),
        ]
    )
    sums = Figures()
    for one in lines[:2]:
        sums.add(one.figures)
    assert sums in [one.figures for one in found]
    assert (sums.delivered, sums.collected, sums.complained) == (12, 5, 2)


def test_files_say_the_same(station):
    complained_of(station)
    sharing.packed(station, (2,))
    lines = results(station)
    campaigns, suppliers = sheets.campaigns(lines), sheets.suppliers(campaign_queries.by_supplier(lines))
    for sheet in (campaigns, suppliers):
        first, second = (dict(zip(sheet.head, row, strict=True)) for row in sheet.rows)
        assert (first["Supplier"], second["Supplier"]) == (lines[0].supplier, lines[1].supplier)
        assert (first["Orders collected"], first["Orders complained of"]) == (3, 2)
        assert (first["Complained of, percent"], second["Complained of, percent"]) == (Decimal("66.7"), "")
        assert first["Units refunded"] == 3
        assert first["Complaints borne by the supplier"] == Decimal("20.00")
        assert first["Complaints borne by the station"] == Decimal("10.00")
    assert [row[1] for row in suppliers.rows] == [1, 1]


def test_results_need_as_many_statements_for_many_campaigns_as_for_one(station):
    needed = []
    for _campaign in range(3):
        complained_of(station)
        with ledger.statements() as found:
            results(station)
        needed.append(len(found))
    assert needed[0] == needed[2]


# Goods left over


@pytest.mark.parametrize(("currency", "commission"), [("CNY", 500), ("JPY", 500)])
def test_goods_left_over_that_were_sold_for_cash_are_sold_like_the_rest(station, currency, commission):
    one, _orders = counted(station, (3,), came=8, commission_bp=1000, currency=currency)
    for units, way in ((2, Way.SOLD), (1, Way.RETURNED), (1, Way.GIVEN_AWAY)):
        one.do(surplus_uses.use, one.id, units, way=way)

    (found,) = results(station)

    figures = found.figures
    assert (figures.left_over, figures.left_sold) == (5, 2)
    assert (figures.left_returned, figures.left_given_away) == (1, 1)
    assert found.currency == currency
    assert (figures.sold_minor, figures.commission_minor, figures.back_minor) == (5000, commission, 0)
    with reading():
        assert ledger_queries.balance(station.id, COMMISSION, currency) == commission
    assert list(campaign_queries.totals([found])) == [currency]


def test_what_was_sold_for_cash_is_one_campaigns_alone(station):
    sold, _orders = counted(station, (3,), came=5)
    counted(station, (3,), came=5)
    sold.do(surplus_uses.use, sold.id, 1, way=Way.SOLD)
    sold.do(surplus_uses.use, sold.id, 1, way=Way.SOLD)
    assert [one.figures.sold_minor for one in results(station)] == [5000, 3000]
