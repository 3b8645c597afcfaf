from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from station.shelves.placing import SIZE_CLASSES, Reason, suggest
from tests.layers import LAYER


def layer(number, **changes):
    return replace(LAYER, id=number, number=number, **changes)


def best(layers, size_class="medium", current=None):
    return [suggestion.layer_id for suggestion in suggest(layers, size_class, current)]


def test_current_layer_is_kept_while_it_has_room():
    layers = [layer(1), layer(2, stored=39)]

    assert best(layers, current=2) == [2, 1]
    assert suggest(layers, "medium", 2)[0].reason is Reason.CURRENT


def test_full_current_layer_gives_way_to_its_own_shelf():
    layers = [layer(1, shelf_id=20), layer(2, stored=40), layer(3, stored=20)]

    assert best(layers, current=2) == [3, 1]
    assert suggest(layers, "medium", 2)[0].reason is Reason.SAME_SHELF


def test_large_places_stay_free_for_large_parcels():
    layers = [layer(1, size_class="large"), layer(2, size_class="medium", stored=30)]

    assert best(layers) == [2, 1]
    assert [s.reason for s in suggest(layers, "medium", None)] == [Reason.SAME_SIZE, Reason.LARGER]


def test_parcel_never_goes_where_it_does_not_fit():
    layers = [layer(1, size_class="small"), layer(2, size_class="medium")]

    assert best(layers, "large", current=1) == []


def test_emptier_layer_comes_first_then_the_order_of_the_shelves():
    layers = [layer(1, stored=20), layer(2, stored=4), layer(3, capacity=20, stored=2)]

    assert best(layers) == [2, 3, 1]


def test_set_aside_retired_and_full_layers_are_never_suggested():
    layers = [layer(1, is_set_aside=True), layer(2, is_retired=True), layer(3, stored=41)]

    assert best(layers, current=1) == []


LAYERS = st.lists(
    st.builds(
        replace,
        st.just(LAYER),
        id=st.integers(1, 8),
        shelf_id=st.integers(1, 3),
        capacity=st.integers(1, 5),
        stored=st.integers(0, 6),
        size_class=st.sampled_from(SIZE_CLASSES),
        is_set_aside=st.booleans(),
        is_retired=st.booleans(),
    ),
    unique_by=lambda layer: layer.id,
)


@given(LAYERS, st.sampled_from(SIZE_CLASSES), st.integers(1, 8))
def test_every_suggestion_has_room_and_none_is_missed(layers, size_class, current):
    suggested = best(layers, size_class, current)

    usable = {
        layer.id
        for layer in layers
        if layer.stored < layer.capacity
        and not layer.is_set_aside
        and not layer.is_retired
        and SIZE_CLASSES.index(layer.size_class) >= SIZE_CLASSES.index(size_class)
    }
    assert len(suggested) == len(usable)
    assert set(suggested) == usable
