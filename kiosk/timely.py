"""HTTP that keeps its time: looking up a name or a head that drips cannot hold up a person at the door.

requests bounds each wait for the network by itself, but neither the look-up of a name (which on a dead line takes the
resolver's ten seconds and more) nor the sum of many small waits.
"""

import threading
from concurrent.futures import Future
from typing import Any

import requests


class Timely:
    """Sends as requests.Session does; returns or raises requests.Timeout within `timeout`. Safe from any thread."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False  # nothing from the environment: no proxy, no other credentials
        self._session.headers["Accept-Encoding"] = "identity"  # bodies are read as they come

    def request(self, method: str, url: str, *, timeout: float, **options: Any) -> requests.Response:
        """Send one request. A response that comes too late is closed unread."""
        answer: Future[requests.Response] = Future()

        def send() -> None:
            try:
                answer.set_result(self._session.request(method, url, timeout=timeout, **options))
            except Exception as error:  # noqa: BLE001 - handed to whoever waits
                answer.set_exception(error)

        threading.Thread(target=send, name="http", daemon=True).start()
        try:
            return answer.result(timeout)
        except TimeoutError:
            answer.add_done_callback(_close)
            raise requests.Timeout from None

    def close(self) -> None:
        """Close every connection."""
        self._session.close()


def _close(answer: "Future[requests.Response]") -> None:
    if answer.exception() is None:
        answer.result().close()
