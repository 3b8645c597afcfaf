"""What a count allows to say: Wilson's interval, when a base is too small, and differences beyond chance."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.quality.rates import Tally, Trend, trend, wilson

TALLIES = st.integers(0, 100_000).flatmap(lambda base: st.builds(Tally, st.integers(0, base), st.just(base)))


@pytest.mark.parametrize(
    ("count", "base", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_s_interval_is_the_published_one(count, base, low, high):
    found = wilson(Tally(count, base))

    assert found.low == pytest.approx(low, abs=6e-5)
    assert found.high == pytest.approx(high, abs=6e-5)


@given(TALLIES)
def test_the_rate_lies_in_its_interval(tally):
    found = tally.interval

    assert 0 <= found.low <= found.high <= 1
    assert not tally.base or found.low - 1e-12 <= tally.share <= found.high + 1e-12


@pytest.mark.parametrize(("base", "says"), [(0, False), (380, False), (381, True), (10_000, True)])
def test_a_base_says_something_from_381_parcels(base, says):
    assert Tally(0, base).says_something is says
    assert Tally(base, base).says_something is says


def test_rates_are_said_for_ten_thousand():
    assert Tally(3, 1_000).per_10_000 == pytest.approx(30)
    assert Tally(0, 0).per_10_000 == 0


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (Tally(30, 1_000), Tally(5, 1_000), Trend.HIGHER),
        (Tally(5, 1_000), Tally(30, 1_000), Trend.LOWER),
        (Tally(6, 1_000), Tally(5, 1_000), Trend.UNCLEAR),
        (Tally(0, 1_000), Tally(0, 1_000), Trend.UNCLEAR),
        (Tally(30, 380), Tally(5, 1_000), Trend.TOO_FEW),
        (Tally(30, 1_000), Tally(5, 380), Trend.TOO_FEW),
    ],
)
def test_a_difference_is_named_only_beyond_chance(now, before, expected):
    assert trend(now, before) is expected


@given(TALLIES, TALLIES)
def test_a_difference_seen_from_the_other_side_is_the_opposite(now, before):
    opposite = {Trend.HIGHER: Trend.LOWER, Trend.LOWER: Trend.HIGHER}

    assert trend(before, now) is opposite.get(trend(now, before), trend(now, before))


def test_newcombe_s_published_difference_is_found():
    # 56/70 against 48/80: 0.0524 to 0.3339 (ibid. 873-890, table II, row a), so more than chance
    now, before = Tally(56 * 6, 70 * 6), Tally(48 * 6, 80 * 6)

    assert trend(now, before) is Trend.HIGHER
    assert math.isclose(now.share, 0.8)
    assert math.isclose(before.share, 0.6)
