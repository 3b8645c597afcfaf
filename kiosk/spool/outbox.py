"""What waits to be told to the station beside hand-overs: alerts, receipts, and photos as evidence (encrypted).

Each carries its idempotency key from the first moment, so that told twice it counts once.
"""

import base64
import json
import os
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.spool.database import Database

NONCE_BYTES = 12  # NIST SP 800-38D, section 5.2.1.1
PHOTOS_KEPT = 500  # ours: two busy days offline, 200 MB at the most; the oldest make room


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell: `kind` names the endpoint."""

    seq: int
    key: str
    kind: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo whose hand-over the station knows."""

    seq: int
    key: str
    hand_over_id: str
    taken_at: datetime
    jpeg: bytes

    def body(self) -> dict[str, Any]:
        """Return what the station is sent."""
        return {
            "hand_over_id": self.hand_over_id,
            "taken_at": self.taken_at.isoformat(),
            "jpeg": base64.b64encode(self.jpeg).decode(),
        }


class Outbox:
    """Alerts and receipts, in order."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, kind: str, body: dict[str, Any]) -> None:
        """Keep something to tell."""
        with self._database.writing() as write:
            row = (uuid.uuid4().hex, kind, json.dumps(body))
            write.execute("INSERT INTO outbox (key, kind, body) VALUES (?, ?, ?)", row)

    def waiting(self) -> list[Message]:
        """Return what is not told yet, oldest first."""
        rows = self._database.read("SELECT seq, key, kind, body FROM outbox ORDER BY seq")
        return [Message(row["seq"], row["key"], row["kind"], json.loads(row["body"])) for row in rows]

    def told(self, seq: int) -> None:
        """Forget what the station has answered."""
        with self._database.writing() as write:
            write.execute("DELETE FROM outbox WHERE seq = ?", (seq,))

    def count(self) -> int:
        """Return how many wait."""
        return int(self._database.read("SELECT count(*) FROM outbox")[0][0])


class Photos:
    """Photos of hand-overs, encrypted with AES-256-GCM and bound to their intent; deleted once uploaded."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._cipher = AESGCM(key)

    def add(self, intent: str, taken_at: datetime, jpeg: bytes) -> None:
        """Keep the photo of the hand-over with this intent's key."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, jpeg, intent.encode())
        with self._database.writing() as write:
            write.execute(
                "INSERT INTO photos (key, intent, hand_over_id, taken_at, jpeg) VALUES"
                " (?, ?, (SELECT hand_over_id FROM intents WHERE intents.key = ?), ?, ?)",
                (uuid.uuid4().hex, intent, intent, taken_at.isoformat(), sealed),
            )
            write.execute(
                "DELETE FROM photos WHERE seq <= (SELECT seq FROM photos ORDER BY seq DESC LIMIT 1 OFFSET ?)",
                (PHOTOS_KEPT,),
            )

    def next(self, after: int = 0) -> Photo | None:
        """Return the oldest photo behind `after` that can be uploaded."""
        rows = self._database.read(
            "SELECT * FROM photos WHERE hand_over_id IS NOT NULL AND seq > ? ORDER BY seq LIMIT 1", after
        )
        return next((self._open(row) for row in rows), None)

    def _open(self, row: Any) -> Photo:
        nonce, body = row["jpeg"][:NONCE_BYTES], row["jpeg"][NONCE_BYTES:]
        jpeg = self._cipher.decrypt(nonce, body, row["intent"].encode())
        taken_at = datetime.fromisoformat(row["taken_at"])
        return Photo(row["seq"], row["key"], row["hand_over_id"], taken_at, jpeg)

    def told(self, seq: int) -> None:
        """Delete a photo that the station has, or will not take."""
        with self._database.writing() as write:
            write.execute("DELETE FROM photos WHERE seq = ?", (seq,))

    def clear(self) -> None:
        """Delete all."""
        with self._database.writing() as write:
            write.execute("DELETE FROM photos")

    def count(self) -> int:
        """Return how many wait."""
        return int(self._database.read("SELECT count(*) FROM photos")[0][0])
