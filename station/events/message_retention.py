"""What is kept of messages for how long: that they went out, when and about what stays; their words are erased."""

from datetime import timedelta

from sqlalchemy import update

from station.core import clock
from station.core.actor import system_actor
from station.core.db import connection
from station.events.models import OutboxMessage
from station.events.service import Event, append, take_turn

KEEP = timedelta(days=90)  # ours, as of refused scans: a dispute about a delivery asks for the last weeks


def erase_bodies(station_id: int) -> int:
    """Erase the words of a station's messages that went out longer than KEEP ago; return how many.

    Safe to repeat: the second time there is nothing to erase, and nothing is logged.
    """
    take_turn(station_id)
    until = clock.now() - KEEP
    mine = (
        OutboxMessage.station_id == station_id,
        OutboxMessage.state == "sent",
        OutboxMessage.sent_at < until,
        OutboxMessage.body.is_not(None),
    )
    erased = connection().execute(update(OutboxMessage).where(*mine).values(body=None)).rowcount
    if erased:
        append(
            system_actor(station_id),
            Event("messages_erased", data={"count": erased, "until": until.isoformat()}),
        )
    return erased
