"""What may be logged of a failure: its kind and its place, never its message.

A message may quote what somebody typed: PostgreSQL puts the values of a duplicate key into it, Python those of a number
that is none. The frames are lines of our own program.
"""

import errno
import traceback
from collections.abc import Iterator

from station.core.errors import StationError


def describe(error: BaseException) -> str:
    """Return the type, the codes and the frames of `error` and of whatever caused it, newest first."""
    return "\ncaused by ".join("\n".join((_name(one), *_frames(one))) for one in _chain(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        hidden = None if following.__suppress_context__ else following.__context__
        following = following.__cause__ or hidden


def _name(error: BaseException) -> str:
    codes = ", ".join(str(code) for code in _codes(error) if code)
    return f"{type(error).__qualname__} ({codes})" if codes else type(error).__qualname__


def _codes(error: BaseException) -> Iterator[object]:
    if isinstance(error, StationError):
        yield error.code
    if isinstance(error, OSError):
        yield errno.errorcode.get(error.errno or 0)
    # As the drivers call them: sqlite3 (Python 3.11), and psycopg with PostgreSQL's own fields of an error.
    yield getattr(error, "sqlite_errorname", None)
    yield getattr(error, "sqlstate", None)
    yield getattr(getattr(error, "diag", None), "constraint_name", None)


def _frames(error: BaseException) -> Iterator[str]:
    for entry in traceback.format_tb(error.__traceback__):
        yield entry.rstrip("\n")
