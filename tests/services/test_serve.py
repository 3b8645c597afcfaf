"""Starting a station on this machine: what stops it, in words."""

import socket
import subprocess
from collections.abc import Iterator

import pytest
from flask import Flask

from station import serve


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
