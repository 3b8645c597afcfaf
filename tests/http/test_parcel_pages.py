"""One parcel's page over HTTP: its story, what can be done with it, and what is refused."""

import io
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from station.core import clock, i18n
from station.core.db import reading, transaction
from station.events import queries as events
from station.parcels import announce, hand_over, handling, parcel_queries, words
from station.parcels.announce import Announcement
from station.parcels.hand_over import Taker
from station.parcels.intake import CheckedIn
from station.parcels.lifecycle import ParcelState, Problem
from station.parcels.parcel_queries import Detail
from tests.factories import Station, make_station, store

KEY = {"key": "page-0001"}


def look(station: Station, parcel: CheckedIn) -> Detail:
    with reading():
        return parcel_queries.detail(station.id, parcel.parcel_id)


def page_of(parcel: CheckedIn) -> str:
    return f"/parcels/{parcel.parcel_id}"


def test_a_parcels_page_tells_its_whole_story_masked(web_station: Station, clerk_client: FlaskClient) -> None:
    parcel, there = store(web_station), web_station.layer("2")
    with transaction():
        moved = handling.move(web_station.clerk, parcel.parcel_id, there)
        hand_over.hand_over(web_station.clerk, parcel.parcel_id, Taker())
        hand_over.undo_hand_over(web_station.manager, parcel.parcel_id, reason="wrong_person")
    text = clerk_client.get(page_of(parcel)).text
    for said in (
        f"Checked in at {parcel.pickup_code}.",
        f"Moved from {parcel.pickup_code} to {moved.pickup_code}.",
        "Handed over to the recipient.",
        "The hand-over was taken back: It went to the wrong person and came back.",
        "Manager",
        "Nobody has asked the recipient yet.",
        "The last four digits of the waybill",
        "Why: 2 days",
    ):
        assert said in text, said
    assert "陈晓明" not in text
    assert "13812344068" not in text


def test_looking_behind_the_mask_needs_a_reason_shows_once_and_is_logged(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    parcel = store(web_station)
    address = f"{page_of(parcel)}/unmask"
    for reason in ("", "curious"):
        assert clerk_client.post(address, data={"reason": reason, **KEY}).status_code == 422
    shown = clerk_client.post(address, data={"reason": "call", **KEY})
    assert shown.status_code == 200
    assert "陈晓明" in shown.text
    assert "13812344068" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert "To call the recipient" in shown.text
    again = clerk_client.post(address, data={"reason": "call", **KEY})
    assert again.status_code == 303
    with reading():
        kinds = [one.kind for one in events.story(web_station.id, parcel.parcel_id)]
    assert kinds.count("personal_data_shown") == 1
    assert "陈晓明" not in clerk_client.get(page_of(parcel)).text


DEEDS = {
    "move": ({"row": "3-1"}, lambda one: str(one.pickup_code).startswith("3-1-")),
    "hold": ({"reason": "complaint"}, lambda one: one.hold_reason == "complaint"),
    "problem": ({"problem": "damaged"}, lambda one: one.problem == "damaged"),
    "remind": ({}, lambda one: one.state == "stored"),
    "return": ({"reason": "refused"}, lambda one: one.state == "returning"),
    "lost": ({"reason": "not_found"}, lambda one: one.state == "lost"),
    "recipient": ({"phone": "139 1234 0000", "name": "王芳"}, lambda one: one.phone_tail == "0000"),
    "carrier": ({"carrier": "zto"}, lambda one: one.carrier == "zto"),
    "consent": ({"choice": "always", "how": "in_person"}, lambda one: one.consent_basis == "standing"),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_each_deed_is_done_once_and_said(web_station: Station, clerk_client: FlaskClient, deed: str) -> None:
    parcel, (data, holds) = store(web_station), DEEDS[deed]
    for _ in range(2):
        assert clerk_client.post(f"{page_of(parcel)}/{deed}", data=data | KEY).status_code == 303
        assert 'class="flash ok"' in clerk_client.get(page_of(parcel)).text
    assert holds(look(web_station, parcel))


@pytest.mark.parametrize(
    ("deed", "data"),
    [
        ("move", {"row": ""}),
        ("hold", {"reason": "because"}),
        ("problem", {"problem": "no_phone"}),
        ("return", {}),
        ("recipient", {"phone": ""}),
        ("recipient", {"phone": "1" * 41}),
        ("carrier", {"carrier": "nobody"}),
        ("consent", {"choice": "maybe", "how": "in_person"}),
    ],
)
def test_a_deed_without_its_facts_is_refused(
    web_station: Station, clerk_client: FlaskClient, deed: str, data: dict
) -> None:
    parcel = store(web_station)
    assert clerk_client.post(f"{page_of(parcel)}/{deed}", data=data | KEY).status_code == 422


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"phone": "12", "name": ""}, "not a phone number"),
        ({"phone": "13812344068", "name": "<script>"}, "not a name"),
        ({"phone": "13812344068", "name": "📦"}, "not a name"),
    ],
)
def test_a_phone_or_name_that_is_none_is_said_plainly(
    web_station: Station, clerk_client: FlaskClient, data: dict, said: str
) -> None:
    parcel = store(web_station, recipient=None, problem=Problem.NO_PHONE)
    clerk_client.post(f"{page_of(parcel)}/recipient", data=data | KEY)
    assert said in clerk_client.get(page_of(parcel)).text
    assert look(web_station, parcel).recipient_id is None


