"""Collecting with one's face: enrolled after an identity code, found again, and nothing is shown before the tail."""

import pytest

from kiosk.runtime.demo_face import DemoFace
from station.core.db import transaction
from station.kiosks import rules
from station.kiosks.rules import KioskRules
from station.kiosks.watch_models import FaceEnrolment
from station.parcels.models import HandOver
from station.residents import identity
from tests.browser.server import Server
from tests.factories import recipient, store
from tests.kiosk.faces_kit import real_embedder
from tests.kiosk.running import identity_code, rows, running, unhurried, wait_for
from tests.kiosk.stage import label, phone


@pytest.fixture
def kiosk(web, web_station, tmp_path):
    real_embedder()
    store(web_station)
    with transaction():
        identity.prepare()
        rules.change(web_station.manager, KioskRules(takes_faces=True))
    server = Server(web)
    with running(tmp_path, server, web_station, seconds=unhurried) as made:
        made.until_ready()
        made.until(lambda snapshot: snapshot.has_faces)
        made.person = DemoFace(clock=unhurried)
        made.person.prepare()
        made.person.asked = lambda: made.desk.snapshot().session.turn_to
        yield made
    server.stop()


def enrol(kiosk, station):
    kiosk.stage.show(phone(identity_code(station, recipient(station).id)))
    kiosk.until_screen("found")
    kiosk.stage.paint(kiosk.person)
    kiosk.desk.touch("enrol", "")
    kiosk.until(lambda snapshot: snapshot.agreement)
    kiosk.desk.touch("adult", "")
    kiosk.until_screen("enrol_done")


def find(kiosk):
    kiosk.desk.touch("way", "face")
    asked = kiosk.until_screen("face_tail")
    assert asked.session.person is None  # nothing is shown before the tail
    kiosk.type("4068")
    return kiosk.until_screen("found").session.person


def test_face_is_enrolled_and_collects_with_the_tail(kiosk, web_station):
    enrol(kiosk, web_station)
    assert len(rows(FaceEnrolment)) == 1
    kiosk.desk.touch("leave", "")
    kiosk.until_screen("home")
    parcel = store(web_station)
    wait_for(lambda: kiosk.program._waiting.by_waybill(parcel.waybill))
    assert find(kiosk).has_face
    kiosk.stage.show(label(parcel.waybill))
    kiosk.until(lambda snapshot: str(parcel.parcel_id) in snapshot.session.taken)
    wait_for(lambda: rows(HandOver))
    assert [row["method"] for row in rows(HandOver)] == ["kiosk_face"]


def test_face_that_is_withdrawn_is_gone_here_and_there(kiosk, web_station):
    enrol(kiosk, web_station)
    kiosk.until_screen("found")
    kiosk.desk.touch("forget_face", "")
    wait_for(lambda: kiosk.program._enrolled() == frozenset())
    wait_for(lambda: rows(FaceEnrolment)[0]["gone_at"])
