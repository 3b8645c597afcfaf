"""What is kept of refused scans for how long: the row and its reason stay, what was read is erased."""

from datetime import timedelta

from sqlalchemy import update

from station.core import clock
from station.core.actor import system_actor
from station.core.db import connection
from station.events.models import RefusedScan
from station.events.service import Event, append, take_turn

KEEP = timedelta(
    days=90
)  # ours: a dispute about a delivery asks for the last weeks, a quarter of a year is enough


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
