"""The pages of a label's photo: asking, what was read with its boxes, confirming. The reader is played here."""

import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.core.phones import parse
from station.events.models import CustodyEvent, RefusedScan
from station.labels import reader
from station.labels.sight import Box, Code, Line, Sight
from station.parcels.announce import Announcement, announce
from station.parcels.models import Parcel
from tests.factories import Station, store, waybill
from tests.http.forms import post

PAGE = "/check-in/label"
PHONE = "13812344068"
SHOWN = b"\xff\xd8\xff a picture"


def line(text: str, top: int) -> Line:
    return Line(text, Box(100, top, 300, 40))


@pytest.fixture
def label(monkeypatch: pytest.MonkeyPatch) -> dict[str, Sight]:
    """What the reader sees, whatever the picture."""
    lines = (
        line("收件人:陈晓明 13812344068", 500),
        line("寄件人:李四 170****5678", 700),
        line("圆通速递", 30),
    )
    sight = Sight(760, 1300, lines, (Code(waybill(), Box(80, 140, 600, 160)),), SHOWN)
    seen = {"sight": sight}
    monkeypatch.setattr(reader, "read", lambda picture: seen["sight"])
    monkeypatch.setattr(reader, "is_installed", lambda: True)
    return seen


def look(browser: FlaskClient, picture: bytes = b"picture") -> TestResponse:
    return browser.post(PAGE, data={"picture": (io.BytesIO(picture), "label.jpg")})


def confirm(browser: FlaskClient, number: str, *, key: str | None = None, **said: str) -> TestResponse:
    data = {"waybill": number, "phone": PHONE, "name": "陈晓明", "carrier": ""} | said
    return post(browser, f"{PAGE}/confirm", data, key=key)


def count(what: type) -> int:
    with reading():
        return db.session.scalar(select(func.count()).select_from(what)) or 0


def expect(station: Station, phone: str = PHONE) -> str:
    number = waybill()
    with transaction():
        announce(station.clerk, Announcement(number, "sf", parse(phone), "陈晓明"))
    return number


def test_check_in_offers_a_photo_only_where_labels_can_be_read(
    counter: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "is_installed", lambda: True)
    with_it = counter.get("/check-in").text
    monkeypatch.setattr(reader, "is_installed", lambda: False)
    without = counter.get("/check-in").text

    assert f'href="{PAGE}"' in with_it
    assert f'href="{PAGE}"' not in without
    assert counter.get(PAGE).status_code == 404


def test_page_asks_for_a_shelf_first(clerk_client: FlaskClient, label: dict[str, Sight]) -> None:
    page = clerk_client.get(PAGE).text

    assert "No shelf is chosen yet" in page
    assert 'type="file"' not in page


def test_page_asks_for_a_picture_from_the_camera(counter: FlaskClient, label: dict[str, Sight]) -> None:
    page = counter.get(PAGE).text

    assert re.search(r'<input[^>]*type="file"[^>]*capture="environment"', page)


def test_what_was_read_stands_in_the_form_and_over_the_picture(
    counter: FlaskClient, label: dict[str, Sight]
) -> None:
    number = label["sight"].codes[0].text

    answer = look(counter)

    assert answer.status_code == 200
    assert f'value="{number}"' in answer.text
    assert re.search(rf'name="phone"[^>]*value="{PHONE}"', answer.text)
    assert re.search(r'name="name"[^>]*value="陈晓明"', answer.text)
    assert '<option selected value="yto">' in answer.text
    assert '<rect x="80" y="140" width="600" height="160"' in answer.text
    assert 'data-value="170****5678"' in answer.text
    assert "data:image/jpeg;base64," in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_reading_writes_nothing(counter: FlaskClient, label: dict[str, Sight]) -> None:
    before = count(CustodyEvent)

    look(counter)

    assert (count(CustodyEvent), count(Parcel)) == (before, 0)


def test_text_of_a_label_is_shown_as_text(counter: FlaskClient, label: dict[str, Sight]) -> None:
    label["sight"] = Sight(9, 9, (line('<b>x</b>"><script>陈晓明 13812344068', 1),), (), SHOWN)

    assert "<script>陈" not in look(counter).text


def test_empty_picture_can_be_typed_all_the_same(counter: FlaskClient, label: dict[str, Sight]) -> None:
    label["sight"] = Sight(9, 9, (), (), SHOWN)

    assert "Nothing could be read" in look(counter).text


