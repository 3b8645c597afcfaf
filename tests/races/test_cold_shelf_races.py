"""A freezer becomes an ordinary shelf while a frozen bag is put there: whoever is first, no bag spoils unsaid."""

import pytest

from station.group_buys import bags
from station.shelves import service
from station.shelves.storage import Storage
from tests import cold
from tests.cold import make_bag
from tests.races.together import together, winners
from tests.sharing import bag, parcel

TRIES = 5


@pytest.mark.parametrize("_try", range(TRIES))
def test_a_freezer_changes_or_takes_the_bag_but_never_both(app, station, _try):
    freezer, _other = (cold.add_shelf(station, code, Storage.FROZEN) for code in ("F", "G"))
    one, order, number = make_bag(station, Storage.FROZEN)
    shelf_id = cold.shelf(station, "F").id

    def shelve():
        return bags.shelve(station.clerk, number, freezer)

    def warm():
        kind = {"is_set_aside": False, "storage": Storage.ROOM}
        return service.change_shelf(station.manager, shelf_id, layers={}, **kind)

    done, refused = winners(together(app, shelve, warm))

    stands = parcel(station, bag(one, order).parcel_id).layer_id
    is_frozen = cold.shelf(station, "F").storage == Storage.FROZEN
    assert (len(done), len(refused)) == (1, 1)
    assert (stands, is_frozen, refused) in (
        (freezer, True, ["shelf_in_use"]),
        (None, False, ["wrong_storage"]),
    )
