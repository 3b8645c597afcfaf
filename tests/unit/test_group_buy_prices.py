"""Prices that fall with the total, and what a campaign may be and may become: pure rules."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.core.errors import StationError
from station.group_buys import lifecycle, plans, prices
from station.group_buys.forms import percent, shown_percent
from station.group_buys.lifecycle import CampaignAction, CampaignState, OrderAction, OrderState
from station.group_buys.plans import AtCutOff, Plan, Point
from station.group_buys.prices import NextTier, Tier
from station.web.forms import whole

TIERS = (Tier(1, 2990), Tier(20, 2790), Tier(50, 2490))
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PLAN = Plan(
    title="Oranges",
    text="",
    unit="box",
    supplier_id=1,
    currency="CNY",
    tiers=TIERS,
    points=(Point(1),),
    cut_off_at=NOW + timedelta(days=2),
    arrives_on=date(2026, 11, 25),
)


@pytest.mark.parametrize(
    ("total", "price"), [(0, 2990), (1, 2990), (19, 2990), (20, 2790), (49, 2790), (50, 2490), (999, 2490)]
)
def test_the_price_is_that_of_the_total_reached(total: int, price: int) -> None:
    assert prices.price_at(TIERS, total) == price


def test_the_next_price_says_how_many_are_missing_within_the_maximum() -> None:
    assert prices.next_tier(TIERS, 18) == NextTier(TIERS[1], 2)
    assert prices.next_tier(TIERS, 20) == NextTier(TIERS[2], 30)
    assert prices.next_tier(TIERS, 20, maximum=49) is None
    assert prices.next_tier(TIERS, 50) is None
    assert prices.next_tier((Tier(1, 5),), 0) is None
    assert prices.next_tier((Tier(1, 5), Tier(2, 4)), 0) == NextTier(Tier(2, 4), 2)


@pytest.mark.parametrize(("maximum", "missing"), [(19, None), (20, 19), (49, 19)])
def test_a_price_at_the_maximum_can_be_reached_and_one_behind_it_cannot(
    maximum: int, missing: int | None
) -> None:
    found = prices.next_tier(TIERS, 1, maximum=maximum)
    assert (found and found.missing) == missing


@pytest.mark.parametrize(
    "tiers",
    [
        (),
        (Tier(2, 100),),
        (Tier(1, 0),),
        (Tier(1, -5),),
        (Tier(1, 100), Tier(1, 90)),
        (Tier(1, 100), Tier(20, 100)),
        (Tier(1, 100), Tier(20, 110)),
        (Tier(1, 100), Tier(20, 90), Tier(10, 80)),
        tuple(Tier(step, 100 - step) for step in range(1, 10)),
    ],
)
def test_prices_that_do_not_fall_are_refused(tiers: tuple[Tier, ...]) -> None:
    assert not prices.are_sound(tiers)


@pytest.mark.parametrize(
    "tiers",
    [
        (Tier(1, 1),),
        (Tier(1, 2), Tier(2, 1)),
        TIERS,
        tuple(Tier(step, 100 - step) for step in range(1, 9)),  # as many as there may be
    ],
)
def test_prices_that_fall_are_sound_down_to_one_minor_unit(tiers: tuple[Tier, ...]) -> None:
    assert prices.are_sound(tiers)


def test_the_last_price_is_one_too() -> None:
    assert not prices.are_sound((Tier(1, 100), Tier(20, 0)))


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 50), st.integers(0, 50))
def test_more_ordered_never_costs_anybody_more(total: int, more: int, quantity: int, tolerance: int) -> None:
    before, after = prices.price_at(TIERS, total), prices.price_at(TIERS, total + more)
    assert after <= before <= prices.highest(TIERS)
    assert quantity * before <= prices.most_to_pay(TIERS, quantity, tolerance)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("2", 2),
        (" 12 ", 12),
        ("１２", 12),
        ("0", 0),
        ("007", 7),
        ("-1", None),
        ("+1", None),
        ("1.0", None),
        ("1,000", None),
        ("1_0", None),
        ("1e2", None),
        ("½", None),
        ("二", None),
        ("", None),
        ("9" * 7, None),
    ],
)
def test_whole_numbers_are_read_strictly(typed: str, number: int | None) -> None:
    assert whole(typed) == number


@pytest.mark.parametrize(
    ("typed", "points"), [("5", 500), ("7.5%", 750), ("0.25", 25), ("", 0), ("100", 10_000)]
)
def test_percentages_are_basis_points(typed: str, points: int) -> None:
    assert percent(typed) == points
    assert percent(shown_percent(points)) == points


@pytest.mark.parametrize("typed", ["-5", "5.123", "a", "1e1", "5 percent"])
def test_what_is_no_percentage_is_refused(typed: str) -> None:
    with pytest.raises(StationError):
        percent(typed)


def test_a_plan_that_can_be_kept_passes() -> None:
    plans.check(PLAN, now=NOW, zone="Asia/Shanghai")
    plans.check(replace(PLAN, minimum_total=5, maximum_total=5, box_size=5), now=NOW, zone="Asia/Shanghai")


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"unit": ""},
        {"minimum_total": 0},
        {"maximum_total": 100_001},
        {"minimum_total": 6, "maximum_total": 5},
        {"per_person_most": 6, "maximum_total": 5},
        {"maximum_total": 5, "box_size": 6},
        {"box_size": 0},
        {"collect_h": 0},
        {"commission_bp": 10_001},
        {"commission_bp": 9_000, "points": (Point(1), Point(2, 1_001))},
        {"points": ()},
        {"tiers": (Tier(1, 10**12),)},
        {"cut_off_at": NOW},
        {"opens_at": NOW + timedelta(days=2)},
        {"cut_off_at": NOW + timedelta(days=400)},
        {"arrives_on": date(2026, 11, 22)},
        {"at_cut_off": AtCutOff.CLOSE_IF_MINIMUM},
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(StationError) as error:
        plans.check(replace(PLAN, **changes), now=NOW, zone="Asia/Shanghai")  # type: ignore[arg-type]
    assert error.value.code == "bad_input"


def test_every_value_of_a_plan_is_either_free_while_open_or_refused() -> None:
    other = Plan(
        title="Pears",
        text="Sweet.",
        unit="crate",
        supplier_id=2,
        currency="EUR",
        tiers=(Tier(1, 100),),
        points=(Point(2),),
        storage=plans.Storage.FROZEN,
        minimum_total=1,
        maximum_total=9,
        per_person_most=2,
        box_size=3,
        commission_bp=1,
        pays=plans.Pays.AT_PICKUP,
        at_cut_off=AtCutOff.CLOSE_AND_ORDER,
        opens_at=NOW,
        cut_off_at=NOW,
        arrives_on=date(2026, 12, 1),
        collect_h=3,
        unclaimed_rule=plans.UnclaimedRule.DONATE,
        claim_h=1,
    )
    differing = plans.changed(PLAN, other)
    assert set(differing) == {*plans.ON_CAMPAIGN, "tiers", "points"}
    assert set(differing) - set(plans.forbidden(PLAN, other)) == {"text"}


def test_life_cycles_lead_out_of_every_state_that_is_no_end() -> None:
    for state in CampaignState:
        leads_on = any(start is state for start, _action in lifecycle.CAMPAIGN)
        assert leads_on != (state in lifecycle.CAMPAIGN_ENDS)
    for one in set(OrderState) - set(lifecycle.ORDER_ENDS):
        assert any(start is one for start, _action in lifecycle.ORDER)


def test_what_is_over_comes_back_by_no_action() -> None:
    assert lifecycle.step_campaign(CampaignState.CANCELLED, CampaignAction.OPEN) is None
    assert all(lifecycle.step_order(OrderState.FALLEN, action) is None for action in OrderAction)
    assert all(lifecycle.step_order(OrderState.CANCELLED, action) is None for action in OrderAction)
