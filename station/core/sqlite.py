"""SQLite without "database is locked": how connections are opened and how writers queue.

Deferred BEGIN with a read before a write fails at once under load, whatever the busy timeout, because the snapshot is
stale (SQLite documentation, "Isolation In SQLite"). So a writer says BEGIN IMMEDIATE, and inside this process writers
first line up in order of arrival, since SQLite's own busy handler is not fair. Other processes (scheduler, commands)
are kept apart by BEGIN IMMEDIATE and the busy timeout.
"""

import threading
from collections import deque
from typing import Any

from sqlalchemy import Connection, Engine, event

BUSY_TIMEOUT_MS = 10_000
LOCK_TIMEOUT_S = 30.0  # three times the busy timeout: a writer in front may itself wait for another process
PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA journal_size_limit=67108864",
)
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "ALTER", "DROP")  # as SQLAlchemy spells them


class FairLock:
    """A lock whose waiters get it in the order in which they asked."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiters: deque[threading.Event] = deque()
        self._held = False

    def acquire(self, timeout_s: float) -> bool:
        """Wait for the lock; False when `timeout_s` passed first."""
        with self._guard:
            if not self._held and not self._waiters:
                self._held = True
                return True
            turn = threading.Event()
            self._waiters.append(turn)
        if turn.wait(timeout_s):
            return True
        with self._guard:
            if turn.is_set():
                return True
            self._waiters.remove(turn)
            return False

    def release(self) -> None:
        """Hand the lock to the next waiter, or free it."""
        with self._guard:
            if self._waiters:
                self._waiters.popleft().set()
            else:
                self._held = False


def install(engine: Engine) -> None:
    """Make every connection of `engine` behave as this module's text says."""
    lock = FairLock()

    @event.listens_for(engine, "connect")
    def _on_connect(raw: Any, record: Any) -> None:
        raw.isolation_level = None
        for pragma in PRAGMAS:
            raw.execute(pragma)

    @event.listens_for(engine, "begin")
    def _on_begin(conn: Connection) -> None:
        conn.info["may_write"] = bool(conn.get_execution_options().get("writing"))
        if not conn.info["may_write"]:
            conn.exec_driver_sql("BEGIN")
            return
        # The lock stays with a connection that begins again, as migrations do.
        kept: Any = conn.connection.record_info
        if not kept.get("holds_lock") and not lock.acquire(LOCK_TIMEOUT_S):
            raise TimeoutError("the database is busy with other writers")
        kept["holds_lock"] = True
        conn.exec_driver_sql("BEGIN IMMEDIATE")

    # Not PRAGMA query_only: setting it makes SQLite compile all its prepared statements again, which doubled the time
    # of a check-in (tests/benchmarks, 2026-11-21).
    @event.listens_for(engine, "before_cursor_execute")
    def _on_statement(conn: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(WRITES) and not conn.info["may_write"]:
            raise RuntimeError(f"a write outside transaction(): {statement[:40]}")

    @event.listens_for(engine, "checkin")
    def _on_checkin(raw: Any, record: Any) -> None:
        # After commit, rollback, close and every error the connection comes back here.
        if record.record_info.pop("holds_lock", False):
            lock.release()
