"""Which number a parcel gets, case by case."""

from datetime import UTC, datetime, timedelta

import pytest

from station.parcels.numbering import (
    Choice,
    CoolDownRules,
    NumberState,
    Regime,
    RowLoad,
    RowState,
    Rule,
    Wish,
    accept,
    choose,
    is_available,
    load_of,
    next_after,
    preferred_number,
    regime_for,
)

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ANY = Wish()


def row(space=10, *, first=1, cursor=0, stored=(), rested=()):
    """A row with numbers in use and numbers released so many days ago."""
    released = {number: NOW - days * DAY for number, days in dict(rested).items()}
    return RowState(space, first, cursor, frozenset(stored), released)


@pytest.mark.parametrize(
    ("waybill", "number"),
    [
        ("SF1234567893210", 3210),
        ("YT0000000000007", 7),
        ("JDVA12345678901-1-1-", 111),
        ("1234", 1234),
        ("AB123CD", None),
        ("123", None),
        ("", None),
        ("١٢٣٤", None),
    ],
)
def test_preferred_number_is_the_last_four_digits(waybill, number):
    assert preferred_number(waybill) == number


@pytest.mark.parametrize(("space", "number"), [(999, 6789 % 999), (7, 6789 % 7), (1, 0), (100_000, 56_789)])
def test_preferred_number_fits_any_space(space, number):
    assert preferred_number("SF123456789", space) == number


@pytest.mark.parametrize(("cursor", "number"), [(0, 1), (1, 2), (9, 10), (10, 1), (25, 6)])
def test_next_after_goes_round(cursor, number):
    assert next_after(cursor, first=1, space=10) == number


@pytest.mark.parametrize(
    ("free", "regime"),
    [
        (1000, Regime.NORMAL),
        (301, Regime.NORMAL),
        (300, Regime.TIGHT),
        (100, Regime.TIGHT),
        (99, Regime.EMERGENCY),
        (0, Regime.EMERGENCY),
    ],
)
@pytest.mark.parametrize("recent", [0, 50])
def test_regime_changes_at_the_stated_shares(free, recent, regime):
    if free + recent > 1000:
        recent = 0

    assert regime_for(RowLoad(1000, 1000 - free - recent, recent)) is regime


