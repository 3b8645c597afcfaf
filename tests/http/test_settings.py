import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from station.core import clock
from station.core.db import db, reading
from station.events.models import CustodyEvent
from station.network import queries
from tests.factories import make_station, store
from tests.http.forms import post

PAGES = ("station", "hours", "days", "storage", "numbering", "messages")
EXTENSION = {"extensions_most": "1", "extension_h": "24", "unclaimed_days": "184"}
STORAGE = {
    "version": "1",
    "remind_h": "24",
    "overdue_h": "48",
    "alert_h": "72",
    "return_h": "168",
    **EXTENSION,
}
NUMBERING = {
    "version": "1",
    "numbering": "counter",
    "cool_normal_h": "168",
    "cool_tight_h": "72",
    "cool_floor_h": "24",
}
NOVEL = "x" * 5000
NASTY = ["", " ", NOVEL, "a\x00b", "two\nlines", "happy 😀", "\u202eevil"]


def rules(station):
    with reading():
        return queries.rules(station.id)


def special(station):
    with reading():
        return queries.special_days(station.id, since=date(2020, 1, 1))


def last_change(station):
    with reading():
        data = db.session.scalars(
            select(CustodyEvent.data)
            .where(CustodyEvent.station_id == station.id, CustodyEvent.kind == "settings_changed")
            .order_by(CustodyEvent.seq.desc())
        ).first()
    return json.loads(data)["changes"] if data else None


def days_ahead(days):
    return (datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=days)).date().isoformat()


def declare(client, **values):
    form = {"kind": "holiday", "first_day": days_ahead(10), "last_day": "", "reason": "Spring Festival"}
    return post(client, "/settings/days", data=form | values)


@pytest.mark.parametrize("page", PAGES)
def test_manager_sees_every_page(manager_client, page):
    answer = manager_client.get(f"/settings/{page}")

    assert answer.status_code == 200
    assert "<h1>" in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_clerk_may_not_change_settings(clerk_client, page):
    assert clerk_client.get(f"/settings/{page}").status_code == 403
    assert post(clerk_client, f"/settings/{page}", data=STORAGE).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_nobody_is_sent_to_the_sign_in_page(client, page):
    answer = client.get(f"/settings/{page}")

    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


def test_settings_lead_to_their_first_page(manager_client):
    assert manager_client.get("/settings").location == "/settings/station"


def test_station_is_renamed_and_the_log_knows(manager_client, web_station):
    values = {"version": "1", "name": " 枫林苑 ", "city": "宁波", "zone": "Asia/Tokyo", "language": "zh"}

    answer = post(manager_client, "/settings/station", data=values)

    assert answer.status_code == 303
    found = rules(web_station)
    assert (found.name, found.city, found.zone, found.language) == ("枫林苑", "宁波", "Asia/Tokyo", "zh")
    assert set(last_change(web_station)) == {"name", "city", "zone", "language"}


@pytest.mark.parametrize("field", ["name", "city", "zone", "language"])
@pytest.mark.parametrize("text", NASTY)
def test_station_field_refuses_nonsense(manager_client, web_station, field, text):
    values = {"version": "1", "name": "Maple", "city": "杭州", "zone": "Asia/Tokyo", "language": "en"}

    answer = post(manager_client, "/settings/station", data=values | {field: text})

    assert answer.status_code == 422
    assert rules(web_station).version == 1


def test_storage_times_change_and_move_deadlines(manager_client, web_station):
    store(web_station)

    answer = post(manager_client, "/settings/storage", data=STORAGE | {"remind_h": "12"})

    assert answer.status_code == 303
    assert last_change(web_station) == {"remind_h": [24, 12]}
    assert "The deadline of 1 stored parcel moved." in manager_client.get(answer.location).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"remind_h": "49"},
        {"alert_h": "47"},
        {"return_h": "71"},
        {"remind_h": "0"},
        {"remind_h": "-5"},
        {"return_h": "99999"},
        {"overdue_h": ""},
        {"overdue_h": "soon"},
        {"overdue_h": "9" * 5000},
        {"overdue_h": "1e3"},
    ],
)
def test_storage_times_out_of_order_or_range_are_refused(manager_client, web_station, wrong):
    answer = post(manager_client, "/settings/storage", data=STORAGE | wrong)

    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert rules(web_station).version == 1


