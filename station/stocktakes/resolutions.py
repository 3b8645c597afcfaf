"""What may be done about a difference. Pure."""

from enum import StrEnum

from station.parcels.lifecycle import Action, ParcelState, can
from station.stocktakes.compare import Difference, Kind


class Resolution(StrEnum):
    """How a difference is settled."""

    LOST = "lost"  # searched for and not found
    SEEN = "seen"  # it stands where the books say after all
    MOVED = "moved"  # the books follow: it gets a code of the row where it was scanned
    PUT_BACK = "put_back"  # it was carried to where the books say
    FOUND = "found"  # a lost or written-off one is on the shelf again
    CHECK_IN = "check_in"  # it comes into the books like any parcel
    TAKEN_OUT = "taken_out"  # it was taken off the shelf and is dealt with elsewhere


def ways(found: Difference) -> tuple[Resolution, ...]:
    """Return how a difference may be settled, the usual way first."""
    if found.kind is Kind.MISSING:
        return Resolution.SEEN, Resolution.LOST
    if found.kind is Kind.MISPLACED:
        return Resolution.MOVED, Resolution.PUT_BACK
    was = ParcelState(found.booked.state) if found.booked else None
    back = Resolution.FOUND if was and can(was, Action.FIND_AGAIN) else Resolution.CHECK_IN
    return back, Resolution.TAKEN_OUT


IN_BULK = {
    Kind.MISSING: (Resolution.LOST, Resolution.SEEN),
    Kind.MISPLACED: (Resolution.MOVED, Resolution.PUT_BACK),
    Kind.EXTRA: (Resolution.FOUND, Resolution.TAKEN_OUT),
}
"""What may be done to several at once. Checking in asks questions, so it goes one by one."""
