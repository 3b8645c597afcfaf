"""What the kiosk knows of its station: set-up, rules and keys, also after a restart without network."""

import threading
from typing import Any

from kiosk import answers
from kiosk.answers import Setup
from kiosk.model import PublicKey, Rules, Station
from kiosk.spool.memory import Memory

SETUP = "setup"
# Until the station was heard for the first time nothing can be verified and nothing is released offline.
UNHEARD = Station(id="", name="", zone="UTC")


class Known:
    """The newest set-up. Safe from any thread."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._turn = threading.Lock()
        self._setup = _read(memory.get(SETUP))

    def learn(self, setup: Setup) -> None:
        """Take over a set-up and keep it."""
        self._memory.put(SETUP, setup.said)
        with self._turn:
            self._setup = setup

    @property
    def setup(self) -> Setup | None:
        """The newest set-up; None before the first."""
        with self._turn:
            return self._setup

    @property
    def version(self) -> str:
        """The set-up's version, "" before the first."""
        return self.setup.version if self.setup else ""

    @property
    def station(self) -> Station:
        """The station as screens name it."""
        return self.setup.station if self.setup else UNHEARD

    @property
    def rules(self) -> Rules:
        """The station's rules; before the first set-up the careful ones."""
        return self.setup.rules if self.setup else Rules(takes_pickup_codes=False, takes_faces=False)

    @property
    def keys(self) -> tuple[PublicKey, ...]:
        """The keys that sign identity codes."""
        return self.setup.keys if self.setup else ()


def _read(said: Any) -> Setup | None:
    """Return what was kept; None for nothing, and for what an older program kept in another form."""
    try:
        return answers.setup(said) if said else None
    except (KeyError, TypeError, ValueError):
        return None
