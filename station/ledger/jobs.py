"""What the scheduler does for the ledger: parcel fees of the days that are over are posted, and these days closed."""

from datetime import timedelta

from station.core.actor import system_actor
from station.core.db import reading, transaction
from station.core.settings import Settings
from station.ledger import closes, queries
from station.network import queries as network
from station.parcel_fees import service as parcel_fees


def close_days(settings: Settings) -> str:
    """Close each station's days that are over and that nobody closed, oldest first."""
    with reading():
        station_ids = [one.id for one in network.stations()]
    return f"{sum(_close_days(station_id) for station_id in station_ids)} days"


def _close_days(station_id: int) -> int:
    actor, yesterday = system_actor(station_id), queries.local_today(station_id) - timedelta(days=1)
    with transaction():
        parcel_fees.post_until(actor, yesterday)  # also of days that were closed before they were over
    with reading():
        days = closes.open_days(station_id, yesterday + timedelta(days=1))
    for day in days:
        with transaction():
            closes.close_day(actor, day)
    return len(days)
