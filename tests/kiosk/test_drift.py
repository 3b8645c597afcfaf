"""How far the clock is off: measured without the round trip, noticed when it is set, remembered over the night."""

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.drift import Clock
from kiosk.spool import Spool
from tests.kiosk.kiosks import KEY

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Machine:
    """A machine whose clock can be set while time passes."""

    def __init__(self):
        self.wall, self.elapsed = START, 0.0

    def pass_(self, seconds):
        self.wall += seconds * SECOND
        self.elapsed += seconds

    def clock(self, spool):
        return Clock(spool.memory, lambda: self.wall, monotonic_s=lambda: self.elapsed)


@pytest.fixture
def spool(tmp_path):
    made = Spool(tmp_path, KEY)
    yield made
    made.close()


@pytest.fixture
def machine():
    return Machine()


def measure(clock, machine, *, ahead, trip=0.0):
    sent = machine.wall
    station_now = sent + trip / 2 * SECOND - ahead * SECOND
    machine.pass_(trip)
    clock.measure(sent_at=sent, answered_at=machine.wall, station_now=station_now)


@pytest.mark.parametrize("ahead", [0, 20, -20])
@pytest.mark.parametrize("trip", [0, 1, 4])
def test_drift_is_measured_without_the_round_trip(spool, machine, ahead, trip):
    clock = machine.clock(spool)

    measure(clock, machine, ahead=ahead, trip=trip)

    assert clock.drift() == ahead * SECOND
    assert clock.now() == machine.wall - ahead * SECOND


def test_answer_that_took_long_tells_nothing(spool, machine):
    clock = machine.clock(spool)

    measure(clock, machine, ahead=100, trip=6)

    assert clock.drift() == timedelta(0)


def test_time_that_passes_is_no_drift(spool, machine):
    clock = machine.clock(spool)
    measure(clock, machine, ahead=3)

    machine.pass_(10_000)

    assert clock.drift() == 3 * SECOND


def test_clock_that_is_set_is_noticed_at_once(spool, machine):
    clock = machine.clock(spool)
    measure(clock, machine, ahead=0)

    machine.wall -= timedelta(hours=1)

    assert clock.drift() == -timedelta(hours=1)


def test_drift_is_remembered_over_a_restart(spool, machine):
    measure(machine.clock(spool), machine, ahead=12)
    machine.pass_(3600)

    assert machine.clock(spool).drift() == 12 * SECOND


def test_clock_that_begins_in_the_past_is_known_to_be_wrong(spool, machine):
    clock = machine.clock(spool)
    measure(clock, machine, ahead=0)
    machine.pass_(3600)
    clock.note()

    machine.wall -= timedelta(hours=2)  # the power went, and this machine has no battery for its clock

    assert machine.clock(spool).drift() == -timedelta(hours=2)


def test_measuring_mends_it(spool, machine):
    clock = machine.clock(spool)
    clock.note()
    machine.wall -= timedelta(hours=2)
    again = machine.clock(spool)

    machine.wall += timedelta(hours=2)
    measure(again, machine, ahead=1)

    assert again.drift() == SECOND
