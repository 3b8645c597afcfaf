"""What does not work just now: looked at once a second, told to the session when it begins and when it is over."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from kiosk import service_manager
from kiosk.model import Rules
from kiosk.runtime.failures import describe
from kiosk.runtime.needs import Tell
from kiosk.session.events import Fault, FaultOver

LOOK_EVERY_S = 1.0  # ours: a person waits about that long before they wonder
CAMERA_GONE_S = 3.0  # ours: a camera that is opened again takes a second or two, which is no fault
CAMERA_STARTS_S = (
    15.0  # ours: after a power cut all of a machine starts at once, and nobody need come for that
)
STUCK_S = 20.0  # ours: a step takes milliseconds; the unit's WatchdogSec is longer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Condition:
    """How the parts do at one moment. `list_age` is None before the first list, `camera_gone_s` 0 while it works.

    `has_seen`: whether the camera has given a picture since the start.
    """

    camera_gone_s: float
    has_seen: bool
    is_offline: bool
    list_age: timedelta | None
    drift: timedelta
    is_spool_broken: bool


def faults(condition: Condition, rules: Rules) -> frozenset[str]:
    """Return the parts at fault, as events.Fault names them."""
    camera_limit_s = CAMERA_GONE_S if condition.has_seen else CAMERA_STARTS_S
    is_list_old = condition.list_age is None or condition.list_age > rules.list_valid
    found = {
        "camera": condition.camera_gone_s > camera_limit_s,
        "list": condition.is_offline and is_list_old,
        "clock": abs(condition.drift) > rules.drift_limit,
        "spool": condition.is_spool_broken,
    }
    return frozenset(part for part, is_faulty in found.items() if is_faulty)


class Watch:
    """Looks once a second, in a thread of its own, and tells what changed."""

    def __init__(
        self,
        look: Callable[[], Condition],
        rules: Callable[[], Rules],
        tell: Tell,
        *,
        alive_at_s: Callable[[], float],
    ) -> None:
        self._look = look
        self._rules = rules
        self._tell = tell
        self._alive_at_s = alive_at_s
        self._told: frozenset[str] = frozenset()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End within one look."""
        self._stopping.set()
        self._thread.join(LOOK_EVERY_S)

    def look(self) -> None:
        """Look once; tell what changed since the last time."""
        condition = self._look()
        found = faults(condition, self._rules())
        for part in sorted(found - self._told):
            log.warning("a part does not work: %s", part)
            self._tell(Fault(part))
        for part in sorted(self._told - found):
            log.info("a part works again: %s", part)
            self._tell(FaultOver(part))
        self._told = found

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - a loop: the next look may succeed
                log.error("the parts could not be looked at: %s", describe(error))
            if time.monotonic() - self._alive_at_s() < STUCK_S:
                service_manager.tell(service_manager.ALIVE)
