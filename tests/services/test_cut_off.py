"""Cut-off: closed, shared out, charged and told of in one transaction; safe late and twice."""

from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.events import outbox
from station.group_buys import cut_off, queries, supplier_orders
from station.group_buys.lifecycle import CampaignState, OrderState
from station.group_buys.plans import AtCutOff, Pays, Point
from station.group_buys.prices import Tier
from station.ledger import queries as ledger
from station.ledger import service as ledger_service
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.journal import Journal, Move
from station.notices import service as notices
from tests import sharing
from tests.factories import make_station
from tests.sharing import CUT_OFF, deal


def balance(station, kind, owner=""):
    with reading():
        return ledger.balance(station.id, AccountRef(kind, owner), "CNY")


def pay(one, person, amount_minor):
    """Let somebody pay cash ahead."""
    move = Move(AccountRef(AccountKind.CASH), AccountRef(AccountKind.RESIDENT, str(person.id)), amount_minor)
    one.do(ledger_service.post, Journal(f"test:{person.id}", JournalKind.PAYMENT, "CNY", (move,)))


def test_orders_get_their_units_and_are_charged_at_the_price_of_the_total(station):
    one = deal(station, tiers=(Tier(1, 1000), Tier(5, 800)), commission_bp=1000)
    first, second = one.order(2), one.order(3)
    outcome = one.cut_off()
    assert (outcome.state, outcome.units, outcome.buyers) == (CampaignState.CLOSED, 5, 2)
    assert [(got.state, got.allocated, got.unit_price_minor) for got in one.all()] == [
        (OrderState.ALLOCATED, 2, 800),
        (OrderState.ALLOCATED, 3, 800),
    ]
    assert (one.balance(first), one.balance(second)) == (-1600, -2400)
    assert balance(station, AccountKind.COMMISSION) == 400
    assert balance(station, AccountKind.SUPPLIER, str(one.campaign.supplier_id)) == 3600


def test_after_the_cut_off_everybody_sees_the_price_that_was_charged(station):
    one = deal(station, tiers=(Tier(1, 500), Tier(6, 400)), box_size=6)
    one.order(4, 2)
    with reading():
        assert queries.offer(station.id, one.id).price_minor == 500
    one.cut_off()
    with reading():
        assert queries.offer(station.id, one.id).price_minor == 400


def test_boxes_are_filled_from_tolerance_and_what_has_no_box_is_cut(station):
    filled = deal(station, box_size=6)
    filled.order(4)
    filled.order(1, 1)
    filled.cut_off()
    assert [(got.allocated, got.result) for got in filled.all()] == [(4, None), (2, "filled_box")]
    cut = deal(station, box_size=6)
    kept, lost = cut.order(6), cut.order(2)
    cut.cut_off()
    assert [(got.state, got.result) for got in cut.all()] == [
        (OrderState.ALLOCATED, None),
        (OrderState.NOTHING, "box_not_full"),
    ]
    assert (cut.balance(kept), cut.balance(lost)) == (-6000, 0)


@pytest.mark.parametrize(
    ("at_cut_off", "state"),
    [
        (AtCutOff.CLOSE, CampaignState.CLOSED),
        (AtCutOff.CLOSE_IF_MINIMUM, CampaignState.FAILED),
        (AtCutOff.CLOSE_AND_ORDER, CampaignState.FAILED),
    ],
)
def test_below_the_minimum_what_was_chosen_decides(station, at_cut_off, state):
    one = deal(station, minimum_total=5, at_cut_off=at_cut_off)
    order = one.order(4)
    assert one.cut_off().state == state
    assert one.campaign.state == state
    is_failed = state is CampaignState.FAILED
    assert one.get(order).state == (OrderState.FALLEN if is_failed else OrderState.ALLOCATED)
    assert one.balance(order) == (0 if is_failed else -4000)


def test_everybody_is_told_of_a_campaign_that_fails_and_keeps_what_they_paid(station):
    one = deal(station, minimum_total=5, at_cut_off=AtCutOff.CLOSE_IF_MINIMUM, pays=Pays.BEFORE)
    person = one.person()
    pay(one, person, 4000)
    paid, held = one.order(4, person=person), one.order(2)
    one.cut_off()
    assert one.balance(paid) == 4000
    assert one.get(held).state == OrderState.FALLEN
    assert ("group_failed", person.id) in sharing.messages(station)


