"""Everything that is kept about a resident, at every station, in one piece; that it was taken is logged."""

from dataclasses import dataclass

from station.accounts.queries import Resident
from station.core import clock
from station.events.service import Event, append, take_turn
from station.network import queries as network
from station.residents import export_queries, proxies, queries
from station.residents.export_queries import Facts


@dataclass(frozen=True, slots=True)
class AtStation:
    """What one station keeps, by the kind of thing."""

    station_id: int
    name: str
    kept: dict[str, list[Facts]]


@dataclass(frozen=True, slots=True)
class Everything:
    """What is kept about one resident. Small: a person's parcels, not a station's."""

    made_at: str
    account: Facts
    stations: list[AtStation]

    def as_json(self) -> dict[str, object]:
        """Return it as JSON values."""
        stations = [{"id": str(one.station_id), "name": one.name, **one.kept} for one in self.stations]
        return {"made_at": self.made_at, "account": self.account, "stations": stations}


def log(resident: Resident) -> None:
    """Note at each station that the resident took what is kept about them."""
    for station_id in sorted(queries.stations_of(resident.phone_hash)):
        take_turn(station_id)
        events = [
            Event("own_data_exported", data={"recipient": str(one)})
            for one in queries.ids_at_phone(station_id, resident.phone_hash)
        ]
        append(resident.at(station_id), *events)


def everything(resident: Resident) -> Everything:
    """Return what is kept about the resident now."""
    stations = []
    known = [*queries.stations_of(resident.phone_hash), *proxies.collecting_at(resident.phone_hash)]
    for station_id in dict.fromkeys(known):
        recipient_ids = queries.ids_at_phone(station_id, resident.phone_hash)
        kept = export_queries.at_station(station_id, recipient_ids, resident.phone_hash)
        stations.append(AtStation(station_id, network.rules(station_id).name, kept))
    return Everything(clock.now().isoformat(), export_queries.account(resident), stations)
