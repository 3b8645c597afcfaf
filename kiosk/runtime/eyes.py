"""The camera and what is read from it: frames in one thread, codes in another, told as events."""

import time
from collections.abc import Callable

from kiosk.cameras.capture import Capture
from kiosk.cameras.health import Health
from kiosk.cameras.source import Camera
from kiosk.codes.decoder import CodeDecoder, Gone, Told
from kiosk.codes.kinds import Kind
from kiosk.runtime.needs import Tell
from kiosk.session.events import Event, IdentitySeen, ProxySeen, WaybillGone, WaybillSeen

# Shelf cards and command cards are for staff's scanners; before a kiosk they mean nothing.
EVENTS: dict[Kind, Callable[[str], Event]] = {
    Kind.IDENTITY: IdentitySeen,
    Kind.PROXY: ProxySeen,
    Kind.WAYBILL: WaybillSeen,
}
ENDS: dict[Kind, Callable[[str], Event]] = {Kind.WAYBILL: WaybillGone}


class Eyes:
    """Runs the camera and the reading of codes."""

    def __init__(
        self, camera: Camera, tell: Tell, *, is_waiting: Callable[[str], bool], seconds: Callable[[], float]
    ) -> None:
        self._tell = tell
        self._capture = Capture(camera, clock=seconds)
        self._decoder = CodeDecoder(self._capture.slot, self._hear, is_waiting=is_waiting)
        self._worked_at_s = time.monotonic()
        self.frames = self._capture.slot

    def start(self) -> None:
        """Begin to see and to read."""
        self._capture.start()
        self._decoder.start()

    def stop(self, timeout_s: float) -> None:
        """End both; a camera that hangs in its driver is left to the end of the program."""
        self._decoder.stop(timeout_s)
        self._capture.stop(timeout_s)

    def health(self) -> Health:
        """Return how the camera does."""
        return self._capture.state().health

    def has_seen(self) -> bool:
        """Tell whether the camera has given a picture since the start."""
        return self._capture.state().frames > 0

    def gone_s(self) -> float:
        """Return for how long the camera has given no picture, as far as this was asked."""
        now_s = time.monotonic()
        if self.health() is not Health.MISSING:
            self._worked_at_s = now_s
        return now_s - self._worked_at_s

    def _hear(self, told: Told) -> None:
        events = ENDS if isinstance(told, Gone) else EVENTS
        if told.kind in events:
            self._tell(events[told.kind](told.value))
