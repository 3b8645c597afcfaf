"""The public holidays of a station: chosen beside its own special days."""

from datetime import UTC, date, datetime

import pytest

from station.core import clock
from station.core.db import reading
from station.network import queries
from tests.factories import store
from tests.http.forms import post

CHINA = {
    "version": "1",
    "holiday_calendar": "china",
    "closes_on_holidays": "y",
    "opens_made_up_days": "y",
}
SEPTEMBER = datetime(2026, 9, 29, 4, tzinfo=UTC)  # Tuesday noon in Shanghai, two days before National Day


@pytest.fixture(autouse=True)
def september():
    with clock.use(lambda: SEPTEMBER):
        yield


def choose(client, **values):
    return post(client, "/settings/holidays", data=CHINA | values)


def rules(station):
    with reading():
        return queries.rules(station.id)


def test_public_holidays_move_deadlines_and_are_listed(manager_client, web_station):
    store(web_station)
    with clock.use(lambda: SEPTEMBER.replace(day=30)):
        store(web_station)

    assert choose(manager_client).status_code == 303

    page = manager_client.get("/settings/days").text
    assert "The deadline of 1 stored parcel moved." in page
    assert "National Day: closed" in page
    assert "Thu 1 Oct – Wed 7 Oct" in page
    assert date(2026, 10, 1) in rules(web_station).timetable.closed_dates()


def test_a_made_up_day_that_is_open_anyway_shows_its_hours(manager_client):
    choose(manager_client)

    page = manager_client.get("/settings/days").text

    assert "National Day, make-up working day: open" in page


def test_years_that_are_not_known_yet_are_hinted_at(manager_client, web_station):
    assert "are not known yet" not in manager_client.get("/settings/days").text

    choose(manager_client)

    with clock.use(lambda: SEPTEMBER.replace(year=2090)):
        page = manager_client.get("/settings/days").text
    assert "The public holidays of 2090 are not known yet." in page
    assert "The public holidays of 2091 are not known yet." in page


def test_a_station_may_stay_open_on_public_holidays(manager_client, web_station):
    choose(manager_client, closes_on_holidays="")

    assert rules(web_station).timetable.closed_dates() == frozenset()
    assert "National Day: open" in manager_client.get("/settings/days").text


@pytest.mark.parametrize("wrong", [{"holiday_calendar": "atlantis"}, {"version": "x"}, {"version": ""}])
def test_nonsense_is_refused(manager_client, web_station, wrong):
    assert choose(manager_client, **wrong).status_code == 422
    assert rules(web_station).version == 1


def test_a_page_that_is_too_old_is_told_so(manager_client, web_station):
    choose(manager_client, version="7")

    assert "Somebody else changed the settings" in manager_client.get("/settings/days").text
    assert rules(web_station).holiday_calendar == "none"


def test_a_clerk_may_not_choose(clerk_client):
    assert choose(clerk_client).status_code == 403
