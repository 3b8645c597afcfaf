"""The daily close, and an account over a period."""

from datetime import UTC, date, datetime, timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.ledger import closes, jobs, queries, service, statements
from station.ledger.chart import AccountKind
from station.ledger.statements import Period
from tests import ledger
from tests.ledger import BANK, CASH, RESIDENT, SERVICES, SUPPLIER

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a Monday
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture
def hands(station):
    """Moves the clock: `hands(hours=1)`."""
    now = [NOON]

    def move(**span):
        now[0] += timedelta(**span)

    with clock.use(lambda: now[0]):
        yield move


def close(station, day):
    with transaction():
        return closes.close_day(station.manager, day)


def test_posting_counts_for_the_stations_own_day(station, hands):
    hands(hours=13)  # 01:00 in Shanghai, still Monday in UTC
    journal_id = ledger.post(station.clerk, (CASH, RESIDENT, 5))
    with reading():
        assert queries.posted(station.id, journal_id).day == TUESDAY


def test_closed_day_takes_nothing_more(station, hands):
    ledger.post(station.clerk, (CASH, RESIDENT, 5))
    made = close(station, MONDAY)
    late = ledger.post(station.clerk, (CASH, RESIDENT, 7))
    with reading():
        assert queries.posted(station.id, late).day == TUESDAY
        assert [(line.kind, line.balance_minor) for line in made.lines] == [
            (AccountKind.CASH, 5),
            (AccountKind.RESIDENT, 5),
        ]
        assert queries.trial_balance(station.id, MONDAY) == made.lines
    ledger.check(station.id)


def test_closing_twice_is_closing_once(station, hands):
    ledger.post(station.clerk, (CASH, RESIDENT, 5))
    first = close(station, MONDAY)
    hands(hours=3)
    assert close(station, MONDAY) == first


def test_day_that_has_not_begun_cannot_be_closed(station, hands):
    with pytest.raises(StationError) as refused:
        close(station, TUESDAY)
    assert refused.value.code == "bad_input"


def test_job_closes_every_day_that_is_over_and_nothing_twice(station, hands, app):
    settings = app.config["SETTINGS"]
    assert jobs.close_days(settings) == "0 days"
    ledger.post(station.clerk, (CASH, RESIDENT, 5))
    assert jobs.close_days(settings) == "0 days"
    hands(days=3)
    ledger.post(station.clerk, (CASH, RESIDENT, 5))
    assert jobs.close_days(settings) == "3 days"
    assert jobs.close_days(settings) == "0 days"
    with reading():
        assert [one.day for one in closes.recent(station.id, limit=9)] == [
            MONDAY + timedelta(days=2),
            TUESDAY,
            MONDAY,
        ]
        assert [one.journals for one in closes.recent(station.id, limit=9)] == [0, 0, 1]
    ledger.check(station.id)


def test_job_closes_what_was_left_before_a_day_closed_by_hand(station, hands, app):
    ledger.post(station.clerk, (CASH, RESIDENT, 5))
    hands(days=1)
    close(station, TUESDAY)
    assert jobs.close_days(app.config["SETTINGS"]) == "1 days"
    ledger.check(station.id)


# An account over a period


def statement(station, ref, first, last, **values):
    with reading():
        return statements.statement(station.id, ref, "CNY", Period(first, last), **values)


def test_statement_begins_with_what_was_before_and_ends_with_what_stands(station, hands):
    ledger.post(station.clerk, (CASH, RESIDENT, 100))
    hands(days=1)
    ledger.post(station.clerk, (RESIDENT, SERVICES, 30), refers_to="parcel:7")
    ledger.post(station.clerk, (CASH, RESIDENT, 5))
    hands(days=1)
    ledger.post(station.clerk, (RESIDENT, SERVICES, 1))

    shown = statement(station, RESIDENT, TUESDAY, TUESDAY)

    assert (shown.opening_minor, shown.closing_minor, shown.following) == (100, 75, None)
    assert [(one.other, one.amount_minor, one.balance_minor, one.refers_to) for one in shown.entries] == [
        (SERVICES, -30, 70, "parcel:7"),
        (CASH, 5, 75, None),
    ]


def test_statement_of_an_asset_grows_by_debits(station, hands):
    ledger.post(station.clerk, (CASH, RESIDENT, 100))
    ledger.post(station.clerk, (BANK, CASH, 60))
    shown = statement(station, CASH, MONDAY, MONDAY)
    assert [one.amount_minor for one in shown.entries] == [100, -60]
    assert shown.closing_minor == 40


def test_statement_of_an_account_nobody_used_is_empty(station, hands):
    shown = statement(station, BANK, MONDAY, MONDAY)
    assert (shown.opening_minor, shown.closing_minor, shown.entries) == (0, 0, ())


@pytest.mark.parametrize("last", [MONDAY - timedelta(days=1), MONDAY + timedelta(days=2000)])
def test_statement_of_no_period_is_refused(station, last):
    with pytest.raises(StationError) as refused:
        statement(station, CASH, MONDAY, last)
    assert refused.value.code == "bad_input"


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "2026-03-02",
        "2026-03-02.1",
        "2026-13-02.1.1",
        "2026-03-02.-1.1",
        "2026-03-02.1.1.1",
        f"2026-03-02.{10**19}.1",
        "2026-03-02.٣.1",
    ],
)
def test_page_that_does_not_exist_is_refused(text):
    with pytest.raises(StationError) as refused:
        statements.place_of(text)
    assert refused.value.code == "bad_input"


def test_place_is_read_as_it_is_written():
    place = statements.Place(MONDAY, 123, 4)
    assert statements.place_of(str(place)) == place
    assert statements.place_of("") is None


def test_statement_of_ten_thousand_postings_is_read_in_pages(station, hands):
    amounts = [number % 97 + 1 for number in range(10_000)]
    with transaction():
        for start in range(0, len(amounts), 1000):
            part = amounts[start : start + 1000]
            service.post_all(
                station.manager, [ledger.journal((RESIDENT, SUPPLIER, amount)) for amount in part]
            )
    with ledger.statements() as run:
        first = statement(station, SUPPLIER, MONDAY, MONDAY)
    assert len(run) <= 9
    assert len(first.entries) == statements.PAGE
    assert first.closing_minor == sum(amounts)

    second = statement(station, SUPPLIER, MONDAY, MONDAY, after=first.following)
    assert second.carried_minor == first.entries[-1].balance_minor
    assert second.opening_minor == 0

    with reading():
        entries = list(statements.whole(station.id, SUPPLIER, "CNY", Period(MONDAY, MONDAY)))
    assert [one.amount_minor for one in entries] == amounts
    assert entries[-1].balance_minor == sum(amounts)
    assert entries[: len(first.entries)] == list(first.entries)
    assert entries[50:100] == list(second.entries)
