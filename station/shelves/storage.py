"""How cold a place is and how cold goods have to be kept: the words for it, and which place is right. Pure."""

from enum import StrEnum

from station.core.i18n import lazy as _l


class Storage(StrEnum):
    """How cold a shelf is, and how cold goods have to be kept."""

    ROOM = "room"
    CHILLED = "chilled"
    FROZEN = "frozen"


NAMES = {
    Storage.ROOM: _l("At room temperature"),
    Storage.CHILLED: _l("Chilled"),
    Storage.FROZEN: _l("Frozen"),
}
PLACES = {Storage.CHILLED: _l("In the fridge"), Storage.FROZEN: _l("In the freezer")}
"""Where to look for what stands on a cold shelf; nothing needs to be said of the others."""


def suits(needs: str | None, kind: str) -> bool:
    """Tell whether a shelf of a kind is right for goods; `needs` None: nobody said, as of all that carriers bring.

    Neither too warm nor too cold is right: milk must not freeze.
    """
    return kind == (needs or Storage.ROOM)
