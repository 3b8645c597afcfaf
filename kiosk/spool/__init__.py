"""What a kiosk must not forget whatever happens to its power or its network: one SQLite file, synchronous=FULL.

`lifecycle.py` says what becomes of a hand-over's intent (pure), `database.py` opens the file, `intents.py`, `guard.py`
and `outbox.py` keep their tables, `memory.py` what was learned last. `Spool` holds them together.
"""

from pathlib import Path

from kiosk.spool.database import Database
from kiosk.spool.guard import Nonces, Tries
from kiosk.spool.intents import Intents
from kiosk.spool.memory import Memory
from kiosk.spool.outbox import Outbox, Photos

FILE = "spool.db"


class Spool:
    """The kiosk's durable memory; safe to use from any thread. `key`: 32 bytes, of the pictures kept in it."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._database = Database(folder / FILE)
        self.intents = Intents(self._database)
        self.nonces = Nonces(self._database)
        self.tries = Tries(self._database, key)
        self.outbox = Outbox(self._database)
        self.photos = Photos(self._database, key)
        self.memory = Memory(self._database)

    def length(self) -> int:
        """Return how much waits to be told to the station: offline hand-overs, alerts, receipts and photos."""
        return self.intents.owed() + self.outbox.count() + self.photos.count()

    @property
    def is_broken(self) -> bool:
        """Tell whether the last write failed, as on a full disk."""
        return self._database.is_broken

    def close(self) -> None:
        """Close the file."""
        self._database.close()
