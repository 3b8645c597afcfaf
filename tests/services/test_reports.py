"""Reports: income by day as the ledger says it, parcels as the day book counts them, and what came of group buys."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.days import queries as days
from station.days import service as day_service
from station.group_buys import arrival, unclaimed
from station.group_buys.arrival import Count
from station.group_buys.plans import AtCutOff
from station.ledger.chart import AccountKind, AccountRef
from station.ledger.statements import Period
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from station.reports import campaign_queries, charts, files, queries, sheets
from station.reports.files import Sheet
from tests import ledger, sharing
from tests.factories import make_station, store
from tests.ledger import BANK, CASH, COMMISSION, RESIDENT, SERVICES
from tests.sharing import CUT_OFF

WASTE = AccountRef(AccountKind.WASTE)
NOON = CUT_OFF - timedelta(days=1)


def report(station, first, last, currency="CNY"):
    with reading():
        return queries.report(station.id, currency, Period(first, last))


def today(station):
    with reading():
        return days.local_today(station.id)


def test_income_is_what_the_ledger_says_of_each_kind(station):
    ledger.post(station.clerk, (RESIDENT, SERVICES, 500), (RESIDENT, COMMISSION, 70))
    ledger.post(station.clerk, (WASTE, RESIDENT, 30))
    back = ledger.post(station.clerk, (RESIDENT, SERVICES, 999))
    ledger.reverse(station.manager, back)
    ledger.post(station.clerk, (CASH, RESIDENT, 5000))
    ledger.post(station.clerk, (RESIDENT, SERVICES, 12), currency="EUR")
    elsewhere = make_station("Lotus Garden")
    ledger.post(elsewhere.clerk, (RESIDENT, SERVICES, 800))

    day = today(station)
    shown = report(station, day - timedelta(days=1), day)

    assert shown.total.money == {AccountKind.SERVICES: 500, AccountKind.COMMISSION: 70, AccountKind.WASTE: 30}
    assert (shown.total.income_minor, shown.total.expense_minor, shown.total.result_minor) == (570, 30, 540)
    assert list(shown.days) == [day - timedelta(days=1), day]
    assert shown.days[day].income_minor == 570
    assert report(station, day, day, "EUR").total.income_minor == 12


def test_parcels_are_counted_as_the_day_book_counts_them(station):
    moment = NOON - timedelta(days=2)
    for number in range(3):
        with clock.use(lambda at=moment + timedelta(days=number): at):
            parcel_id = store(station).parcel_id
            store(station)
            with transaction():
                day_service.open_day(station.manager)
                hand_over.hand_over(station.clerk, parcel_id, Taker())
            with transaction():
                day_service.close_day(station.manager, days.local_today(station.id))
        with clock.use(lambda at=moment + timedelta(days=number, hours=1): at):
            store(station)
    with clock.use(lambda: NOON + timedelta(days=1)):
        first, last = (moment - timedelta(days=1)).date(), (NOON + timedelta(days=3)).date()
        shown = report(station, first, last)
        with reading():
            for day, one in shown.days.items():
                total = days.figures(station.id, days.span_of(station.id, day))["total"]
                assert {move: one.parcels[move] for move in queries.MOVES} == {
                    move: total[move] for move in queries.MOVES
                }
    assert shown.total.parcels == {"in": 9, "handed_over": 3}


def test_report_needs_as_many_statements_for_a_year_as_for_a_day(station):
    counted = []
    for length in (1, queries.LONGEST_DAYS):
        day = today(station)
        with ledger.statements() as found:
            report(station, day - timedelta(days=length - 1), day)
        counted.append(len(found))
    assert counted[0] == counted[1]


def test_longer_than_a_year_is_refused(station):
    day = today(station)
    with pytest.raises(StationError, match="at most 366 days"):
        report(station, day - timedelta(days=queries.LONGEST_DAYS), day)


def results(station, at):
    with clock.use(lambda: at), reading():
        return campaign_queries.results(station.id, Period(CUT_OFF.date(), CUT_OFF.date()))


def test_group_buy_shows_goods_money_and_what_nobody_collected(station):
    one, orders = sharing.packed(station, (3,), (2,), commission_bp=1000)
    for order in orders:
        sharing.shelve(one, order)
    one.clock.wind(timedelta(days=20))
    with clock.use(one.clock), transaction():
        unclaimed.run(station.id)

    (found,) = results(station, one.clock())

    figures = found.figures
    assert (figures.ordered, figures.allocated, figures.delivered) == (5, 5, 5)
    assert (figures.bagged, figures.unclaimed, figures.unclaimed_rate) == (5, 5, 1.0)
    assert (figures.sold_minor, figures.commission_minor) == (5000, 500)
    assert figures.back_minor == 5000
    assert found.number == 1
    assert campaign_queries.totals([found, found])["CNY"].sold_minor == 10_000


def test_what_did_not_come_is_short_and_given_back(station):
    one = sharing.deal(station, at_cut_off=AtCutOff.CLOSE_AND_ORDER, commission_bp=1000)
    for quantity in (3, 2):
        one.order(quantity)
    one.cut_off()
    one.clock.wind(timedelta(days=1))
    one.do(arrival.count_crate, one.id, "A", Count(4, short=1, damaged=1))
    one.do(arrival.finish, one.id)

    (found,) = results(station, one.clock())

    figures = found.figures
    assert (figures.allocated, figures.delivered, figures.short, figures.damaged) == (5, 3, 1, 1)
    assert (figures.sold_minor, figures.back_minor, figures.commission_minor) == (5000, 2000, 300)


def test_campaign_of_other_days_station_or_a_draft_is_not_shown(station):
    sharing.deal(make_station("Lotus Garden"))
    sharing.deal(
        station, cut_off_at=CUT_OFF + timedelta(days=1), arrives_on=CUT_OFF.date() + timedelta(days=3)
    )
    assert results(station, NOON) == []
    assert campaign_queries.totals([]) == {}


def test_chart_draws_each_day_and_a_long_period_by_the_week(station):
    ledger.post(station.clerk, (RESIDENT, SERVICES, 500), (WASTE, BANK, 250))
    day = today(station)

    short = charts.money(report(station, day - timedelta(days=9), day))
    long = charts.money(report(station, day - timedelta(days=99), day))
    nothing = charts.parcels(report(station, day, day))

    assert [(bar.series, bar.height) for bar in short.bars] == [(1, 80.0), (2, 40.0)]
    assert short.zero == 80.0
    assert (short.best, short.best_value, short.is_weekly) == (day, 500, False)
    assert long.is_weekly
    assert all(bar.x + bar.width <= charts.WIDTH for bar in (*short.bars, *long.bars))
    assert (nothing.bars, nothing.best) == ((), None)


def test_file_holds_the_days_and_their_total_as_numbers(station):
    ledger.post(station.clerk, (RESIDENT, SERVICES, 1250), (WASTE, BANK, 2000))
    day = today(station)
    sheet = sheets.income(report(station, day, day))

    rows = list(csv.DictReader(io.StringIO(files.as_csv(sheet).removeprefix("\ufeff"))))
    page = load_workbook(io.BytesIO(files.as_xlsx(sheet))).active

    assert [row["Date"] for row in rows] == [day.isoformat(), "Total"]
    assert [(row["Services"], row["What is left"]) for row in rows] == [("12.50", "-7.50")] * 2
    assert page.max_row == 3
    assert [cell.value for cell in page[1]] == list(sheet.head)
    assert [cell.data_type for cell in page[3]][:4] == ["s", "s", "n", "n"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "＝1"])
def test_text_is_no_formula_in_any_file(text):
    sheet = Sheet("Group buys", ["Name", "Sum"], [[text, Decimal("-1.50")]])
    page = load_workbook(io.BytesIO(files.as_xlsx(sheet))).active
    assert files.as_csv(sheet).splitlines()[1].startswith(("'", "\"'"))
    assert files.as_csv(sheet).splitlines()[1].endswith(",-1.50")
    assert (page["A2"].data_type, page["A2"].value) == ("s", text)
    assert page["B2"].value == -1.5


def test_group_buys_as_a_file(station):
    one, orders = sharing.packed(station, (3,), title="=SUM(A1)")
    sharing.shelve(one, orders[0])
    sheet = sheets.campaigns(results(station, one.clock()))
    (row,) = sheet.rows
    cells = dict(zip(sheet.head, row, strict=True))
    assert cells["Group buy"] == "=SUM(A1)"
    assert (cells["Sold"], cells["Unclaimed, percent"]) == (Decimal("30.00"), Decimal("0.0"))
