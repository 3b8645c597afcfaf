"""Bags in words, as staff read them."""

from types import MappingProxyType

from station.core.i18n import lazy as _l
from station.group_buys.bag_store import BagState

# (kind of pill, icon, words)
BAGS = MappingProxyType(
    {
        BagState.PACKED: ("", "package", _l("To a shelf")),
        BagState.READY: ("ok", "check", _l("Waits")),
        BagState.COLLECTED: ("", "circle-check", _l("Collected")),
        BagState.LEFT: ("warn", "clock", _l("Not collected")),
        BagState.SETTLED: ("", "circle-check", _l("Seen to")),
    }
)