@pytest.mark.parametrize("version", ["0", "", "2", "x", "9" * 40])
def test_page_that_is_too_old_is_told_so(manager_client, web_station, version):
    answer = post(manager_client, "/settings/storage", data=STORAGE | {"version": version, "remind_h": "12"})

    assert answer.status_code in (409, 422)
    assert rules(web_station).remind_h == 24


def test_second_of_two_managers_is_told_to_load_again(manager_client, web_station):
    post(manager_client, "/settings/storage", data=STORAGE | {"remind_h": "12"})

    answer = post(manager_client, "/settings/storage", data=STORAGE | {"remind_h": "10"})

    assert answer.status_code == 409
    assert "Somebody else changed the settings" in answer.text
    assert rules(web_station).remind_h == 12


def test_saving_the_same_twice_changes_once(manager_client, web_station):
    for _again in range(2):
        assert post(manager_client, "/settings/storage", data=STORAGE | {"remind_h": "12"}).status_code == 303

    assert rules(web_station).version == 2


def test_numbering_changes(manager_client, web_station):
    assert post(manager_client, "/settings/numbering", data=NUMBERING).status_code == 303

    found = rules(web_station)
    assert (found.numbering, found.cool_normal_h) == ("counter", 168)


@pytest.mark.parametrize(
    "wrong",
    [
        {"numbering": "phone"},
        {"numbering": ""},
        {"cool_floor_h": "23"},
        {"cool_floor_h": "73"},
        {"cool_tight_h": "169"},
        {"cool_normal_h": "2161"},
    ],
)
def test_numbering_that_would_reuse_codes_too_early_is_refused(manager_client, web_station, wrong):
    assert post(manager_client, "/settings/numbering", data=NUMBERING | wrong).status_code == 422
    assert rules(web_station).version == 1


def test_consent_and_message_delay_change(manager_client, web_station):
    values = {"version": "1", "unknown_consent": "set_aside", "notice_delay_s": "0"}
    values |= {"quiet_from": "22:30", "quiet_until": "7:00"}

    assert post(manager_client, "/settings/messages", data=values).status_code == 303
    assert (rules(web_station).quiet_from, rules(web_station).quiet_until) == ("22:30", "07:00")
    for wrong in ({"quiet_from": "25:00"}, {"quiet_until": ""}):
        assert post(manager_client, "/settings/messages", data=values | wrong).status_code == 422
    assert (
        post(manager_client, "/settings/messages", data=values | {"notice_delay_s": "3601"}).status_code
        == 422
    )

    found = rules(web_station)
    assert (found.unknown_consent, found.notice_delay_s) == ("set_aside", 0)


def hours_form(**cells):
    return {"version": "1"} | {name.replace("_", "-"): text for name, text in cells.items()}


def test_opening_hours_are_saved_and_closed_days_stay_empty(manager_client, web_station):
    cells = hours_form(opens_0_0="8:00", closes_0_0="1200", opens_0_1="14:00", closes_0_1="24:00")

    assert post(manager_client, "/settings/hours", data=cells).status_code == 303

    weekly = rules(web_station).timetable.weekly
    assert weekly[0] == ((time(8), time(12)), (time(14), time(0)))
    assert weekly[1:] == ((),) * 6


def test_hours_of_one_day_are_copied_to_all_without_being_saved(manager_client, web_station):
    cells = hours_form(opens_2_0="10:00", closes_2_0="19:30") | {"copy": "2"}

    answer = post(manager_client, "/settings/hours", data=cells)

    assert answer.text.count('value="19:30"') == 7
    assert rules(web_station).version == 1


@pytest.mark.parametrize("copy", ["-1", "7", "x", "9" * 30])
def test_copy_of_a_day_that_does_not_exist_is_no_error(manager_client, copy):
    assert post(manager_client, "/settings/hours", data=hours_form() | {"copy": copy}).status_code == 303


