"""A program as a child of the web server: started again whenever it ends, and gone when the server goes."""

import logging
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

LONGEST_PAUSE_S = 60  # ours: what broke it may last, a full disk or a database that restarts
STEADY_S = 60.0  # ours: who ran this long started well, so the next end is a new story
STOP_TIMEOUT_S = 10.0  # for the job that runs; it is safe to break off (runs.py)

log = logging.getLogger(__name__)


def pause_s(crashes: int) -> float:
    """Return how long to wait after the `crashes`-th end in a row, from 1: 1, 2, 4 … 60 seconds."""
    doubled: int = 1 << min(crashes - 1, LONGEST_PAUSE_S)  # bounded before it is computed
    return min(doubled, LONGEST_PAUSE_S)


class Child:
    """Keeps one process running inside a `with` block.

    Its standard input is a pipe that closes with this process, however it goes: the child has to end then.
    """

    def __init__(
        self,
        command: Sequence[str],
        pause: Callable[[int], float] = pause_s,
        *,
        name: str = "the scheduler",
        on_crash: Callable[[int], None] = lambda crashes: None,
    ) -> None:
        self._command = command
        self._name = name  # as the log says it
        self._pause = pause
        self._on_crash = on_crash  # hears how often in a row it ended; must not raise
        self._stopping = threading.Event()
        self._guard = threading.Lock()  # held while a process is made, so that none is made after the stop
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="child", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        with self._guard:
            process = self._process
        if process is not None:
            _end(process)
        self._thread.join()

    def _keep(self) -> None:
        crashes = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            how = self._run()
            if self._stopping.is_set():
                return
            crashes = 1 if time.monotonic() - began >= STEADY_S else crashes + 1
            pause = self._pause(crashes)
            log.warning("%s ended (%s); it starts again in %g s", self._name, how, pause)
            self._on_crash(crashes)
            self._stopping.wait(pause)

    def _run(self) -> str:
        """Run the process to its end; return how it ended."""
        try:
            process = self._begin()
        except OSError as error:  # no memory or no process number left: later there may be
            return type(error).__name__
        if process is None:
            return "not started"
        with process:
            return f"exit code {process.wait()}"

    def _begin(self) -> subprocess.Popen[bytes] | None:
        with self._guard:
            if self._stopping.is_set():
                return None
            # A group of its own: Ctrl-C in the terminal is for us, and we tell the child.
            self._process = subprocess.Popen(  # noqa: S603 - a command of our own, never somebody's input
                self._command, stdin=subprocess.PIPE, process_group=0
            )
            return self._process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
