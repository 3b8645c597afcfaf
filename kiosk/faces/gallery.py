"""The templates of people who agreed, encrypted in a SQLite file of this kiosk; its key lies outside that file.

Deleting is real as far as a program can make it: SQLite overwrites the row (secure_delete), the write-ahead log is
cut off, and every deletion leaves a receipt for the station until that is told. An SD card may still hold old blocks:
they are of no use without the key.
"""

import logging
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import numpy as np

from kiosk.faces import scoring, settings
from kiosk.faces.embedder import Vector
from kiosk.faces.sealing import Sealer, UnreadableError

log = logging.getLogger(__name__)

FILE = "faces.db"
OWNER_ONLY = 0o600
SCHEMA = """
CREATE TABLE IF NOT EXISTS faces (
    recipient_id TEXT PRIMARY KEY, sealed BLOB NOT NULL, expires_at TEXT NOT NULL, used_at TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS receipts (
    id INTEGER PRIMARY KEY, recipient_id TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
"""


class Reason(StrEnum):
    """Why a template was deleted; the station knows the same words."""

    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    UNUSED = "unused"
    KEY_LOST = "key_lost"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A deletion that the station has not been told of yet."""

    id: int
    recipient_id: str
    reason: Reason
    at: datetime


@dataclass(frozen=True, slots=True)
class People:
    """How many distinct people are enrolled here. `is_many`: the operator should look at what the law asks for."""

    count: int
    is_many: bool


class Gallery:
    """Everybody enrolled at this kiosk. Any thread may call any method."""

    def __init__(self, folder: Path, key: bytes, *, now: datetime) -> None:
        """Open the gallery in this folder. When `key` is not the one it was made with, all of it is deleted."""
        path = folder / FILE
        path.touch(OWNER_ONLY)
        self._lock = threading.Lock()
        self._sealer = Sealer(key)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(SCHEMA)
        self._templates: dict[str, scoring.Matrix] = {}
        self._index = self._rebuilt()
        self._read(now)

    @property
    def index(self) -> scoring.Index:
        """Everybody as they are now, to compare with; never changed in place."""
        return self._index

    def has(self, recipient_id: str) -> bool:
        """Tell whether this person is enrolled here."""
        return recipient_id in self._templates

    def people(self) -> People:
        """Count who is enrolled here, with a warning long before the law asks the operator to file."""
        count = len(self._templates)
        return People(count, count >= settings.PEOPLE_WARNING)

    def add(self, recipient_id: str, template: Vector, *, now: datetime, expires_at: datetime) -> None:
        """Keep a template; an earlier one of this person is overwritten."""
        sealed = self._sealer.seal(recipient_id, template.astype(np.float32).tobytes())
        with self._lock:
            self._db.execute(
                "INSERT INTO faces VALUES (?, ?, ?, ?) ON CONFLICT (recipient_id) DO UPDATE"
                " SET sealed = excluded.sealed, expires_at = excluded.expires_at, used_at = NULL",
                (recipient_id, sealed, expires_at.isoformat(), None),
            )
            self._cut_log()
            self._templates = self._templates | {recipient_id: template.astype(np.float32)}
            self._index = self._rebuilt()
        people = self.people()
        log.info("A face was enrolled; %d people now", people.count)
        if people.is_many:
            log.warning("%d people: at %d the operator has to file", people.count, settings.PEOPLE_LIMIT)

    def forget(self, recipient_id: str, reason: Reason, *, now: datetime) -> bool:
        """Delete a template now and leave a receipt; return whether there was one. Safe to repeat."""
        with self._lock:
            return self._forget((recipient_id,), reason, now) > 0

    def forget_old(self, now: datetime) -> int:
        """Delete what nobody used for as long as it counts; return how many."""
        with self._lock:
            rows = self._db.execute("SELECT recipient_id, expires_at FROM faces").fetchall()
            old = [person for person, until in rows if datetime.fromisoformat(until) <= now]
            return self._forget(old, Reason.UNUSED, now)

    def mark_used(self, recipient_id: str, now: datetime) -> None:
        """Note that somebody collected with their face: it counts for another year from now."""
        until = now + settings.UNUSED_FOR
        with self._lock:
            self._db.execute(
                "UPDATE faces SET used_at = ?, expires_at = ? WHERE recipient_id = ?",
                (now.isoformat(), until.isoformat(), recipient_id),
            )

    def used(self) -> tuple[tuple[str, datetime], ...]:
        """Return who used their face and when, as far as the station was not told yet."""
        with self._lock:
            rows = self._db.execute(
                "SELECT recipient_id, used_at FROM faces WHERE used_at IS NOT NULL"
            ).fetchall()
        return tuple((person, datetime.fromisoformat(at)) for person, at in rows)

    def told_used(self, told: Sequence[tuple[str, datetime]]) -> None:
        """Note that the station knows of these uses; a later one of the same person stays to be told."""
        with self._lock:
            self._db.executemany(
                "UPDATE faces SET used_at = NULL WHERE recipient_id = ? AND used_at = ?",
                [(person, at.isoformat()) for person, at in told],
            )

    def receipts(self) -> tuple[Receipt, ...]:
        """Return the deletions that the station was not told of yet, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT id, recipient_id, reason, at FROM receipts ORDER BY id"
            ).fetchall()
        return tuple(
            Receipt(n, person, Reason(why), datetime.fromisoformat(at)) for n, person, why, at in rows
        )

    def told(self, receipt: Receipt) -> None:
        """Note that the station has this receipt."""
        with self._lock:
            self._db.execute("DELETE FROM receipts WHERE id = ?", (receipt.id,))

    def close(self) -> None:
        """Close the file and forget every template in memory."""
        with self._lock:
            self._db.close()
            self._templates = {}
            self._index = self._rebuilt()

    def _forget(self, people: Sequence[str], reason: Reason, now: datetime) -> int:
        gone = [person for person in people if self._is_kept(person)]
        if not gone:
            return 0
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany("DELETE FROM faces WHERE recipient_id = ?", [(person,) for person in gone])
            self._db.executemany(
                "INSERT INTO receipts (recipient_id, reason, at) VALUES (?, ?, ?)",
                [(person, reason.value, now.isoformat()) for person in gone],
            )
        except sqlite3.Error:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        self._cut_log()
        self._templates = {
            person: kept for person, kept in self._templates.items() if person not in set(gone)
        }
        self._index = self._rebuilt()
        log.info("%d faces were deleted: %s", len(gone), reason.value)
        return len(gone)

    def _is_kept(self, recipient_id: str) -> bool:
        return bool(
            self._db.execute("SELECT 1 FROM faces WHERE recipient_id = ?", (recipient_id,)).fetchone()
        )

    def _cut_log(self) -> None:
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _rebuilt(self) -> scoring.Index:
        return scoring.build(list(self._templates), list(self._templates.values()))

    def _read(self, now: datetime) -> None:
        """Read every template; what the key does not open is deleted."""
        lost = []
        for person, sealed in self._db.execute("SELECT recipient_id, sealed FROM faces").fetchall():
            try:
                self._templates[person] = np.frombuffer(self._sealer.unseal(person, sealed), np.float32)
            except UnreadableError:
                lost.append(person)
        self._index = self._rebuilt()
        self._forget(lost, Reason.KEY_LOST, now)
