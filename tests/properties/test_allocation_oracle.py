"""Cut-off and short delivery beside an oracle that tries every division there is and keeps the one allowed.

The oracle deals out nothing: it says what the result must be like, in the words of docs/group_buys.md, and searches.
"""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.group_buys.allocation import Allocated, Terms, Wish, allocate, share_out

MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)
FEW = range(3)
TINY = [(quantity, tolerance) for quantity in FEW for tolerance in range(2)]
BOXES = (1, 2, 3, 4)
MOST = (None, 0, 1, 2, 3, 4, 5)
ORDERS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=4)
ASKED = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 5)), max_size=4)


def divisions(least, most, total):
    """Return every way to give whole units, at least and at most so many to each, that makes `total`."""
    each = [range(low, high + 1) for low, high in zip(least, most, strict=True)]
    return [units for units in product(*each) if sum(units) == total]


def total_ordered(orders, terms):
    """Return the most whole boxes that orders and tolerances can take, the last one begun by what was ordered."""
    wanted = sum(quantity for quantity, _tolerance in orders)
    welcome = wanted + sum(tolerance for quantity, tolerance in orders if quantity)
    limit = min(welcome, wanted + terms.box_size - 1, welcome if terms.maximum is None else terms.maximum)
    return max(units for units in range(max(limit, 0) + 1) if units % terms.box_size == 0)


def levelled(found, rooms):
    """Return the division that leaves nobody more room than it must, the earliest first among equals."""

    def left(units):
        return sorted((room - more for room, more in zip(rooms, units, strict=True)), reverse=True)

    return min(found, key=lambda units: (left(units), [-more for more in units]))


def at_cut_off(orders, terms):
    """Return what each order gets, of all divisions the one the rules allow."""
    asked = [quantity for quantity, _tolerance in orders]
    total = total_ordered(orders, terms)
    if total < sum(asked):  # the latest gives way: the earliest have as much as they can
        return max(divisions([0] * len(asked), asked, total))
    rooms = [tolerance if quantity else 0 for quantity, tolerance in orders]
    more = levelled(divisions([0] * len(rooms), rooms, total - sum(asked)), rooms)
    return tuple(quantity + extra for quantity, extra in zip(asked, more, strict=True))


def is_fair(units, asked):
    """Tell whether no unit would have gone to somebody else first: nobody's last one came before another's next."""
    for giver, taker in product(range(len(asked)), repeat=2):
        if not units[giver] or units[taker] >= asked[taker]:
            continue
        last, following = Fraction(units[giver] - 1, asked[giver]), Fraction(units[taker], asked[taker])
        if (last, giver) > (following, taker):
            return False
    return True


def of_what_came(orders, came):
    """Return what each order gets of a delivery, of all divisions the one the rules allow."""
    asked = [min(quantity, units) for quantity, units in orders]
    rooms = [units - part for (_quantity, units), part in zip(orders, asked, strict=True)]
    first, later = min(came, sum(asked)), min(max(came - sum(asked), 0), sum(rooms))
    (base,) = [one for one in divisions([0] * len(asked), asked, first) if is_fair(one, asked)]
    more = levelled(divisions([0] * len(rooms), rooms, later), rooms)
    return tuple(part + extra for part, extra in zip(base, more, strict=True))


def allocated_by_rules(orders, terms):
    wishes = [Wish(at, *one, MONDAY + timedelta(seconds=at)) for at, one in enumerate(orders)]
    return tuple(share.units for share in allocate(wishes, terms).shares)


def shared_by_rules(orders, came):
    made = [Allocated(at, *one, MONDAY + timedelta(seconds=at)) for at, one in enumerate(orders)]
    return tuple(share.units for share in share_out(made, came))


@pytest.mark.parametrize("box_size", BOXES)
def test_every_cut_off_of_up_to_three_small_orders_is_the_oracles(box_size):
    for many in range(4):
        for orders, most in product(product(TINY, repeat=many), MOST):
            terms = Terms(box_size, None, most)
            assert allocated_by_rules(orders, terms) == at_cut_off(orders, terms), (orders, terms)


def test_every_delivery_for_up_to_three_small_orders_is_the_oracles():
    for many in range(4):
        for orders in product(product((1, 2, 3), (0, 1, 3)), repeat=many):
            for came in range(sum(units for _quantity, units in orders) + 2):
                assert shared_by_rules(orders, came) == of_what_came(orders, came), (orders, came)


@given(ORDERS, st.integers(1, 7), st.none() | st.integers(0, 20))
def test_a_cut_off_is_the_oracles(orders, box_size, most):
    terms = Terms(box_size, None, most)
    assert allocated_by_rules(orders, terms) == at_cut_off(orders, terms)


@given(ASKED, st.integers(0, 20))
def test_a_delivery_is_the_oracles(orders, came):
    assert shared_by_rules(orders, came) == of_what_came(orders, came)
