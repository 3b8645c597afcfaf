"""What the station says of a parcel, as a kiosk of this release reads it: of stations old and new."""

import pytest

from kiosk import answers

SAID = {
    "parcel_id": "7",
    "waybill": "GB7",
    "carrier": "own",
    "pickup_code": "C-1-7",
    "shelf": "C",
    "layer": 1,
    "layers": 2,
    "size": "medium",
    "owner": "chen",
    "is_held": False,
}


@pytest.mark.parametrize("storage", [None, "chilled", "frozen"])
def test_how_cold_a_shelf_is_is_read(storage):
    assert answers.parcel(SAID | {"storage": storage}).storage == storage


def test_a_station_that_says_nothing_of_it_is_understood():
    assert answers.parcel(SAID).storage is None


def test_what_a_later_station_says_besides_is_left_alone():
    assert answers.parcel(SAID | {"storage": "chilled", "colour": "blue"}).storage == "chilled"
