"""Orders of group buys: in time or not, counted once, held, waiting, moving up - the clock decides, not the state."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.events.models import OutboxMessage
from station.group_buys import balances, campaigns, orders, waiting
from station.group_buys.orders import Wish
from station.group_buys.plans import Pays, Tier
from station.residents import merging
from tests.factories import recipient
from tests.group_buys import campaign, cancel, change, make_campaign, make_draft, order, pay_in, place, plan
from tests.services.winding import Clock

FULL_PRICE = 2990


@pytest.fixture
def winding():
    wound = Clock()
    with clock.use(wound):
        yield wound


@pytest.fixture
def people(station):
    return [
        recipient(station, f"1381234500{number}", name)
        for number, name in enumerate(("陈晓明", "王芳", "李雷"))
    ]


def refused(act):
    with pytest.raises(StationError) as error, transaction():
        act()
    return error.value.code


def test_an_order_counts_and_a_second_one_of_the_same_person_is_refused(station, people):
    oranges = make_campaign(station)

    placed = place(station, oranges, people[0], 3, tolerance=2)

    assert placed.state == "placed"
    assert campaign(station, oranges).ordered_units == 3
    assert refused(lambda: orders.order(station.clerk, oranges, people[0].id, Wish(1, 0, station.id))) == (
        "already_ordered"
    )
    assert campaign(station, oranges).ordered_units == 3


@pytest.mark.parametrize(
    ("quantity", "tolerance"),
    [(0, 0), (-1, 0), (1, -1), (6, 0), (4, 2), (100_001, 0), (2**63, 0), (1, 2**63)],
)
def test_what_no_order_may_be_is_refused(station, people, quantity, tolerance):
    oranges = make_campaign(station, per_person_most=5)
    wish = Wish(quantity, tolerance, station.id)

    assert refused(lambda: orders.order(station.clerk, oranges, people[0].id, wish)) == "bad_input"


def test_it_is_collected_only_where_the_campaign_says(station, people):
    oranges = make_campaign(station)

    assert refused(lambda: orders.order(station.clerk, oranges, people[0].id, Wish(1, 0, 7))) == "bad_input"


def test_a_draft_takes_no_orders(station, people):
    oranges = make_draft(station)

    assert refused(lambda: orders.order(station.clerk, oranges, people[0].id, Wish(1, 0, station.id))) == (
        "cut_off_over"
    )


def test_ordering_begins_and_ends_by_the_clock_however_late_a_job_is(station, people, winding):
    begins = clock.now() + timedelta(hours=1)
    oranges = make_campaign(station, opens_at=begins)
    wish = Wish(1, 0, station.id)
    assert refused(lambda: orders.order(station.clerk, oranges, people[0].id, wish)) == "cut_off_over"

    winding.wind(timedelta(hours=1))
    mine = place(station, oranges, people[0])
    winding.wind(campaign(station, oranges).cut_off_at - clock.now() - timedelta(microseconds=1))
    change(station, mine.order_id, 2)
    winding.wind(timedelta(microseconds=1))

    assert campaign(station, oranges).state == "open"  # no job came by
    assert refused(lambda: orders.order(station.clerk, oranges, people[1].id, wish)) == "cut_off_over"
    assert refused(lambda: orders.change(station.clerk, mine.order_id, wish)) == "cut_off_over"
    assert refused(lambda: orders.cancel(station.clerk, mine.order_id)) == "cut_off_over"
    assert order(station, mine.order_id).quantity == 2


def test_asking_for_less_keeps_the_rank_and_for_more_takes_a_new_one(station, people, winding):
    oranges = make_campaign(station)
    mine = place(station, oranges, people[0], 3, tolerance=1).order_id
    first = order(station, mine).ranked_at
    winding.wind(timedelta(minutes=1))

    change(station, mine, 2, tolerance=1)
    assert order(station, mine).ranked_at == first
    change(station, mine, 2, tolerance=2)
    assert order(station, mine).ranked_at == clock.now()


def test_the_waiting_list_moves_up_in_its_order_and_is_told(station, people):
    oranges = make_campaign(station, maximum_total=4)
    first = place(station, oranges, people[0], 3)
    big = place(station, oranges, people[1], 3)
    small = place(station, oranges, people[2], 1)
    assert (big.state, small.state) == ("waiting", "waiting")  # one is left, but who waits longer comes first

    cancel(station, first.order_id)

    assert order(station, big.order_id).state == "placed"
    assert order(station, small.order_id).state == "placed"
    assert campaign(station, oranges).ordered_units == 4
    with reading():
        told = connection().scalars(select(OutboxMessage.recipient_id).order_by(OutboxMessage.recipient_id))
        assert sorted(told) == sorted([people[1].id, people[2].id])


def test_who_waits_may_ask_for_what_is_left(station, people):
    oranges = make_campaign(station, maximum_total=4)
    place(station, oranges, people[0], 3)
    waits = place(station, oranges, people[1], 3)

    assert change(station, waits.order_id, 1).state == "placed"
    assert campaign(station, oranges).ordered_units == 4


def test_more_is_refused_when_it_is_not_left_or_others_wait(station, people):
    oranges = make_campaign(station, maximum_total=4)
    mine = place(station, oranges, people[0], 3).order_id
    assert refused(lambda: orders.change(station.clerk, mine, Wish(5, 0, station.id))) == "bad_input"
    place(station, oranges, people[1], 2)

    assert refused(lambda: orders.change(station.clerk, mine, Wish(4, 0, station.id))) == "sold_out"
    assert order(station, mine).quantity == 3


def test_an_unpaid_order_is_held_and_falls_after_half_an_hour(station, people, winding):
    oranges = make_campaign(station, pays=Pays.BEFORE, maximum_total=2)
    held = place(station, oranges, people[0], 2)
    waits = place(station, oranges, people[1], 1)
    assert (held.state, waits.state) == ("held", "waiting")

    winding.wind(timedelta(minutes=30))
    with transaction():
        assert waiting.let_holds_fall(station.id) == 1
        assert waiting.let_holds_fall(station.id) == 0

    assert order(station, held.order_id).state == "fallen"
    assert order(station, waits.order_id).state == "held"
    assert campaign(station, oranges).ordered_units == 1


def test_money_that_covers_a_held_order_places_it(station, people):
    oranges = make_campaign(station, pays=Pays.BEFORE)
    held = place(station, oranges, people[0], 2, tolerance=1)
    with reading():
        assert balances.to_pay(station.id, held.order_id) == 3 * FULL_PRICE

    assert pay_in(station, people[0], 3 * FULL_PRICE - 1, "cash-0001") == 0
    assert pay_in(station, people[0], 1, "cash-0002") == 1

    assert order(station, held.order_id).state == "placed"
    with reading():
        assert balances.free(station.id, people[0].id, "CNY") == 0
        assert balances.to_pay(station.id, held.order_id) == 0


def test_money_that_comes_too_late_is_balance_and_places_nothing(station, people, winding):
    oranges = make_campaign(station, pays=Pays.BEFORE)
    held = place(station, oranges, people[0])
    winding.wind(timedelta(minutes=30))

    assert pay_in(station, people[0], FULL_PRICE, "cash-0001") == 0

    assert order(station, held.order_id).state == "fallen"
    assert place(station, oranges, people[0]).state == "placed"


def test_one_balance_pays_for_one_order_only(station, people):
    oranges, pears = (make_campaign(station, pays=Pays.BEFORE, title=title) for title in ("Oranges", "Pears"))
    pay_in(station, people[0], FULL_PRICE, "cash-0001")

    assert place(station, oranges, people[0]).state == "placed"
    assert place(station, pears, people[0]).state == "held"


def test_a_paid_order_never_falls_because_its_buyer_asks_for_more(station, people):
    oranges = make_campaign(station, pays=Pays.BEFORE)
    pay_in(station, people[0], FULL_PRICE, "cash-0001")
    mine = place(station, oranges, people[0]).order_id

    assert refused(lambda: orders.change(station.clerk, mine, Wish(2, 0, station.id))) == "balance_low"
    assert order(station, mine).state == "placed"
    pay_in(station, people[0], FULL_PRICE, "cash-0002")
    assert change(station, mine, 2).state == "placed"


def test_after_the_cut_off_nobody_moves_up_who_would_have_to_pay(station, people, winding):
    oranges = make_campaign(station, pays=Pays.BEFORE, maximum_total=1)
    held = place(station, oranges, people[0])
    waits = place(station, oranges, people[1])
    winding.wind(timedelta(days=3))

    with transaction():
        waiting.settle(station.clerk, oranges)

    assert order(station, held.order_id).state == "fallen"
    assert order(station, waits.order_id).state == "waiting"


def test_calling_off_lets_every_order_fall_and_keeps_the_money(station, people):
    oranges = make_campaign(station, pays=Pays.BEFORE)
    pay_in(station, people[0], FULL_PRICE, "cash-0001")
    paid, held = (place(station, oranges, one).order_id for one in people[:2])
    assert refused(lambda: campaigns.cancel(station.manager, oranges, reason=" ")) == "bad_input"

    with transaction():
        assert campaigns.cancel(station.manager, oranges, reason="The orchard had frost.") == 2

    assert {order(station, one).state for one in (paid, held)} == {"fallen"}
    assert campaign(station, oranges).ordered_units == 0
    with reading():
        assert balances.free(station.id, people[0].id, "CNY") == FULL_PRICE


def test_an_open_campaign_changes_only_what_cannot_hurt_a_buyer(station):
    oranges = make_campaign(station, maximum_total=10)
    usual = plan(station, maximum_total=10)
    later = usual.cut_off_at + timedelta(hours=1)
    sooner = usual.cut_off_at - timedelta(hours=1)

    def try_it(**changes):
        with transaction():
            return campaigns.change(station.manager, oranges, replace(usual, **changes), version=0)

    assert try_it(text="Sweeter still.", cut_off_at=later, maximum_total=11) == (
        "text",
        "maximum_total",
        "cut_off_at",
    )
    assert try_it(text="Sweeter still.", cut_off_at=later, maximum_total=None) == ("maximum_total",)
    harmful = (
        {"cut_off_at": sooner},
        {"maximum_total": 9},
        {"tiers": (Tier(1, 3990),)},
        {"unit": "box of 2 kg"},
        {"per_person_most": 1},
        {"pays": Pays.BEFORE},
    )
    for changes in harmful:
        with pytest.raises(StationError) as error:
            try_it(**({"text": "Sweeter still.", "cut_off_at": later, "maximum_total": None} | changes))
        assert error.value.code == "campaign_open"


def test_a_copy_is_a_draft_whole_weeks_later(station, winding):
    oranges = make_campaign(station)
    winding.wind(timedelta(days=9))

    with transaction():
        copied = campaigns.duplicate(station.manager, oranges)

    old, new = campaign(station, oranges), campaign(station, copied)
    assert (new.state, new.number, new.title) == ("draft", old.number + 1, old.title)
    assert new.cut_off_at - old.cut_off_at == timedelta(days=14)
    assert new.share_token != old.share_token


def test_two_entries_that_were_merged_are_one_buyer(station, people):
    oranges = make_campaign(station)
    second_name = recipient(station, "13812345000", "陈明")
    place(station, oranges, second_name, 2)
    with transaction():
        merging.merge(station.manager, people[0].id, second_name.id)

    wish = Wish(1, 0, station.id)
    assert refused(lambda: orders.order(station.clerk, oranges, people[0].id, wish)) == "already_ordered"
    assert refused(lambda: orders.order(station.clerk, oranges, second_name.id, wish)) == "already_ordered"
    assert campaign(station, oranges).ordered_units == 2
