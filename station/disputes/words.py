"""What the disputes' pages say of things that are stored as codes."""

from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.disputes.lifecycle import Claim, DisputeState

CLAIMS = {
    Claim.NOT_RECEIVED: _l("Not received"),
    Claim.OTHER_PARCEL: _l("Another parcel"),
    Claim.DAMAGED: _l("Damaged"),
}
STATES = {
    DisputeState.OPEN: _l("Open"),
    DisputeState.ANSWERED: _l("Answered"),
    DisputeState.FOR_STATION: _l("Settled: as the manifest says"),
    DisputeState.FOR_CARRIER: _l("Settled: as the carrier says"),
    DisputeState.WITHDRAWN: _l("Withdrawn"),
}
# How a state looks: the kind and the icon of its pill.
LOOKS = {
    DisputeState.OPEN: ("warn", "flag"),
    DisputeState.ANSWERED: ("info", "message-2"),
    DisputeState.FOR_STATION: ("ok", "check"),
    DisputeState.FOR_CARRIER: ("", "check"),
    DisputeState.WITHDRAWN: ("", "x"),
}


def claim(code: str) -> str:
    """Return what is claimed."""
    return _(CLAIMS[Claim(code)])


def state(code: str) -> str:
    """Return how a dispute stands."""
    return _(STATES[DisputeState(code)])


def look(code: str) -> tuple[str, str]:
    """Return the kind and the icon of a state's pill."""
    return LOOKS[DisputeState(code)]
