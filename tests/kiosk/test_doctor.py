"""What the doctor says of a kiosk that is well, and of each part that is not."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from kiosk import doctor, settings
from kiosk.backend import RefusedError, UnreachableError
from kiosk.cameras.source import CameraError
from kiosk.model import Rules
from kiosk.settings import Enrolment


@pytest.fixture
def home(tmp_path, monkeypatch):
    (tmp_path / "scene.json").write_text(json.dumps({"identity_codes": [], "parcels": [], "other": None}))
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path))
    monkeypatch.setenv("KIOSK_CAMERA", "demo")
    monkeypatch.delenv("KIOSK_SCENE", raising=False)
    return tmp_path


@pytest.fixture
def enrolled(home, monkeypatch):
    """Enrol the kiosk at a station that answers what `answer` returns or raises."""
    settings.write_enrolment(home, Enrolment("http://127.0.0.1:9", "token", "1", "00" * 32))

    def answer(said) -> None:
        def setup(backend):
            if isinstance(said, Exception):
                raise said
            now = datetime.now(UTC) + said
            station = SimpleNamespace(name="Maple Court")
            return SimpleNamespace(now=now, station=station, kiosk_name="Hall", rules=Rules())

        monkeypatch.setattr("kiosk.backend.Backend.setup", setup)

    return answer


def found(home, part: str) -> doctor.Finding:
    return next(finding for finding in doctor.examine(home) if finding.part == part)


def test_a_kiosk_that_is_well_has_nothing_to_do(home, enrolled, capsys, monkeypatch) -> None:
    enrolled(timedelta(seconds=1))
    monkeypatch.setattr(doctor, "load", object)  # the models take seconds, and have tests of their own
    assert doctor.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:2] for line in lines] == ["ok"] * len(lines)
    parts = [line.split()[1] for line in lines]
    assert parts == ["disk", "camera", "picture", "decoding", "station", "clock", "faces", "parts"]
    assert "Maple Court knows this kiosk as Hall" in "\n".join(lines)


def test_what_is_wrong_is_said_with_what_to_do(home, capsys, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "load", lambda: None)
    assert doctor.main([]) == 1
    said = capsys.readouterr().out
    assert "!!  station   this kiosk is not enrolled\n" in said
    assert "kiosk enrol URL CODE" in said
    assert "!!  faces" in said


def test_words_behind_the_command_are_refused(home, capsys) -> None:
    assert doctor.main(["--fix"]) == 2
    assert "takes no words" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (UnreachableError("no line"), "does not answer"),
        (RefusedError("sign_in_needed", "…", facts={}, status=401), "refuses this kiosk (sign_in_needed)"),
    ],
)
def test_a_station_that_cannot_be_asked(home, enrolled, error, says) -> None:
    enrolled(error)
    finding = found(home, "station")
    assert finding.advice
    assert says in finding.found


@pytest.mark.parametrize(("ahead", "is_fine"), [(29, True), (-29, True), (40, False), (-40, False)])
def test_a_clock_that_drifts_is_said(home, enrolled, ahead, is_fine) -> None:
    enrolled(timedelta(seconds=ahead))
    finding = found(home, "clock")
    assert (finding.advice == "") == is_fine
    assert f"{abs(ahead)}." in finding.found or f"{abs(ahead) - 1}.9" in finding.found


class Shown:
    """A camera that shows one picture, or fails."""

    name = "shown"

    def __init__(self, picture=None) -> None:
        self.picture = picture
        self.is_closed = False

    def open(self) -> None:
        if self.picture is None:
            raise CameraError("shown cannot be opened")

    def read(self):
        return self.picture

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def shows(monkeypatch):
    def show(picture):
        camera = Shown(picture)
        monkeypatch.setattr(doctor, "choose", lambda folder: SimpleNamespace(camera=camera))
        return camera

    return show


def test_a_missing_camera_is_said_and_given_back(home, shows) -> None:
    camera = shows(None)
    assert found(home, "camera").advice
    assert camera.is_closed


def test_a_small_picture_is_too_small(home, shows) -> None:
    shows(np.full((480, 640, 3), 128, np.uint8))
    assert "1280x720" in found(home, "camera").advice


def test_a_dark_picture_asks_for_light(home, shows) -> None:
    shows(np.zeros((720, 1280, 3), np.uint8))
    assert found(home, "picture").advice == doctor.LIGHT


def test_a_full_card_is_said(home, monkeypatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=100 * 1024**2))
    assert found(home, "disk").advice


def test_a_folder_that_cannot_be_written_is_said(home, monkeypatch) -> None:
    def refuse(folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor, "_write_s", refuse)
    assert "Permission denied" in found(home, "disk").found


def test_a_worn_card_is_said(home, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "_write_s", lambda folder: 3.0)
    assert "replace it" in found(home, "disk").advice


def test_a_wrong_wiring_is_said(home) -> None:
    (home / "hardware.toml").write_text("[window]\npin = 1\n")
    assert "hardware.toml" in found(home, "parts").advice


def test_a_decoder_that_reads_nothing_is_said(home, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "_is_read", lambda turn: turn == 0)
    assert "[30, 90]" in found(home, "decoding").found
