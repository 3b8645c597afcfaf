"""Group buys at the same moment: the last unit has one buyer, one person one order, and the count is never off."""

import pytest
from sqlalchemy import func, select

from station.core.db import connection, reading
from station.group_buys import orders
from station.group_buys.models import GroupOrder
from station.group_buys.orders import Wish
from tests.factories import recipient
from tests.group_buys import campaign, make_campaign, order, place
from tests.races.together import together, winners


def ordering(station, campaign_id, buyer, quantity=1):
    return lambda: orders.order(station.clerk, campaign_id, buyer.id, Wish(quantity, 0, station.id))


@pytest.fixture
def people(station):
    return [recipient(station, f"1381234500{number}", "王芳") for number in range(4)]


def test_the_last_unit_has_one_buyer(app, station, people):
    oranges = make_campaign(station, maximum_total=1)

    results = together(app, *(ordering(station, oranges, one) for one in people))

    assert sorted(str(one.state) for one in results) == ["placed", "waiting", "waiting", "waiting"]
    assert campaign(station, oranges).ordered_units == 1


def test_the_same_person_twice_has_one_order(app, station, people):
    oranges = make_campaign(station)

    results = together(app, *[ordering(station, oranges, people[0], 2)] * 4)

    placed, refused = winners(results)
    assert len(placed) == 1
    assert refused == ["already_ordered"] * 3
    with reading():
        assert connection().scalar(select(func.count()).select_from(GroupOrder)) == 1
    assert campaign(station, oranges).ordered_units == 2


def test_whoever_moves_up_takes_the_place_of_one_only(app, station, people):
    oranges = make_campaign(station, maximum_total=2)
    first, second = (place(station, oranges, one).order_id for one in people[:2])
    waits = [place(station, oranges, one).order_id for one in people[2:]]

    together(
        app,
        lambda: orders.cancel(station.clerk, first),
        lambda: orders.cancel(station.clerk, second),
    )

    assert [order(station, one).state for one in waits] == ["placed", "placed"]
    assert campaign(station, oranges).ordered_units == 2


def test_an_order_taken_back_twice_frees_its_units_once(app, station, people):
    oranges = make_campaign(station, maximum_total=5)
    mine = place(station, oranges, people[0], 3).order_id
    place(station, oranges, people[1], 2)

    results = together(app, *[lambda: orders.cancel(station.clerk, mine)] * 3)

    assert len(winners(results)[1]) == 2
    assert campaign(station, oranges).ordered_units == 2


def test_a_raise_and_a_newcomer_never_share_the_last_units(app, station, people):
    oranges = make_campaign(station, maximum_total=4)
    mine = place(station, oranges, people[0], 2).order_id

    together(
        app,
        lambda: orders.change(station.clerk, mine, Wish(4, 0, station.id)),
        ordering(station, oranges, people[1], 2),
    )

    assert campaign(station, oranges).ordered_units == 4