@pytest.mark.parametrize(
    "cells",
    [
        {"opens_0_0": "09:00"},
        {"opens_0_0": "21:00", "closes_0_0": "09:00"},
        {"opens_0_0": "09:00", "closes_0_0": "12:00", "opens_0_1": "11:00", "closes_0_1": "15:00"},
        {"opens_0_0": "25:00", "closes_0_0": "26:00"},
        {"opens_0_0": "morning", "closes_0_0": "evening"},
        {"opens_6_2": NOVEL, "closes_6_2": "😀"},
    ],
)
def test_hours_that_make_no_sense_are_refused(manager_client, web_station, cells):
    answer = post(manager_client, "/settings/hours", data=hours_form(**cells))

    assert answer.status_code == 422
    assert "Type pairs such as" in answer.text
    assert rules(web_station).version == 1


def test_old_hours_page_is_told_so(manager_client, web_station):
    answer = post(manager_client, "/settings/hours", data=hours_form() | {"version": "7"})

    assert answer.status_code == 409
    assert len(rules(web_station).timetable.weekly[0]) == 1


def test_holiday_is_declared_moves_deadlines_and_is_taken_back(manager_client, web_station):
    store(web_station)

    declared = declare(manager_client, first_day=days_ahead(1), last_day=days_ahead(2))
    assert declared.status_code == 303
    page = manager_client.get("/settings/days").text
    assert "Spring Festival" in page
    assert "moved." in page
    (entry,) = special(web_station)

    removed = post(manager_client, f"/settings/days/{entry.id}/remove")
    assert removed.status_code == 303
    assert special(web_station) == []


def test_extra_opening_is_declared(manager_client, web_station):
    assert declare(manager_client, kind="open", opens="10:00", closes="16:00").status_code == 303

    (entry,) = special(web_station)
    assert (entry.kind, entry.opens, entry.closes) == ("open", time(10), time(16))


def test_double_submit_declares_once(manager_client, web_station):
    declare(manager_client)

    answer = declare(manager_client)

    assert answer.status_code == 422
    assert "overlap" in answer.text
    assert len(special(web_station)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "party"},
        {"first_day": ""},
        {"first_day": "2027-02-30"},
        {"first_day": "tomorrow"},
        {"first_day": "0001-01-01"},
        {"first_day": "9999-12-31"},
        {"first_day": days_ahead(20), "last_day": days_ahead(19)},
        {"first_day": days_ahead(20), "last_day": days_ahead(400)},
        {"first_day": days_ahead(-10)},
        {"kind": "open"},
        {"kind": "open", "opens": "18:00", "closes": "09:00"},
        {"kind": "open", "opens": NOVEL, "closes": "09:00"},
        {"reason": ""},
        {"reason": NOVEL},
        {"reason": "snow ❄"},
        {"reason": "a\x07b"},
    ],
)
def test_special_day_that_makes_no_sense_is_refused(manager_client, web_station, wrong):
    assert declare(manager_client, **wrong).status_code == 422
    assert special(web_station) == []


def test_special_day_that_has_begun_cannot_be_removed(manager_client, web_station):
    declare(manager_client, first_day=days_ahead(-1))
    (entry,) = special(web_station)

    page = post(manager_client, f"/settings/days/{entry.id}/remove", follow_redirects=True).text

    assert 'class="flash bad"' in page
    assert "has begun, stays" in page


@pytest.mark.parametrize("day_id", ["1", "9223372036854775807", "9223372036854775808", "9" * 60, "x", "-1"])
def test_special_day_that_does_not_exist_is_not_found(manager_client, day_id):
    assert post(manager_client, f"/settings/days/{day_id}/remove").status_code == 404


def test_special_day_of_another_station_is_not_found(web, manager_client, web_station):
    declare(manager_client)
    (entry,) = special(web_station)
    stranger = make_station("Elm").sign_in(web.test_client(), "manager")

    assert post(stranger, f"/settings/days/{entry.id}/remove").status_code == 404
    assert len(special(web_station)) == 1


def test_settings_of_another_station_stay(web, manager_client, web_station):
    other = make_station("Elm")

    post(manager_client, "/settings/storage", data=STORAGE | {"remind_h": "12"})

    assert rules(other).remind_h == 24


def test_pages_speak_chinese_dates(manager_client, web_station):
    with clock.use(lambda: datetime(2026, 11, 21, 4, tzinfo=UTC)):
        declare(manager_client, first_day="2027-02-05")
        manager_client.post("/preferences", data={"language": "zh"})
        page = manager_client.get("/settings/days").text

    assert 'lang="zh-CN"' in page
    assert "2月5日" in page