@pytest.mark.parametrize("space", [10, 20, 30, 70, 110, 10_000])
def test_exact_shares_suffer_no_rounding(space):
    assert regime_for(RowLoad(space, space - 3 * space // 10, 0)) is Regime.TIGHT
    assert regime_for(RowLoad(space, space - space // 10, 0)) is Regime.TIGHT


def test_free_never_falls_below_zero():
    assert RowLoad(5, 4, 3).free == 0


@pytest.mark.parametrize(
    ("in_use", "released_at", "available"),
    [
        (True, None, False),
        (True, NOW - 30 * DAY, False),
        (False, None, True),
        (False, NOW - 7 * DAY, True),
        (False, NOW - 7 * DAY + timedelta(microseconds=1), False),
        (False, NOW + DAY, False),
    ],
)
def test_a_number_is_available_when_unused_and_rested(in_use, released_at, available):
    assert is_available(in_use=in_use, released_at=released_at, now=NOW, cool_down=7 * DAY) is available


def test_counter_gives_the_next_number_and_a_sticker():
    assert choose(row(cursor=4), now=NOW, wish=ANY) == Choice(
        number=5,
        rule=Rule.COUNTER,
        regime=Regime.NORMAL,
        cool_down=7 * DAY,
        free=10,
        space=10,
        needs_sticker=True,
    )


def test_numbers_come_next_fit_not_first_fit():
    choice = choose(row(cursor=9, stored={10, 1}, rested={2: 1}), now=NOW, wish=ANY)

    assert choice.number == 3


def test_waybill_digits_are_taken_without_a_sticker():
    choice = choose(row(10_000, first=0, cursor=5), now=NOW, wish=Wish(preferred=3210))

    assert (choice.number, choice.rule, choice.needs_sticker) == (3210, Rule.WAYBILL, False)


@pytest.mark.parametrize(
    ("state", "wish"),
    [
        (row(10_000, first=0, cursor=5, stored={3210}), Wish(3210)),
        (row(10_000, first=0, cursor=5, rested={3210: 6}), Wish(3210)),
        (row(10_000, first=0, cursor=5), Wish(3210, avoid=3210)),
        (row(10, first=0, cursor=5), Wish(3210)),
    ],
    ids=["in use", "resting", "phone tail", "outside the row"],
)
def test_unusable_waybill_digits_give_the_next_free_number_and_a_sticker(state, wish):
    choice = choose(state, now=NOW, wish=wish)

    assert (choice.number, choice.rule, choice.needs_sticker) == (6, Rule.NEXT_FREE, True)


def test_next_free_number_is_never_the_phone_tail():
    assert choose(row(cursor=5), now=NOW, wish=Wish(avoid=6)).number == 7


def test_tight_row_asks_for_three_days():
    state = row(stored=range(1, 8), rested={8: 2.9, 9: 3, 10: 6})

    choice = choose(state, now=NOW, wish=ANY)

    assert (choice.number, choice.regime, choice.cool_down) == (9, Regime.TIGHT, 3 * DAY)
    assert (choice.free, choice.space) == (2, 10)


def test_normal_row_without_a_rested_number_records_the_shorter_rest():
    choice = choose(row(cursor=2, rested=dict.fromkeys(range(1, 11), 4)), now=NOW, wish=ANY)

    assert (choice.number, choice.regime, choice.cool_down) == (3, Regime.TIGHT, 3 * DAY)
    assert choice.free == 10


def test_emergency_takes_the_longest_released():
    state = row(cursor=7, stored=range(1, 8), rested={8: 1.5, 9: 2.5, 10: 1.2})

    choice = choose(state, now=NOW, wish=Wish(preferred=8))

    assert (choice.number, choice.rule) == (9, Rule.LONGEST_RELEASED)
    assert (choice.regime, choice.cool_down) == (Regime.EMERGENCY, DAY)
    assert choice.needs_sticker


def test_emergency_takes_a_never_used_number_before_all():
    state = row(20, stored=range(1, 20), cursor=3)

    assert choose(state, now=NOW, wish=ANY).number == 20


def test_emergency_prefers_the_waybill_digits_among_equals():
    state = row(30, first=0, stored=range(28), cursor=27)

    choice = choose(state, now=NOW, wish=Wish(preferred=29))

    assert (choice.number, choice.rule, choice.needs_sticker) == (29, Rule.LONGEST_RELEASED, False)


@pytest.mark.parametrize(("hours", "number"), [(24, 10), (23.99, None)])
def test_emergency_never_undercuts_24_hours(hours, number):
    state = row(stored=range(1, 10), rested={10: hours / 24})

    choice = choose(state, now=NOW, wish=ANY)

    assert (choice and choice.number) == number


def test_full_row_gives_nothing():
    assert choose(row(stored=range(1, 11)), now=NOW, wish=ANY) is None


def test_numbers_beyond_a_shrunken_row_do_not_count():
    state = row(10, stored={5, 700}, rested={800: 1, 5: 1})

    assert load_of(state, NOW) == RowLoad(10, 1, 0)


def test_accept_takes_a_rested_candidate():
    candidate = NumberState(3210, in_use=False, released_at=NOW - 8 * DAY)

    choice = accept(candidate, RowLoad(10_000, 40, 10), now=NOW, wish=Wish(3210))

    assert (choice.number, choice.rule, choice.free) == (3210, Rule.WAYBILL, 9950)


@pytest.mark.parametrize(
    ("candidate", "load", "wish"),
    [
        (NumberState(7, in_use=True, released_at=None), RowLoad(10, 1, 0), ANY),
        (NumberState(7, in_use=False, released_at=NOW - 4 * DAY), RowLoad(10, 0, 0), ANY),
        (NumberState(7, in_use=False, released_at=None), RowLoad(10, 0, 0), Wish(avoid=7)),
        (NumberState(7, in_use=False, released_at=None), RowLoad(10, 10, 0), ANY),
    ],
    ids=["in use", "resting", "phone tail", "emergency"],
)
def test_accept_leaves_the_rest_to_the_whole_row(candidate, load, wish):
    assert accept(candidate, load, now=NOW, wish=wish) is None


def test_stations_may_set_longer_rests():
    rules = CoolDownRules(normal=30 * DAY, tight=10 * DAY, floor=2 * DAY, recent=10 * DAY)

    choice = choose(row(rested=dict.fromkeys(range(1, 10), 29)), now=NOW, wish=ANY, rules=rules)

    assert (choice.number, choice.cool_down) == (10, 30 * DAY)


@pytest.mark.parametrize(
    "wrong",
    [
        {"floor": timedelta(hours=23)},
        {"tight": timedelta(hours=12)},
        {"normal": 2 * DAY},
        {"recent": timedelta(hours=3)},
        {"tight_from": 0.5},
        {"normal_above": 1.0},
        {"tight_from": -0.1},
    ],
)
def test_rules_that_contradict_each_other_are_refused(wrong):
    with pytest.raises(ValueError, match=r"rests|resting|shares"):
        CoolDownRules(**wrong)


def test_a_row_without_numbers_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        RowLoad(0, 0, 0)
