"""Every form that writes: refused without a key, done once however often it is sent, refused with other values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from station.accounts import devices
from station.accounts.models import Account
from station.core.db import db, reading, transaction
from station.days import queries as days
from station.days import service as day_book
from station.events.models import CustodyEvent
from station.network import queries as network_queries
from station.network import service as network
from station.network.calendar import SpecialKind
from station.residents import proxies
from station.shelves import queries as shelves
from station.web.idempotent import WITHOUT_KEY
from tests.factories import Station, make_station, recipient, store, waybill
from tests.http import residents
from tests.http.forms import post
from tests.http.kiosks import make_kiosk
from tests.http.message_links import path_of

FORM_ROOMS = ("accounts", "network", "shelves", "days")
SAID_PLAINLY = "This page was sent before with other values"


@dataclass(frozen=True)
class Form:
    """A form: where it goes, what it says, and what it says `again` that differs (None: it can say nothing else).

    `again_at`: where it goes then. `first`: forms sent before it. Names in braces are those of `names`.
    """

    path: str
    data: Mapping[str, str] = field(default_factory=dict)
    again: Mapping[str, str] | None = field(default_factory=dict)
    again_at: str = ""
    first: tuple[str, ...] = ()


STAFF = {"name": "Sun Li", "login": "sun.li", "role": "clerk"}
PLACE = {"version": "{version}", "name": "Elm", "city": "杭州", "zone": "Asia/Tokyo", "language": "en"}
EXTENSION = {"extensions_most": "1", "extension_h": "24", "unclaimed_days": "184"}
STORAGE = {
    "version": "{version}",
    "remind_h": "12",
    "overdue_h": "48",
    "alert_h": "72",
    "return_h": "168",
    **EXTENSION,
}
RESTS = {"cool_normal_h": "168", "cool_tight_h": "72", "cool_floor_h": "24"}
NUMBERING = {"version": "{version}", "numbering": "counter", **RESTS}
MESSAGES = {
    "version": "{version}",
    "unknown_consent": "set_aside",
    "notice_delay_s": "0",
    "quiet_from": "22:00",
    "quiet_until": "07:00",
}
HOURS = {"version": "{version}", "opens-0-0": "08:00", "closes-0-0": "12:00"}
HOLIDAY = {"kind": "holiday", "first_day": "{soon}", "last_day": "", "reason": "Spring Festival"}
PUBLIC = {"version": "{version}", "holiday_calendar": "china"}
SHELF = {"code": "12", "layers": "3", "capacity": "40", "size_class": "small"}
LAYERS = {
    f"{name}_{layer}": value
    for layer in (1, 2, 3)
    for name, value in (("capacity", "9"), ("size", "large"), ("numbers", "500"))
}

FORMS = {
    "accounts.sign_out_everywhere": Form("/sign-out-everywhere", again=None),
    "accounts.add_staff": Form("/staff", STAFF, {"login": "li.sun"}),
    "accounts.attach_staff": Form(
        "/staff/known", {"known_login": "{stranger}", "known_role": "clerk"}, {"known_role": "manager"}
    ),
    "accounts.rename_staff": Form("/staff/{clerk}/name", {"name": "Zhao Min"}, {"name": "Min Zhao"}),
    "accounts.change_role": Form("/staff/{clerk}/role", {"role": "manager"}, {"role": "clerk"}),
    "accounts.disable_staff": Form("/staff/{clerk}/disable", again_at="/staff/{manager}/disable"),
    "accounts.enable_staff": Form("/staff/{clerk}/enable", again_at="/staff/{manager}/enable"),
    "accounts.reset_password": Form("/staff/{clerk}/password", again_at="/staff/{manager}/password"),
    "accounts.add_device": Form("/devices", {"name": "Gate scanner"}, {"name": "Door scanner"}),
    "accounts.rename_device": Form("/devices/{device}/name", {"name": "Gate"}, {"name": "Door"}),
    "accounts.revoke_device": Form("/devices/{device}/revoke", again_at="/devices/{spare}/revoke"),
    "network.station": Form("/settings/station", PLACE, {"name": "Oak"}),
    "network.storage": Form("/settings/storage", STORAGE, {"remind_h": "13"}),
    "network.numbering": Form("/settings/numbering", NUMBERING, {"cool_normal_h": "169"}),
    "network.messages": Form("/settings/messages", MESSAGES, {"notice_delay_s": "60"}),
    "network.hours": Form("/settings/hours", HOURS, {"closes-0-0": "13:00"}),
    "network.days": Form("/settings/days", HOLIDAY, {"reason": "Storm"}),
    "network.public_holidays": Form("/settings/holidays", PUBLIC, {"closes_on_holidays": "y"}),
    "network.remove_day": Form("/settings/days/{holiday}/remove", again_at="/settings/days/{closure}/remove"),
    "shelves.add": Form("/shelves/add", SHELF, {"code": "13"}),
    "shelves.shelf": Form("/shelves/{shelf}", LAYERS, {"capacity_1": "8"}),
    "shelves.retire": Form("/shelves/{shelf}/retire", again_at="/shelves/{next_shelf}/retire"),
    "shelves.reopen": Form("/shelves/{shelf}/reopen", again_at="/shelves/{next_shelf}/reopen"),
    "days.open_day": Form("/day/open", again=None),
    "days.start_shift": Form("/day/shift/start", again=None),
    "days.end_shift": Form("/day/shift/end", again=None, first=("/day/shift/start",)),
    "days.close_day": Form("/day/{today}/close", again_at="/day/{before}/close"),
    "days.correct": Form("/day/{closed}/correct", {"text": "One more."}, {"text": "One less."}),
}

# A resident's own forms: they are about what is theirs, or nothing is said of a key.
MINE = {
    "me_choices.choose_place": Form("/me/choices/{mine}/place", {"choice": "station"}),
    "me_choices.choose_messages": Form("/me/choices/{mine}/messages", {"channel": "none"}),
    "me_choices.agree": Form("/me/choices/{mine}/agreements/face", {"version": "1", "given_by": "self"}),
    "me_choices.withdraw": Form("/me/choices/{mine}/agreements/face/withdraw"),
    "me_choices.answer_question": Form("/me/parcels/{my_parcel}/answer", {"answer": "yes"}),
    "me_extension.longer": Form("/me/parcels/{my_parcel}/longer"),
    "me_extension.tomorrow": Form("/me/parcels/{my_parcel}/tomorrow"),
    "me_links.answer": Form("{link}/answer", {"answer": "yes"}),
    "me_links.longer": Form("{link}/longer"),
    "me_links.tomorrow": Form("{link_page}/tomorrow"),
    "me_proxies.give": Form("/me/proxies/give", {"what": "{everything}"}),
    "me_proxies.revoke": Form("/me/proxies/{proxy}/revoke"),
    "me_data.take_export": Form("/me/export"),
    "me_data.do_erase": Form("/me/erase"),
}

ONE = {"parcel": "1"}
MAIL = {
    "version": "0",
    "position": "1",
    "host": "smtp.example.com",
    "port": "587",
    "security": "starttls",
    "sender": "maple@station.example",
}
SCAN = {"value": "SF1000000000012", "scanned_at": "2026-11-21T09:00:00+00:00"}
# What the other rooms' requests say: enough to get as far as their key.
SAID: dict[str, Mapping[str, Any]] = {
    "hand_over.take": {"person": "r1", "value": waybill()},
    "hand_over.together": ONE,
    "hand_over.proof": ONE | {"kind": "signature"},
    "hand_over.undo": ONE | {"reason": "not_taken"},
    "parcel.undo_hand_over": {"reason": "not_taken"},
    "parcel.add_picture": {"kind": "signature"},
    "parcel.unmask": {"reason": "call"},
    "people.unmask": {"reason": "call"},
    "people.link": {"phone": "17012345678,8462"},
    "notice_channels.channel": MAIL,
    "notice_channels.test": {"to": "maple@station.example"},
    "parcels.bulk": ONE | {"action": "remind"},
    "returns.open_one": {"carrier": "sf"},
    "returns.add": {"value": waybill()},
    "stocktakes.take": {"value": waybill()},
    "stocktake_findings.settle": {"one": f"lost {waybill()}"},
    "returns.take_off": ONE,
    "returns.sign": {"courier_name": "Zhao"},
    "unclaimed.enter": {"waybill": waybill(), "reason": "no_sender"},
    "message_words.price": {"channel": "webhook", "price": "45", "currency": "CNY"},
    "message_words.edit": {"body": "Code {codes}"},
    "kiosks.make_code": {"name": "Door kiosk"},
    "kiosks.rename": {"name": "Door kiosk"},
    "kiosk_cases.settle": {"note": "It was found on shelf 2."},
}
AT = "2026-11-21T09:00:00+00:00"
REPLAY = {
    "key": "a-kiosk-key",
    "session": {"way": "face", "recipient_id": "1", "began_at": AT},
    "parcel_id": "1",
    "waybill": "SF1000000000012",
    "at": AT,
}
SENT: dict[str, Mapping[str, Any]] = {
    "check_in.scan": SCAN,
    "check_in.answer": {"waybill": "SF1000000000012"},
    "check_in.undo": {},
    "check_in.damaged": {},
    "hand_over.scan": SCAN | {"person": "r1"},
    "returns.scan": SCAN,
    "stocktakes.scan": SCAN | {"layer": "1"},
    "parcels_api.check_in": {"waybill": "SF1000000000012", "shelf": "1", "layer": 1},
    "parcels_api.check_in_batch": {"parcels": [{"waybill": "SF1000000000012", "shelf": "1", "layer": 1}]},
    "parcels_api.hand_over_one": {},
    "parcels_api.hand_over_many": {"waybills": ["SF1000000000012"]},
    "parcels_api.undo": {"reason": "not_taken"},
    "residents_api.identify_resident": {"code": "ID:"},
    "kiosks_api.begin_session": {"way": "identity_code", "text": "ID:", "at": AT},
    "kiosks_api.release": {"session_id": "1", "parcel_id": "1", "waybill": "SF1000000000012", "at": AT},
    "kiosks_api.replay": REPLAY,
    "kiosk_watch_api.alert": {"kind": "staff_called", "at": AT},
    "kiosk_watch_api.photo": {"hand_over_id": "1", "taken_at": AT, "jpeg": "/9j/"},
    "kiosk_watch_api.thumbnail": {"taken_at": AT, "jpeg": "/9j/"},
    "kiosk_watch_api.enrol_face": {"session_id": "1", "version": 1, "language": "en", "at": AT},
    "kiosk_watch_api.face_gone": {"recipient_id": "1", "reason": "unused", "at": AT},
    "kiosk_watch_api.faces_used": {"recipient_ids": ["1"], "at": AT},
}
DEEDS = {
    "parcel.change": "remind",
    "parcel.write_off": "confirm",
    "unclaimed.change": "remove",
    "unclaimed.disposal": "confirm",
}


@pytest.fixture
def names(web_station: Station) -> dict[str, str]:
    """What the forms are about: people, devices, shelves and days that are there."""
    manager, stranger = web_station.manager, make_station("Lotus Garden").clerk
    mine = recipient(web_station, residents.PHONE)
    parcel = store(web_station, to=mine, layer_id=web_station.layer("3"))
    link = path_of(web_station, parcel)
    with transaction():
        proxy = proxies.give(web_station.clerk, proxies.Wish(mine.id))
    with reading():
        today = days.local_today(web_station.id)
        racks = [str(shelf.id) for shelf in shelves.shelves(web_station.id)]
        login = db.session.scalar(select(Account.login).where(Account.id == stranger.id))
    soon = today + timedelta(days=10)
    with transaction():
        machines = [str(devices.add_device(manager, name=name).id) for name in ("Gate", "Spare")]
        closed = [
            str(network.add_special_day(manager, network.NewSpecialDay(kind, day, day, "Rest")))
            for kind, day in ((SpecialKind.HOLIDAY, soon), (SpecialKind.CLOSURE, soon + timedelta(days=1)))
        ]
        day_book.close_day(manager, today - timedelta(days=2))
        version = network_queries.rules(web_station.id).version
    return {
        "mine": f"{web_station.id}/{mine.id}",
        "my_parcel": f"{web_station.id}/{parcel.parcel_id}",
        "everything": f"day-{web_station.id}",
        "proxy": f"{web_station.id}/{proxy.proxy_id}",
        "link_page": link,
        "link": f"{link}/{parcel.parcel_id}",
        "clerk": str(web_station.clerk.id),
        "manager": str(manager.id),
        "stranger": str(login),
        "today": today.isoformat(),
        "before": (today - timedelta(days=1)).isoformat(),
        "closed": (today - timedelta(days=2)).isoformat(),
        "version": str(version),
        "soon": (soon + timedelta(days=5)).isoformat(),
        **dict(zip(("device", "spare"), machines, strict=True)),
        **dict(zip(("holiday", "closure"), closed, strict=True)),
        **dict(zip(("shelf", "next_shelf"), racks[:2], strict=True)),
    }


def filled(data: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    return {name: text.format(**names) for name, text in data.items()}


def send(browser: FlaskClient, path: str, data: Mapping[str, str], *, key: str) -> TestResponse:
    return post(browser, path, data, key=key, follow_redirects=True)


def changes(station: Station) -> tuple[int, int]:
    """Return how much has happened: events of the custody log, and sessions ended."""
    with reading():
        events = db.session.scalar(select(func.count()).where(CustodyEvent.station_id == station.id))
        epochs = db.session.scalar(select(func.sum(Account.epoch)))
    return events or 0, epochs or 0


def shown(answer: TestResponse) -> tuple[int, str, list[str]]:
    """Return what somebody sees of an answer: the page it ended at, what it says was done, a secret shown once."""
    told = re.search(r'id="flashes"[^>]*>(.*?)</div>', answer.text, re.DOTALL)
    said = re.findall(r"<span>(.*?)</span>", told[1] if told else "")
    said += re.findall(r'class="mono (?:code|token)">(.*?)<', answer.text)
    return answer.status_code, answer.request.path, said


def writing(app: Flask) -> dict[str, Rule]:
    rules = (rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ()))
    return {rule.endpoint: rule for rule in rules}


def test_every_form_of_these_rooms_is_tried(web: Flask) -> None:
    ours = {endpoint for endpoint in writing(web) if endpoint.partition(".")[0] in FORM_ROOMS}

    assert set(FORMS) == ours - WITHOUT_KEY


def test_what_needs_no_key_exists(web: Flask) -> None:
    assert set(writing(web)) >= WITHOUT_KEY


def test_every_writing_route_asks_for_a_key(
    web: Flask, web_station: Station, manager_client: FlaskClient, scanner: Any, names: dict[str, str]
) -> None:
    answers, kiosk = {}, make_kiosk(web, web_station)
    residents.sign_in(manager_client)
    for endpoint, rule in writing(web).items():
        if endpoint in WITHOUT_KEY:
            continue
        form = FORMS.get(endpoint) or MINE.get(endpoint)
        ids = dict.fromkeys(rule.arguments, 1) | {"deed": DEEDS.get(endpoint, ""), "name": "email"}
        ids |= {"topic": "stored", "language": "en"}
        with web.test_request_context():
            path = web.url_for(endpoint, **{name: ids[name] for name in rule.arguments})
        said: dict[str, Any] = {"data": filled(form.data, names) if form else SAID.get(endpoint, {})}
        said = {"json": SENT[endpoint]} if endpoint in SENT else said
        machine = kiosk if path.startswith("/api/v1/kiosks/") else scanner
        headers = {"Accept": "application/json"} | (machine.headers if path.startswith("/api/") else {})

        answer = manager_client.post(form.path.format(**names) if form else path, headers=headers, **said)

        answers[endpoint] = (answer.json or {}).get("code") if answer.is_json else answer.status_code

    unasked = {endpoint: code for endpoint, code in answers.items() if code != "idempotency_key_missing"}
    assert unasked == {}


@pytest.mark.parametrize("endpoint", FORMS)
def test_form_sent_twice_acts_once_and_answers_the_same(
    web: Flask, web_station: Station, manager_client: FlaskClient, names: dict[str, str], endpoint: str
) -> None:
    form = FORMS[endpoint]
    path, data = form.path.format(**names), filled(form.data, names)
    for earlier in form.first:
        post(manager_client, earlier, follow_redirects=True)
    before = changes(web_station)

    first = send(manager_client, path, data, key="pressed-twice")
    once = changes(web_station)
    if endpoint == "accounts.sign_out_everywhere":
        web_station.sign_in(manager_client, "manager")
    second = send(manager_client, path, data, key="pressed-twice")

    assert once != before
    assert changes(web_station) == once
    assert shown(second) == shown(first)
    assert shown(first)[2] != []


@pytest.mark.parametrize("endpoint", [name for name, form in FORMS.items() if form.again is not None])
def test_key_used_for_something_else_is_refused_in_plain_words(
    web_station: Station, manager_client: FlaskClient, names: dict[str, str], endpoint: str
) -> None:
    form = FORMS[endpoint]
    path, data = form.path.format(**names), filled(form.data, names)
    send(manager_client, path, data, key="pressed-again")
    before = changes(web_station)
    elsewhere = (form.again_at or form.path).format(**names)

    answer = send(manager_client, elsewhere, data | filled(form.again or {}, names), key="pressed-again")

    assert SAID_PLAINLY in answer.text
    assert changes(web_station) == before


def test_every_form_shown_has_a_key_of_its_own(manager_client: FlaskClient, names: dict[str, str]) -> None:
    pages = ("/account", "/staff", "/devices", "/settings/hours", "/settings/days", "/shelves/add", "/day")
    keys = []
    for _again in range(2):
        for page in pages:
            keys += re.findall(r'name="key" value="([0-9a-f]{32})"', manager_client.get(page).text)

    assert len(keys) == len(set(keys))
    assert len(keys) >= 2 * len(pages)


def test_old_page_without_a_key_is_told_to_load_again(manager_client: FlaskClient) -> None:
    answer = manager_client.post("/staff", data=STAFF)

    assert answer.status_code == 400
    assert "This page is too old. Load it again" in answer.text


def test_refused_form_can_be_put_right_and_sent_again(manager_client: FlaskClient) -> None:
    post(manager_client, "/shelves/add", SHELF)

    refused = post(manager_client, "/shelves/add", SHELF)
    new = re.findall(r'name="key" value="([0-9a-f]{32})"', refused.text)
    answer = post(manager_client, "/shelves/add", SHELF | {"code": "14"}, key=new[-1])

    assert refused.status_code == 409
    assert answer.status_code == 303


def test_secret_is_not_kept_in_the_clear(
    web: Flask, web_station: Station, manager_client: FlaskClient
) -> None:
    page = post(manager_client, "/devices", {"name": "Gate scanner"}).text
    token = re.findall(r"smt_[0-9]+_[0-9]+_([A-Za-z0-9_-]+)", page)[0]

    with reading():
        raw = db.session.connection().exec_driver_sql("SELECT answer FROM idempotent_answers").scalars().all()

    assert raw
    assert not any(token.encode() in (one if isinstance(one, bytes) else str(one).encode()) for one in raw)
