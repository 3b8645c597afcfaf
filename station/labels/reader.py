"""Asking the reader process: started with the first picture, one at a time, few waiting, gone when nobody asks.

The station's own processes import no computer vision (pyproject.toml); what is needed for it is an extra (`make ocr`).
"""

import json
import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec

from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.labels import frames
from station.labels.sight import Sight, from_json

COMMAND = (sys.executable, "-m", "station.labels.engine")
PACKAGES = ("rapidocr", "onnxruntime", "zxingcpp", "PIL")
LARGEST = 8_000_000  # bytes of a picture: ours: 8 MB, and room for the form around it (factory.BODY_LIMIT)
PLACES = 3  # pictures read or waiting: of the server's 8 threads (serve.py) most stay free for scans
WAIT_S = 12.0  # for the pictures before; longer than two of them take, shorter than anybody waits
ANSWER_S = (
    25.0  # for one picture, the start of the process included: 4 s on two cores, five times that on old ones
)
REST_S = 600.0  # without a picture: then the process ends and gives its memory back

log = logging.getLogger(__name__)


@cache
def is_installed() -> bool:
    """Tell whether this installation can read labels; nothing is imported for it."""
    return all(find_spec(name) is not None for name in PACKAGES)


class Reader:
    """Keeps at most one reader process. Safe to be used by many threads."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        *,
        wait_s: float = WAIT_S,
        answer_s: float = ANSWER_S,
        rest_s: float = REST_S,
    ) -> None:
        self._command = command
        self._wait_s, self._answer_s, self._rest_s = wait_s, answer_s, rest_s
        self._places = threading.BoundedSemaphore(PLACES)
        self._turn = threading.Lock()  # held by whoever speaks with the process, or ends it
        self._process: subprocess.Popen[bytes] | None = None
        self._peer: socket.socket | None = None
        self._rest: threading.Timer | None = None

    @property
    def pid(self) -> int | None:
        """The process that waits for the next picture, None while there is none."""
        return self._process.pid if self._process else None

    def read(self, picture: bytes) -> Sight:
        """Return what is seen in a picture.

        Raises StationError `bad_input` for what is no picture, `too_large`, `label_reader_busy` when too many wait,
        `label_reader_failed` when the process broke or took too long; the next picture starts a new one.
        """
        if len(picture) > LARGEST:
            raise StationError("too_large", _("Choose a picture of at most 8 MB and 24 megapixels."))
        if not self._places.acquire(blocking=False):
            raise _busy()
        try:
            return self._in_turn(picture)
        finally:
            self._places.release()

    def close(self) -> None:
        """End the process; the next picture starts a new one."""
        with self._turn:
            self._end()

    def _in_turn(self, picture: bytes) -> Sight:
        if not self._turn.acquire(timeout=self._wait_s):
            raise _busy()
        try:
            return _sight(*self._ask(picture))
        finally:
            self._turn.release()

    def _ask(self, picture: bytes) -> tuple[bytes, bytes]:
        if self._rest:
            self._rest.cancel()
        try:
            answered = self._answered(picture)
        except (
            OSError,
            frames.GoneError,
        ) as error:  # gone, too slow (TimeoutError), or no memory left to start it
            log.warning(
                "the label reader failed (%s); the next picture starts it again", type(error).__name__
            )
            self._end()
            raise _failed() from error
        self._rest = threading.Timer(self._rest_s, self.close)
        self._rest.daemon = True
        self._rest.start()
        return answered

    def _answered(self, picture: bytes) -> tuple[bytes, bytes]:
        """Return what the process says. One that broke with an earlier picture's rests is started anew, once."""
        if self._is_awake():
            try:
                return self._talk(picture)
            except frames.GoneError:
                log.warning("the label reader ended; it starts again")
        self._end()
        self._start()
        return self._talk(picture)

    def _talk(self, picture: bytes) -> tuple[bytes, bytes]:
        peer = self._peer
        if peer is None:
            raise frames.GoneError
        frames.send(peer, picture)
        return frames.receive(peer), frames.receive(peer)

    def _is_awake(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        ours.settimeout(self._answer_s)
        self._peer = ours
        with theirs:
            # A group of its own: Ctrl-C in the terminal is for the station, which closes the socket.
            self._process = subprocess.Popen(  # noqa: S603 - a command of our own, never somebody's input
                self._command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, process_group=0
            )

    def _end(self) -> None:
        if self._peer:
            self._peer.close()
        if self._process:
            self._process.kill()  # it keeps nothing that could be lost
            self._process.wait()
        self._peer = self._process = None


def _sight(said: bytes, picture: bytes) -> Sight:
    answer = json.loads(said)
    if answer.get("refused") == "size":
        raise StationError("too_large", _("Choose a picture of at most 8 MB and 24 megapixels."))
    if "refused" in answer:
        raise StationError("bad_input", _("This is no picture that can be read. Choose a JPEG, PNG or WebP."))
    return from_json(answer, picture)


def _busy() -> StationError:
    return StationError(
        "label_reader_busy",
        _("Other pictures are being read. Try again in a few seconds, or scan the barcode."),
    )


def _failed() -> StationError:
    return StationError(
        "label_reader_failed", _("The picture could not be read. Take it again, or scan the barcode.")
    )


_READER = Reader()


def read(picture: bytes) -> Sight:
    """Return what is seen in a picture, by this process's own reader. Raises as Reader.read."""
    return _READER.read(picture)
