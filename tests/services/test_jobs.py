"""Each job of the scheduler, late and twice, with the clock faked."""

import json
import os
import signal
import subprocess
import sys
from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from station.backups import queries as backup_queries
from station.core import clock, idempotency
from station.core.db import connection, db, reading, transaction
from station.core.errors import StationError
from station.core.idempotency import IdempotentAnswer, Request
from station.core.settings import KEY_NAMES
from station.events import anchors, retention
from station.events.models import CustodyAnchor, CustodyEvent, OutboxMessage, RefusedScan
from station.events.service import Refusal, keep_refused_scan
from station.jobs import queries, runs, timetable
from station.jobs.models import SchedulerLease
from station.parcels.models import Parcel
from tests import factories
from tests.conftest import TEST_KEYS
from tests.services.winding import NOON, Clock

MINUTE = timedelta(minutes=1)


@pytest.fixture
def wound(app):
    hand = Clock()
    with clock.use(hand):
        yield hand


@pytest.fixture
def run(wound, settings):
    known = {one.id: one for one in timetable.JOBS}
    return lambda name: runs.run(known[name], settings)


def test_heartbeat_shows_that_the_scheduler_lives(run, wound):
    with reading():
        before = queries.is_alive(clock.now())
    run("heartbeat")
    with reading():
        beaten = queries.is_alive(clock.now())
        silent = queries.is_alive(clock.now() + queries.SILENT_AFTER + MINUTE)
        at = queries.last_heartbeat()

    assert (before, beaten, silent) == (False, True, False)
    assert at == NOON


def test_outbox_job_sends_what_is_due(station, run, wound, settings):
    parcel = factories.store(station)
    early = run("outbox")
    wound.wind(5 * MINUTE)
    sent = run("outbox")
    wound.wind(5 * MINUTE)
    again = run("outbox")

    assert (early, sent, again) == (None, "1 sent, 0 failed, 0 to call", None)
    written = (settings.instance / "outbox" / "2026-11-21.log").read_text(encoding="utf-8")
    assert parcel.pickup_code in written


def test_late_levels_job_enters_each_level_and_owes_one_message(station, run, wound):
    factories.store(station)
    wound.wind(timedelta(days=4))
    first = run("levels")
    wound.wind(MINUTE)
    second = run("levels")
    with reading():
        level = connection().scalar(select(Parcel.level))
        topics = list(connection().scalars(select(OutboxMessage.topic).order_by(OutboxMessage.id)))

    assert (first, second) == ("1 parcels", None)
    assert level == "alert"
    assert topics == ["stored", "alert"]


def test_anchors_job_signs_and_exports(station, run, wound, settings):
    run("anchors")
    factories.store(station)
    wound.wind(5 * MINUTE)
    second = run("anchors")
    wound.wind(5 * MINUTE)
    idle = run("anchors")
    exported = list(anchors.read_file(anchors.file_of(settings.instance, station.id)))
    with reading():
        kept = connection().scalar(select(func.count()).select_from(CustodyAnchor))

    assert (second, idle) == ("1 signed", "0 signed")
    assert len(exported) == kept == 2


def test_a_broken_anchor_file_of_one_station_does_not_stop_the_others(station, run, settings):
    """The others are signed and exported all the same, and the job says that it failed."""
    other = factories.make_station("Aaa comes first")
    run_anchors = lambda: timetable.sign_heads(settings)  # noqa: E731 - said twice
    run_anchors()
    anchors.file_of(settings.instance, other.id).write_text("not an anchor\n")
    for one in (station, other):
        factories.store(one)
    with pytest.raises(StationError, match="anchor file"):
        run_anchors()
    exported = list(anchors.read_file(anchors.file_of(settings.instance, station.id)))
    with reading():
        kept = connection().scalar(select(func.count()).select_from(CustodyAnchor))

    assert len(exported) == 2
    assert kept == 4


def test_backup_job_makes_one_a_day_and_calms_the_reminder(station, run, wound, settings):
    first = run("backup")
    wound.wind(timedelta(hours=1))
    same_day = run("backup")
    wound.wind(timedelta(days=1))
    next_day = run("backup")
    with reading():
        old = backup_queries.is_old(clock.now())
    for file in (settings.instance / "backups").glob("station-*.zip"):
        file.unlink()

    assert first == "made station-20261121-120000.zip"
    assert same_day is None
    assert next_day.startswith("made ")
    assert not old


