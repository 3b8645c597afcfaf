"""The one place where code learns what time it is. Not for measuring how long something takes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_source: ContextVar[Callable[[], datetime] | None] = ContextVar("clock_source", default=None)


def now() -> datetime:
    """Return the current time, aware and in UTC."""
    source = _source.get()
    return source() if source else datetime.now(UTC)


@contextmanager
def use(source: Callable[[], datetime]) -> Iterator[None]:
    """Let `source` tell the time inside the block, in this thread or task: for tests and the simulator."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)
