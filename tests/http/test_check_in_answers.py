"""The check-in screen over HTTP: answers, undo, damage and photos, stickers, and what a batch has in common."""

import re
from io import BytesIO

import pytest
from flask.testing import FlaskClient

from station.core.db import reading
from station.parcels import attachments, batches
from station.parcels.models import Attachment, OpenQuestion, Parcel
from station.shelves import cards
from tests.factories import Station, make_station, recipient, store, waybill
from tests.http.counter import SCREEN, answer, check_in, counted, kinds_of_events, people, post, scan
from tests.http.forms import post as send

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
UNKNOWN = "ABCDEFGH9"  # fits no carrier's form


def test_four_digits_show_whom_they_may_mean_best_first(web_station: Station, counter: FlaskClient) -> None:
    rare, usual = (
        recipient(web_station, "13812344068", "陈晓明"),
        recipient(web_station, "13900004068", "周婷"),
    )
    store(web_station, to=rare, carrier="yto")
    for _ in range(3):
        store(web_station, to=usual, carrier="sf")
    shown = people(counter, "4068", carrier="yto").text
    assert shown.index(str(rare.id)) < shown.index(str(usual.id))
    assert "周婷" not in shown
    assert "13900004068" not in shown


def test_typed_digits_never_stand_in_an_address(counter: FlaskClient) -> None:
    assert counter.get(f"{SCREEN}/candidates?typed=4068").status_code == 405


@pytest.mark.parametrize("typed", ["", "406", "99999", "'; --", "%00", "x" * 500, "😀😀😀😀", "４０６８"])
def test_digits_that_mean_nobody_show_nobody(counter: FlaskClient, typed: str) -> None:
    shown = people(counter, typed, carrier="\x00'" * 9)
    assert shown.status_code == 200
    assert '{"recipient"' not in shown.text


def test_another_stations_people_are_not_shown_nor_chosen(counter: FlaskClient) -> None:
    other = make_station("Elsewhere")
    stranger = recipient(other, "13812344068")
    number = waybill()
    scan(counter, number)
    assert str(stranger.id) not in people(counter, "4068").text
    said = answer(counter, number, recipient=str(stranger.id))
    assert said.status_code == 404
    assert counted(Parcel) == 0
    assert counted(OpenQuestion) == 1


PHONES = (
    ("13812344068", "4068"),
    ("17012345678,8462", "8462"),
    ("17012345678转8462", "8462"),
    ("0571-87654321", "4321"),
)


@pytest.mark.parametrize(("phone", "tail"), PHONES)
def test_somebody_new_is_checked_in_by_any_kind_of_number(
    counter: FlaskClient, phone: str, tail: str
) -> None:
    assert check_in(counter, waybill(), phone)["tail"] == tail


BAD_ANSWERS: tuple[dict[str, str], ...] = (
    {},
    {"phone": ""},
    {"phone": "12"},
    {"phone": "13812344068", "name": "😀" * 10},
    {"phone": "13812344068", "name": "x" * 200},
    {"phone": "13812344068", "name": "\ud800"},
    {"recipient": "-1"},
    {"recipient": "0"},
    {"recipient": "9" * 19},
    {"recipient": "9" * 30},
    {"recipient": "１２"},
    {"carrier": "nobody"},
    {"choice": "always", "how": "phone_call"},
    {"choice": "\x00"},
    {"row": "1-99"},
    {"row": "\x00"},
)


@pytest.mark.parametrize("said", BAD_ANSWERS, ids=range(len(BAD_ANSWERS)))
def test_an_answer_that_fits_nothing_leaves_the_question_open(
    counter: FlaskClient, said: dict[str, str]
) -> None:
    number = waybill()
    scan(counter, number)
    got = answer(counter, number, **said)
    assert 400 <= got.status_code < 500, got.text
    assert counted(Parcel) == 0
    assert 'data-asks="no_phone"' in counter.get(SCREEN).text


