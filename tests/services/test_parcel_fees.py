"""What carriers pay for parcels: which fee a parcel earns, when it comes into the books, and what takes it back."""

from datetime import UTC, date, datetime, timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.days import service as days
from station.ledger import closes, jobs, settlement_queries, settling
from station.ledger import queries as books
from station.ledger import rules as ledger_rules
from station.ledger import service as ledger_service
from station.ledger.chart import AccountKind, AccountRef
from station.ledger.rules import LedgerRules
from station.ledger.settling import Payout
from station.ledger.statements import Period
from station.parcel_fees import queries, service
from station.parcel_fees.service import Wish
from station.parcel_fees.terms import Earned
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from tests import ledger
from tests.factories import store

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a Monday
MONDAY = date(2026, 3, 2)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
SF, YTO = AccountRef(AccountKind.CARRIER, "sf"), AccountRef(AccountKind.CARRIER, "yto")
EARNED = AccountRef(AccountKind.PARCEL_FEES)
LEFT, CAME = Earned.HANDED_OVER, Earned.CHECKED_IN


class Hands:
    """The clock, and what a station does with its parcels."""

    def __init__(self, station, settings):
        self.station, self.settings = station, settings
        self.now = NOON

    def wait(self, **span):
        self.now += timedelta(**span)

    def fee(self, minor=30, *, carrier="sf", first_day=None, earned_by=LEFT):
        with transaction():
            day = first_day or books.local_today(self.station.id)
            return service.set_fee(self.station.manager, Wish(carrier, day, minor, earned_by))

    def take(self, parcel):
        with transaction():
            hand_over.hand_over(self.station.clerk, parcel.parcel_id, Taker())

    def undo(self, parcel):
        with transaction():
            hand_over.undo_hand_over(self.station.clerk, parcel.parcel_id, reason="wrong_parcel")

    def gone(self, count=1, **values):
        """Check parcels in and hand them over."""
        parcels = [store(self.station, **values) for _ in range(count)]
        for one in parcels:
            self.take(one)
        self.wait(minutes=1)
        return parcels

    def night(self):
        """Let the next day begin, and the job of the night run."""
        self.wait(days=1)
        jobs.close_days(self.settings)

    def owed(self, ref=SF, until=None):
        """What a carrier owes the station."""
        with reading():
            return -books.balance(self.station.id, ref, "CNY", until=until)

    def income(self, until=None):
        with reading():
            return books.balance(self.station.id, EARNED, "CNY", until=until)


@pytest.fixture
def hands(station, app):
    made = Hands(station, app.config["SETTINGS"])
    with clock.use(lambda: made.now):
        yield made
    ledger.check(station.id)


def test_each_handed_over_parcel_earns_its_carriers_fee_for_its_day(hands):
    hands.fee(30)
    hands.fee(45, carrier="yto")
    hands.gone(3)
    hands.gone(2, carrier="yto")
    store(hands.station)  # waits on its shelf
    hands.gone(carrier="zto")  # pays nothing
    hands.gone(carrier=None)  # of whom nobody knows
    assert (hands.owed(), hands.income()) == (0, 0)
    hands.night()
    assert (hands.owed(), hands.owed(YTO), hands.income()) == (90, 90, 180)
    assert hands.income(until=MONDAY) == 180


def test_fee_may_be_earned_at_check_in(hands):
    hands.fee(20, earned_by=CAME)
    store(hands.station)
    hands.gone(2)
    hands.night()
    assert hands.owed() == 60
    hands.night()
    assert hands.owed() == 60


def test_night_that_comes_late_or_twice_books_the_same(hands):
    hands.fee()
    hands.gone(2)
    hands.wait(days=1)
    hands.gone(1)
    hands.wait(days=3)
    for _ in range(3):
        jobs.close_days(hands.settings)
    assert (hands.owed(until=MONDAY), hands.owed(until=TUESDAY), hands.owed()) == (60, 90, 90)


def test_nothing_is_lost_when_no_night_came_for_months(hands):
    hands.fee()
    hands.gone(2)
    hands.wait(days=100)
    hands.gone(1)
    hands.night()
    assert hands.owed() == 90


def test_what_is_put_right_after_two_months_stays_in_the_books(hands):
    hands.fee()
    parcels = hands.gone(2)
    hands.night()
    hands.wait(days=61)
    hands.undo(parcels[0])
    hands.night()
    assert hands.owed() == 30
    hands.undo(parcels[1])
    hands.night()
    assert hands.owed() == 30


def test_hand_over_that_is_undone_later_is_taken_back_on_an_open_day(hands):
    hands.fee()
    first, _second = hands.gone(2)
    hands.night()
    hands.undo(first)
    hands.night()
    assert (hands.owed(until=MONDAY), hands.owed(until=TUESDAY)) == (60, 30)
    hands.take(first)
    hands.night()
    assert hands.owed() == 60


def test_closing_in_the_evening_books_the_day_so_far_and_the_night_the_rest(hands):
    hands.fee()
    hands.gone(2)
    with transaction():
        closes.close_day(hands.station.manager, MONDAY)
    assert hands.owed(until=MONDAY) == 60
    hands.gone(1)
    hands.night()
    assert (hands.owed(until=MONDAY), hands.owed(until=TUESDAY)) == (60, 90)


def test_day_is_the_day_books_own(hands):
    hands.fee()
    hands.gone(1)
    with transaction():
        days.close_day(hands.station.manager, MONDAY)
    hands.wait(hours=1)
    hands.gone(1)
    hands.night()
    assert hands.owed(until=MONDAY) == 30
    hands.night()
    assert hands.owed(until=TUESDAY) == 60


