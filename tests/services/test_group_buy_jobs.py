"""The scheduler's part of group buys: each job runs late or twice without doing anything twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.group_buys import jobs, supplier_orders, suppliers
from station.group_buys.lifecycle import CampaignState, OrderState
from station.group_buys.plans import AtCutOff, Pays
from station.group_buys.suppliers import Details
from station.jobs import runs
from station.jobs.timetable import JOBS
from station.notices import channel_settings
from station.notices.channel_settings import ChannelName, Draft
from tests.gateways import mailbox
from tests.sharing import CUT_OFF, deal, packed, shelve


def run(one, job, settings):
    with clock.use(one.clock):
        return job(settings)


def with_mail(station, box):
    """Let the station send e-mail through a mail server of this machine."""
    options = {"host": "127.0.0.1", "port": box.port, "security": "none", "user": "", "password": ""}
    sender = {"sender": "maple@station.example", "sender_name": "Maple Court"}
    with transaction():
        channel_settings.save(station.manager, ChannelName.EMAIL, Draft(True, 1, options | sender), version=0)


def to_supplier(station, email="farm@example.com"):
    """Return a campaign whose supplier has this address, ordered and cut off."""
    one = deal(station, at_cut_off=AtCutOff.CLOSE_AND_ORDER)
    supplier_id = one.campaign.supplier_id
    with transaction():
        details = Details("Sunny Farm", email=email, language="zh")
        suppliers.change(station.manager, supplier_id, details)
    one.order(3)
    one.cut_off()
    return one


@pytest.fixture
def private(settings):
    return replace(settings, private_gateways=True)


def test_cut_offs_runs_through_everything_that_is_due(station, settings):
    many = [deal(station) for _ in range(3)]
    for one in many:
        one.order(1)
    many[0].clock.time = CUT_OFF + timedelta(days=1)
    assert run(many[0], jobs.cut_offs, settings) == "3 campaigns"
    assert run(many[0], jobs.cut_offs, settings) == "0 campaigns"
    assert {one.campaign.state for one in many} == {CampaignState.CLOSED}


def test_holds_fall_once_however_late(station, settings):
    one = deal(station, pays=Pays.BEFORE)
    held = one.order(1)
    one.clock.wind(timedelta(hours=5))
    assert run(one, jobs.let_holds_fall, settings) == "1 campaigns"
    assert run(one, jobs.let_holds_fall, settings) == "0 campaigns"
    assert one.get(held).state == OrderState.FALLEN


def test_an_order_reaches_its_supplier_once_in_their_language(station, private):
    with mailbox() as box:
        with_mail(station, box)
        one = to_supplier(station)
        assert run(one, jobs.send_orders, private) == "1 orders"
        assert run(one, jobs.send_orders, private) == "0 orders"
    assert box.recipients == [["farm@example.com"]]
    assert "Strawberries" in box.mails[0]["Subject"]
    assert "3" in box.mails[0].get_content()
    assert "订单编号" in box.mails[0].get_content()
    with reading():
        assert supplier_orders.of_campaign(station.id, one.id).sent_at == one.clock.time


def test_an_order_waits_for_a_mail_server_or_for_somebody_to_hand_it_over(station, settings):
    one = to_supplier(station)
    assert run(one, jobs.send_orders, settings) == "0 orders"
    with reading():
        made = supplier_orders.of_campaign(station.id, one.id)
    assert made.sent_at is None
    assert one.do(supplier_orders.mark_sent, made.id, way="by_hand")
    assert not one.do(supplier_orders.mark_sent, made.id, way="by_hand")
    with reading():
        assert supplier_orders.stations_with_unsent() == []


def test_a_mail_server_that_refuses_leaves_the_order_for_the_next_run(station, private):
    with mailbox() as box:
        with_mail(station, box)
        one = to_supplier(station)
    assert run(one, jobs.send_orders, private) == "0 orders"  # the server is gone
    with reading():
        assert supplier_orders.stations_with_unsent() == [station.id]


def test_bags_are_followed_and_settled_by_one_job(station, settings):
    one, (first,) = packed(station, (1,))
    shelve(one, first)
    one.clock.wind(timedelta(days=30))
    run(one, jobs.follow_bags, settings)
    assert one.get(first).state == OrderState.CLOSED
    assert run(one, jobs.follow_bags, settings) == "0 bags"


def test_the_jobs_stand_in_the_timetable_and_rest_while_nothing_is_due(station, settings):
    mine = {"cut_offs", "group_holds", "supplier_orders", "group_bags"}
    found = [job for job in JOBS if job.id in mine]
    assert len(found) == len(mine)
    assert [runs.run(job, settings) for job in found] == [None] * len(found)
