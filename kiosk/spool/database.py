"""The spool's file: its tables, and one connection that threads take in turn."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OWNER_ONLY = 0o600

# FULL: a commit is on the disk when it returns (SQLite, "PRAGMA synchronous"). secure_delete: what is deleted is
# overwritten, since codes and pictures are among it.
_SETTINGS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
"""

_TABLES = """
CREATE TABLE IF NOT EXISTS intents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    parcel_id TEXT NOT NULL,
    parcel TEXT NOT NULL,
    visit TEXT NOT NULL,
    session_id TEXT,
    until TEXT NOT NULL,
    evidence TEXT NOT NULL,
    at TEXT NOT NULL,
    state TEXT NOT NULL,
    changed_at REAL NOT NULL,
    hand_over_id TEXT
);
CREATE INDEX IF NOT EXISTS intents_by_parcel ON intents (parcel_id);
CREATE TABLE IF NOT EXISTS nonces (nonce BLOB PRIMARY KEY, expires_at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tries (target BLOB NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS tries_by_target ON tries (target, at);
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS photos (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, intent TEXT NOT NULL, hand_over_id TEXT,
    taken_at TEXT NOT NULL, jpeg BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class Database:
    """One SQLite file, readable by its owner only."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, OWNER_ONLY))
        self._turn = threading.RLock()
        self.is_broken = False  # the last write failed: a full or dying disk
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(_SETTINGS + _TABLES)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run one transaction; it is on the disk when the block ends, or not at all."""
        with self._turn:
            try:
                with self._transaction() as connection:
                    yield connection
            except sqlite3.Error:
                self.is_broken = True
                raise
            self.is_broken = False

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def read(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """Return the rows of a question."""
        with self._turn:
            return self._connection.execute(statement, values).fetchall()

    def close(self) -> None:
        """Close the file; the last one to do so empties its log."""
        with self._turn:
            self._connection.close()