def test_parcel_earns_the_fee_of_the_day_it_was_checked_in(hands):
    before = store(hands.station)
    hands.wait(days=1)
    hands.fee(30)
    old = store(hands.station)
    hands.wait(days=1)
    hands.fee(50)
    new = store(hands.station)
    for one in (before, old, new):
        hands.take(one)
    hands.night()
    assert hands.owed() == 80


def test_parcel_earns_once_when_the_moment_of_earning_changes(hands):
    hands.fee(30, earned_by=CAME)
    parcel = store(hands.station)
    hands.night()
    assert hands.owed() == 30
    hands.fee(30, earned_by=LEFT)
    hands.take(parcel)
    hands.night()
    assert hands.owed() == 30


def test_fee_agreed_late_changes_what_is_in_the_books_by_the_difference(hands):
    hands.fee(30)
    hands.gone(2)
    hands.night()
    hands.gone(1)
    hands.fee(40, first_day=MONDAY)
    hands.night()
    assert (hands.owed(until=MONDAY), hands.owed()) == (60, 120)
    with reading():
        period = Period(MONDAY, TUESDAY)
        account = settlement_queries.account(hands.station.id, SF, "CNY", period)
    assert [(one.day, one.parcels, one.fee_minor) for one in account.earned] == [
        (MONDAY, 2, 30),
        (MONDAY, -2, 30),
        (MONDAY, 2, 40),
        (TUESDAY, 1, 40),
    ]
    assert account.earned_minor == 120


def test_fee_of_nothing_ends_what_was_paid(hands):
    hands.fee()
    hands.gone(1)
    hands.wait(days=1)
    hands.fee(0)
    hands.gone(1)
    hands.night()
    assert hands.owed() == 30
    with reading():
        assert queries.standing(hands.station.id, WEDNESDAY) == []


def test_setting_the_same_fee_again_changes_nothing(hands):
    assert hands.fee(30) is True
    assert hands.fee(30) is False
    assert hands.fee(0, carrier="zto") is False
    hands.fee(40, first_day=TUESDAY)
    assert hands.fee(30) is True  # tomorrow's is gone with it
    with reading():
        assert [term.fee.fee_minor for term in queries.standing(hands.station.id, MONDAY)] == [30]


def test_what_applies_and_what_comes_are_both_shown(hands):
    hands.fee(30)
    hands.fee(40, first_day=WEDNESDAY)
    with reading():
        shown = queries.standing(hands.station.id, TUESDAY)
        later = queries.standing(hands.station.id, WEDNESDAY)
    assert [(term.fee.fee_minor, term.since, term.last_day) for term in shown] == [
        (30, MONDAY, TUESDAY),
        (40, WEDNESDAY, None),
    ]
    assert [term.fee.fee_minor for term in later] == [40]


def test_fee_keeps_the_currency_it_was_set_in(hands):
    hands.fee()
    with transaction():
        ledger_rules.change(hands.station.manager, LedgerRules(currency="HKD"))
    hands.gone(2)
    hands.night()
    assert hands.owed() == 60


@pytest.mark.parametrize(
    "wish",
    [
        Wish("own", MONDAY, 30, LEFT),
        Wish("nobody", MONDAY, 30, LEFT),
        Wish("sf", MONDAY, -1, LEFT),
        Wish("sf", MONDAY, 10**12, LEFT),
        Wish("sf", MONDAY - timedelta(days=32), 30, LEFT),
        Wish("sf", MONDAY + timedelta(days=367), 30, LEFT),
    ],
)
def test_wish_that_cannot_be_is_refused(hands, wish):
    with pytest.raises(StationError) as refused, transaction():
        service.set_fee(hands.station.manager, wish)
    assert refused.value.code == "bad_input"
    with reading():
        assert queries.fees(hands.station.id) == []


def test_carrier_settles_what_it_owes_less_its_fine(hands):
    hands.fee(500)
    hands.gone(3)
    hands.night()
    with transaction():
        journal = service.fine(
            hands.station.manager, "sf", amount_minor=200, reason="投诉 complaint", key="k1"
        )
        again = service.fine(hands.station.manager, "sf", amount_minor=200, reason="投诉 complaint", key="k1")
    assert journal == again
    assert hands.owed() == 1300
    hands.wait(days=1)
    period = Period(MONDAY, TUESDAY)
    with transaction():
        assert settling.owed(hands.station.id, SF, "CNY", period) == -1300
        settling.settle(hands.station.manager, Payout(SF, "CNY", period, 0, received_minor=1300))
    assert hands.owed() == 0
    with reading():
        account = settlement_queries.account(hands.station.id, SF, "CNY", Period(MONDAY, WEDNESDAY))
    assert (account.earned_minor, account.other_minor, account.paid_minor) == (1500, 200, -1300)


def test_fine_can_be_reversed_and_parcel_fees_cannot(hands):
    hands.fee()
    hands.gone(1)
    hands.night()
    with transaction():
        fine = service.fine(hands.station.manager, "sf", amount_minor=20, reason="complaint", key="k1")
        ledger_service.reverse(hands.station.manager, fine, key="undo:1", reason="won the appeal")
    assert hands.owed() == 30


@pytest.mark.parametrize(("carrier", "amount", "reason"), [("own", 5, "x"), ("sf", 0, "x"), ("sf", 5, "  ")])
def test_fine_that_cannot_be_is_refused(hands, carrier, amount, reason):
    with pytest.raises(StationError), transaction():
        service.fine(hands.station.manager, carrier, amount_minor=amount, reason=reason, key="k1")
    assert hands.owed() == 0
