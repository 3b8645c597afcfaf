"""Telling the operators: of what, how often, and that no person is named."""

import json
import sys
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from station import serve
from station.backups.queries import BACKUP, MADE
from station.core import clock
from station.core.db import connection, transaction
from station.events import outbox
from station.events.models import CustodyEvent
from station.jobs import alerts, runs, timetable
from station.jobs.alerts import Kind
from station.jobs.child import Child
from station.tracking import webhooks
from tests import carriers, factories
from tests.gateways import http_gateway

HOUR = timedelta(hours=1)


@pytest.fixture
def operators(settings):
    """A server that hears the alerts, and settings that name it."""
    with http_gateway() as gateway:
        url = gateway.url.replace("http://", "json://")
        gateway.settings = replace(settings, alert_urls=(url,))
        gateway.heard = lambda: [json.loads(request.body)["message"] for request in gateway.requests]
        yield gateway


def backed_up():
    with transaction():
        runs.note(BACKUP, f"{MADE}station.zip")


def give_up(station, failure="address_refused"):
    factories.store(station)
    with transaction():
        claimed = outbox.claim_next(station.id, clock.now() + HOUR / 6)
        outbox.give_up(claimed, failure=failure)


def test_dead_letters_are_told_by_number_only(station, operators):
    backed_up()
    give_up(station)
    alerts.look(operators.settings)

    [body] = operators.heard()
    assert "in the last hour: 1." in body
    assert "4068" not in body
    assert "陈" not in body


def test_what_carriers_could_not_be_told_is_told_once_and_not_for_a_webhook_that_ended(station, operators):
    backed_up()
    webhook, ended = (carriers.make_webhook(station, "https://carrier.example/") for _webhook in range(2))
    for _parcel in range(2):
        factories.store(station)
    for one in (webhook, ended):
        carriers.give_up(station, one.id)
    with transaction():
        webhooks.end(station.manager, ended.id)
    now = clock.now()
    for minutes in (0, 30, 61):
        with clock.use(lambda minutes=minutes: now + timedelta(minutes=minutes)):
            alerts.look(operators.settings)

    [body] = operators.heard()
    assert body == "Events that carriers could not be told in the last hour: 2. The managers see them."


def test_one_alert_of_a_kind_in_an_hour(station, operators):
    backed_up()
    give_up(station)
    now = clock.now()
    for minutes in (0, 5, 30, 59):
        with clock.use(lambda minutes=minutes: now + timedelta(minutes=minutes)):
            alerts.look(operators.settings)

    assert len(operators.heard()) == 1


def test_call_list_is_staffs_own(station, operators):
    backed_up()
    give_up(station, failure=outbox.NO_CHANNEL)
    alerts.look(operators.settings)

    assert operators.heard() == []


def test_old_backup_is_told_but_not_of_a_new_installation(station, operators):
    alerts.look(operators.settings)
    early = operators.heard()
    later = clock.now() + timedelta(hours=49)
    with clock.use(lambda: later):
        alerts.look(operators.settings)

    assert early == []
    assert "more than 48 hours old" in operators.heard()[0]


def test_broken_custody_log_is_told(station, operators):
    with transaction():
        connection().execute(
            update(CustodyEvent).where(CustodyEvent.station_id == station.id).values(data='{"a":1}')
        )
    result = alerts.verify_logs(operators.settings)

    assert result == "0 whole, 1 broken"
    assert "not whole" in operators.heard()[0]


def test_whole_log_is_not_told(station, operators):
    assert alerts.verify_logs(operators.settings) == "1 whole, 0 broken"
    assert operators.heard() == []


def test_anchor_that_does_not_fit_is_told(station, operators):
    backed_up()
    with transaction():
        runs.note(alerts.ANCHORS, f"{runs.FAILED}StationError")
    alerts.look(operators.settings)

    assert "anchor does not fit" in operators.heard()[0]


def test_nobody_to_tell_is_no_trouble(station, settings):
    give_up(station)

    assert alerts.look(settings) == "0 told"


def test_alert_that_did_not_get_through_is_tried_again(station, operators, caplog):
    backed_up()
    give_up(station)
    operators.answer = lambda request: (500, "", {})
    first = alerts.look(operators.settings)
    operators.answer = lambda request: (200, "", {})
    second = alerts.look(operators.settings)

    assert (first, second) == ("0 told", "1 told")
    assert operators.url.removeprefix("http://") not in caplog.text


@pytest.mark.parametrize("url", ["nonsense", "json://", "pigeon://home"])
def test_address_that_is_none_is_logged_not_raised(station, settings, caplog, url):
    backed_up()
    give_up(station)

    assert alerts.look(replace(settings, alert_urls=(url,))) == "0 told"
    assert "could not be told" in caplog.text


def test_scheduler_that_ends_three_times_is_told_once(app, station, operators, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", operators.settings)
    ended, enough = [], threading.Event()

    def on_crash(crashes):
        serve._tell_of_crashes(app, crashes)
        ended.append(crashes)
        if crashes == 4:
            enough.set()

    ending = (sys.executable, "-c", "raise SystemExit(1)")
    with Child(ending, lambda crashes: 0 if crashes < 4 else 30, on_crash=on_crash):
        assert enough.wait(30)

    assert ended == [1, 2, 3, 4]
    assert len(operators.heard()) == 1
    assert "ended 3 times" in operators.heard()[0]


def test_database_that_is_away_does_not_end_the_keeping(app, settings, caplog, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", replace(settings, alert_urls=("json://127.0.0.1:9",)))
    with transaction():
        connection().execute(text("DROP TABLE attempts"))
    serve._tell_of_crashes(app, alerts.RESTARTS)
    with transaction():
        alerts.throttle.Attempts.__table__.create(connection())

    assert "could not be told of the scheduler" in caplog.text


def test_settings_name_no_password_in_a_trace(settings):
    assert "secret" not in repr(replace(settings, alert_urls=("json://me:secret@127.0.0.1",)))


def test_jobs_are_on_the_timetable():
    assert {"alerts", "verify", alerts.ANCHORS} <= {job.id for job in timetable.JOBS}
    assert set(alerts.WORDS) == set(Kind)
