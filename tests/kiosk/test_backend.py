"""The line itself: a server on the loopback that is slow, broken, dripping or somebody else, and what it hears."""

import json
import socket
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kiosk import backend as backends
from kiosk.backend import Backend, RefusedError, UnreachableError
from kiosk.timely import Timely

WAIT_S = 60.0  # how long a line is held up at most; a test is over long before that
ENROLLED = {"token": "t" * 20, "kiosk_id": "7", "name": "Door", "station_id": "9"}
PROBLEM = {"code": "enrol_code_wrong", "detail": "This code is not right.", "facts": {"tries": 3}}


class Server:
    """Answers every request with what `answer` says: (status, body) or a function of the handler."""

    def __init__(self):
        self.answer = (200, ENROLLED)
        self.heard = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.heard.append((self.path, dict(self.headers), body))
                outer.reply(self)

            def do_GET(self):
                outer.heard.append((self.path, dict(self.headers), b""))
                outer.reply(self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def reply(self, handler):
        if callable(self.answer):
            self.answer(handler)
            return
        status, body = self.answer
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server():
    made = Server()
    yield made
    made.close()


@pytest.fixture
def http():
    made = Timely()
    yield made
    made.close()


@pytest.fixture
def backend(server, http):
    return Backend(server.url, "secret-token", http=http)


def enrol(backend, timeout_s=5.0):
    return backend.enrol("CODE", "0.1.0", timeout_s=timeout_s)


def test_answer_is_read(backend):
    assert enrol(backend).kiosk_id == "7"
    assert not backend.is_offline


def test_token_and_key_are_sent_and_nothing_of_the_environment(server, backend, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server.answer = (200, {})

    backend.tell("alerts", {"kind": "fault", "part": None}, "key-12345")

    path, headers, body = server.heard[0]
    assert path == "/api/v1/kiosks/alerts"
    assert headers["Authorization"] == "Bearer secret-token"
    assert headers["Idempotency-Key"] == "key-12345"
    assert json.loads(body) == {"kind": "fault"}


def test_refusal_has_its_code_and_facts(server, backend):
    server.answer = (422, PROBLEM)

    with pytest.raises(RefusedError) as refused:
        enrol(backend)

    assert (refused.value.code, refused.value.status) == ("enrol_code_wrong", 422)
    assert refused.value.facts == {"tries": 3}
    assert not backend.is_offline


@pytest.mark.parametrize(
    "answer",
    [
        (500, {"code": "failed", "detail": "It broke."}),
        (502, b"<html>gateway</html>"),
        (200, b"<html>Please sign in to this network</html>"),
        (200, b""),
        (200, []),
        (200, {"token": "t"}),
        (200, ENROLLED | {"kiosk_id": 7}),
        (404, b"not found"),
        (404, {"error": "of another program"}),
        (403, []),
        (302, b""),
    ],
    ids=repr,
)
def test_what_the_station_would_not_say_is_no_answer(server, backend, answer):
    server.answer = answer

    with pytest.raises(UnreachableError):
        enrol(backend)

    assert backend.is_offline


def test_redirection_is_not_followed(server, backend):
    def away(handler):
        handler.send_response(307)
        handler.send_header("Location", server.url + "/elsewhere")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.answer = away

    with pytest.raises(UnreachableError):
        enrol(backend)

    assert len(server.heard) == 1


def test_nobody_there_is_unreachable(http):
    with pytest.raises(UnreachableError):
        enrol(Backend("http://127.0.0.1:1", "", http=http))


def test_silent_station_costs_its_time_and_no_more(server, backend):
    held, over = threading.Event(), threading.Event()

    def hold(handler):
        held.wait(WAIT_S)
        over.set()

    server.answer = hold

    with pytest.raises(UnreachableError):
        enrol(backend, timeout_s=0.2)

    assert not over.is_set()
    held.set()


def test_dripping_answer_costs_its_time_and_no_more(server, backend):
    held, over = threading.Event(), threading.Event()

    def drip(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        end = time.monotonic() + WAIT_S
        while not held.wait(0.05) and time.monotonic() < end:
            try:
                handler.wfile.write(b" ")
                handler.wfile.flush()
            except OSError:
                return
        over.set()

    server.answer = drip

    with pytest.raises(UnreachableError):
        enrol(backend, timeout_s=0.3)

    assert not over.is_set()
    held.set()


def test_endless_answer_is_cut(server, backend, monkeypatch):
    monkeypatch.setattr(backends, "LARGEST_ANSWER", 1000)
    server.answer = (200, b"[" + b" " * 100_000 + b"]")

    with pytest.raises(UnreachableError):
        enrol(backend)


def test_line_is_told_when_it_goes_and_comes_back(server, backend):
    told = []
    backend.on_line = told.append
    for answer in ((502, b""), (502, b""), (422, PROBLEM), (200, ENROLLED)):
        server.answer = answer
        with suppress(UnreachableError, RefusedError):
            enrol(backend)

    assert told == [True, False]


def test_errors_say_neither_address_nor_body(server, backend):
    server.answer = (502, b"secret")

    with pytest.raises(UnreachableError) as unreachable:
        enrol(backend)

    assert server.url not in str(unreachable.value)
    assert unreachable.value.__cause__ is None


def test_name_that_is_looked_up_for_ever_costs_its_time_and_no_more(http, monkeypatch):
    held, over = threading.Event(), threading.Event()

    def look_up(*_, **__):
        held.wait(WAIT_S)
        over.set()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    with pytest.raises(UnreachableError):
        enrol(Backend("http://station.invalid", "", http=http), timeout_s=0.2)

    assert not over.is_set()
    held.set()


def test_answer_that_comes_too_late_is_closed(server, http):
    held = threading.Event()

    def late(handler):
        held.wait(WAIT_S)
        with suppress(OSError):
            handler.send_response(200)
            handler.send_header("Content-Length", "2")
            handler.end_headers()
            handler.wfile.write(b"{}")

    server.answer = late
    with pytest.raises(UnreachableError):
        enrol(Backend(server.url, "", http=http), timeout_s=0.2)

    held.set()
    server.answer = (200, ENROLLED)
    assert enrol(Backend(server.url, "", http=http)).kiosk_id == "7"
