"""Changes of the network room: a new station, and the settings of one."""

from sqlalchemy import insert, select

from station.carriers import service as carriers
from station.core import clock, ids
from station.core.actor import system_actor
from station.core.db import connection
from station.events import service as events
from station.events.service import Event
from station.network.calendar import EVERY_DAY_9_TO_21, week_to_json
from station.network.models import City, Station, StationSettings


def create_station(*, name: str, city: str, zone: str, language: str) -> int:
    """Create a station with the default rules, open 09:00 to 21:00 every day; return its id.

    The values are clean already (forms.py). Fills the reference tables too: parcels can come in at once.
    """
    fill_reference_tables()
    station_id = ids.next_id()
    connection().execute(
        insert(Station).values(
            id=station_id, city_id=city_id(city), name=name, zone=zone, created_at=clock.now()
        )
    )
    connection().execute(
        insert(StationSettings).values(
            station_id=station_id, language=language, weekly_hours=week_to_json(EVERY_DAY_9_TO_21)
        )
    )
    events.open_chain(station_id)
    events.append(system_actor(station_id), Event("station_created"))
    return station_id


def city_id(name: str) -> int:
    """Return the id of the city called `name`, which is added when it is new."""
    known = connection().execute(select(City.id).where(City.name == name)).scalar()
    if known is not None:
        return int(known)
    new = ids.next_id()
    connection().execute(insert(City).values(id=new, name=name))
    return new


def fill_reference_tables() -> None:
    """Bring the tables that every station refers to up to the code. Idempotent; also done at start-up."""
    carriers.fill_table()