def test_an_answer_to_another_parcel_is_refused(counter: FlaskClient) -> None:
    scan(counter, waybill())
    said = answer(counter, waybill(), aside="yes")
    assert said.status_code == 409
    assert counted(Parcel) == 0


def test_zero_sets_aside(counter: FlaskClient) -> None:
    number = waybill()
    scan(counter, number)
    said = answer(counter, number, aside="yes")
    assert (said.json["kind"], said.json["sound"]) == ("aside", "warn")
    assert said.json["parcel"]["row"]["tag"].startswith("99-")


def test_scanning_on_sets_the_parcel_before_aside_and_says_where(counter: FlaskClient) -> None:
    scan(counter, waybill())
    said = scan(counter, waybill())
    assert said.json["kind"] == "question"
    assert "99-1" in said.json["html"].replace('<span class="sep">-</span>', "-")
    assert counted(Parcel, Parcel.problem == "no_phone") == 1


def test_an_unknown_carrier_is_chosen_from_the_list(counter: FlaskClient) -> None:
    said = scan(counter, UNKNOWN)
    assert 'data-asks="unknown_carrier"' in said.json["html"], said.text
    said = answer(counter, UNKNOWN, carrier="sf")
    assert 'data-asks="no_phone"' in said.json["html"]


def test_a_shelf_card_answers_a_full_row(web_station: Station, counter: FlaskClient) -> None:
    person = recipient(web_station)
    for _ in range(40):
        store(web_station, to=person)
    number = waybill()
    scan(counter, number)
    said = answer(counter, number, recipient=str(person.id))
    assert 'data-asks="shelf_full"' in said.json["html"]
    said = scan(counter, "SHELF:2-1")
    assert (said.json["kind"], said.json["parcel"]["row"]["tag"]) == ("stored", "2-1")


def test_undo_takes_the_newest_back(counter: FlaskClient) -> None:
    check_in(counter, waybill())
    number = waybill()
    check_in(counter, number)
    said = post(counter, "undo", {})
    assert (said.json["kind"], said.status_code) == ("undone", 200)
    assert number in said.json["html"]
    assert counted(Parcel, Parcel.state == "stored") == 1


def test_undo_takes_the_named_one_back_once(counter: FlaskClient) -> None:
    parcel = check_in(counter, waybill())
    check_in(counter, waybill())
    assert post(counter, "undo", {"parcel": parcel["id"]}).status_code == 200
    assert post(counter, "undo", {"parcel": parcel["id"]}).status_code == 409
    assert counted(Parcel, Parcel.state == "stored") == 1


@pytest.mark.parametrize("parcel", ["0", "-1", "x", "9" * 19, "9" * 40])
@pytest.mark.parametrize("operation", ["undo", "damaged"])
def test_a_parcel_that_does_not_exist_is_refused(counter: FlaskClient, operation: str, parcel: str) -> None:
    check_in(counter, waybill())
    said = post(counter, operation, {"parcel": parcel})
    assert 400 <= said.status_code < 500
    assert counted(Parcel, Parcel.state == "stored", Parcel.problem.is_(None)) == 1


def test_another_stations_parcel_is_out_of_reach(counter: FlaskClient) -> None:
    theirs = store(make_station("Elsewhere"))
    for operation in ("undo", "damaged"):
        assert post(counter, operation, {"parcel": str(theirs.parcel_id)}).status_code == 404
    assert counter.get(f"{SCREEN}/sticker/{theirs.parcel_id}").status_code == 404
    photo = {"photo": (BytesIO(PNG), "x.png")}
    assert send(counter, f"{SCREEN}/photo/{theirs.parcel_id}", photo).status_code == 404
    assert counted(Attachment) == 0


def test_damaged_marks_the_newest_and_offers_a_photo(counter: FlaskClient) -> None:
    parcel = check_in(counter, waybill())
    said = post(counter, "damaged", {})
    assert said.json["kind"] == "damaged"
    assert f"/photo/{parcel['id']}" in said.json["html"]
    assert counted(Parcel, Parcel.problem == "damaged") == 1


