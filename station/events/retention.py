"""What is kept of refused scans for how long, and of what was said to somebody who wishes to be erased.

Rows stay, with their reasons and times; what was read or said is erased.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import case, select, update

from station.core import clock
from station.core.actor import system_actor
from station.core.db import connection
from station.events.models import OutboxMessage, RefusedScan
from station.events.outbox import MessageState
from station.events.service import Event, append, take_turn

# Ours: a dispute about a delivery asks for the last weeks, a quarter of a year is enough.
KEEP = timedelta(days=90)


def erase_refused_scans(station_id: int) -> int:
    """Erase what was read in a station's refused scans older than KEEP; return how many.

    It may hold a name or a phone number: people scan and paste anything. Figures by reason stay right, and the log says
    that something was erased. Safe to repeat: the second time there is nothing to erase, and nothing is logged.
    """
    take_turn(station_id)
    until = clock.now() - KEEP
    mine = (RefusedScan.station_id == station_id, RefusedScan.at < until, RefusedScan.raw.is_not(None))
    erased = connection().execute(update(RefusedScan).where(*mine).values(raw=None)).rowcount
    if erased:
        facts = {"count": erased, "until": until.isoformat()}
        append(system_actor(station_id), Event("refused_scans_erased", data=facts))
    return erased


def erase_messages(station_id: int, recipient_ids: Sequence[int]) -> None:
    """Erase what messages said to these people; what was not sent yet never will be."""
    theirs = (OutboxMessage.station_id == station_id, OutboxMessage.recipient_id.in_(recipient_ids))
    is_owed = OutboxMessage.state.in_((MessageState.OPEN, MessageState.CLAIMED))
    state = case((is_owed, MessageState.DROPPED.value), else_=OutboxMessage.state)
    connection().execute(update(OutboxMessage).where(*theirs).values(body=None, failure=None, state=state))


def erase_scans_with(station_id: int, texts: Sequence[str]) -> None:
    """Erase what was read in a station's refused scans wherever it holds one of `texts`: a name or phone number."""
    read = select(RefusedScan.id, RefusedScan.raw).where(
        RefusedScan.station_id == station_id, RefusedScan.raw.is_not(None)
    )
    found = [row.id for row in connection().execute(read) if any(text in row.raw for text in texts)]
    mine = (RefusedScan.station_id == station_id, RefusedScan.id.in_(found))
    connection().execute(update(RefusedScan).where(*mine).values(raw=None))