def test_no_picture_is_asked_for_again(counter: FlaskClient, label: dict[str, Sight]) -> None:
    answer = counter.post(PAGE)

    assert answer.status_code == 422
    assert "Choose a picture of the label first." in answer.text


@pytest.mark.parametrize(
    ("code", "status"),
    [("label_reader_busy", 503), ("label_reader_failed", 503), ("too_large", 413), ("bad_input", 422)],
)
def test_reader_that_refuses_is_told_on_the_page(
    counter: FlaskClient, monkeypatch: pytest.MonkeyPatch, code: str, status: int
) -> None:
    def refuse(picture: bytes) -> Sight:
        raise StationError(code, "In plain words.")

    monkeypatch.setattr(reader, "read", refuse)
    monkeypatch.setattr(reader, "is_installed", lambda: True)
    answer = look(counter)

    assert answer.status_code == status
    assert "In plain words." in answer.text
    assert 'type="file"' in answer.text


def test_confirmed_label_checks_the_parcel_in_once(counter: FlaskClient, label: dict[str, Sight]) -> None:
    number = waybill()

    first = confirm(counter, number, key="pressed-twice")
    second = confirm(counter, number, key="pressed-twice")
    page = counter.get(PAGE).text

    assert (first.status_code, first.headers["Location"]) == (303, PAGE)
    assert second.headers["Location"] == PAGE
    assert count(Parcel) == 1
    assert f"{number} is checked in: put it on 1-1-" in page


def test_hidden_digits_lead_to_the_question_of_a_scan(counter: FlaskClient, label: dict[str, Sight]) -> None:
    answer = confirm(counter, waybill(), phone="138****4068", name="陈**")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/check-in")
    assert 'data-asks="no_phone"' in counter.get("/check-in").text
    assert count(Parcel) == 0


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"phone": "12"}, "This is not a phone number."),
        ({"name": "😀"}, "Type the name as it stands on the label"),
        ({"waybill": "x"}, "This is not a waybill number."),
        ({"waybill": ""}, "Fill this in."),
        ({"carrier": "nobody"}, "Choose one of the list."),
        ({"phone": "1" * 99}, "Type at most 40 characters."),
    ],
)
def test_what_is_not_understood_can_be_put_right(
    counter: FlaskClient, label: dict[str, Sight], said: dict[str, str], words: str
) -> None:
    answer = confirm(counter, said.pop("waybill", waybill()), **said)

    assert answer.status_code == 422
    assert words in answer.text
    assert 'name="waybill"' in answer.text
    assert count(Parcel) == 0


def test_label_that_differs_from_the_announcement_needs_somebody_to_say_whose_it_is(
    counter: FlaskClient, web_station: Station, label: dict[str, Sight]
) -> None:
    number = expect(web_station)

    refused = confirm(counter, number, phone="139****1111")
    done = confirm(counter, number, phone="139****1111", is_theirs="y")

    assert refused.status_code == 409
    assert 'data-match="differs"' in refused.text
    assert 'name="is_theirs"' in refused.text
    assert "Announced for 陈**, phone ending in 4068." in refused.text
    assert done.status_code == 303


def test_label_that_agrees_with_the_announcement_says_so(
    counter: FlaskClient, web_station: Station, label: dict[str, Sight]
) -> None:
    number = expect(web_station)
    label["sight"] = Sight(9, 9, (line("陈** 138****4068", 1),), (Code(number, Box(1, 1, 1, 1)),), SHOWN)

    page = look(counter).text

    assert 'data-match="same"' in page
    assert re.search(r'name="phone"[^>]*value="138\*\*\*\*4068"', page)
    assert re.search(r'name="name"[^>]*value=""', page)


def test_parcel_here_already_is_told_before_and_after(
    counter: FlaskClient, web_station: Station, label: dict[str, Sight]
) -> None:
    here = store(web_station)
    label["sight"] = Sight(9, 9, (), (Code(here.waybill, Box(1, 1, 1, 1)),), SHOWN)

    seen, refused = look(counter).text, confirm(counter, here.waybill)

    assert "This waybill is checked in already." in seen
    assert refused.status_code == 409
    with reading():
        assert db.session.scalar(select(RefusedScan.reason)) == "already_checked_in"


def test_chinese_page_speaks_chinese(counter: FlaskClient, label: dict[str, Sight]) -> None:
    counter.set_cookie("language", "zh")

    assert "面单" in counter.get(PAGE).text
    assert "面单" in look(counter).text