def test_a_solved_parcel_on_the_set_aside_shelf_is_to_be_moved(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    aside = web_station.layer("99")
    parcel = store(web_station, recipient=None, problem=Problem.NO_PHONE, layer_id=aside)
    data = {"phone": "13912340000", "name": "王芳", **KEY}
    answer = clerk_client.post(f"{page_of(parcel)}/recipient", data=data)
    assert answer.headers["Location"].endswith("#move")
    assert "Move it to its own now" in clerk_client.get(page_of(parcel)).text


def test_a_write_off_needs_another_person(
    web_station: Station, clerk_client: FlaskClient, manager_client: FlaskClient
) -> None:
    parcel = store(web_station)
    address = f"{page_of(parcel)}/write-off"
    clerk_client.post(f"{address}/ask", data={"reason": "destroyed", **KEY})
    clerk_client.post(f"{address}/confirm", data={"key": "page-0002"})
    assert "A colleague has to confirm this" in clerk_client.get(page_of(parcel)).text
    assert look(web_station, parcel).state == "stored"
    manager_client.post(f"{address}/confirm", data=KEY)
    assert look(web_station, parcel).state == "written_off"


def test_an_undo_on_the_page_brings_the_parcel_back(web_station: Station, clerk_client: FlaskClient) -> None:
    parcel = store(web_station)
    with transaction():
        hand_over.hand_over(web_station.clerk, parcel.parcel_id, Taker())
    clerk_client.post(f"{page_of(parcel)}/undo-hand-over", data={"reason": "not_taken", **KEY})
    assert look(web_station, parcel).state == "stored"


def test_a_picture_is_kept_and_shown_and_a_text_is_not(
    web_station: Station, clerk_client: FlaskClient
) -> None:
    parcel = store(web_station)
    address = f"{page_of(parcel)}/pictures"
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 40
    files = {"kind": "signature", "picture": (io.BytesIO(png), "s.png"), **KEY}
    clerk_client.post(address, data=files, content_type="multipart/form-data")
    text = clerk_client.get(page_of(parcel)).text
    link = text.partition(f'src="{address}/')[2].partition('"')[0]
    picture = clerk_client.get(f"{address}/{link}")
    assert (picture.mimetype, picture.data) == ("image/png", png)
    wrong = {
        "kind": "signature",
        "picture": (io.BytesIO(b"<svg onload=alert(1)>"), "s.png"),
        "key": "page-0002",
    }
    clerk_client.post(address, data=wrong, content_type="multipart/form-data")
    assert "Choose a photo" in clerk_client.get(page_of(parcel)).text
    assert clerk_client.get(f"{address}/1").status_code == 404


@pytest.mark.parametrize(
    "rest", ["", "/unmask", "/move", "/undo-hand-over", "/write-off/confirm", "/pictures", "/nothing"]
)
def test_another_stations_parcel_does_not_exist(
    web_station: Station, clerk_client: FlaskClient, rest: str
) -> None:
    theirs = store(make_station("Elm Yard"))
    if not rest:
        assert clerk_client.get(page_of(theirs)).status_code == 404
        return
    data = {"reason": "wrong_parcel" if "undo" in rest else "call", "row": "1-1", "kind": "damage"}
    data |= {"picture": (io.BytesIO(b"\x89PNG\r\n\x1a\n0"), "s.png"), **KEY}
    assert clerk_client.post(page_of(theirs) + rest, data=data).status_code == 404


def test_a_form_without_a_key_is_refused(web_station: Station, clerk_client: FlaskClient) -> None:
    parcel = store(web_station)
    assert clerk_client.post(f"{page_of(parcel)}/hold", data={"reason": "complaint"}).status_code == 400


def test_pages_are_not_for_people_who_are_not_signed_in(client: FlaskClient) -> None:
    for address in ("/parcels", "/problems", "/parcels/1", "/parcels/export.csv"):
        assert client.get(address).status_code == 303


LIVES = {
    "stored": [],
    "handed_over": [lambda here, one: hand_over.hand_over(here.clerk, one, Taker(proxy_name="李雷"))],
    "returning": [lambda here, one: handling.start_return(here.clerk, one, reason="refused")],
    "returned": [
        lambda here, one: handling.start_return(here.clerk, one, reason="refused"),
        lambda here, one: handling.return_to_carrier(here.clerk, one),
    ],
    "lost": [
        lambda here, one: handling.mark_lost(here.clerk, one, reason="not_found"),
        lambda here, one: handling.ask_write_off(here.clerk, one, reason="not_found"),
    ],
    "written_off": [
        lambda here, one: handling.ask_write_off(here.clerk, one, reason="destroyed"),
        lambda here, one: handling.confirm_write_off(here.manager, one),
    ],
}


def at(web_station: Station, state: str) -> int:
    """Return a parcel in a state."""
    if state == "expected":
        with transaction():
            return announce.announce(web_station.manager, Announcement("SF1409876543210", "sf"))
    parcel_id = store(web_station).parcel_id
    with transaction():
        for step in LIVES[state]:
            step(web_station, parcel_id)
    return parcel_id


@pytest.mark.parametrize(
    ("state", "deed", "data", "after", "said"),
    [
        ("expected", "withdraw", {}, "cancelled", "It is not expected any more."),
        ("returned", "undo-return", {"reason": "not_picked_up"}, "returning", "It is here again"),
        ("lost", "found", {"row": "3-2"}, "stored", "Found again"),
        ("written_off", "found", {"row": "3-2"}, "stored", "Found again"),
    ],
)
def test_what_went_wrong_is_put_right_on_the_page(
    web_station: Station,
    clerk_client: FlaskClient,
    *,
    state: str,
    deed: str,
    data: dict,
    after: str,
    said: str,
) -> None:
    parcel_id = at(web_station, state)
    address = f"/parcels/{parcel_id}"
    assert f'action="{address}/{deed}"' in clerk_client.get(address).text
    for _ in range(2):
        assert clerk_client.post(f"{address}/{deed}", data=data | KEY).status_code == 303
    page = clerk_client.get(address).text
    assert said in page
    assert f'action="{address}/{deed}"' not in page
    with reading():
        assert parcel_queries.detail(web_station.id, parcel_id).state == after


@pytest.mark.parametrize(
    ("state", "deed", "data"),
    [
        ("returned", "undo-return", {"reason": "because"}),
        ("lost", "found", {"row": ""}),
        ("lost", "found", {}),
    ],
)
def test_putting_right_without_its_facts_is_refused(
    web_station: Station, clerk_client: FlaskClient, *, state: str, deed: str, data: dict
) -> None:
    address = f"/parcels/{at(web_station, state)}/{deed}"
    assert clerk_client.post(address, data=data | KEY).status_code == 422


@pytest.mark.parametrize("deed", ["withdraw", "undo-return", "found"])
def test_what_did_not_go_wrong_is_not_put_right(
    web_station: Station, clerk_client: FlaskClient, deed: str
) -> None:
    parcel = store(web_station)
    data = {"reason": "not_picked_up", "row": "3-2", **KEY}
    clerk_client.post(f"{page_of(parcel)}/{deed}", data=data)
    assert "the parcel has changed" in clerk_client.get(page_of(parcel)).text
    assert look(web_station, parcel).state == "stored"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("state", [*LIVES, "expected"])
def test_a_page_is_whole_in_every_state(
    web_station: Station, clerk_client: FlaskClient, state: str, language: str
) -> None:
    parcel_id = at(web_station, state)
    clerk_client.set_cookie("language", language)
    page = clerk_client.get(f"/parcels/{parcel_id}")
    assert page.status_code == 200
    assert _in(language, words.STATES[ParcelState(state)]) in page.text
    assert clerk_client.get("/problems").status_code == 200


def _in(language: str, text: str) -> str:
    with i18n.speaking(language):
        return i18n.gettext(text)


def test_times_are_the_stations_own(web_station: Station, clerk_client: FlaskClient) -> None:
    noon = datetime.fromisoformat("2026-11-20T04:00:00+00:00")
    with clock.use(lambda: noon):
        parcel = store(web_station)
    assert "20 Nov 12:00" in clerk_client.get(page_of(parcel)).text
