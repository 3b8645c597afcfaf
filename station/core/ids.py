"""Ids made by the application: 63 bits, in the order of time, unique over all processes of an installation.

Layout (after Twitter's Snowflake, 2010): 41 bits of milliseconds since 2025-01-01, 10 bits of node, 12 bits of
sequence; 41 bits last until 2094. A node number is leased in the database, one for each process.
"""

import os
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Integer, String, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from station.core import clock
from station.core.db import Base, UtcDateTime, connection, db, transaction

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
NODE_BITS = 10
SEQUENCE_BITS = 12
NODES = 1 << NODE_BITS
LARGEST_ID = 2**63 - 1  # what a column holds; a larger number from outside names nothing
# A killed process gives its number back soon; 1,024 commands within it are not expected.
LEASE = timedelta(hours=6)
RENEW_AFTER = LEASE / 6


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
        moment = (clock.now() - EPOCH) // MILLISECOND
        with self._lock:
            self._last = max(moment << SEQUENCE_BITS, self._last + 1)
            millis, sequence = self._last >> SEQUENCE_BITS, self._last & ((1 << SEQUENCE_BITS) - 1)
        return (millis << (NODE_BITS + SEQUENCE_BITS)) | (self._node << SEQUENCE_BITS) | sequence


@dataclass(frozen=True)
class _Held:
    generator: Generator
    node: int
    owner: str  # as the lease's row names this process
    leased_at: datetime | None  # None: a test's own number, never renewed


_held: _Held | None = None
_guard = threading.Lock()


def next_id() -> int:
    """Return a new id. Raises RuntimeError when the process holds no node yet (`hold_node`)."""
    if _held is None:
        raise RuntimeError("no node leased: call ids.hold_node first")
    return _held.generator.next()


def use_node(node: int) -> None:
    """Make ids as `node` without a lease: for tests."""
    global _held  # noqa: PLW0603 - one process is one node
    _held = _Held(Generator(node), node, "", None)


def hold_node() -> None:
    """Make sure this process may make ids: lease a node, or renew the one it has, in a transaction of its own.

    Called at the start of each request, job and command; costs nothing while the lease is fresh. A process whose row
    is gone, because it slept longer than its lease, takes another node: somebody else may have its old one.
    """
    global _held  # noqa: PLW0603 - one process is one node
    with _guard:
        if _held is not None and _is_fresh(_held):
            return
        _held = (_held and _renewed(_held)) or _lease()


def _is_fresh(held: _Held) -> bool:
    return held.leased_at is None or datetime.now(UTC) - held.leased_at < RENEW_AFTER


def _forget_after_fork() -> None:
    """Forget the node in a forked worker: it is a process of its own and must not repeat its parent's ids."""
    global _held  # noqa: PLW0603 - one process is one node
    _held = None


os.register_at_fork(after_in_child=_forget_after_fork)


def _renewed(held: _Held) -> _Held | None:
    """Renew the lease; None when the row is not ours any more."""
    now = datetime.now(UTC)
    ours = update(NodeLease).where(NodeLease.node == held.node, NodeLease.owner == held.owner)
    with transaction():
        touched = connection().execute(ours.values(until=now + LEASE)).rowcount
    return replace(held, leased_at=now) if touched else None


def _lease() -> _Held:
    for _ in range(NODES):
        held = _try_lease()
        if held is not None:
            return held
    raise RuntimeError("every node number is leased")


def _try_lease() -> _Held | None:
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
    return _Held(Generator(node), node, owner, now)
