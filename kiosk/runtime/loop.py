"""The one thread that moves the session: takes events in order, steps, shows the screen, hands out what is to be done.

Nothing slow happens here, so a button or a scan is answered at once whatever the network does.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from kiosk.model import Rules
from kiosk.runtime.failures import describe
from kiosk.session.effects import Effect
from kiosk.session.events import Event, Tick
from kiosk.session.state import Session

TICK_S = 0.25  # ours: a screen that ends by itself ends at most this late
STEP_LATE_S = 5.0  # ours: how long an ending kiosk waits for the step at hand

Step = Callable[[Session, Event, datetime, Rules], tuple[Session, tuple[Effect, ...]]]

log = logging.getLogger(__name__)


class Doer(Protocol):
    """What does effects. Returns at once; whatever lasts is answered by an event."""

    def do(self, effects: tuple[Effect, ...], before: Session, after: Session) -> None:
        """Do the effects of one step that led from `before` to `after`, in order, and show `after`."""


class Recorder(Protocol):
    """What writes down the events of visits, to be played again."""

    def write(self, event: Event, at: datetime, rules: Rules) -> None:
        """Write down one event and the rules it met."""


class NoRecorder:
    """Writes nothing: the usual case."""

    def write(self, event: Event, at: datetime, rules: Rules) -> None:
        """Forget it."""


class Loop:
    """Steps the session. `tell` may be called from any thread."""

    def __init__(
        self,
        step: Step,
        *,
        rules: Callable[[], Rules],
        clock: Callable[[], datetime],
        recorder: Recorder | None = None,
    ) -> None:
        self._step = step
        self._rules = rules
        self._clock = clock
        self._recorder = recorder or NoRecorder()
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._session = Session()
        self._alive_at_s = time.monotonic()
        self._thread: threading.Thread | None = None

    def tell(self, event: Event) -> None:
        """Put an event behind those that wait."""
        self._events.put(event)

    def start(self, doer: Doer) -> None:
        """Begin in a thread of its own."""
        self._thread = threading.Thread(target=self._run, args=(doer,), name="session", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after what was told so far."""
        self._events.put(None)
        if self._thread:
            self._thread.join(STEP_LATE_S)

    def alive_at(self) -> float:
        """Return when it last came through, by the monotonic clock; the watchdog looks at it."""
        return self._alive_at_s

    def advance(self, event: Event, doer: Doer) -> None:
        """Take one event in the calling thread."""
        now, rules = self._clock(), self._rules()
        before = self._session
        after, effects = self._step(before, event, now, rules)
        if after is not before or effects or not isinstance(event, Tick):
            self._recorder.write(event, now, rules)
        self._session = after
        doer.do(effects, before, after)

    def _run(self, doer: Doer) -> None:
        next_tick = time.monotonic() + TICK_S
        while True:
            event = self._next(next_tick)
            if event is None:
                return
            if isinstance(event, Tick):
                next_tick = time.monotonic() + TICK_S
            try:
                self.advance(event, doer)
            except Exception as error:  # noqa: BLE001 - one event must not end the kiosk; the next one may go well
                log.error("a step failed at %s: %s", type(event).__name__, describe(error))
            self._alive_at_s = time.monotonic()

    def _next(self, next_tick: float) -> Event | None:
        """Return the next event; time passes even where events never pause."""
        left_s = next_tick - time.monotonic()
        if left_s <= 0:
            return Tick()
        try:
            return self._events.get(timeout=left_s)
        except queue.Empty:
            return Tick()
