"""Invariant 2: whatever happens in a row, no number is given in use or before it has rested."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import event, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from station.parcels.numbering import (
    CoolDownRules,
    NumberState,
    Regime,
    RowState,
    Rule,
    Wish,
    accept,
    choose,
    load_of,
    next_after,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
RESTS = {Regime.NORMAL: 7 * DAY, Regime.TIGHT: 3 * DAY, Regime.EMERGENCY: DAY}


class Row:
    """A row as the database would keep it, with an oracle of its own."""

    def __init__(self, space, first):
        self.space, self.first, self.cursor = space, first, first - 1
        self.numbers = range(first, first + space)
        self.stored, self.released, self.now = set(), {}, START
        self.seen = set()

    def state(self):
        return RowState(self.space, self.first, self.cursor, frozenset(self.stored), dict(self.released))

    def rested(self, number, rest):
        if number in self.stored:
            return False
        return number not in self.released or self.now - self.released[number] >= rest

    def regime(self):
        recent = sum(self.now - at < 3 * DAY for at in self.released.values())
        share = Fraction(self.space - len(self.stored) - recent, self.space)
        if share > Fraction(3, 10):
            return Regime.NORMAL
        return Regime.TIGHT if share >= Fraction(1, 10) else Regime.EMERGENCY

    def passed_over(self, number):
        """The numbers that next-fit looked at before this one."""
        steps = (number - self.cursor - 1) % self.space
        return [self.first + (self.cursor + 1 + i - self.first) % self.space for i in range(steps)]

    def allocate(self, wish):
        choice = choose(self.state(), now=self.now, wish=wish)
        if choice is None:
            assert not any(self.rested(n, DAY) for n in self.numbers if n != wish.avoid)
            self.seen.add(None)
            return
        self.check(choice, wish)
        self.seen.add(choice.regime)
        self.stored.add(choice.number)
        self.released.pop(choice.number, None)
        self.cursor = choice.number

    def check(self, choice, wish):
        assert choice.number in self.numbers
        assert choice.number != wish.avoid
        assert choice.cool_down == RESTS[choice.regime] >= DAY
        assert self.rested(choice.number, choice.cool_down)
        assert choice.needs_sticker == (choice.number != wish.preferred)
        self.check_regime(choice, wish)
        self.check_order(choice, wish)

    def check_regime(self, choice, wish):
        """A shorter rest than the row's regime demands is used only when nobody kept the longer one."""
        order = list(Regime)
        for longer in order[order.index(self.regime()) : order.index(choice.regime)]:
            assert not any(self.rested(n, RESTS[longer]) for n in self.numbers if n != wish.avoid)
        assert order.index(choice.regime) >= order.index(self.regime())

    def check_order(self, choice, wish):
        others = [n for n in self.numbers if n != wish.avoid and self.rested(n, choice.cool_down)]
        if choice.rule is Rule.LONGEST_RELEASED:
            longest = min(self.released.get(n, START - DAY) for n in others)
            assert self.released.get(choice.number, START - DAY) == longest
            return
        if choice.rule is Rule.WAYBILL:
            assert choice.number == wish.preferred
            return
        assert wish.preferred not in others
        assert not set(self.passed_over(choice.number)) & set(others)

    def release(self, number):
        self.stored.remove(number)
        self.released[number] = self.now


wishes = st.builds(Wish, st.one_of(st.none(), st.integers(0, 12)), st.one_of(st.none(), st.integers(0, 12)))


class Numbering(RuleBasedStateMachine):
    """Parcels come and go in one small row while time passes."""

    @initialize(space=st.integers(3, 12), first=st.sampled_from([0, 1]))
    def open_row(self, space, first):
        self.row = Row(space, first)

    @rule(wish=wishes)
    def check_in(self, wish):
        self.row.allocate(wish)

    @rule(count=st.integers(2, 12))
    def check_in_many(self, count):
        for _ in range(count):
            self.row.allocate(Wish())

    @precondition(lambda self: self.row.stored)
    @rule(data=st.data())
    def hand_over(self, data):
        self.row.release(data.draw(st.sampled_from(sorted(self.row.stored))))

    @precondition(lambda self: self.row.stored)
    @rule()
    def hand_over_all(self):
        for number in sorted(self.row.stored):
            self.row.release(number)

    @rule(hours=st.sampled_from([1, 5, 23, 24, 25, 48, 71, 72, 96, 167, 168]))
    def wait(self, hours):
        self.row.now += hours * HOUR

    def teardown(self):
        for regime in getattr(self, "row", Row(3, 0)).seen:
            event(f"reached {regime}")


Numbering.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestNumbering = Numbering.TestCase


def test_a_plain_month_reaches_every_regime_and_exhaustion():
    row = Row(10, 1)
    for hour in range(0, 30 * 24, 3):
        row.now = START + hour * HOUR
        row.allocate(Wish())
        # Parcels stay from a few hours to several days, as the month goes by.
        stay = 2 + (hour // 96) % 6
        while len(row.stored) > stay:
            row.release(min(row.stored))
        if hour % 240 == 237:
            row.now += 8 * DAY

    assert row.seen == {*Regime, None}


@st.composite
def rows(draw):
    space, first = draw(st.integers(1, 12)), draw(st.sampled_from([0, 1]))
    row = Row(space, first)
    row.now = START + 30 * DAY
    row.cursor = draw(st.integers(first - 1, first + space - 1))
    for number in row.numbers:
        hours = draw(st.sampled_from([None, None, "in use", 1, 23, 24, 71, 72, 100, 167, 168, 500]))
        if hours == "in use":
            row.stored.add(number)
        elif hours is not None:
            row.released[number] = row.now - hours * HOUR
    return row


@settings(max_examples=200, deadline=None)
@given(row=rows(), wish=wishes)
def test_any_row_is_served_by_the_rule(row, wish):
    row.allocate(wish)


@settings(max_examples=200, deadline=None)
@given(row=rows(), wish=wishes)
def test_looking_at_single_numbers_agrees_with_looking_at_the_row(row, wish):
    state, rules = row.state(), CoolDownRules()
    load = load_of(state, row.now, rules)
    tries = [wish.preferred] if wish.preferred in row.numbers else []
    tries.append(next_after(row.cursor, row.first, row.space))

    for number in tries:
        candidate = NumberState(number, number in row.stored, row.released.get(number))
        quick = accept(candidate, load, now=row.now, wish=wish, rules=rules)
        if quick is not None:
            event("decided quickly")
            assert quick == choose(state, now=row.now, wish=wish, rules=rules)
            return