def test_nobody_ordered_so_it_fails_whatever_was_chosen(station):
    one = deal(station)
    assert one.cut_off().state is CampaignState.FAILED


def test_close_and_order_makes_the_suppliers_order(station):
    one = deal(station, box_size=6, at_cut_off=AtCutOff.CLOSE_AND_ORDER, commission_bp=500)
    one.order(5, 1)
    assert one.cut_off().state is CampaignState.ORDERED
    with reading():
        made = supplier_orders.of_campaign(station.id, one.id)
    assert (made.units, made.boxes) == (6, 1)
    assert "Boxes: 1 of 6 units" in made.text
    assert "Amount for you: ¥57.00" in made.text
    assert made.sent_at is None


def test_a_held_order_that_was_not_paid_falls_and_one_that_waits_goes_on_waiting(station):
    one = deal(station, pays=Pays.BEFORE, maximum_total=3)
    rich = one.person()
    pay(one, rich, 2000)
    paid, held, late = one.order(2, person=rich), one.order(1), one.order(2)
    one.cut_off()
    assert [one.get(each).state for each in (paid, held, late)] == [
        OrderState.ALLOCATED,
        OrderState.FALLEN,
        OrderState.WAITING,
    ]
    assert (one.balance(paid), one.balance(held)) == (0, 0)


def test_nothing_is_cut_off_before_its_time(station):
    one = deal(station)
    one.order(1)
    with pytest.raises(StationError) as refused:
        one.do(cut_off.cut_off, one.id)
    assert refused.value.code == "cut_off_ahead"
    assert one.campaign.state == CampaignState.OPEN


def test_a_second_cut_off_is_refused_and_changes_nothing(station):
    one = deal(station)
    order = one.order(1)
    one.cut_off()
    with pytest.raises(StationError) as refused:
        one.cut_off()
    assert refused.value.code == "campaign_moved_on"
    assert one.balance(order) == -1000


def test_the_job_cuts_off_whatever_is_due_once_however_late(station):
    early, late = (
        deal(station),
        deal(station, cut_off_at=CUT_OFF + timedelta(days=9), arrives_on=sharing.ARRIVES + timedelta(days=9)),
    )
    early.order(1)
    late.order(1)
    days_later = CUT_OFF + timedelta(days=3)
    with clock.use(lambda: days_later):
        with reading():
            assert cut_off.due_stations(days_later) == [station.id]
        done = []
        for _ in range(2):
            with transaction():
                done.append(cut_off.cut_off_next(station.id))
        with reading():
            assert cut_off.due_stations(days_later) == []
    assert done == [early.id, None]
    assert (early.campaign.state, late.campaign.state) == (CampaignState.CLOSED, CampaignState.OPEN)


def test_each_buyer_is_told_once_in_words(station):
    one = deal(station, box_size=6)
    one.order(6)
    lost = one.order(2)
    one.cut_off()
    told = []
    with clock.use(one.clock), transaction():
        while claimed := outbox.claim_next(station.id, one.clock.time):
            told.append(notices.prepare(claimed, one.clock.time))
    assert [message.claimed.recipient_id for message in told] == [got.recipient_id for got in one.all()]
    assert "Group buy “Strawberries” is closed: you get 6." in told[0].message.text
    assert "nothing was left for your order" in told[1].message.text
    assert one.get(lost).allocated == 0


def test_an_order_in_the_last_second_counts_and_one_after_it_does_not(station):
    one = deal(station)
    one.clock.time = CUT_OFF - timedelta(seconds=2)
    last = one.order(1)
    with pytest.raises(StationError) as refused:
        one.order(1)
    assert refused.value.code == "cut_off_over"
    one.cut_off()
    assert one.get(last).state == OrderState.ALLOCATED


def test_a_partner_station_gets_its_share_of_what_is_collected_there(station):
    other = make_station("Oak Lane")
    one = deal(station, points=(Point(station.id), Point(other.id, 300)), commission_bp=1000)
    one.order(1, point=other.id)
    one.order(1)
    one.cut_off()
    assert balance(station, AccountKind.STATION, str(other.id)) == 30
    assert balance(station, AccountKind.COMMISSION) == 200
    assert balance(station, AccountKind.SUPPLIER, str(one.campaign.supplier_id)) == 1770
