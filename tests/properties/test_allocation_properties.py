"""Whatever people order: the units add up, nobody gets more than they agreed to, and the order of sign-up decides."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from station.group_buys.allocation import Allocated, Terms, Wish, allocate, share_out

MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)


@st.composite
def many_wishes(draw):
    rows = draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(0, 3)), max_size=12))
    return [
        Wish(at, quantity, tolerance, MONDAY + timedelta(minutes=minute))
        for at, (quantity, tolerance, minute) in enumerate(rows, start=1)
    ]


TERMS = st.builds(
    Terms,
    box_size=st.integers(1, 13),
    minimum=st.none() | st.integers(0, 40),
    maximum=st.none() | st.integers(0, 60),
)


@st.composite
def many_allocated(draw):
    rows = draw(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 12), st.integers(0, 3)), max_size=12))
    return [
        Allocated(at, asked, units, MONDAY + timedelta(minutes=minute))
        for at, (asked, units, minute) in enumerate(rows, start=1)
    ]


def by_id(shares):
    return {share.order_id: share.units for share in shares}


@given(many_wishes(), TERMS)
def test_the_units_are_whole_boxes_and_match_the_order_to_the_unit(wishes, terms):
    found = allocate(wishes, terms)
    assert sum(share.units for share in found.shares) == found.units == found.boxes * terms.box_size
    assert terms.maximum is None or found.units <= terms.maximum
    assert found.is_enough == (found.units > 0 and found.units >= (terms.minimum or 0))


@given(many_wishes(), TERMS)
def test_nobody_gets_more_than_asked_and_tolerated_and_everybody_stands_once(wishes, terms):
    gets = by_id(allocate(wishes, terms).shares)
    assert sorted(gets) == sorted(one.order_id for one in wishes)
    for one in wishes:
        assert 0 <= gets[one.order_id] <= (one.quantity + one.tolerance if one.quantity else 0)


@given(many_wishes(), TERMS)
def test_tolerance_is_used_only_where_nobody_goes_short(wishes, terms):
    gets = by_id(allocate(wishes, terms).shares)
    has_more = any(gets[one.order_id] > one.quantity for one in wishes)
    has_less = any(gets[one.order_id] < one.quantity for one in wishes)
    assert not (has_more and has_less)


@given(many_wishes(), TERMS)
def test_no_box_is_left_out_that_the_rules_would_fill(wishes, terms):
    found = allocate(wishes, terms)
    wanted = sum(one.quantity for one in wishes)
    could = wanted + sum(one.tolerance for one in wishes if one.quantity)
    next_box = found.units + terms.box_size
    assert next_box > could or wanted <= found.units or next_box > (terms.maximum or next_box - 1)


@given(many_wishes(), TERMS, st.randoms(use_true_random=False))
def test_the_same_orders_give_the_same_result_in_whatever_order_they_are_read(wishes, terms, chance):
    shuffled = list(wishes)
    chance.shuffle(shuffled)
    assert allocate(shuffled, terms) == allocate(wishes, terms)


@given(many_wishes(), TERMS)
def test_of_two_equal_orders_the_earlier_never_gets_less(wishes, terms):
    gets = by_id(allocate(wishes, terms).shares)
    ranked = sorted(wishes, key=lambda one: (one.ranked_at, one.order_id))
    for at, early in enumerate(ranked):
        for late in ranked[at + 1 :]:
            if (early.quantity, early.tolerance) == (late.quantity, late.tolerance):
                assert gets[early.order_id] >= gets[late.order_id]


@given(many_wishes(), TERMS)
def test_the_reasons_add_up_to_the_difference(wishes, terms):
    asked = {one.order_id: one.quantity for one in wishes}
    for share in allocate(wishes, terms).shares:
        difference = sum(why.units for why in share.why)
        assert difference == abs(share.units - asked[share.order_id])


@given(many_allocated(), st.integers(0, 150))
def test_what_came_is_dealt_out_to_the_unit_and_nobody_gets_more_than_allocated(orders, came):
    shares = share_out(orders, came)
    allocated = {one.order_id: one.units for one in orders}
    assert sum(share.units for share in shares) == min(came, sum(allocated.values()))
    assert all(0 <= share.units <= allocated[share.order_id] for share in shares)
    assert all(
        sum(why.units for why in share.why) == allocated[share.order_id] - share.units for share in shares
    )


@given(many_allocated(), st.integers(0, 100))
def test_one_more_that_came_never_gives_anybody_less(orders, came):
    fewer, more = by_id(share_out(orders, came)), by_id(share_out(orders, came + 1))
    assert all(more[order_id] >= units for order_id, units in fewer.items())


@given(many_allocated(), st.integers(0, 100))
def test_everybody_has_one_before_anybody_has_two(orders, came):
    gets = by_id(share_out(orders, came))
    if any(units > 1 for units in gets.values()):
        assert all(gets[one.order_id] >= 1 for one in orders if one.units)


@given(many_allocated(), st.integers(0, 100))
def test_nobody_gets_more_than_the_proportional_part_rounded_up(orders, came):
    asked = {one.order_id: min(one.units, one.quantity) for one in orders}
    total = sum(asked.values())
    if came < total:
        for order_id, units in by_id(share_out(orders, came)).items():
            assert units <= -(-asked[order_id] * came // total)


@given(many_allocated(), st.integers(0, 100))
def test_tolerance_comes_only_after_every_order_is_full(orders, came):
    gets = by_id(share_out(orders, came))
    if any(gets[one.order_id] > one.quantity for one in orders):
        assert all(gets[one.order_id] >= min(one.units, one.quantity) for one in orders)
