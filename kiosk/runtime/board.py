"""What the page shows and hears: the newest snapshot, and whoever waits for a newer one is woken."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.model import Rules, Station
from kiosk.runtime.desk import Snapshot
from kiosk.session.state import Session

Heard = tuple[str, str, dict[str, str]]
KEPT_SOUNDS = 32  # ours: a page that comes late hears the end of what it missed, not all of it


@dataclass(frozen=True, slots=True)
class Backdrop:
    """What a snapshot says beside the session."""

    station: Station
    rules: Rules
    has_faces: bool
    is_demo: bool


class Board:
    """Holds the newest snapshot. One thread publishes, any thread reads or waits."""

    def __init__(self, backdrop: Backdrop, *, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._sounds: deque[tuple[int, Heard]] = deque(maxlen=KEPT_SOUNDS)
        self._newest = Snapshot(
            1, Session(), backdrop.station, backdrop.rules, clock(), backdrop.has_faces, backdrop.is_demo
        )

    def publish(self, session: Session, sounds: tuple[Heard, ...] = ()) -> None:
        """Show this session; nothing is told where nothing changed."""
        with self._changed:
            if session != self._newest.session or sounds:
                self._show(replace(self._newest, session=session), sounds)

    def rehang(self, backdrop: Backdrop) -> None:
        """Show other words or rules of the station."""
        with self._changed:
            shown = replace(
                self._newest,
                station=backdrop.station,
                rules=backdrop.rules,
                has_faces=backdrop.has_faces,
                is_demo=backdrop.is_demo,
            )
            if shown != self._newest:
                self._show(shown)

    def agree(self, agreement: str | None) -> None:
        """Show the text that is to be agreed to."""
        with self._changed:
            if agreement != self._newest.agreement:
                self._show(replace(self._newest, agreement=agreement))

    def progress(self, part: float, hint: str | None) -> None:
        """Show how much of a face has been seen, 0 to 1, and what is wrong with its picture, if anything."""
        with self._changed:
            if (part, hint) != (self._newest.progress, self._newest.hint):
                self._show(replace(self._newest, progress=part, hint=hint))

    def newest(self) -> Snapshot:
        """Return the screen as it is now, silent: a page that is loaded again repeats no sound."""
        with self._changed:
            return replace(self._newest, now=self._clock(), sounds=())

    def after(self, number: int, *, timeout_s: float) -> Snapshot | None:
        """Wait for a snapshot newer than `number`, with every sound since; None when nothing came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest.number > number, timeout_s)
            if self._newest.number <= number:
                return None
            sounds = tuple(heard for at, heard in self._sounds if at > number)
            return replace(self._newest, now=self._clock(), sounds=sounds)

    def _show(self, snapshot: Snapshot, sounds: tuple[Heard, ...] = ()) -> None:
        number = self._newest.number + 1
        self._newest = replace(snapshot, number=number)
        self._sounds.extend((number, heard) for heard in sounds)
        self._changed.notify_all()
