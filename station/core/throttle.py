"""Limits on guessing: how many attempts a key may make in a window. Kept in the database, so every process counts."""

from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address

from sqlalchemy import Integer, LargeBinary, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from station.core import clock, crypto
from station.core.db import Base, UtcDateTime, connection, db
from station.core.errors import StationError
from station.core.i18n import gettext as _

KEEP = timedelta(days=1)  # longer than any window
# A window that begins later than this from now was opened by a clock that has been set back since: it counts no more,
# or it would keep people out until that time comes again. Ours: as far as clocks of two machines are apart (lease.py).
AHEAD = timedelta(seconds=2)
NETWORK_BITS = 64  # of an IPv6 address, those of one network (RFC 4291, section 2.5.1)


class Attempts(Base):
    """Attempts counted for one key since a moment."""

    __tablename__ = "attempts"

    key_hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(Integer)


def check(key: str, *, limit: int, window: timedelta) -> None:
    """Raise StationError `too_many_attempts` when `key` has used its `limit` attempts within `window`."""
    left = _left(key, limit, window)
    if left is not None:
        minutes = max(1, round(left.total_seconds() / 60))
        raise StationError(
            "too_many_attempts",
            _("Too many attempts. Try again in %(minutes)s minutes.", minutes=minutes),
            retry_after_s=minutes * 60,
        )


def is_spent(key: str, *, limit: int, window: timedelta) -> bool:
    """Tell whether `key` has used its `limit` attempts within `window`."""
    return _left(key, limit, window) is not None


def _left(key: str, limit: int, window: timedelta) -> timedelta | None:
    """Return for how long a key may make no attempt any more; None when it may."""
    row = db.session.execute(
        select(Attempts.since, Attempts.tries).where(Attempts.key_hash == _hash(key))
    ).one_or_none()
    now = clock.now()
    if row and row.tries >= limit and row.since - AHEAD <= now < row.since + window:
        until: datetime = row.since + window
        return until - now
    return None


def count(key: str, *, window: timedelta) -> None:
    """Count one attempt of `key`; a window that has passed begins anew."""
    now = clock.now()
    build = postgresql.insert if connection().dialect.name == "postgresql" else sqlite.insert
    statement = build(Attempts).values(key_hash=_hash(key), since=now, tries=0)
    db.session.execute(statement.on_conflict_do_nothing())
    row = Attempts.key_hash == _hash(key)
    has_passed = or_(Attempts.since < now - window, Attempts.since > now + AHEAD)
    db.session.execute(update(Attempts).where(row, has_passed).values(since=now, tries=0))
    db.session.execute(update(Attempts).where(row).values(tries=Attempts.tries + 1))


def spend(key: str, *, limit: int, window: timedelta) -> None:
    """Count one attempt of `key`, then raise StationError `too_many_attempts` when it was one too many.

    Counting comes first: it locks the row, so of several at the same moment no more than `limit` pass.
    """
    count(key, window=window)
    check(key, limit=limit + 1, window=window)


def origin(address: str | None) -> str:
    """Return what stands in a key for who asks from an address: an IPv4 address, or the network of an IPv6 one.

    Whoever has IPv6 has a whole network of addresses (RFC 6177) and could ask from another one each time.
    """
    try:
        found = ip_address(address or "")
    except ValueError:
        return address or ""  # a socket's name, or none
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), NETWORK_BITS), strict=False))


def forgive(key: str) -> None:
    """Forget the attempts of `key`: it proved itself."""
    db.session.execute(delete(Attempts).where(Attempts.key_hash == _hash(key)))


def forget_old(now: datetime) -> int:
    """Delete attempts counted so long ago that no window holds them any more; return how many."""
    is_old = or_(Attempts.since <= now - KEEP, Attempts.since > now + AHEAD)
    return connection().execute(delete(Attempts).where(is_old)).rowcount


def _hash(key: str) -> bytes:
    return crypto.keyed_hash("attempts", key)
