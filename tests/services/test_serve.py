"""Starting a station on this machine: what stops it, in words."""

import socket
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from station import serve
from station.core import crypto
from station.core.db import db
from station.core.settings import KEY_NAMES, SettingsError
from tests.conftest import TEST_KEYS
from tests.factories import Station

PREPARE = serve._prepare


@pytest.fixture(autouse=True)
def nothing_is_started(web: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the application of the tests, and let no scheduler begin."""
    monkeypatch.setattr(serve, "_prepare", lambda: web)
    monkeypatch.setattr(
        subprocess, "Popen", lambda *_args, **_options: pytest.fail("a scheduler was started")
    )


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Return a port that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_port_that_is_taken_is_said_in_words(monkeypatch: pytest.MonkeyPatch, taken_port: int) -> None:
    monkeypatch.setenv("PORT", str(taken_port))
    with pytest.raises(SystemExit, match=f"port {taken_port}.*PORT=8080 make run"):
        serve.main()


@pytest.mark.parametrize("port", ["abc", "-1", "65536", "0x50"])
def test_a_port_that_is_none_is_said_in_words(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(SystemExit, match="PORT must be a number from 1 to 65535"):
        serve.main()


def test_keys_of_the_environment_are_enough(
    monkeypatch: pytest.MonkeyPatch, web: Flask, web_station: Station, tmp_path: Path
) -> None:
    db.session.remove()
    keys = (TEST_KEYS.session, TEST_KEYS.data, TEST_KEYS.hash, TEST_KEYS.signing)
    for name, key in zip(KEY_NAMES, keys, strict=True):
        monkeypatch.setenv(name, urlsafe_b64encode(key).decode())
    monkeypatch.setenv("DATABASE_URL", web.config["SETTINGS"].database_url)
    monkeypatch.setenv("STATION_INSTANCE", str(tmp_path))
    with PREPARE().app_context():
        db.engine.dispose()
    assert not (tmp_path / "keys.env").exists()


def test_a_database_elsewhere_gets_no_new_keys(
    monkeypatch: pytest.MonkeyPatch, web: Flask, web_station: Station, tmp_path: Path
) -> None:
    """Whoever names the database by its address and forgets the keys must not begin with new ones."""
    db.session.remove()
    monkeypatch.setenv("DATABASE_URL", web.config["SETTINGS"].database_url)
    monkeypatch.setenv("STATION_INSTANCE", str(tmp_path))
    try:
        with pytest.raises(SettingsError, match=r"keys\.env is missing"):
            PREPARE()
    finally:
        crypto.configure(TEST_KEYS)  # the keys of a process are one for all its applications
    assert not (tmp_path / "keys.env").exists()


@pytest.mark.parametrize(("said", "allowed"), [(None, True), ("1", True), ("0", False)])
def test_the_demo_takes_test_payments_unless_somebody_said_no(
    monkeypatch: pytest.MonkeyPatch, web: Flask, said: str | None, allowed: bool
) -> None:
    monkeypatch.setenv("STATION_TEST_PAYMENTS", said or "")
    if said is None:
        monkeypatch.delenv("STATION_TEST_PAYMENTS")
    before = web.config["SETTINGS"]
    try:
        serve._allow_test_payments(web)
        assert web.config["SETTINGS"].test_payments is allowed
    finally:
        web.config["SETTINGS"] = before