def test_forget_job_keeps_answers_for_their_time(station, run, wound):
    def remember(key):
        idempotency.once(Request(station.clerk, "check_in", key, {}), dict)

    remember("first-key")
    wound.wind(idempotency.KEEP - timedelta(days=1))
    remember("second-key")
    kept = run("forget")
    wound.wind(timedelta(days=2))
    forgotten = run("forget")
    with reading():
        keys = list(connection().scalars(select(IdempotentAnswer.key)))

    assert kept.startswith("0 answers")
    assert forgotten.startswith("1 answers")
    assert keys == ["second-key"]


def test_refused_scans_lose_what_was_read_and_keep_why(station, run, wound):
    with transaction():
        keep_refused_scan(station.clerk, Refusal("check_in", "waybill_malformed", "陈晓明 13812344068"))
    wound.wind(retention.KEEP)
    in_time = run("erase_scans")
    wound.wind(timedelta(days=1))
    late = run("erase_scans")
    same_day = run("erase_scans")
    wound.wind(timedelta(days=1))
    again = run("erase_scans")
    with reading():
        scans = connection().execute(select(RefusedScan.reason, RefusedScan.raw, RefusedScan.actor)).all()
        logged = connection().execute(
            select(CustodyEvent.actor, CustodyEvent.data).where(CustodyEvent.kind == "refused_scans_erased")
        )
        events = [(event.actor, json.loads(event.data)) for event in logged]

    assert (in_time, late, same_day, again) == ("0 scans", "1 scans", None, "0 scans")
    assert scans == [("waybill_malformed", None, station.clerk.key)]
    assert events == [("system:0", {"count": 1, "until": "2026-11-22T12:00:00+00:00"})]


def test_old_messages_of_the_console_are_removed(run, wound, settings):
    folder = settings.instance / "outbox"
    folder.mkdir(exist_ok=True)
    for name in ("2026-10-21.log", "2026-10-22.log"):
        (folder / name).write_text("a code")
    first = run("forget_messages")
    wound.wind(timedelta(days=1))
    second = run("forget_messages")

    assert (first, second) == ("1 days", "1 days")
    assert not (folder / "2026-10-22.log").exists()


KEYS = dict(
    zip(KEY_NAMES, (TEST_KEYS.session, TEST_KEYS.data, TEST_KEYS.hash, TEST_KEYS.signing), strict=True)
)


def start_process(web, *arguments, **pipes):
    settings = web.config["SETTINGS"]
    keys = {name: urlsafe_b64encode(key).decode() for name, key in KEYS.items()}
    place = {"STATION_INSTANCE": str(settings.instance), "DATABASE_URL": settings.database_url}
    return subprocess.Popen(
        [sys.executable, "-m", "station.jobs", *arguments],
        env={**os.environ, **place, **keys},
        stderr=subprocess.PIPE,
        text=True,
        **pipes,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_process_works_until_told_to_stop_and_gives_its_lease_back(web, web_station, number):
    db.session.remove()
    with start_process(web) as process:
        first_line = process.stderr.readline()
        process.send_signal(number)
        process.send_signal(number)
        rest = process.stderr.read()
        code = process.wait(30)
    with reading():
        holders = connection().scalars(select(SchedulerLease.owner)).all()

    assert "this scheduler works" in first_line
    assert "Traceback" not in rest
    assert (code, holders) == (0, [])


def test_process_ends_with_the_one_that_started_it(web, web_station):
    """A web server that was killed must not leave a scheduler of the old release at work."""
    db.session.remove()
    with start_process(web, "--attached", stdin=subprocess.PIPE) as process:
        first_line = process.stderr.readline()
        process.stdin.close()  # what a dead parent's pipe does
        rest = process.stderr.read()
        code = process.wait(30)

    assert "this scheduler works" in first_line
    assert "Traceback" not in rest
    assert code == 0


def test_process_on_older_tables_says_what_to_do(tmp_path):
    keys = {name: urlsafe_b64encode(key).decode() for name, key in KEYS.items()}
    place = {"STATION_INSTANCE": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'station.db'}"}
    done = subprocess.run(
        [sys.executable, "-m", "station.jobs"],
        env={**os.environ, **place, **keys},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("The scheduler cannot start: The database is older than the program.")


def test_process_without_keys_says_what_to_do(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STATION_")}
    done = subprocess.run(
        [sys.executable, "-m", "station.jobs"],
        env={**environment, "STATION_INSTANCE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("The scheduler cannot start: STATION_SESSION_KEY is not set")
