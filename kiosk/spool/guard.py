"""What keeps guessers and repeats out while nobody else can: used identity codes and counted failures."""

import hmac
from datetime import datetime, timedelta

from kiosk.spool.database import Database

# Source: DESIGN.md 6 and the API of kiosks: five failures lock a target for 15 minutes, twenty an hour the kiosk.
TRIES_PER_TARGET = 5
TARGET_WINDOW = timedelta(minutes=15)
TRIES_PER_KIOSK = 20
KIOSK_WINDOW = timedelta(hours=1)
_HASH_BYTES = 16


class Nonces:
    """Used identity codes, until they expire anyway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def use(self, nonce: bytes, *, expires_at: datetime, now: datetime) -> bool:
        """Keep a nonce; return whether it is new here."""
        with self._database.writing() as write:
            write.execute("DELETE FROM nonces WHERE expires_at <= ?", (now.timestamp(),))
            added = write.execute(
                "INSERT INTO nonces VALUES (?, ?) ON CONFLICT DO NOTHING", (nonce, expires_at.timestamp())
            )
            return added.rowcount == 1


class Tries:
    """Failures of weak ways. Targets are kept as keyed hashes: a stolen card of memory names no code."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key

    def may_try(self, target: str, now: datetime) -> bool:
        """Tell whether neither this target nor the kiosk has used up its failures."""
        return not self._is_locked(target, now) and self._failures(now - KIOSK_WINDOW) < TRIES_PER_KIOSK

    def fail(self, target: str, now: datetime) -> None:
        """Count a failure; those that count no more are forgotten."""
        with self._database.writing() as write:
            write.execute("DELETE FROM tries WHERE at <= ?", ((now - KIOSK_WINDOW).timestamp(),))
            write.execute("INSERT INTO tries VALUES (?, ?)", (self._hash(target), now.timestamp()))

    def forgive(self, target: str) -> None:
        """Forget the failures of a target that was proved; the kiosk's own stay with the others."""
        with self._database.writing() as write:
            write.execute("DELETE FROM tries WHERE target = ?", (self._hash(target),))

    def _is_locked(self, target: str, now: datetime) -> bool:
        """Tell whether the last of five failures within the window was less than the window ago."""
        question = "SELECT at FROM tries WHERE target = ? ORDER BY at DESC LIMIT ?"
        rows = self._database.read(question, self._hash(target), TRIES_PER_TARGET)
        window_s = TARGET_WINDOW.total_seconds()
        if len(rows) < TRIES_PER_TARGET or rows[0]["at"] - rows[-1]["at"] >= window_s:
            return False
        return bool(now.timestamp() - rows[0]["at"] < window_s)

    def _failures(self, since: datetime) -> int:
        return int(self._database.read("SELECT count(*) FROM tries WHERE at > ?", since.timestamp())[0][0])

    def _hash(self, target: str) -> bytes:
        return hmac.digest(self._key, f"try\0{target}".encode(), "sha256")[:_HASH_BYTES]
