"""The scheduler as a child of the web server: started again whenever it ends, and gone when the server goes."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time

from station.jobs import child
from station.jobs.child import Child, pause_s

TIMEOUT_S = 30
WAITS = (sys.executable, "-c", "import sys; print('here', flush=True); sys.stdin.read()")


class Pauses:
    """Takes no pause, and keeps which crash each of them would have followed."""

    def __init__(self, until):
        self.crashes = []
        self._until = until
        self._reached = threading.Event()

    def __call__(self, crashes):
        self.crashes.append(crashes)
        if crashes < self._until:
            return 0
        self._reached.set()
        return TIMEOUT_S

    def wait(self):
        assert self._reached.wait(TIMEOUT_S)


def process_of(scheduler, *, other_than=None):
    """Return the process that runs now, as soon as there is one."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if scheduler._process not in (None, other_than):
            return scheduler._process
        scheduler._stopping.wait(0.01)
    raise AssertionError("no process was started")


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_pauses_double_up_to_a_minute():
    pauses = [pause_s(crashes) for crashes in (1, 2, 3, 4, 5, 6, 7, 8, 10_000)]

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_child_that_dies_is_started_again_and_it_is_logged(caplog):
    pauses = Pauses(until=3)
    with caplog.at_level(logging.WARNING), Child((sys.executable, "-c", "raise SystemExit(3)"), pauses):
        pauses.wait()

    assert pauses.crashes == [1, 2, 3]
    said = [record.getMessage() for record in caplog.records]
    assert said[:2] == 2 * ["the scheduler ended (exit code 3); it starts again in 0 s"]


def test_a_child_that_was_killed_is_started_again():
    pauses = Pauses(until=2)
    with Child(WAITS, pauses) as scheduler:
        first = process_of(scheduler)
        first.kill()
        second = process_of(scheduler, other_than=first)
        second.kill()
        pauses.wait()

    assert first.pid != second.pid


def test_a_child_that_worked_for_a_while_begins_with_a_short_pause_again(monkeypatch):
    monkeypatch.setattr(child, "STEADY_S", 0)
    crashes = []
    done = threading.Event()

    def pause(number):
        crashes.append(number)
        if len(crashes) == 3:
            done.set()
        return 0

    with Child((sys.executable, "-c", ""), pause):
        assert done.wait(TIMEOUT_S)

    assert set(crashes) == {1}


def test_a_child_that_cannot_be_started_is_tried_again(caplog):
    pauses = Pauses(until=2)
    with caplog.at_level(logging.WARNING), Child(("/no/such/program",), pauses):
        pauses.wait()

    assert "the scheduler ended (FileNotFoundError); it starts again in 0 s" in caplog.text


def test_stopping_leaves_no_child_and_starts_no_other(caplog):
    with Child(WAITS) as scheduler:
        process = process_of(scheduler)

    assert process.returncode == -signal.SIGTERM
    assert not is_running(process.pid)
    assert not scheduler._thread.is_alive()
    assert caplog.text == ""


def test_stopping_in_a_pause_is_not_waited_for():
    pauses = Pauses(until=1)
    with Child((sys.executable, "-c", ""), pauses) as scheduler:
        pauses.wait()

    assert not scheduler._thread.is_alive()


def test_a_child_that_does_not_listen_is_killed(monkeypatch, tmp_path):
    monkeypatch.setattr(child, "STOP_TIMEOUT_S", 0.05)
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    deaf = f"trap '' TERM; echo > '{ready}'; while read line; do :; done"
    with Child(("/bin/sh", "-c", deaf)) as scheduler:
        ready.read_text()
        process = process_of(scheduler)

    assert process.returncode == -signal.SIGKILL


def test_a_child_hears_of_ctrl_c_from_us_only():
    """The terminal tells everybody in our group at once; the child would seem to have crashed."""
    with Child(WAITS) as scheduler:
        pid = process_of(scheduler).pid

        assert os.getpgid(pid) == pid


def test_a_child_ends_when_the_server_was_killed():
    words = (sys.executable, "-c", f"from station.jobs.child import Child\nwith Child({WAITS!r}): input()")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, **pipes) as server:
        assert server.stdout.readline() == "here\n"
        server.kill()
        server.communicate(timeout=TIMEOUT_S)  # returns when the child has closed its output too
