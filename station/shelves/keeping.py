"""Which shelf goods may stand on by how cold it is: the refusal of a wrong one, naming the right ones nearby."""

from collections.abc import Callable, Sequence

from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.core.i18n import ngettext
from station.shelves import queries
from station.shelves.queries import LayerFacts
from station.shelves.storage import NAMES, Storage, suits

NAMED = 3  # shelves in a sentence; ours: more are not read at the shelf

_REFUSALS: dict[str | None, Callable[[str, str], str]] = {
    Storage.FROZEN: lambda _here, right: _(
        "This bag has to be kept frozen. Put it on shelf %(shelves)s.", shelves=right
    ),
    Storage.CHILLED: lambda _here, right: _(
        "This bag has to be kept chilled. Put it on shelf %(shelves)s.", shelves=right
    ),
    Storage.ROOM: lambda _here, right: _(
        "This bag is kept at room temperature. Put it on shelf %(shelves)s.", shelves=right
    ),
    None: lambda here, right: _(
        "Shelf %(here)s is a cold one. Put the parcel on shelf %(shelves)s; if its label says to keep it cold, move it"
        " from its page.",
        here=here,
        shelves=right,
    ),
}

_WARNINGS = {
    Storage.FROZEN: _l(
        "It has to be kept frozen, and no shelf for that has room. The manager sets one up under Shelves and cards."
    ),
    Storage.CHILLED: _l(
        "It has to be kept chilled, and no shelf for that has room. The manager sets one up under Shelves and cards."
    ),
    Storage.ROOM: _l("It is kept at room temperature, and no shelf for that has room. Move it when one has."),
}


def require(station_id: int, row: LayerFacts, needs: str | None) -> None:
    """Refuse a row that is too warm or too cold for what has to be kept as `needs` says (storage.suits).

    Where no right row has room a wrong one will do, with a `warning`: a station is never stuck.
    Raises StationError `wrong_storage` when a right row has room.
    """
    if suits(needs, row.storage):
        return
    right = right_shelves(queries.layers(station_id), row, needs)
    if right:
        raise StationError("wrong_storage", _REFUSALS[needs](row.shelf_code, ", ".join(right)), shelves=right)


def warning(needs: str | None) -> str:
    """Return what to say of something that stands on a wrong shelf because no right one has room."""
    return _(_WARNINGS[Storage(needs or Storage.ROOM)])


def holds(shelf: str, needs: str, count: int) -> str:
    """Return why a shelf cannot become warmer or colder: bags on it have to be kept as they are."""
    words = {"code": shelf, "storage": _(NAMES[Storage(needs)])}
    return ngettext(
        "Shelf %(code)s holds %(num)s bag that has to be kept: %(storage)s. Move it first.",
        "Shelf %(code)s holds %(num)s bags that have to be kept: %(storage)s. Move them first.",
        count,
        **words,
    )


def right_shelves(layers: Sequence[LayerFacts], row: LayerFacts, needs: str | None) -> list[str]:
    """Return the shelves of `shelves_for` that stand nearest to a row, the nearest first; at most NAMED."""
    codes = list(dict.fromkeys(layer.shelf_code for layer in layers))
    here = codes.index(row.shelf_code) if row.shelf_code in codes else 0
    return sorted(shelves_for(layers, needs), key=lambda code: abs(codes.index(code) - here))[:NAMED]


def shelves_for(layers: Sequence[LayerFacts], needs: str | None) -> list[str]:
    """Return the codes of the shelves with room that are as cold as `needs` says, as they stand; none set aside."""
    right = (
        layer for layer in layers if layer.free and not layer.is_set_aside and suits(needs, layer.storage)
    )
    return list(dict.fromkeys(layer.shelf_code for layer in right))
