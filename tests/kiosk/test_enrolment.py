"""Enrolling: against the real station, and every way in which it fails says what to do."""

import stat

import pytest

from kiosk import enrolment, settings
from kiosk.enrolment import EnrolError, enrol, enrol_again
from kiosk.spool import Spool
from station.core.db import transaction
from station.kiosks import enrolment as codes
from tests.kiosk.line import Line


def new_code(world):
    with transaction():
        return codes.make_code(world.station.manager, name="Door").code


def test_code_makes_this_a_kiosk_of_the_station(world, tmp_path):
    name = enrol("https://station", new_code(world), folder=tmp_path, http=Line(world.app))

    kept = settings.read_enrolment(tmp_path)
    assert name == "Door"
    assert kept.url == "https://station"
    assert len(bytes.fromhex(kept.key)) == 32
    assert stat.S_IMODE((tmp_path / settings.ENROLMENT).stat().st_mode) == 0o600


def test_wrong_code_says_where_to_make_one(world, tmp_path):
    with pytest.raises(EnrolError, match="Devices page"):
        enrol("https://station", "ABCDE-FGHJK", folder=tmp_path, http=Line(world.app))

    assert not (tmp_path / settings.ENROLMENT).exists()


def test_code_works_once(world, tmp_path):
    code = new_code(world)
    enrol("https://station", code, folder=tmp_path, http=Line(world.app))
    (tmp_path / settings.ENROLMENT).unlink()

    with pytest.raises(EnrolError, match="was used"):
        enrol("https://station", code, folder=tmp_path, http=Line(world.app))


def test_enrolled_kiosk_stays_what_it_is(world, tmp_path):
    line = Line(world.app)
    enrol("https://station", new_code(world), folder=tmp_path, http=line)
    before = settings.read_enrolment(tmp_path)

    with pytest.raises(EnrolError, match="enrolled already"):
        enrol("https://station", new_code(world), folder=tmp_path, http=line)

    assert settings.read_enrolment(tmp_path) == before


def test_enrolled_again_it_tells_the_new_station_nothing_of_the_old_one(world, tmp_path):
    line = Line(world.app)
    enrol("https://station", new_code(world), folder=tmp_path, http=line)
    old = settings.read_enrolment(tmp_path)
    spool = Spool(tmp_path, bytes.fromhex(old.key))
    spool.outbox.add("alerts", {"kind": "fault"})
    spool.close()

    enrol_again("https://station", new_code(world), folder=tmp_path, http=line)

    new = settings.read_enrolment(tmp_path)
    fresh = Spool(tmp_path, bytes.fromhex(new.key))
    assert new.kiosk_id != old.kiosk_id
    assert fresh.length() == 0
    assert (tmp_path / f"spool-of-{old.kiosk_id}.db").exists()
    fresh.close()


def test_code_that_fails_leaves_the_earlier_enrolment(world, tmp_path):
    line = Line(world.app)
    enrol("https://station", new_code(world), folder=tmp_path, http=line)
    before = settings.read_enrolment(tmp_path)

    with pytest.raises(EnrolError):
        enrol_again("https://station", "ABCDE-FGHJK", folder=tmp_path, http=line)

    assert settings.read_enrolment(tmp_path) == before


def test_silent_station_is_named(world, tmp_path):
    line = Line(world.app)
    line.is_cut = True

    with pytest.raises(EnrolError, match="does not answer at https://station"):
        enrol("https://station", "ABCDE-FGHJK", folder=tmp_path, http=line)


@pytest.mark.parametrize(
    "url", ["station", "ftp://station", "https://", "https://[", "http://station.example"]
)
def test_address_that_is_none_or_in_the_clear_is_refused(url, tmp_path):
    with pytest.raises(EnrolError, match="https://"):
        enrol(url, "ABCDE-FGHJK", folder=tmp_path)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:5000", "http://localhost:5000/", "http://192.168.1.20", "http://[::1]:5000"]
)
def test_plain_http_is_for_the_stations_own_network(world, tmp_path, url):
    enrol(url, new_code(world), folder=tmp_path, http=Line(world.app))

    assert settings.read_enrolment(tmp_path).url == url.rstrip("/")


def test_command_prints_the_sentence_and_fails(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path))

    assert enrolment.main(["ftp://station", "ABCDE-FGHJK"]) == 1

    assert "https://" in capsys.readouterr().err
