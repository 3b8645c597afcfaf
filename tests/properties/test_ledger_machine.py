"""Whatever is posted, repeated, reversed, refused, counted and closed: the books balance after every step."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.ledger import closes, drawer, proof, queries, service
from station.ledger.chart import CHART, JournalKind
from station.ledger.journal import Journal, Move
from tests import ledger
from tests.factories import make_station
from tests.ledger import ALIPAY, BANK, CARD, CASH, COMMISSION, OTHER_RESIDENT, PARTNER, RESIDENT, SUPPLIER

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
REFS = st.sampled_from([CASH, CARD, BANK, ALIPAY, COMMISSION, RESIDENT, OTHER_RESIDENT, SUPPLIER, PARTNER])
CURRENCIES = st.sampled_from(["CNY", "CNY", "EUR", "JPY"])
AMOUNTS = st.integers(1, 10_000)
MOVES = st.lists(
    st.tuples(REFS, REFS, AMOUNTS).filter(lambda move: move[0] != move[1]), min_size=1, max_size=4
)
WRONG = st.sampled_from(
    [
        {"moves": ()},
        {"moves": (Move(CASH, RESIDENT, 0),)},
        {"moves": (Move(CASH, RESIDENT, -1),)},
        {"moves": (Move(CASH, CASH, 1),)},
        {"currency": "???"},
        {"key": ""},
    ]
)


class Books(RuleBasedStateMachine):
    """A station's books beside a plain count of every account."""

    posted = Bundle("posted")

    @initialize()
    def open(self):
        self.now = NOON
        self.station = make_station()
        self.expected = Counter()
        self.keys = 0
        self.closed = {}

    def act(self, do):
        with clock.use(lambda: self.now), transaction():
            return do()

    def note(self, journal, times=1):
        for move in journal.moves:
            for ref, sign in ((move.debit, times), (move.credit, -times)):
                grows = 1 if CHART[ref.kind].side.grows_by_debit else -1
                self.expected[ref, journal.currency] += sign * grows * move.amount_minor

    def journal(self, moves, currency):
        self.keys += 1
        made = tuple(Move(*move) for move in moves)
        return Journal(f"key:{self.keys}", JournalKind.CHARGE, currency, made)

    @rule(target=posted, moves=MOVES, currency=CURRENCIES)
    def post(self, moves, currency):
        journal = self.journal(moves, currency)
        journal_id = self.act(lambda: service.post(self.station.clerk, journal))
        self.note(journal)
        return journal_id, journal

    @rule(target=posted, many=st.lists(st.tuples(MOVES, CURRENCIES), min_size=1, max_size=3))
    def post_many(self, many):
        journals = [self.journal(moves, currency) for moves, currency in many]
        ids = self.act(lambda: service.post_all(self.station.clerk, journals + journals))
        assert ids[: len(journals)] == ids[len(journals) :]
        for journal in journals:
            self.note(journal)
        return ids[0], journals[0]

    @rule(one=posted)
    def repeat(self, one):
        journal_id, journal = one
        assert self.act(lambda: service.post(self.station.manager, journal)) == journal_id

    @rule(one=posted, amount=AMOUNTS)
    def use_a_key_for_something_else(self, one, amount):
        journal = Journal(one[1].key, JournalKind.REFUND, "CNY", (Move(RESIDENT, CASH, amount),))
        with pytest.raises(StationError, match="under this key"):
            self.act(lambda: service.post(self.station.manager, journal))

    @rule(change=WRONG)
    def post_nonsense(self, change):
        values = {"key": "key:0", "currency": "CNY", "moves": (Move(CASH, RESIDENT, 1),), **change}
        good = self.journal([(CASH, RESIDENT, 5)], "CNY")
        journals = [good, Journal(kind=JournalKind.CHARGE, **values)]
        with pytest.raises(StationError) as refused:
            self.act(lambda: service.post_all(self.station.manager, journals))
        assert refused.value.code == "journal_refused"

    @rule(one=consumes(posted))
    def reverse(self, one):
        journal_id, journal = one
        key = f"reversal:{journal_id}"

        def turn():
            return service.reverse(self.station.manager, journal_id, key=key, reason="typed wrong")

        assert self.act(turn) == self.act(turn)
        self.note(journal, times=-1)
        with pytest.raises(StationError) as refused:
            self.act(
                lambda: service.reverse(self.station.manager, journal_id, key=f"{key}:2", reason="again")
            )
        assert refused.value.code == "journal_reversed"

    @rule(counted=st.integers(0, 20_000))
    def count_the_drawer(self, counted):
        def take():
            return drawer.count(self.station.clerk, counted_minor=counted, currency="CNY")

        with reading():
            is_first = not drawer.counts(self.station.id, limit=1)
        made = self.act(take)
        assert made.expected_minor == self.expected[CASH, "CNY"]
        self.expected[CASH, "CNY"] = counted
        if is_first and made.difference_minor > 0:
            self.expected[drawer.OPENING, "CNY"] += made.difference_minor
        else:
            self.expected[drawer.DIFFERENCES, "CNY"] -= made.difference_minor

    @rule(hours=st.integers(1, 60))
    def pass_time(self, hours):
        self.now += timedelta(hours=hours)

    @rule(days_ago=st.integers(-1, 3))
    def close(self, days_ago):
        with clock.use(lambda: self.now), reading():
            day = queries.local_today(self.station.id) - timedelta(days=days_ago)
        if days_ago < 0:
            with pytest.raises(StationError, match="not begun"):
                self.act(lambda: closes.close_day(self.station.manager, day))
            return
        made = self.act(lambda: closes.close_day(self.station.manager, day))
        assert self.closed.setdefault(day, made.balances) == made.balances

    @invariant()
    def books_balance(self):
        with reading():
            sums = Counter()
            for line in queries.trial_balance(self.station.id):
                sums[line.currency] += line.debit_minor - line.credit_minor
            assert not any(sums.values())
            expected = {account: amount for account, amount in self.expected.items() if amount}
            assert ledger.recount(self.station.id) == expected
            for (ref, currency), amount in expected.items():
                assert queries.balance(self.station.id, ref, currency) == amount
            assert proof.first_fault(self.station.id) is None


def test_books_balance_whatever_happens(app):
    run_state_machine_as_test(Books, settings=settings(max_examples=8, stateful_step_count=16))
