"""Where the next parcel should go: layers ranked for a size, each with the reason. Pure.

Responsible for the order only. Whether the row still has a pickup code to give is the parcels room's knowledge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from station.core.i18n import lazy as _l
from station.shelves.queries import LayerFacts
from station.shelves.storage import suits

SizeClass = Literal["small", "medium", "large"]
SIZES: dict[SizeClass, str] = {"small": _l("Small"), "medium": _l("Medium"), "large": _l("Large")}
SIZE_CLASSES = tuple(SIZES)
"""From the smallest up: a larger layer takes smaller parcels too."""


class Reason(StrEnum):
    """Why a layer is suggested; the words are in REASONS."""

    CURRENT = "current"
    SAME_SHELF = "same_shelf"
    SAME_SIZE = "same_size"
    LARGER = "larger"


REASONS = {
    Reason.CURRENT: _l("the shelf you are at"),
    Reason.SAME_SHELF: _l("the same shelf, another layer"),
    Reason.SAME_SIZE: _l("made for this size"),
    Reason.LARGER: _l("room for larger ones"),
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A layer to put a parcel on, how many places it has left, and why it is suggested."""

    layer_id: int
    tag: str
    free: int
    reason: Reason


def suggest(
    layers: Sequence[LayerFacts], size_class: str, current: int | None, *, needs: str | None = None
) -> list[Suggestion]:
    """Return the layers a parcel fits on, best first; empty when no layer has room.

    `current`: the id of the layer worked at now; `needs`: how cold to keep it, None when nobody said. Only layers in
    use with free places count, never a set-aside shelf, a layer made for a smaller size, or one too warm or too cold.

    Ordering (source: ours; in the order of what a wrong choice costs):
    1. the current layer: the clerk stands there;
    2. the smallest size class that fits, so that large places stay free for large parcels;
    3. the current layer's shelf, one step instead of a walk;
    4. the largest free share, so that rows fill evenly and pickup codes rest longer;
    5. as `layers` come, which is as the shelves stand.
    """
    here = next((layer.shelf_id for layer in layers if layer.id == current), None)
    ranked = sorted(
        (layer for layer in layers if _takes(layer, size_class) and suits(needs, layer.storage)),
        key=lambda layer: (
            layer.id != current,
            SIZE_CLASSES.index(layer.size_class),
            layer.shelf_id != here,
            -layer.free / layer.capacity,
        ),
    )
    return [
        Suggestion(layer.id, layer.tag, layer.free, _reason(layer, size_class, current=current, here=here))
        for layer in ranked
    ]


def _takes(layer: LayerFacts, size_class: str) -> bool:
    fits = SIZE_CLASSES.index(layer.size_class) >= SIZE_CLASSES.index(size_class)
    return fits and layer.free > 0 and not layer.is_set_aside and not layer.is_retired


def _reason(layer: LayerFacts, size_class: str, *, current: int | None, here: int | None) -> Reason:
    if layer.id == current:
        return Reason.CURRENT
    if layer.shelf_id == here:
        return Reason.SAME_SHELF
    return Reason.SAME_SIZE if layer.size_class == size_class else Reason.LARGER
