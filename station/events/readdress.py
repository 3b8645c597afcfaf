"""Giving one person's messages to another entry of the same person, when the two are merged."""

from sqlalchemy import delete, insert, select, update

from station.core.db import connection
from station.events.models import OutboxMessage, OutboxParcel
from station.events.outbox import MessageState


def readdress(station_id: int, before: int, after: int) -> None:
    """Give every message of the recipient `before` to the recipient `after`, whatever its state.

    What is still open joins the other's open message on the same topic, so that the person hears of both once.
    The caller has the station's turn.
    """
    open_after = _open(station_id, after)
    for topic, message in _open(station_id, before).items():
        if topic in open_after:
            _join(station_id, message, open_after[topic])
    theirs = (OutboxMessage.station_id == station_id, OutboxMessage.recipient_id == before)
    connection().execute(update(OutboxMessage).where(*theirs).values(recipient_id=after))


def _open(station_id: int, recipient_id: int) -> dict[str, int]:
    query = select(OutboxMessage.topic, OutboxMessage.id).where(
        OutboxMessage.station_id == station_id,
        OutboxMessage.recipient_id == recipient_id,
        OutboxMessage.state == MessageState.OPEN,
    )
    return {row.topic: row.id for row in connection().execute(query)}


def _join(station_id: int, message: int, other: int) -> None:
    """Move the parcels of an open message into another open one, and drop the empty one."""
    known, moving = _parcels(station_id, other), _parcels(station_id, message)
    rows = [
        {"station_id": station_id, "message_id": other, "parcel_id": parcel_id}
        for parcel_id in sorted(moving - known)
    ]
    if rows:
        connection().execute(insert(OutboxParcel), rows)
    connection().execute(
        delete(OutboxParcel).where(OutboxParcel.station_id == station_id, OutboxParcel.message_id == message)
    )
    mine = (OutboxMessage.station_id == station_id, OutboxMessage.id == message)
    connection().execute(update(OutboxMessage).where(*mine).values(state=MessageState.DROPPED))


def _parcels(station_id: int, message: int) -> set[int]:
    query = select(OutboxParcel.parcel_id).where(
        OutboxParcel.station_id == station_id, OutboxParcel.message_id == message
    )
    return set(connection().scalars(query))
