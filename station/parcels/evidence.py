"""What proves a hand-over to a person beyond the log: pictures, and the name of who collected for somebody.

Responsible for how long it stays once the recipient wished to be erased. Everybody else's stays: nothing is deleted
that a dispute may need.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select, update

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
    left = or_(Parcel.left_at <= left_until, and_(Parcel.left_at.is_(None), Parcel.state.in_(FINAL)))
    theirs = select(Parcel.id).where(
        Parcel.station_id == station_id, Parcel.recipient_id.in_(recipient_ids), left
    )
    pictures = update(Attachment).where(
        Attachment.station_id == station_id,
        Attachment.content.is_not(None),
        Attachment.parcel_id.in_(theirs),
    )
    people = update(HandOver).where(
        HandOver.station_id == station_id,
        HandOver.proxy_name.is_not(None),
        HandOver.parcel_id.in_(theirs),
    )
    erased = connection().execute(pictures.values(content=None)).rowcount
    return erased + connection().execute(people.values(proxy_name=None)).rowcount
