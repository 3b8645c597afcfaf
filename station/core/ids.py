"""Ids made by the application: 63 bits, in the order of time, unique over all processes of an installation.

Layout (after Twitter's Snowflake, 2010): 41 bits of milliseconds since 2025-01-01, 10 bits of node, 12 bits of
sequence; 41 bits last until 2094. A node number is leased in the database, one for each process.
"""

import os
import secrets
import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import Integer, String, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from station.core import clock
from station.core.db import Base, UtcDateTime, db, transaction

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
NODE_BITS = 10
SEQUENCE_BITS = 12
NODES = 1 << NODE_BITS
LEASE = timedelta(days=7)
RENEW_AFTER = LEASE / 7


class NodeLease(Base):
    """A node number in use by one process."""

    __tablename__ = "node_leases"

    node: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    owner: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class Generator:
    """Makes ids for one node. Safe for threads."""

    def __init__(self, node: int) -> None:
        if not 0 <= node < NODES:
            raise ValueError(f"node {node} is not within 0..{NODES - 1}")
        self._node = node
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        """Return the next id; a clock that stepped back goes on from the last value instead of repeating one."""
        moment = (clock.now() - EPOCH) // timedelta(milliseconds=1)
        with self._lock:
            self._last = max(moment << SEQUENCE_BITS, self._last + 1)
            millis, sequence = self._last >> SEQUENCE_BITS, self._last & ((1 << SEQUENCE_BITS) - 1)
        return (millis << (NODE_BITS + SEQUENCE_BITS)) | (self._node << SEQUENCE_BITS) | sequence


_generator: Generator | None = None
_leased_at: datetime | None = None
_guard = threading.Lock()


def next_id() -> int:
    """Return a new id. Raises RuntimeError when the process holds no node yet (`lease_node`)."""
    if _generator is None:
        raise RuntimeError("no node leased: call ids.lease_node when the process starts")
    return _generator.next()


def use_node(node: int) -> None:
    """Make ids as `node` without a lease: for tests."""
    global _generator  # noqa: PLW0603 - one process is one node
    _generator = Generator(node)


def lease_node() -> int:
    """Take a free node number for this process, once; return it. Opens its own transaction."""
    with _guard:
        if _generator is not None:
            return _generator._node
        for _ in range(NODES):
            node = _try_lease()
            if node is not None:
                _hold(node)
                return node
    raise RuntimeError("every node number is leased")


def renew_lease() -> None:
    """Keep this process's node for another while; costs nothing until a day has passed. Opens its own transaction."""
    if _generator is None or _leased_at is None or datetime.now(UTC) - _leased_at < RENEW_AFTER:
        return
    node = _generator._node
    with transaction():
        lease = update(NodeLease).where(NodeLease.node == node)
        db.session.execute(lease.values(until=datetime.now(UTC) + LEASE))
    _hold_time()


def _hold(node: int) -> None:
    use_node(node)
    _hold_time()


def _hold_time() -> None:
    global _leased_at  # noqa: PLW0603 - one process holds one lease
    _leased_at = datetime.now(UTC)


def _try_lease() -> int | None:
    owner = f"{os.getpid()}-{secrets.token_hex(8)}"
    now = datetime.now(UTC)
    try:
        with transaction():
            db.session.execute(delete(NodeLease).where(NodeLease.until < now))
            taken = set(db.session.scalars(select(NodeLease.node)))
            node = next(number for number in range(NODES) if number not in taken)
            db.session.execute(insert(NodeLease).values(node=node, owner=owner, until=now + LEASE))
    except IntegrityError:  # another process took the same number first
        return None
    return node
