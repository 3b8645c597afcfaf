"""On what ground a parcel may be left at the station, weighed from what everybody said. Pure.

The recipient's own word counts before the courier's, and a yes that nobody gave is never made up (DESIGN.md 5).
"""

from station.parcels.lifecycle import ConsentBasis, Problem

YES = "station"  # the standing choice that is a yes
UNWILLING = {"door": Problem.DOOR_WANTED, "locker": Problem.ASK, "ask": Problem.ASK}
"""The standing choices that are a no, and what a parcel's problem is then."""
REFUSALS = {**UNWILLING, "return": Problem.REFUSED}
"""What a recipient may say of one parcel that is a no, and the parcel's problem then."""


def ground(said: str | None, standing_choice: str | None) -> ConsentBasis:
    """Return the ground to accept a parcel on.

    `said`: the basis told for this parcel, None for none; `standing_choice`: the recipient's own, None for none.
    A standing yes holds only while the recipient stands by it, and no courier speaks against the recipient.
    """
    if said == ConsentBasis.THIS_PARCEL:
        return ConsentBasis.THIS_PARCEL
    if standing_choice == YES:
        return ConsentBasis.STANDING
    if said == ConsentBasis.DECLARED_BY_COURIER and standing_choice not in UNWILLING:
        return ConsentBasis.DECLARED_BY_COURIER
    return ConsentBasis.UNKNOWN
