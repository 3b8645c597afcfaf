"""Invariant 8 for what is kept for a time: daily, late, missed and doubled runs leave the same rows and files."""

import json
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from station.core import clock
from station.core.db import reading, transaction
from station.core.phones import parse
from station.core.settings import Settings
from station.events import retention
from station.events.models import CustodyEvent, RefusedScan
from station.events.service import Refusal, keep_refused_scan
from station.jobs import timetable
from station.notices import channels
from station.notices.channels import ConsoleChannel, Message
from tests import invariants
from tests.conftest import TEST_KEYS
from tests.factories import make_station

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
HOURS = st.integers(0, 200 * 24)
END = 200 * 24


def at(hour):
    return clock.use(lambda: START + timedelta(hours=hour))


class Watched:
    """A station whose retention jobs run when the test says so."""

    def __init__(self, name):
        with at(0):
            self.station = make_station(name)
        self.settings = Settings(Path(tempfile.mkdtemp()), "sqlite://", TEST_KEYS)

    def refuse(self, hour):
        with at(hour), transaction():
            keep_refused_scan(self.station.clerk, Refusal("check_in", "waybill_malformed", f"scan {hour}"))

    def send(self, hour):
        with at(hour):
            ConsoleChannel(self.settings.instance / "outbox").send(
                Message(hour, parse("13812344068"), "12-3-3210")
            )

    def run_jobs(self, hour):
        with at(hour):
            with transaction():
                retention.erase_refused_scans(self.station.id)
            timetable.forget_messages(self.settings)

    def state(self):
        with reading():
            scans = invariants.rows(RefusedScan, self.station.id, order=RefusedScan.at)
            log = invariants.rows(CustodyEvent, self.station.id)
        erased = [json.loads(event.data)["count"] for event in log if event.kind == "refused_scans_erased"]
        files = {file.name: file.read_text() for file in (self.settings.instance / "outbox").glob("*")}
        return [(scan.at, scan.reason, scan.raw) for scan in scans], sum(erased), 0 in erased, files


@settings(max_examples=15)
@given(
    refused=st.lists(HOURS, min_size=1, max_size=5).map(sorted),
    sent=st.lists(HOURS, max_size=5).map(sorted),
    runs=st.lists(HOURS, max_size=12),
)
def test_late_missed_and_doubled_runs_lead_to_the_same_state(app, refused, sent, runs):
    often, once = Watched("Often"), Watched("Once")
    acts = [*((hour, "refuse") for hour in refused), *((hour, "send") for hour in sent)]
    for hour, act in sorted([*acts, *((hour, "run") for hour in runs)]):
        if act == "run":
            often.run_jobs(hour)
            continue
        for watched in (often, once):
            getattr(watched, act)(hour)
    for watched in (often, once):
        watched.run_jobs(END)
    state = once.state()
    often.run_jobs(END)

    assert often.state() == state
    scans, erased, has_empty, files = state
    old = START + timedelta(hours=END) - retention.KEEP
    assert [raw is None for _at, _reason, raw in scans] == [moment < old for moment, _reason, _raw in scans]
    assert erased == sum(raw is None for _at, _reason, raw in scans)
    assert not has_empty
    oldest = (START + timedelta(hours=END) - channels.KEEP).date()
    assert all(name >= f"{oldest}.log" for name in files)
    for watched in (often, once):
        invariants.chain_is_whole(watched.station.id)
        shutil.rmtree(watched.settings.instance)
