"""The files that make a Pi a kiosk: systemd takes the units, and shells and labwc can read the rest."""

import os
import re
import shutil
import socket
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from kiosk import service_manager

DEPLOY = Path(__file__).parents[2] / "kiosk" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
SCRIPTS = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and path.read_text()[:2] == "#!")


@pytest.fixture
def analyze() -> str:
    found = shutil.which("systemd-analyze")
    if found is None and os.environ.get("CI"):
        pytest.fail("systemd-analyze is missing")
    if found is None:
        pytest.skip("systemd is not installed here, so its units cannot be verified")
    return found


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_no_fault_in_the_unit(analyze, unit, tmp_path) -> None:
    """What it starts stands on the Pi only, so the check starts something that stands everywhere."""
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE)
    for other in UNITS:  # each names the other
        shutil.copy(other, tmp_path / other.name)
    (tmp_path / unit.name).write_text(text)
    done = subprocess.run(
        [analyze, "verify", "--man=no", "--recursive-errors=no", str(tmp_path / unit.name)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_unit_with_a_fault_would_be_found(analyze, tmp_path) -> None:
    (tmp_path / "bad.service").write_text("[Service]\nExecStart=/bin/true\nRestart=sometimes\n")
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(tmp_path / "bad.service")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "sometimes" in done.stderr


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_shell_can_read_the_script_and_it_may_be_run(script) -> None:
    assert os.access(script, os.X_OK)
    subprocess.run(["/bin/sh", "-n", str(script)], check=True, timeout=10)


def test_labwc_s_settings_are_well_formed_and_bind_no_key() -> None:
    root = ET.parse(DEPLOY / "labwc" / "rc.xml").getroot()
    assert root.findall(".//keybind") == []


def test_what_the_install_copies_is_there() -> None:
    named = set(re.findall(r'"\$here/([\w.-]+)"', (DEPLOY / "install").read_text()))
    assert {unit.name for unit in UNITS} <= named
    assert [name for name in named if not (DEPLOY / name).exists()] == []


def test_the_service_manager_hears_that_the_kiosk_lives(tmp_path, monkeypatch) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        service_manager.tell(service_manager.ALIVE)
        assert listening.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "@nobody-listens-here"])
def test_a_kiosk_without_a_service_manager_says_nothing(address, monkeypatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    service_manager.tell(service_manager.READY)
