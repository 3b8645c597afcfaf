"""What a kiosk says of itself, and that it says nothing any more."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from station.accounts import devices
from station.core import clock
from station.core.actor import Actor
from station.core.db import connection, reading, transaction
from station.core.settings import Settings
from station.jobs import alerts as job_alerts
from station.jobs import runs, timetable
from station.kiosks import alerts, reports, watch_queries
from station.kiosks.call_kinds import AlertKind
from station.kiosks.reports import SILENT_AFTER, Camera, Report, Wanted
from station.kiosks.watch_models import KioskReport
from tests.factories import Station, make_station
from tests.services.kiosk_world import kiosk, open_alerts

SAID = Report("1.0", 2, -40, 30, Camera.OK, 7, is_demo=False)


@pytest.fixture
def door(station: Station) -> Actor:
    return kiosk(station)


def note(door: Actor, report: Report = SAID) -> Wanted:
    with transaction():
        return reports.note(door, report)


def find(station: Station) -> int:
    with transaction():
        return reports.find_silent(station.id)


def kept() -> list[Any]:
    with reading():
        return list(connection().execute(select(KioskReport.__table__)))


def test_the_newest_report_counts(door: Actor) -> None:
    note(door)
    note(door, replace(SAID, queue_length=0, list_age_s=None, camera=Camera.DARK))
    (row,) = kept()
    assert (row.kiosk_id, row.version, row.queue_length, row.list_age_s, row.camera, row.faces) == (
        door.id,
        "1.0",
        0,
        None,
        "dark",
        7,
    )


def test_a_kiosk_that_is_wanted_nothing_of_is_told_so(door: Actor) -> None:
    assert note(door) == Wanted(is_thumbnail_wanted=False, forget_faces=(), settled=())


def test_staff_are_called_once_for_each_silence(station: Station, door: Actor) -> None:
    start = clock.now()
    note(door)
    assert find(station) == 0
    silent = start + SILENT_AFTER + timedelta(seconds=1)
    with clock.use(lambda: silent):
        assert find(station) == 1
        assert find(station) == 0
        assert open_alerts(station.id) == ["silent"]
        note(door)
        assert open_alerts(station.id) == []
        assert find(station) == 0
    again = silent + SILENT_AFTER + timedelta(seconds=1)
    with clock.use(lambda: again):
        assert find(station) == 1


def test_a_silence_that_somebody_has_seen_is_told_of_no_more(station: Station, door: Actor) -> None:
    note(door)
    later = clock.now() + SILENT_AFTER + timedelta(seconds=1)
    with clock.use(lambda: later):
        find(station)
        with transaction():
            assert alerts.end(station.clerk, door.id, AlertKind.SILENT)
        assert find(station) == 0


def test_one_that_never_spoke_is_silent_since_it_was_enrolled(station: Station, door: Actor) -> None:
    later = clock.now() + SILENT_AFTER + timedelta(seconds=1)
    with clock.use(lambda: later):
        assert find(station) == 1


def test_one_out_of_use_is_not_missed(station: Station, door: Actor) -> None:
    with transaction():
        devices.revoke_device(station.manager, door.id)
    later = clock.now() + SILENT_AFTER + timedelta(seconds=1)
    with clock.use(lambda: later):
        assert find(station) == 0


def test_scanners_and_other_stations_are_not_watched(station: Station, door: Actor) -> None:
    with transaction():
        devices.add_device(station.manager, name="Scanner")
    other = make_station("Lotus Garden")
    later = clock.now() + SILENT_AFTER + timedelta(seconds=1)
    with clock.use(lambda: later):
        assert find(other) == 0
        assert find(station) == 1


def test_the_job_calls_staff_and_the_operators_hear_a_number(
    station: Station, door: Actor, settings: Settings
) -> None:
    later = clock.now() + SILENT_AFTER + timedelta(seconds=1)
    with clock.use(lambda: later):
        assert timetable.watch_kiosks(settings) == "1 silent, 0 looks deleted"
        assert timetable.watch_kiosks(settings) == "0 silent, 0 looks deleted"
        with reading():
            assert watch_queries.silent_calls(since=later - timedelta(hours=1)) == 1
        note(door)
        with reading():
            assert watch_queries.silent_calls(since=later - timedelta(hours=1)) == 0
    assert open_alerts(station.id) == []


def test_the_job_is_not_even_noted_without_a_kiosk(app: object, settings: Settings) -> None:
    job = next(one for one in timetable.JOBS if one.id == "kiosks")
    assert runs.run(job, settings) is None


def test_the_nightly_job_erases_photos_and_calls(station: Station, door: Actor, settings: Settings) -> None:
    assert timetable.forget_kiosks(settings) == "0 photos, 0 calls"


def test_operators_hear_of_silent_kiosks_by_number_only(
    station: Station, door: Actor, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(job_alerts, "_deliver", lambda urls, body: told.append(body) or True)
    operated = replace(settings, alert_urls=("json://operators.example",))
    later = clock.now() + SILENT_AFTER + timedelta(seconds=1)
    with clock.use(lambda: later):
        job_alerts.look(operated)
        assert told == []
        find(station)
        for _again in range(2):
            job_alerts.look(operated)
    assert told == ["Kiosks that fell silent in the last hour: 1. Look at their power and network."]
