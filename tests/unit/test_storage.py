"""Which shelf goods may stand on by how cold it is: the whole rule as a table."""

from dataclasses import replace

import pytest

from station.shelves import keeping
from station.shelves.placing import suggest
from station.shelves.storage import Storage, suits
from tests.layers import LAYER

ROOM, CHILLED, FROZEN = Storage


def row(code, storage=ROOM, **changes):
    return replace(LAYER, id=ord(code), shelf_id=ord(code), shelf_code=code, storage=storage, **changes)


HALL = [row("1"), row("2"), row("C", CHILLED), row("D", CHILLED), row("3"), row("F", FROZEN), row("4")]


@pytest.mark.parametrize(
    ("needs", "right"),
    [(None, {ROOM}), (ROOM, {ROOM}), (CHILLED, {CHILLED}), (FROZEN, {FROZEN})],
)
def test_only_a_shelf_of_their_own_kind_is_right_for_goods(needs, right):
    assert {kind for kind in Storage if suits(needs, kind)} == right


@pytest.mark.parametrize(
    ("needs", "here", "right"),
    [
        (CHILLED, "4", ["D", "C"]),
        (CHILLED, "1", ["C", "D"]),
        (FROZEN, "1", ["F"]),
        (None, "F", ["3", "4", "2"]),
        (ROOM, "C", ["2", "1", "3"]),
    ],
)
def test_the_nearest_right_shelves_are_named_and_no_more_than_three(needs, here, right):
    at = next(one for one in HALL if one.shelf_code == here)

    assert keeping.right_shelves(HALL, at, needs) == right


def test_a_shelf_without_room_and_one_for_what_is_set_aside_are_not_named():
    full, aside = row("C", CHILLED, stored=LAYER.capacity), row("9", is_set_aside=True)

    assert keeping.shelves_for([full, aside], CHILLED) == []
    assert keeping.shelves_for([full, aside], None) == []


def test_a_shelf_with_room_on_one_of_its_layers_is_named_once():
    layers = [
        row("C", CHILLED, stored=LAYER.capacity),
        row("C", CHILLED, number=2),
        row("C", CHILLED, number=3),
    ]

    assert keeping.shelves_for(layers, CHILLED) == ["C"]


@pytest.mark.parametrize(
    ("needs", "tags"), [(None, "1 2 3 4"), (ROOM, "1 2 3 4"), (CHILLED, "C D"), (FROZEN, "F")]
)
def test_rows_are_suggested_that_are_as_cold_as_needed(needs, tags):
    found = suggest(HALL, "medium", ord("F"), needs=needs)

    assert sorted(one.tag.removesuffix("-1") for one in found) == tags.split()
