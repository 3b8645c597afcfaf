"""Whole visits: drawn frames through the real readers, the real session and a real station on a loopback port."""

import pytest

from station.core.db import transaction
from station.kiosks import rules, unfinished
from station.kiosks.rules import KioskRules
from station.kiosks.watch_models import KioskAlert, KioskPhoto, KioskUnfinished
from station.parcels.models import HandOver
from station.residents import identity
from tests.browser.server import Server
from tests.factories import recipient, store
from tests.kiosk.running import identity_code, rows, running, wait_for
from tests.kiosk.stage import label, phone


@pytest.fixture
def server(web, web_station):
    with transaction():
        identity.prepare()
        rules.change(web_station.manager, KioskRules(takes_photos=True))
    running_server = Server(web)
    yield running_server
    running_server.stop()


@pytest.fixture
def parcel(web_station):
    return store(web_station)


@pytest.fixture
def kiosk(parcel, server, web_station, tmp_path):
    with running(tmp_path, server, web_station) as made:
        yield made.until_ready()


def hand_overs():
    return rows(HandOver)


def alerts():
    return [row["kind"] for row in rows(KioskAlert)]


def collect(kiosk, parcel, station):
    kiosk.stage.show(phone(identity_code(station, recipient(station).id)))
    kiosk.until_screen("found")
    kiosk.stage.show(label(parcel.waybill))
    kiosk.until_screen("done")


def test_identity_code_then_parcel_collects_it(kiosk, parcel, web_station):
    kiosk.stage.show(phone(identity_code(web_station, recipient(web_station).id)))
    found = kiosk.until_screen("found")
    assert [one.id for one in found.session.person.parcels] == [str(parcel.parcel_id)]
    kiosk.stage.show(label(parcel.waybill))
    kiosk.until_screen("done")
    assert "door" in kiosk.parts.done
    wait_for(hand_overs)
    assert [row["parcel_id"] for row in hand_overs()] == [parcel.parcel_id]


def test_pickup_code_and_tail_then_parcel_collects_it(kiosk, parcel):
    kiosk.desk.touch("way", "pickup_code")
    kiosk.until_screen("pickup_code")
    kiosk.type(parcel.pickup_code)
    kiosk.type("4068")
    kiosk.until_screen("found")
    kiosk.stage.show(label(parcel.waybill))
    kiosk.until_screen("done")
    wait_for(hand_overs)
    assert [row["method"] for row in hand_overs()] == ["kiosk_pickup_code"]


def test_parcel_first_then_identity_code_collects_it(kiosk, parcel, web_station):
    kiosk.stage.show(label(parcel.waybill))
    kiosk.until_screen("who")
    kiosk.stage.show(phone(identity_code(web_station, recipient(web_station).id)), label(parcel.waybill))
    kiosk.until_screen("done")
    wait_for(hand_overs)
    assert len(hand_overs()) == 1


def test_parcel_of_somebody_else_opens_nothing_and_calls_staff(kiosk, web_station):
    others = store(web_station, to=recipient(web_station, "13955550000", "李雷"))
    kiosk.stage.show(phone(identity_code(web_station, recipient(web_station).id)))
    kiosk.until_screen("found")
    kiosk.stage.show(label(others.waybill))
    kiosk.until_screen("wrong_parcel")
    wait_for(lambda: alerts() == ["wrong_parcel"])
    assert "door" not in kiosk.parts.done
    assert hand_overs() == []


def test_no_door_opens_while_a_strangers_parcel_lies_beside_the_own(kiosk, parcel, web_station):
    others = store(web_station, to=recipient(web_station, "13955550000", "李雷"))
    kiosk.stage.show(phone(identity_code(web_station, recipient(web_station).id)))
    kiosk.until_screen("found")
    kiosk.stage.show(label(others.waybill))
    kiosk.until_screen("wrong_parcel")
    kiosk.stage.show(label(others.waybill), label(parcel.waybill))
    wait_for(lambda: kiosk.desk.snapshot().session.waiting)
    assert "door" not in kiosk.parts.done
    assert hand_overs() == []
    kiosk.stage.show(label(parcel.waybill))
    kiosk.until_screen("done")
    assert "door" in kiosk.parts.done
    wait_for(hand_overs)
    assert [row["parcel_id"] for row in hand_overs()] == [parcel.parcel_id]


def test_pickup_code_with_another_tail_opens_nothing(kiosk, parcel):
    kiosk.desk.touch("way", "pickup_code")
    kiosk.until_screen("pickup_code")
    kiosk.type(parcel.pickup_code)
    kiosk.type("9999")
    refused = kiosk.until_screen("refused")
    assert refused.session.notice.key == "refused_pickup_code_or_tail_wrong"


def test_photo_of_the_hand_over_reaches_the_station(kiosk, parcel, web_station):
    collect(kiosk, parcel, web_station)
    wait_for(lambda: rows(KioskPhoto))
    assert [row["hand_over_id"] for row in rows(KioskPhoto)] == [row["id"] for row in hand_overs()]


def test_cable_pulled_mid_visit_opens_by_the_list_and_is_told_later(kiosk, parcel, web_station):
    kiosk.stage.show(phone(identity_code(web_station, recipient(web_station).id)))
    kiosk.until_screen("found")
    kiosk.cable.is_cut = True
    kiosk.stage.show(label(parcel.waybill))
    kiosk.until_screen("done")
    assert hand_overs() == []
    kiosk.cable.is_cut = False
    kiosk.program._wake()
    wait_for(hand_overs)
    assert len(hand_overs()) == 1


def test_restart_between_release_and_door_waits_for_staff(kiosk, parcel, web_station):
    kiosk.parts.is_stuck = True
    collect(kiosk, parcel, web_station)
    kiosk.restart()
    kiosk.until_screen("recover")
    wait_for(lambda: rows(KioskUnfinished))
    hand_over = rows(KioskUnfinished)[0]["hand_over_id"]
    with transaction():
        unfinished.it_left(web_station.clerk, hand_over)
    kiosk.program._wake()
    kiosk.until_screen("home")
    assert len(hand_overs()) == 1
    assert "door" not in kiosk.parts.done


def test_camera_unplugged_is_said_and_goes_on_by_itself(kiosk):
    kiosk.stage.unplug()
    kiosk.until_screen("fault")
    kiosk.stage.plug()
    kiosk.until_screen("home")
