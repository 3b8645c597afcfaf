"""The phones on which couriers are signed in: for one shift, or for 30 days where the courier trusts the phone.

A session names its phone's row, so that ending the row ends the session, on whichever machine it is.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, insert, update

from station.accounts import couriers as accounts
from station.core import clock, ids
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.couriers.models import CourierPhone


class Trust(StrEnum):
    """For how long a phone stays signed in."""

    SHIFT = "shift"
    MONTH = "month"


# Source: the issue asks for 30 days on a phone of one's own; a shift and its overtime is ours, for one that is shared.
LASTS = {Trust.SHIFT: timedelta(hours=12), Trust.MONTH: timedelta(days=30)}

_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac", "Mac"),
)
# The order matters: browsers name those they descend from too.
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def name_of(user_agent: str) -> str:
    """Return what to call a phone by what its browser says of itself, such as `Android, Chrome`."""
    found = (
        next((name for mark, name in marks if mark in user_agent), "") for marks in (_SYSTEMS, _BROWSERS)
    )
    return ", ".join(filter(None, found)) or "?"


def add(account_id: int, name: str, trust: Trust) -> int:
    """Sign a courier in on a phone; return its id."""
    now, phone_id = clock.now(), ids.next_id()
    row = {"name": name, "is_trusted": trust is Trust.MONTH, "signed_in_at": now}
    connection().execute(
        insert(CourierPhone).values(id=phone_id, account_id=account_id, expires_at=now + LASTS[trust], **row)
    )
    return phone_id


def end(account_id: int, phone_id: int) -> None:
    """Sign a courier out on one of their phones. Raises StationError `not_found`."""
    now = clock.now()
    mine = (CourierPhone.account_id == account_id, CourierPhone.id == phone_id, CourierPhone.expires_at > now)
    ended = update(CourierPhone).where(*mine).values(expires_at=now)
    if connection().execute(ended.returning(CourierPhone.id)).first() is None:
        raise StationError("not_found", _("Nobody is signed in on this phone any more."))


def end_others(account_id: int, phone_id: int) -> None:
    """Sign a courier out on all their phones but one."""
    now = clock.now()
    others = (
        CourierPhone.account_id == account_id,
        CourierPhone.id != phone_id,
        CourierPhone.expires_at > now,
    )
    connection().execute(update(CourierPhone).where(*others).values(expires_at=now))


def end_all(account_id: int) -> None:
    """Sign a courier out on all their phones."""
    now = clock.now()
    mine = (CourierPhone.account_id == account_id, CourierPhone.expires_at > now)
    connection().execute(update(CourierPhone).where(*mine).values(expires_at=now))
    accounts.end_sessions(account_id)


def forget_old(now: datetime) -> int:
    """Delete phones on which nobody is signed in any more; return how many."""
    return connection().execute(delete(CourierPhone).where(CourierPhone.expires_at <= now)).rowcount
