"""What the scheduler does for the ledger: closing the days that are over."""

from station.core.actor import system_actor
from station.core.db import reading, transaction
from station.core.settings import Settings
from station.ledger import closes, queries
from station.network import queries as network


def close_days(settings: Settings) -> str:
    """Close each station's days that are over and that nobody closed, oldest first."""
    with reading():
        due = [(one.id, closes.open_days(one.id, queries.local_today(one.id))) for one in network.stations()]
    for station_id, days in due:
        for day in days:
            with transaction():
                closes.close_day(system_actor(station_id), day)
    return f"{sum(len(days) for _station_id, days in due)} days"
