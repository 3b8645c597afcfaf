"""Identity codes and six digits where they are read: at the hand-over desk and by kiosks, each once, with limits."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from station.core import clock
from station.core.db import reading, transaction
from station.parcels.intake import CheckedIn
from station.residents import identity, identity_codes, six_digits
from station.residents.service import Known
from tests.factories import Station, make_station, recipient, store
from tests.http.scanner import Scanner, problem, refused_scans

ADDRESS = "/identity-codes"


@pytest.fixture
def person(web_station: Station) -> Known:
    found = recipient(web_station)
    with transaction():
        identity.prepare()
        six_digits.prepare(web_station.id, found.id)
    return found


@pytest.fixture
def parcel(web_station: Station, person: Known) -> CheckedIn:
    return store(web_station, to=person)


def code(station: Station, person: Known) -> str:
    with reading():
        return identity.codes(station.id, person.id)[0].text


def digits(station: Station, person: Known) -> str:
    with reading():
        return six_digits.shown(station.id, person.id, [identity_codes.step_of(clock.now())])[0]


def typed(station: Station, person: Known) -> str:
    return f"4068 {digits(station, person)}"


def scan(browser: FlaskClient, value: str, key: str) -> TestResponse:
    body = {"value": value, "scanned_at": "2026-11-21T09:00:00+00:00"}
    return browser.post("/hand-over/scan", json=body, headers={"Idempotency-Key": key})


@pytest.mark.parametrize("show", [code, typed])
def test_the_desk_shows_whose_code_it_is(
    clerk_client: FlaskClient,
    web_station: Station,
    person: Known,
    parcel: CheckedIn,
    show: Callable[[Station, Known], str],
) -> None:
    answer = scan(clerk_client, show(web_station, person), "scan-0001")

    assert (answer.status_code, answer.json["kind"], answer.json["sound"]) == (200, "served", "ok")
    assert f'value="{parcel.parcel_id}"' in answer.json["html"]
    assert "陈**" in answer.json["html"]


@pytest.mark.parametrize("show", [code, typed])
def test_the_desk_takes_a_code_once_and_a_repeated_request_as_often_as_it_comes(
    clerk_client: FlaskClient,
    web_station: Station,
    person: Known,
    parcel: CheckedIn,
    show: Callable[[Station, Known], str],
) -> None:
    text = show(web_station, person)
    first, again = scan(clerk_client, text, "scan-0001"), scan(clerk_client, text, "scan-0001")
    other = scan(clerk_client, text, "scan-0002")

    assert first.json["kind"] == again.json["kind"] == "served"
    assert (other.status_code, other.json["sound"]) in [(409, "bad"), (422, "bad")]
    assert "陈" not in other.json["html"]


def test_the_form_without_scripts_takes_a_code_too(
    clerk_client: FlaskClient, web_station: Station, person: Known, parcel: CheckedIn
) -> None:
    data = {"value": code(web_station, person), "key": "form-0001"}
    answer = clerk_client.post("/hand-over", data=data)

    assert f'value="{parcel.parcel_id}"' in answer.text


def test_the_desk_says_when_nothing_waits(
    clerk_client: FlaskClient, web_station: Station, person: Known
) -> None:
    assert "Nothing waits for this person" in scan(clerk_client, code(web_station, person), "scan-0001").text


def test_a_refused_code_is_kept_without_what_is_secret_in_it(
    clerk_client: FlaskClient, web_station: Station, person: Known
) -> None:
    other = make_station("Lotus Garden")
    elsewhere = code(other, recipient(other))
    assert scan(clerk_client, elsewhere, "scan-0001").status_code == 409
    assert scan(clerk_client, "4068 000000", "scan-0002").status_code == 422

    assert refused_scans() == [
        ("identity", "other_station", "ID:…"),
        ("identity", "six_digits_wrong", "4068 …"),
    ]


def test_five_wrong_tries_at_the_desk_are_the_last(
    clerk_client: FlaskClient, web_station: Station, person: Known
) -> None:
    right = digits(web_station, person)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for number in range(5):
        assert scan(clerk_client, f"4068 {wrong}", f"scan-000{number}").status_code == 422

    assert scan(clerk_client, f"4068 {right}", "scan-0009").status_code == 429


def test_a_kiosk_is_told_who_is_there_masked_and_what_waits(
    scanner: Scanner, web_station: Station, person: Known, parcel: CheckedIn
) -> None:
    answer = scanner.post(ADDRESS, {"code": code(web_station, person)}).json

    assert answer["recipient"] == {"id": str(person.id), "phone_tail": "4068", "name_masked": "陈**"}
    assert [one["waybill"] for one in answer["parcels"]] == [parcel.waybill]


def test_a_kiosk_may_send_the_digits(
    scanner: Scanner, web_station: Station, person: Known, parcel: CheckedIn
) -> None:
    body = {"tail": "4068", "digits": digits(web_station, person)}

    assert scanner.post(ADDRESS, body).json["recipient"]["id"] == str(person.id)
    problem(scanner.post(ADDRESS, body), 422, "six_digits_wrong")


def test_a_code_shown_at_the_desk_opens_no_kiosk(
    scanner: Scanner, clerk_client: FlaskClient, web_station: Station, person: Known, parcel: CheckedIn
) -> None:
    text = code(web_station, person)
    scan(clerk_client, text, "scan-0001")

    problem(scanner.post(ADDRESS, {"code": text}), 409, "identity_code_used")


def test_five_wrong_tries_at_a_kiosk_are_the_last_and_a_repeated_request_is_one_try(
    scanner: Scanner, web_station: Station, person: Known
) -> None:
    right = digits(web_station, person)
    body = {"tail": "4068", "digits": f"{(int(right) + 1) % 1_000_000:06d}"}
    for _ in range(9):
        problem(scanner.post(ADDRESS, body, key="the-same-key"), 422, "six_digits_wrong")
    for _ in range(4):
        problem(scanner.post(ADDRESS, body), 422, "six_digits_wrong")

    problem(scanner.post(ADDRESS, body | {"digits": right}), 429, "too_many_attempts")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": ""},
        {"code": "x" * 301},
        {"tail": "4068"},
        {"digits": "883046"},
        {"tail": "4068", "digits": "88304a"},
        {"tail": "406", "digits": "883046"},
        {"code": "ID:1", "tail": "4068", "digits": "883046"},
        {"code": "ID:1", "more": 1},
    ],
)
def test_bodies_that_are_none_are_refused(scanner: Scanner, body: dict[str, str]) -> None:
    problem(scanner.post(ADDRESS, body), 422, "bad_input")


@pytest.mark.parametrize("text", ["ID:ABC", "SF1234567890123", "ID:" + "X" * 138])
def test_a_code_that_is_none_is_refused(scanner: Scanner, text: str) -> None:
    problem(scanner.post(ADDRESS, {"code": text}), 422, "identity_code_invalid")
