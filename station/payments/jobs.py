"""What the scheduler does about payments. All of it may run late, twice, or not for a day."""

import logging
from datetime import date, timedelta

from station.core import clock
from station.core.actor import system_actor
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.settings import Settings
from station.payments import asking, book_queries, queries, reconciliation, settings
from station.payments.asking import Tally
from station.payments.catalogue import Way
from station.payments.provider import ProviderError
from station.payments.settling import on_paid

log = logging.getLogger(__name__)
LOOK_BACK = 3  # days: a file that was not there yet is fetched on one of the next ones


def is_waiting() -> bool:
    """Tell whether any payment or refund waits for its provider."""
    return bool(queries.stations_waiting())


def settle(config: Settings) -> str:
    """Ask providers for what waits, let old payments expire, give back what was not given yet."""
    with reading():
        station_ids = queries.stations_waiting()
    tallies = [asking.run(station_id, config, on_paid=on_paid) for station_id in station_ids]
    whole = Tally(*(sum(getattr(one, name) for one in tallies) for name in Tally.__slots__))
    return f"{whole.paid} paid, {whole.expired} expired, {whole.refunded} given back"


def fetch_files(config: Settings) -> str:
    """Fetch the files of the last days that were not compared yet, and compare them with our books."""
    with reading():
        ways = [(one, way) for one in settings.stations() for way in settings.enabled(one, config)]
    done = [fetch(station_id, way, day, config) for station_id, way in ways for day in _days(station_id, way)]
    return f"{done.count(True)} files, {done.count(False)} not there"


def fetch(station_id: int, way: Way, day: date, config: Settings) -> bool:
    """Fetch and compare one file; return whether it was there."""
    with reading():
        through = settings.provider(station_id, way, config)
    try:
        content = through.fetch_file(day)
        lines = through.read_file(content)
        with transaction():
            reconciliation.compare(system_actor(station_id), way, day, lines, content)
    except (ProviderError, StationError) as error:
        log.warning("file of %s for %s at %s: %s", way, day, station_id, error)
        return False
    return True


def _days(station_id: int, way: Way) -> list[date]:
    with reading():
        today = clock.now().astimezone(reconciliation.zone_of(station_id, way)).date()
        days = [today - timedelta(days=back) for back in range(1, LOOK_BACK + 1)]
        return [day for day in days if not book_queries.has_day(station_id, way, day)]
