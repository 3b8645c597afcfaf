"""The kiosk API's path from the manager's code to the parcel in the hand, and who may walk it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from station.accounts import devices
from station.core import clock
from station.core.db import connection, reading, transaction
from station.kiosks import enrolment
from station.kiosks.enrolment import TRIES, VALID_FOR
from station.parcels import solving
from station.parcels.intake import CheckedIn
from station.parcels.models import HandOver
from station.residents.service import Known
from tests.cold import add_cold_shelves
from tests.factories import Station, make_station, recipient, store
from tests.http.kiosks import Kiosk, code, make_kiosk, now
from tests.http.scanner import Scanner, problem, refused_scans


@pytest.fixture
def kiosk(web: Flask, web_station: Station) -> Kiosk:
    return make_kiosk(web, web_station)


@pytest.fixture
def person(web_station: Station) -> Known:
    return recipient(web_station)


@pytest.fixture
def parcel(web_station: Station, person: Known) -> CheckedIn:
    return store(web_station, to=person)


def new_code(station: Station, name: str = "Hall") -> str:
    with transaction():
        return enrolment.make_code(station.manager, name=name).code


def enrol(client: FlaskClient, text: str, **headers: str) -> object:
    body = {"code": text, "version": "1.0"}
    return client.post("/api/v1/kiosks/enrol", json=body, headers=headers)


# Enrolling


def test_a_code_makes_a_kiosk_of_the_station_that_made_it(client: FlaskClient, web_station: Station) -> None:
    answer = enrol(client, new_code(web_station))

    said = answer.json
    assert (answer.status_code, said["name"], said["station_id"]) == (200, "Hall", str(web_station.id))
    setup = Kiosk(client, int(said["kiosk_id"]), said["token"]).get("/setup")
    assert setup.json["kiosk"] == {"id": said["kiosk_id"], "name": "Hall"}


def test_a_code_is_read_as_people_type_it(client: FlaskClient, web_station: Station) -> None:
    typed = f" {new_code(web_station).lower().replace('-', ' - ')} "

    assert enrol(client, typed).status_code == 200


def test_a_code_is_used_once(client: FlaskClient, web_station: Station) -> None:
    text = new_code(web_station)
    enrol(client, text)

    problem(enrol(client, text), 422, "enrol_code_wrong")


def test_a_code_ends_after_ten_minutes(client: FlaskClient, web_station: Station) -> None:
    text = new_code(web_station)
    when = clock.now() + VALID_FOR
    with clock.use(lambda: when):
        problem(enrol(client, text), 422, "enrol_code_wrong")


def test_guesses_are_limited_and_then_the_right_code_waits_too(
    client: FlaskClient, web_station: Station
) -> None:
    for number in range(TRIES):
        problem(enrol(client, f"WRNG-{number}"), 422, "enrol_code_wrong")

    problem(enrol(client, new_code(web_station)), 429, "too_many_attempts")


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": "x"}, {"code": "x", "version": "1", "more": 1}])
def test_enrolments_that_are_none_are_refused(client: FlaskClient, body: dict[str, object]) -> None:
    problem(client.post("/api/v1/kiosks/enrol", json=body), 422, "bad_input")


# Who may speak


@pytest.mark.parametrize("path", ["/setup", "/waiting"])
def test_a_scanner_s_token_opens_nothing_of_the_kiosks(scanner: Scanner, path: str) -> None:
    problem(scanner.get(f"/kiosks{path}"), 403, "forbidden")


def test_a_kiosk_s_token_opens_nothing_else(kiosk: Kiosk, parcel: CheckedIn) -> None:
    scanner = Scanner(kiosk.browser, kiosk.id, kiosk.token)

    problem(scanner.get(f"/parcels/{parcel.parcel_id}"), 403, "forbidden")
    problem(scanner.post("/identity-codes", {"code": "ID:1"}), 403, "forbidden")


def test_a_revoked_kiosk_is_nobody(kiosk: Kiosk, web_station: Station) -> None:
    with transaction():
        devices.revoke_device(web_station.manager, kiosk.id)

    problem(kiosk.get("/setup"), 401, "sign_in_needed")


# Setup


def test_setup_says_what_holds_now(kiosk: Kiosk, web_station: Station, person: Known) -> None:
    code(web_station, person)
    said = kiosk.get("/setup").json

    assert said["station"]["name"] == "Maple Court"
    assert set(said["station"]["hours_today"]) == {"en", "zh"}
    assert said["rules"]["languages"] == ["en", "zh"]
    assert (said["rules"]["idle_s"], said["rules"]["list_valid_s"]) == (45, 43_200)
    assert [key["retired_at"] for key in said["identity_keys"]] == [None]


def test_setup_has_the_same_version_until_something_changes(
    kiosk: Kiosk, web_station: Station, person: Known
) -> None:
    first = kiosk.get("/setup").json["version"]
    assert kiosk.get("/setup").json["version"] == first
    code(web_station, person)

    assert kiosk.get("/setup").json["version"] != first


# From the code to the parcel


def test_who_shows_their_code_takes_their_parcel(
    kiosk: Kiosk, web_station: Station, person: Known, parcel: CheckedIn
) -> None:
    visit = kiosk.begin("identity_code", text=code(web_station, person)).json
    assert (visit["name"], visit["recipient_id"]) == ("陈**", str(person.id))
    assert [one["parcel_id"] for one in visit["parcels"]] == [str(parcel.parcel_id)]
    assert (visit["may_enrol"], visit["is_guardian_fit"], visit["shows_face"]) == (True, True, False)

    done = kiosk.release(visit, parcel).json

    assert (done["outcome"], done["parcel_id"]) == ("accepted", str(parcel.parcel_id))
    with reading():
        rows = connection().execute(select(HandOver.id, HandOver.method, HandOver.handed_by)).all()
    assert rows == [(int(done["hand_over_id"]), "kiosk_identity_code", f"device:{kiosk.id}")]


def test_a_parcel_says_how_cold_its_shelf_is(
    kiosk: Kiosk, web_station: Station, person: Known, parcel: CheckedIn
) -> None:
    add_cold_shelves(web_station)
    bag = store(web_station, to=person)
    layer_id = web_station.layer("C")
    with transaction():
        solving.move(web_station.clerk, bag.parcel_id, layer_id)

    visit = kiosk.begin("identity_code", text=code(web_station, person)).json

    said = {one["parcel_id"]: one["storage"] for one in visit["parcels"]}
    assert said == {str(parcel.parcel_id): None, str(bag.parcel_id): "chilled"}


def test_a_release_is_answered_the_same_again(
    kiosk: Kiosk, web_station: Station, person: Known, parcel: CheckedIn
) -> None:
    visit = kiosk.begin("identity_code", text=code(web_station, person)).json
    when = now()
    first, again = (kiosk.release(visit, parcel, key="release-0001", at=when) for _ in range(2))

    assert first.json == again.json
    problem(kiosk.release(visit, parcel), 409, "already_handed_over")


def test_somebody_else_s_parcel_stays(kiosk: Kiosk, web_station: Station, person: Known) -> None:
    other = store(web_station, to=recipient(web_station, "13900002222", "张伟"))
    visit = kiosk.begin("identity_code", text=code(web_station, person)).json

    assert visit["parcels"] == []
    problem(kiosk.release(visit, other), 409, "not_your_parcel")
    assert refused_scans() == [("kiosk", "not_your_parcel", other.waybill)]


def test_another_label_opens_nothing(
    kiosk: Kiosk, web_station: Station, person: Known, parcel: CheckedIn
) -> None:
    second = store(web_station, to=person)
    visit = kiosk.begin("identity_code", text=code(web_station, person)).json

    problem(kiosk.release(visit, parcel, waybill=second.waybill), 409, "waybill_mismatch")
    assert kiosk.release(visit, parcel, waybill=f" {parcel.waybill.lower()} ").status_code == 200


def test_a_visit_belongs_to_its_kiosk_and_ends(
    web: Flask, kiosk: Kiosk, web_station: Station, person: Known, parcel: CheckedIn
) -> None:
    visit = kiosk.begin("identity_code", text=code(web_station, person)).json

    problem(make_kiosk(web, web_station).release(visit, parcel), 404, "not_found")
    problem(make_kiosk(web, make_station("Lotus Garden")).release(visit, parcel), 404, "not_found")
    later = clock.now().fromisoformat(visit["expires_at"])
    with clock.use(lambda: later):
        problem(kiosk.release(visit, parcel), 409, "session_over")


def test_a_code_is_used_once_across_kiosks(
    web: Flask, kiosk: Kiosk, web_station: Station, person: Known, parcel: CheckedIn
) -> None:
    text = code(web_station, person)
    kiosk.begin("identity_code", text=text)

    problem(make_kiosk(web, web_station).begin("identity_code", text=text), 409, "identity_code_used")
