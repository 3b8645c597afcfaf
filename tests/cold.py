"""A fridge and a freezer for tests: shelves C and F of a station, and bags that belong there."""

from station.core.db import reading, transaction
from station.shelves import queries, service
from station.shelves.storage import Storage
from tests.factories import Station
from tests.sharing import Deal, bag, packed, parcel

COLD = {"C": Storage.CHILLED, "F": Storage.FROZEN}


def add_shelf(station: Station, code: str, storage: Storage, capacity: int = 10) -> int:
    """Add a cold shelf of one layer; return the layer's id."""
    with transaction():
        service.add_cold_shelf(
            station.manager, code=code, layers=1, capacity=capacity, size_class="medium", storage=storage
        )
    return station.layer(code)


def add_cold_shelves(station: Station) -> None:
    """Give a station a fridge C and a freezer F."""
    for code, storage in COLD.items():
        add_shelf(station, code, storage)


def make_bag(station: Station, storage: Storage) -> tuple[Deal, int, str]:
    """Return a campaign whose one bag is packed, its order and the number on the bag."""
    one, (order,) = packed(station, (1,), storage=storage)
    return one, order, parcel(station, bag(one, order).parcel_id).waybill


def shelf(station: Station, code: str) -> queries.ShelfFacts:
    """Return a shelf as it stands."""
    with reading():
        return next(one for one in queries.shelves(station.id) if one.code == code)
