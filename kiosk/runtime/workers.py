"""A few threads for what would hold the session up: nearly all of it is waiting for the network."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from kiosk.runtime.failures import describe
from kiosk.runtime.needs import Tell
from kiosk.session.events import Event

WORKERS = 3  # ours: a release, a check and a look-up may run at once

log = logging.getLogger(__name__)


class Workers:
    """Does work in the order it came, WORKERS at a time. Whatever breaks is logged and harms nothing else."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="work")

    def later(self, work: Callable[[], None]) -> None:
        """Do `work`; nobody waits for it."""

        def run() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - the visit goes on without it
                log.error("not done: %s", describe(error))

        self._pool.submit(run)

    def answer(self, work: Callable[[], Event], failed: Event, tell: Tell) -> None:
        """Do `work` and tell the event it returns; `failed` where it breaks."""

        def run() -> None:
            try:
                event = work()
            except Exception as error:  # noqa: BLE001 - somebody stands there and waits for an answer
                log.error("no answer: %s", describe(error))
                event = failed
            tell(event)

        self._pool.submit(run)

    def close(self) -> None:
        """Begin nothing new and wait for what was begun; it ends by its own time limits."""
        self._pool.shutdown()
