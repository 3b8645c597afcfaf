import json

import pytest

from station.accounts.devices import add_device
from station.core.db import reading, transaction
from station.residents import identity, identity_codes
from station.simulator import demo_kiosk
from station.simulator.demo import DEMO_PHONE
from station.simulator.demo_kiosk import DemoKiosk, make_scene
from tests import factories


@pytest.fixture
def scene(station):
    def make() -> dict:
        with transaction():
            identity.prepare()
        with reading():
            return make_scene(station.id)

    return make


def test_the_drawn_camera_shows_the_demo_resident_s_parcels_and_somebody_else_s(station, scene) -> None:
    mine = factories.recipient(station, DEMO_PHONE, "陈晓明")
    others = factories.recipient(station, "13900001111", "王芳")
    stored = factories.store(station, to=mine)
    for _ in range(2):
        other = factories.store(station, to=others)
    shown = scene()
    assert [parcel["waybill"] for parcel in shown["parcels"]] == [stored.waybill]
    assert shown["parcels"][0]["pickup_code"] == stored.pickup_code
    assert shown["other"]["waybill"] != stored.waybill
    assert other.waybill
    codes = [identity_codes.read(code["text"]) for code in shown["identity_codes"]]
    assert len(codes) == identity.PREFETCHED
    assert {code.payload.recipient for code in codes if code} == {mine.id}
    json.dumps(shown)


def test_whoever_has_most_waiting_is_shown_once_the_demo_resident_has_nothing(station, scene) -> None:
    one = factories.recipient(station, "13900001111", "王芳")
    two = factories.recipient(station, "13900002222", "李雷")
    factories.store(station, to=one)
    waiting = {factories.store(station, to=two).waybill for _ in range(2)}
    assert {parcel["waybill"] for parcel in scene()["parcels"]} == waiting


def test_an_empty_station_shows_an_empty_scene(station, scene) -> None:
    shown = scene()
    assert (shown["identity_codes"], shown["parcels"], shown["other"]) == ([], [], None)


def test_a_kiosk_that_was_enrolled_elsewhere_is_enrolled_again(app, station, tmp_path) -> None:
    kiosk = DemoKiosk(app.app_context, folder=tmp_path, url="http://127.0.0.1:5000")
    assert not kiosk._is_enrolled()
    with transaction():
        token = add_device(station.manager, name="Kiosk").token
    enrolled = {"url": "http://127.0.0.1:5000", "token": token, "kiosk_id": "1", "key": "00"}
    (tmp_path / "enrolment.json").write_text(json.dumps(enrolled))
    assert kiosk._is_enrolled()
    (tmp_path / "enrolment.json").write_text(json.dumps(enrolled | {"token": token[:-1] + "x"}))
    assert not kiosk._is_enrolled()


def test_a_machine_without_the_kiosk_s_packages_has_no_demo_kiosk(monkeypatch) -> None:
    monkeypatch.setattr(demo_kiosk, "NEEDED", ("surely_not_a_package",))
    assert not demo_kiosk.can_run()
