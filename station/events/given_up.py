"""The outbox's rows of messages that were given up: finding one that nobody has dealt with, and keeping who did."""

from typing import Any

from sqlalchemy import Row, select, update

from station.core import clock
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.models import OutboxMessage, OutboxParcel
from station.events.outbox import MessageState


def find(station_id: int, message_id: int) -> Row[Any]:
    """Return recipient and topic of a message. Raises StationError `not_found`, `stale` when nothing is to do."""
    query = select(
        OutboxMessage.recipient_id,
        OutboxMessage.topic,
        OutboxMessage.state,
        OutboxMessage.resent_as,
        OutboxMessage.called_at,
    ).where(OutboxMessage.station_id == station_id, OutboxMessage.id == message_id)
    row = connection().execute(query).one_or_none()
    if row is None:
        raise StationError("not_found", _("There is no such message."))
    if row.state != MessageState.DEAD or row.resent_as or row.called_at:
        raise _stale()
    return row


def parcels(station_id: int, message_id: int) -> list[int]:
    """Return the parcels a message was about."""
    mine = (OutboxParcel.station_id == station_id, OutboxParcel.message_id == message_id)
    return list(connection().scalars(select(OutboxParcel.parcel_id).where(*mine)))


def mark_resent(station_id: int, message_id: int, *, new: int) -> None:
    """Keep which message stands for it now. Raises StationError `stale`."""
    _mark(station_id, message_id, resent_as=new)


def mark_called(station_id: int, message_id: int, *, by: int) -> None:
    """Keep who said it by phone. Raises StationError `stale`."""
    _mark(station_id, message_id, called_at=clock.now(), called_by=by)


def _mark(station_id: int, message_id: int, **values: object) -> None:
    """Write what was done; the condition is the last word when two do it at once."""
    unsettled = (OutboxMessage.resent_as.is_(None), OutboxMessage.called_at.is_(None))
    mine = (OutboxMessage.station_id == station_id, OutboxMessage.id == message_id)
    if not connection().execute(update(OutboxMessage).where(*mine, *unsettled).values(**values)).rowcount:
        raise _stale()


def _stale() -> StationError:
    return StationError("stale", _("Somebody has dealt with this message already."))
