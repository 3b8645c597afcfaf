"""Cut-off and short delivery on cases small enough to follow by hand; what each case shows is its name.

The cases are our own, in the manner of food co-operatives that order in whole boxes with tolerance.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from station.group_buys.allocation import (
    MOST_UNITS,
    Allocated,
    Reason,
    Share,
    Terms,
    Why,
    Wish,
    allocate,
    share_out,
    why_cut,
)

MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)


class Case(NamedTuple):
    """Orders (quantity, tolerance) in the order of sign-up, the terms, and what each gets."""

    name: str
    orders: tuple[tuple[int, int], ...]
    terms: Terms
    boxes: int
    gets: tuple[int, ...]


SIX = Terms(box_size=6)
CASES = (
    Case("nobody ordered", (), SIX, 0, ()),
    Case("single units need no box", ((1, 0), (4, 2)), Terms(), 5, (1, 4)),
    Case("orders fill the boxes, no tolerance is used", ((4, 3), (2, 3)), SIX, 1, (4, 2)),
    Case("tolerance fills the last box", ((4, 0), (1, 1)), SIX, 1, (4, 2)),
    Case("the largest tolerance helps first", ((2, 1), (2, 3)), SIX, 1, (2, 4)),
    Case("among equal tolerances the earliest helps first", ((2, 2), (1, 2), (1, 2)), SIX, 1, (3, 2, 1)),
    Case("one unit at a time, so that equals share", ((1, 2), (1, 2)), SIX, 1, (3, 3)),
    Case("a large tolerance comes down before small ones are asked", ((1, 4), (1, 1)), SIX, 1, (5, 1)),
    Case("it comes down to the level of the others", ((1, 4), (1, 2)), SIX, 1, (4, 2)),
    Case("one unit short of a box: the latest gives way", ((6, 0), (4, 1)), SIX, 1, (6, 0)),
    Case("the latest loses only what has no box", ((5, 0), (3, 3)), SIX, 1, (5, 1)),
    Case("then the one before", ((6, 0), (3, 0), (1, 1)), SIX, 1, (6, 0, 0)),
    Case("no box at all", ((2, 1), (1, 1)), SIX, 0, (0, 0)),
    Case("exactly the tolerance that is needed", ((2, 2), (1, 1)), SIX, 1, (4, 2)),
    Case("tolerance never starts a box beyond the one that is begun", ((6, 9),), SIX, 1, (6,)),
    Case("an order for nothing lends no tolerance", ((0, 6), (5, 0)), SIX, 0, (0, 0)),
    Case("the maximum forbids the box", ((6, 0), (5, 1)), Terms(6, None, 11), 1, (6, 0)),
    Case("the maximum is reached to the unit", ((6, 0), (5, 1)), Terms(6, None, 12), 2, (6, 6)),
    Case("more was ordered than the maximum", ((3, 0), (3, 0)), Terms(1, None, 4), 4, (3, 1)),
    Case("a maximum smaller than a box", ((6, 0),), Terms(6, None, 5), 0, (0,)),
    Case("a maximum of nothing", ((1, 0), (2, 1)), Terms(1, None, 0), 0, (0, 0)),
    Case("one unit and nothing but tolerance fill a box", ((1, 5),), SIX, 1, (6,)),
    Case("all tolerance there is, and one unit is missing", ((1, 2), (1, 1)), SIX, 0, (0, 0)),
    Case("tolerance is levelled over more than two", ((1, 3), (1, 2), (1, 1)), SIX, 1, (3, 2, 1)),
    Case("of what has no box the latest lose all, one a part", ((7, 0), (2, 0), (1, 0)), SIX, 1, (6, 0, 0)),
    Case("the tolerance of the latest saves everybody", ((5, 0), (4, 0), (1, 2)), SIX, 2, (5, 4, 3)),
    Case("a full box more is cut by the maximum, not its tolerance", ((9, 9),), Terms(6, None, 9), 1, (6,)),
    Case("tolerance fills up to the maximum and no further", ((4, 9),), Terms(6, None, 6), 1, (6,)),
)


def wishes(orders):
    return [
        Wish(at + 1, quantity, tolerance, MONDAY + timedelta(minutes=at))
        for at, (quantity, tolerance) in enumerate(orders)
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cut_off_gives_what_the_rules_say(case):
    found = allocate(wishes(case.orders), case.terms)
    assert found.boxes == case.boxes
    assert tuple(share.units for share in found.shares) == case.gets


@pytest.mark.parametrize(
    ("minimum", "orders", "is_enough"),
    [
        (None, (), False),
        (None, ((1, 0),), True),
        (5, ((4, 1),), False),  # tolerance fills boxes; it does not make a minimum
        (5, ((5, 0),), True),
    ],
)
def test_the_minimum_is_compared_with_what_would_be_ordered(minimum, orders, is_enough):
    assert allocate(wishes(orders), Terms(1, minimum)).is_enough is is_enough


def test_a_minimum_is_reached_by_the_box_that_tolerance_fills():
    """Nine are ordered and eleven wanted: three of tolerance make two boxes, twelve; one less makes one."""
    assert allocate(wishes([(5, 2), (4, 1)]), Terms(6, 11)).is_enough
    assert not allocate(wishes([(5, 1), (4, 1)]), Terms(6, 11)).is_enough


def test_a_minimum_that_only_a_box_without_room_reaches_is_not_reached():
    assert not allocate(wishes([(6, 0), (5, 0)]), Terms(6, 10)).is_enough


def test_every_difference_has_its_reason():
    filled = allocate(wishes([(4, 0), (1, 1)]), SIX)
    assert filled.shares == (Share(1, 4), Share(2, 2, (Why(Reason.FILLED_BOX, 1),)))
    cut = allocate(wishes([(6, 0), (2, 0)]), SIX)
    assert cut.shares == (Share(1, 6), Share(2, 0, (Why(Reason.BOX_NOT_FULL, 2),)))
    limited = allocate(wishes([(6, 0), (5, 1)]), Terms(6, None, 11))
    assert limited.shares[1] == Share(2, 0, (Why(Reason.OVER_MAXIMUM, 5),))


def test_the_reason_of_a_cut_is_the_maximum_only_where_a_box_more_would_pass_it():
    assert why_cut(6, Terms(6, None, 12)) is Reason.BOX_NOT_FULL
    assert why_cut(6, Terms(6, None, 11)) is Reason.OVER_MAXIMUM
    assert why_cut(6, SIX) is Reason.BOX_NOT_FULL


def test_sign_up_is_by_time_then_by_id():
    early, late = Wish(9, 1, 0, MONDAY), Wish(1, 1, 0, MONDAY + timedelta(seconds=1))
    assert [one.order_id for one in allocate([late, early], Terms()).shares] == [9, 1]
    second = timedelta(seconds=1)
    by_a_second = [Wish(1, 4, 0, MONDAY + second), Wish(2, 4, 0, MONDAY)]
    assert [share.units for share in allocate(by_a_second, SIX).shares] == [4, 2]
    assert [share.order_id for share in allocate(by_a_second, SIX).shares] == [2, 1]
    twin = Wish(2, 1, 0, MONDAY)
    assert [one.order_id for one in allocate([early, twin], Terms()).shares] == [2, 9]


@pytest.mark.parametrize(
    "make",
    [
        lambda: allocate([], Terms(box_size=0)),
        lambda: allocate([Wish(1, -1, 0, MONDAY)], Terms()),
        lambda: allocate([Wish(1, 1, -1, MONDAY)], Terms()),
        lambda: allocate([Wish(1, MOST_UNITS + 1, 0, MONDAY)], Terms()),
        lambda: share_out([], -1),
        lambda: share_out([Allocated(1, 1, -1, MONDAY)], 1),
    ],
)
def test_numbers_that_cannot_be_are_refused(make):
    with pytest.raises(ValueError, match=r"unit|bounds|nothing"):
        make()


class Short(NamedTuple):
    """Orders (asked, allocated) in the order of sign-up, how many good units came, and what each gets."""

    name: str
    orders: tuple[tuple[int, int], ...]
    came: int
    gets: tuple[int, ...]


SHORT = (
    Short("all came", ((2, 2), (3, 4)), 6, (2, 4)),
    Short("more came than was ordered: it is left over", ((2, 2),), 5, (2,)),
    Short("nothing came", ((2, 2), (1, 1)), 0, (0, 0)),
    Short("tolerance goes first", ((2, 2), (3, 4)), 5, (2, 3)),
    Short("the largest tolerance keeps the most", ((1, 3), (1, 2)), 4, (3, 1)),
    Short("everybody has one before anybody has two", ((9, 9), (1, 1), (1, 1)), 3, (1, 1, 1)),
    Short("too little for one each: the earliest have it", ((9, 9), (1, 1), (1, 1)), 2, (1, 1, 0)),
    Short("the same part of each order", ((4, 4), (2, 2)), 3, (2, 1)),
    Short("a single unit is asked before a second part of a large order", ((4, 4), (4, 4)), 5, (3, 2)),
    Short("one came: the earliest of equals has it", ((1, 1), (1, 1), (1, 1)), 1, (1, 0, 0)),
    Short("the smallest order is full before the largest is half", ((8, 8), (2, 2)), 5, (4, 1)),
    Short("orders are full before tolerance begins", ((1, 4), (3, 3)), 4, (1, 3)),
    Short("among equal tolerances the earliest keeps it", ((1, 2), (1, 2)), 3, (2, 1)),
    Short("an order that got nothing at cut-off gets nothing now", ((2, 0), (2, 2)), 2, (0, 2)),
    Short("who was cut at cut-off is dealt by what is left of the order", ((6, 6), (4, 2)), 4, (3, 1)),
)


def allocated(orders):
    return [
        Allocated(at + 1, asked, units, MONDAY + timedelta(minutes=at))
        for at, (asked, units) in enumerate(orders)
    ]


@pytest.mark.parametrize("case", SHORT, ids=lambda case: case.name)
def test_a_short_delivery_is_dealt_as_the_rules_say(case):
    found = share_out(allocated(case.orders), case.came)
    assert tuple(share.units for share in found) == case.gets


def test_who_gets_less_than_allocated_is_told_why():
    found = share_out(allocated([(2, 2), (3, 5)]), 3)
    assert found == (
        Share(1, 1, (Why(Reason.SHORT, 1),)),
        Share(2, 2, (Why(Reason.TOLERANCE_BACK, 2), Why(Reason.SHORT, 1))),
    )
