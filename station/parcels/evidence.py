"""What proves a hand-over to a person beyond the log: pictures, and the name of who collected for somebody.

Responsible for how long it stays once the recipient, or who collected, wished to be erased. Everybody else's stays:
nothing is deleted that a dispute may need.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update

from station.core.db import connection
from station.parcels.lifecycle import ACTIVE, FINAL
from station.parcels.models import Attachment, HandOver, OpenQuestion, Parcel


def open_parcels(station_id: int, recipient_ids: Sequence[int]) -> int:
    """Return how many parcels of these recipients are on their way, here, searched for or being checked in."""
    active = (
        Parcel.station_id == station_id,
        Parcel.recipient_id.in_(recipient_ids),
        Parcel.state.in_(ACTIVE),
    )
    asked = (OpenQuestion.station_id == station_id, OpenQuestion.recipient_id.in_(recipient_ids))
    counts = [select(func.count()).select_from(Parcel).where(*active)]
    counts.append(select(func.count()).select_from(OpenQuestion).where(*asked))
    return sum(connection().scalar(count) or 0 for count in counts)


def forget(station_id: int, recipient_ids: Sequence[int], *, left_until: datetime) -> int:
    """Erase the proof of these recipients' parcels that left by `left_until`; return from how many rows.

    The rows stay, and with them when, how and by whom; the log keeps each picture's hash. Safe to repeat.
    """
    theirs = _left(station_id, left_until).where(Parcel.recipient_id.in_(recipient_ids))
    pictures = update(Attachment).where(
        Attachment.station_id == station_id,
        Attachment.content.is_not(None),
        Attachment.parcel_id.in_(theirs),
    )
    erased = connection().execute(pictures.values(content=None)).rowcount
    return erased + _forget_names(station_id, HandOver.parcel_id.in_(theirs))


def forget_collectors(station_id: int, proxy_ids: Sequence[int], *, left_until: datetime) -> int:
    """Erase who collected by these proxies, of parcels that left by `left_until`; return from how many rows."""
    left = HandOver.parcel_id.in_(_left(station_id, left_until))
    return _forget_names(station_id, HandOver.proxy_id.in_(proxy_ids), left)


def _left(station_id: int, left_until: datetime) -> Select[tuple[int]]:
    left = or_(Parcel.left_at <= left_until, and_(Parcel.left_at.is_(None), Parcel.state.in_(FINAL)))
    return select(Parcel.id).where(Parcel.station_id == station_id, left)


def _forget_names(station_id: int, *which: ColumnElement[bool]) -> int:
    named = (HandOver.station_id == station_id, HandOver.proxy_name.is_not(None))
    return connection().execute(update(HandOver).where(*named, *which).values(proxy_name=None)).rowcount
