"""A shelf's layer as the rules of placing see it."""

from station.shelves.queries import LayerFacts

LAYER = LayerFacts(
    id=1,
    shelf_id=10,
    shelf_code="1",
    number=1,
    capacity=40,
    stored=0,
    cursor=0,
    counter_space=999,
    size_class="medium",
    is_set_aside=False,
    is_retired=False,
)
