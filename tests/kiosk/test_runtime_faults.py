"""What does not work is told once when it begins and once when it is over."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.cameras.health import Health
from kiosk.model import Rules
from kiosk.runtime.eyes import Eyes
from kiosk.runtime.faults import Condition, Watch, faults
from kiosk.session.events import Fault, FaultOver
from tests.kiosk.running import WAIT_S, wait_for
from tests.kiosk.stage import Stage

RULES = Rules()
FINE = Condition(
    camera_gone_s=0.0,
    has_seen=True,
    is_offline=False,
    list_age=timedelta(seconds=10),
    drift=timedelta(seconds=1),
    is_spool_broken=False,
)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (FINE, set()),
        (replace(FINE, camera_gone_s=3.5), {"camera"}),
        (replace(FINE, camera_gone_s=1.0), set()),
        (replace(FINE, camera_gone_s=10.0, has_seen=False), set()),
        (replace(FINE, camera_gone_s=16.0, has_seen=False), {"camera"}),
        (replace(FINE, is_offline=True), set()),
        (replace(FINE, is_offline=True, list_age=RULES.list_valid), set()),
        (replace(FINE, is_offline=True, list_age=RULES.list_valid + timedelta(seconds=1)), {"list"}),
        (replace(FINE, is_offline=True, list_age=None), {"list"}),
        (replace(FINE, list_age=None), set()),
        (replace(FINE, drift=-RULES.drift_limit - timedelta(seconds=1)), {"clock"}),
        (replace(FINE, is_spool_broken=True), {"spool"}),
    ],
)
def test_parts_at_fault_follow_from_how_they_do(condition, found):
    assert faults(condition, RULES) == found


def test_eyes_know_whether_the_camera_has_begun():
    camera = Stage()
    camera.unplug()
    eyes = Eyes(camera, lambda event: None, is_waiting=lambda waybill: False, seconds=time.monotonic)
    eyes.start()
    began = eyes.has_seen()
    camera.plug()
    wait_for(eyes.has_seen)
    camera.unplug()
    wait_for(lambda: eyes.health() is Health.MISSING)
    assert (began, eyes.has_seen()) == (False, True)
    eyes.stop(WAIT_S)


def test_changes_are_told_once():
    now, told = [FINE], []
    watch = Watch(lambda: now[0], lambda: RULES, told.append, alive_at_s=lambda: 0.0)
    for condition in (FINE, replace(FINE, camera_gone_s=9.0), replace(FINE, camera_gone_s=10.0), FINE, FINE):
        now[0] = condition
        watch.look()
    assert told == [Fault("camera"), FaultOver("camera")]