def test_nothing_to_undo_or_to_mark_is_said(counter: FlaskClient) -> None:
    assert post(counter, "undo", {}).status_code == 409
    assert post(counter, "damaged", {}).status_code == 404


def test_a_photo_is_kept_with_its_hash_in_the_log(counter: FlaskClient) -> None:
    parcel = check_in(counter, waybill())
    send(counter, f"{SCREEN}/photo/{parcel['id']}", {"photo": (BytesIO(PNG), "x.png")})
    assert counted(Attachment) == 1
    assert kinds_of_events()[-1] == "attachment_added"


BAD_PHOTOS = (b"", b"<svg onload=alert(1)>", b"GIF89a" + b"\0" * 64, PNG + b"\0" * 64, b"RIFF")


@pytest.mark.parametrize("content", BAD_PHOTOS, ids=range(len(BAD_PHOTOS)))
def test_a_file_that_is_no_small_photo_is_refused(
    counter: FlaskClient, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "LARGEST", len(PNG))
    parcel = check_in(counter, waybill())
    said = send(counter, f"{SCREEN}/photo/{parcel['id']}", {"photo": (BytesIO(content), "x.png")})
    assert said.status_code == 303
    assert counted(Attachment) == 0


def test_a_photo_that_is_missing_is_refused(counter: FlaskClient) -> None:
    parcel = check_in(counter, waybill())
    assert send(counter, f"{SCREEN}/photo/{parcel['id']}").status_code == 303
    assert counted(Attachment) == 0


def test_the_sticker_shows_code_tail_and_masked_name(counter: FlaskClient) -> None:
    number = waybill()
    parcel = check_in(counter, number)
    page = counter.get(f"{SCREEN}/sticker/{parcel['id']}").text
    assert parcel["code"] in re.sub("<[^>]*>", "", page)
    assert number[-4:] in page
    assert number not in page
    assert f'<path d="{cards.draw(number).path}"/>' in page
    assert "陈**" in page
    assert "陈晓明" not in page


def test_the_batch_remembers_what_its_parcels_have_in_common(
    web_station: Station, counter: FlaskClient
) -> None:
    form = {"carrier": "yto", "size_class": "large", "is_declared": "on", "is_silent": "on"}
    assert send(counter, f"{SCREEN}/batch", form).status_code == 303
    with reading():
        batch = batches.current(web_station.clerk)
    assert batch is not None
    assert (batch.carrier, batch.size_class, batch.is_declared, batch.is_silent) == (
        "yto",
        "large",
        True,
        True,
    )


@pytest.mark.parametrize(
    "form", [{"carrier": "x"}, {"size_class": "huge"}, {"size_class": "\x00"}, {"carrier": "y" * 9999}]
)
def test_a_batch_option_nobody_offers_is_refused(
    web_station: Station, counter: FlaskClient, form: dict[str, str]
) -> None:
    assert send(counter, f"{SCREEN}/batch", form).status_code == 303
    with reading():
        batch = batches.current(web_station.clerk)
    assert batch is not None
    assert (batch.carrier, batch.size_class) == (None, "medium")


def test_closing_sets_the_waiting_parcel_aside(web_station: Station, counter: FlaskClient) -> None:
    check_in(counter, waybill())
    scan(counter, waybill())
    assert send(counter, f"{SCREEN}/close").status_code == 303
    assert counted(OpenQuestion) == 0
    assert counted(Parcel, Parcel.state == "stored") == 2
    with reading():
        assert batches.current(web_station.clerk) is None
    assert send(counter, f"{SCREEN}/close").status_code == 303


def test_colleagues_batches_do_not_meet(
    counter: FlaskClient, manager_client: FlaskClient, web_station: Station
) -> None:
    number = waybill()
    scan(counter, number)
    scan(manager_client, "SHELF:2-2")
    said = answer(manager_client, number, aside="yes")
    assert said.status_code == 409
    assert counted(OpenQuestion) == 1
