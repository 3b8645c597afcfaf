"""What does not work is told once when it begins and once when it is over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.model import Rules
from kiosk.runtime.faults import Condition, Watch, faults
from kiosk.session.events import Fault, FaultOver

RULES = Rules()
FINE = Condition(
    camera_gone_s=0.0,
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


def test_changes_are_told_once():
    now, told = [FINE], []
    watch = Watch(lambda: now[0], lambda: RULES, told.append, alive_at_s=lambda: 0.0)
    for condition in (FINE, replace(FINE, camera_gone_s=9.0), replace(FINE, camera_gone_s=10.0), FINE, FINE):
        now[0] = condition
        watch.look()
    assert told == [Fault("camera"), FaultOver("camera")]
