"""Whatever fees are set, parcels do and nights are missed: carriers owe what each parcel's own fee says, once."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from station.core import clock
from station.core.db import reading, transaction
from station.ledger import closes, jobs, queries
from station.ledger.chart import AccountKind, AccountRef
from station.parcel_fees import service
from station.parcel_fees.service import Wish
from station.parcel_fees.terms import Earned, Fee, terms
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from tests import ledger
from tests.factories import make_station, store

START = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai, a Monday
LOCAL = timedelta(hours=8)  # of Shanghai before UTC
CARRIERS = st.sampled_from(["sf", "yto"])
DAYS = st.integers(-3, 2)  # from today
FEES = st.sampled_from([0, 25, 40])
HOW = st.sampled_from(Earned)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("fee"), CARRIERS, DAYS, FEES, HOW),
        st.tuples(st.just("store"), CARRIERS),
        st.tuples(st.just("take"), st.integers(0, 9)),
        st.tuples(st.just("undo"), st.integers(0, 9)),
        st.tuples(st.just("night")),
        st.tuples(st.just("close")),
        st.tuples(st.just("wait"), st.integers(1, 20)),
    ),
    max_size=25,
)


class Desk:
    """A station beside a plain list of its parcels and of the fees that were set."""

    def __init__(self, app):
        self.settings = app.config["SETTINGS"]
        self.now = START
        with clock.use(lambda: self.now):
            self.station = make_station()
        self.parcels = []  # [id, carrier, local day of check-in, whether it is gone]
        self.fees = []  # (carrier, first day, minor units, when earned)

    def do(self, step):
        self.now += timedelta(minutes=1)
        getattr(self, step[0])(*step[1:])

    @property
    def today(self):
        return (self.now + LOCAL).date()

    def fee(self, carrier, days, minor, how):
        day = self.today + timedelta(days=days)
        with transaction():
            service.set_fee(self.station.manager, Wish(carrier, day, minor, how))
        self.fees.append((carrier, day, minor, how))

    def store(self, carrier):
        self.parcels.append([store(self.station, carrier=carrier).parcel_id, carrier, self.today, False])

    def take(self, place):
        for one in self.parcels[place : place + 1]:
            if not one[3]:
                with transaction():
                    hand_over.hand_over(self.station.clerk, one[0], Taker())
                one[3] = True

    def undo(self, place):
        for one in self.parcels[place : place + 1]:
            if one[3]:
                with transaction():
                    hand_over.undo_hand_over(self.station.clerk, one[0], reason="wrong_parcel")
                one[3] = False

    def night(self):
        jobs.close_days(self.settings)

    def close(self):
        with transaction():
            closes.close_day(self.station.manager, self.today)

    def wait(self, hours):
        self.now += timedelta(hours=hours)

    def expected(self):
        """What each carrier owes: for each parcel, the newest fee whose first day is not after its check-in."""
        owed = Counter()
        for _parcel_id, carrier, day, is_gone in self.parcels:
            standing = [one for one in self.fees if one[0] == carrier and one[1] <= day]
            if standing:
                _carrier, _first, minor, how = standing[-1]
                owed[carrier] += minor * (how is Earned.CHECKED_IN or is_gone)
        return {carrier: amount for carrier, amount in owed.items() if amount}

    def owed(self):
        with reading():
            lines = queries.owners(self.station.id, AccountKind.CARRIER)
        return {line.ref.owner: -line.balance_minor for line in lines if line.balance_minor}


@settings(max_examples=20)
@given(steps=STEPS)
def test_carriers_owe_each_parcels_own_fee_once(app, steps):
    desk = Desk(app)
    with clock.use(lambda: desk.now):
        for step in steps:
            desk.do(step)
        desk.wait(48)
        desk.night()
        assert desk.owed() == desk.expected()
        with transaction():
            assert service.post_until(desk.station.manager, desk.today - timedelta(days=1)) == 0
        income = sum(desk.owed().values())
        with reading():
            assert queries.balance(desk.station.id, AccountRef(AccountKind.PARCEL_FEES), "CNY") == income
        ledger.check(desk.station.id)


SOME_DAY = date(2026, 3, 1)
SET = st.lists(
    st.builds(
        Fee,
        id=st.integers(1, 99),
        carrier=CARRIERS,
        first_day=st.integers(0, 30).map(lambda days: SOME_DAY + timedelta(days=days)),
        fee_minor=FEES,
        currency=st.just("CNY"),
        earned_by=HOW,
    ),
    max_size=8,
    unique_by=lambda fee: fee.id,
)


@given(fees=SET, carrier=CARRIERS, day=st.integers(-5, 40).map(lambda days: SOME_DAY + timedelta(days=days)))
def test_one_fee_at_most_stands_on_a_day_and_it_is_the_newest_that_has_begun(fees, carrier, day):
    begun = [fee for fee in fees if fee.carrier == carrier and fee.first_day <= day]
    standing = [
        term.fee
        for term in terms(fees)
        if term.fee.carrier == carrier and term.since <= day and (term.until is None or day < term.until)
    ]
    assert standing == begun[-1:]
