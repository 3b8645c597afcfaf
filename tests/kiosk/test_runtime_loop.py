"""The session's thread: events in order, time that always passes, and nothing that ends it but its end."""

import threading
from datetime import UTC, datetime

import pytest

from kiosk.model import Rules
from kiosk.runtime.loop import Loop
from kiosk.session.events import Tick, Touch
from kiosk.session.state import Session

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
WAIT_S = 60.0  # for a machine that is busy with everything else


class Visits:
    """Steps by writing down; does by writing down."""

    def __init__(self):
        self.events, self.shown, self.written = [], [], []
        self.ticked, self.enough = threading.Event(), threading.Event()

    def step(self, session, event, now, rules):
        if isinstance(event, Tick):
            self.ticked.set()
            return session, ()
        if event.action == "break":
            raise RuntimeError
        self.events.append(event.action)
        if event.action == "last":
            self.enough.set()
        return Session(typed=session.typed + event.value), ()

    def do(self, effects, before, after):
        self.shown.append(after.typed)

    def write(self, event, at, rules):
        self.written.append((event, at))


@pytest.fixture
def visits():
    return Visits()


@pytest.fixture
def loop(visits):
    made = Loop(visits.step, rules=Rules, clock=lambda: NOW, recorder=visits)
    made.start(visits)
    yield made
    made.stop()


def test_events_are_taken_in_order_and_each_is_shown(loop, visits):
    for digit in "123":
        loop.tell(Touch("key", digit))
    loop.tell(Touch("last"))
    assert visits.enough.wait(WAIT_S)
    loop.stop()
    assert [typed for typed in visits.shown if typed][:3] == ["1", "12", "123"]


def test_time_passes_without_events_and_is_not_written_down(loop, visits):
    assert visits.ticked.wait(WAIT_S)
    loop.stop()
    assert visits.written == []


def test_step_that_breaks_costs_one_event_only(loop, visits, caplog):
    loop.tell(Touch("break"))
    loop.tell(Touch("last"))
    assert visits.enough.wait(WAIT_S)
    assert visits.events == ["last"]
    assert "a step failed at Touch: RuntimeError" in caplog.text


def test_what_happened_is_written_down_with_its_time(loop, visits):
    loop.tell(Touch("last"))
    assert visits.enough.wait(WAIT_S)
    loop.stop()
    assert visits.written == [(Touch("last"), NOW)]


def test_time_passes_even_where_events_never_pause(visits):
    loop = Loop(visits.step, rules=Rules, clock=lambda: NOW)
    running = threading.Event()

    def chatter():
        while not running.is_set():
            loop.tell(Touch("key", ""))
            visits.ticked.wait(0.001)

    talking = threading.Thread(target=chatter)
    talking.start()
    loop.start(visits)
    assert visits.ticked.wait(WAIT_S)
    running.set()
    talking.join()
    loop.stop()
