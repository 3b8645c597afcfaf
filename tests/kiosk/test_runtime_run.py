"""`python -m kiosk run` as a process: it says what is missing, serves its page, and ends when told to."""

import json
import os
import secrets
import signal
import subprocess
import sys
import urllib.request

import pytest

from kiosk.settings import Enrolment, write_enrolment
from tests.browser.server import free_port
from tests.kiosk.running import WAIT_S, wait_for

NOWHERE = "http://127.0.0.1:1"  # nobody listens on port 1


@pytest.fixture
def start(tmp_path):
    """Start `run` in a folder of its own; ends what is left of it."""
    started = []

    def begin(*arguments, **env):
        settings = os.environ | {"KIOSK_HOME": str(tmp_path), "KIOSK_CAMERA": "demo"} | env
        process = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "run", *arguments],
            env=settings,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stderr.close()


@pytest.fixture
def enrolled(tmp_path):
    write_enrolment(tmp_path, Enrolment(NOWHERE, "token", "1", secrets.token_hex(32)))


def page(port, path="/"):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=WAIT_S) as answer:
        return answer.read().decode()


def is_up(port):
    try:
        return page(port)
    except OSError:
        return False


def test_kiosk_that_is_not_enrolled_says_what_to_do(start):
    process = start()
    _, said = process.communicate(timeout=WAIT_S)
    assert process.returncode == 1
    assert "kiosk enrol URL CODE" in said
    assert "Traceback" not in said


def test_wiring_that_cannot_be_followed_says_where(start, enrolled, tmp_path):
    (tmp_path / "hardware.toml").write_text("[window]\npin = 3\n")
    process = start(KIOSK_PORT=str(free_port()))
    _, said = process.communicate(timeout=WAIT_S)
    assert process.returncode == 1
    assert "window" in said


@pytest.mark.parametrize("port", ["0", "kiosk", "70000"])
def test_port_that_is_none_is_refused(start, enrolled, port):
    process = start(KIOSK_PORT=port)
    _, said = process.communicate(timeout=WAIT_S)
    assert process.returncode == 1
    assert "KIOSK_PORT" in said


def test_page_is_served_without_the_station_and_ends_while_it_is_read(start, enrolled):
    port = free_port()
    process = start(KIOSK_PORT=str(port))
    wait_for(lambda: is_up(port))
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/events", timeout=WAIT_S) as listening:
        assert listening.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0


def test_attached_kiosk_ends_with_whoever_started_it(start, enrolled):
    port = free_port()
    process = start("--attached", KIOSK_PORT=str(port))
    wait_for(lambda: is_up(port))
    process.stdin.close()
    assert process.wait(WAIT_S) == 0


def test_recording_holds_what_was_pressed_but_not_what_was_typed(start, enrolled, tmp_path):
    port, file = free_port(), tmp_path / "visit.jsonl"
    process = start("--record", str(file), KIOSK_PORT=str(port))
    wait_for(lambda: is_up(port))
    for touch in ({"action": "way", "value": "six_digits"}, {"action": "key", "value": "7"}):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/touch",
            json.dumps(touch).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=WAIT_S).close()
    wait_for(lambda: '"key"' in file.read_text())
    process.send_signal(signal.SIGTERM)
    process.wait(WAIT_S)
    assert '"value": "7"' not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    replayed = subprocess.run(
        [sys.executable, "-m", "kiosk", "replay", str(file)],
        check=False,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
    )
    assert replayed.returncode == 0, replayed.stderr
