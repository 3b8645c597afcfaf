"""Servers for the browser: waitress in a thread, slow or deaf on demand, and one in a process that can be killed.

Run as `python -m tests.browser.server DATABASE PORT`; prints a line when it listens.
"""

import io
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import waitress
from flask import Flask
from waitress import wasyncore

from station.core.settings import Settings
from station.web.factory import create_app
from tests.conftest import TEST_KEYS

THREADS = 8
WATCH_S = 0.05  # how soon a thread sees that it is to stop
LAST_ANSWER_S = (
    60.0  # for what is being answered at the end: later it would write into the next test's database
)


class Server:
    """The application behind waitress in a thread. `delay_s` is waited before each POST; see `lose_replies`."""

    def __init__(self, app: Flask, *, port: int = 0) -> None:
        """Listen on `port`, by itself on any that is free."""
        self._app = app
        self._running = True
        self._sockets: dict[int, Any] = {}
        self._waitress = waitress.create_server(
            self._answer, host="127.0.0.1", port=port, threads=THREADS, ident=None, map=self._sockets
        )
        self.delay_s = 0.0
        self.lost = 0
        self.poison = b"\0"  # a body with these bytes breaks the server
        self.keys: list[str] = []  # of the scans that came in, sent again or not
        self.port = int(self._waitress.effective_port)
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def lose_replies(self, count: int) -> None:
        """Act on the next `count` POSTs, but answer as a dying gateway does."""
        self.lost = count

    @property
    def is_idle(self) -> bool:
        """Tell whether nothing is being answered, streams to pages that were closed included."""
        return self._waitress.task_dispatcher.active_count == 0

    def stop(self) -> None:
        """Stop listening and end the threads."""
        self._running = False
        self._thread.join()

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        # waitress leaves the file of an answer open that nobody takes any more, and a warning fails a test.
        del environ["wsgi.file_wrapper"]
        if environ["REQUEST_METHOD"] != "POST":
            return self._app(environ, start_response)
        self.keys.append(environ.get("HTTP_IDEMPOTENCY_KEY", ""))
        time.sleep(self.delay_s)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if self.poison in body:
            start_response("500 Internal Server Error", [("Content-Type", "application/problem+json")])
            return [b'{"code": "failed"}']
        if self.lost:
            self.lost -= 1
            list(self._app(environ, lambda *_: lambda _: None))
            start_response("502 Bad Gateway", [("Content-Type", "text/plain")])
            return [b"lost"]
        return self._app(environ, start_response)

    def _run(self) -> None:
        while self._running:
            wasyncore.loop(timeout=WATCH_S, map=self._sockets, count=1)
        self._waitress.task_dispatcher.shutdown(timeout=LAST_ANSWER_S)
        wasyncore.close_all(self._sockets, ignore_all=True)


class Process:
    """The application in a process of its own, on a port that stays the same when it is started again."""

    def __init__(self, database: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [sys.executable, "-m", "tests.browser.server", str(database), str(self.port)]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Process":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start, and wait until it listens."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline()

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._process is None:
            return
        self._process.kill()
        self._process.communicate()
        self._process = None


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def main(database: str, port: str) -> None:
    """Serve a database until killed."""
    app = create_app(Settings(Path(database).parent, f"sqlite:///{database}", TEST_KEYS))
    server = waitress.create_server(app, host="127.0.0.1", port=int(port), threads=THREADS, ident=None)
    print("listening", flush=True)
    server.run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
