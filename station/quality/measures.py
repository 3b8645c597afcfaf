"""What carriers are measured by, and how the custody log shows each. Pure.

What these are called is words.py's.
"""

from enum import StrEnum

from station.parcels.lifecycle import ConsentBasis, Problem


class Measure(StrEnum):
    """Something that goes wrong before or when a carrier brings a parcel."""

    WRONG_STATION = "wrong_station"
    NO_PHONE = "no_phone"
    DAMAGED = "damaged"
    LATE = "late"
    CONSENT_MISSING = "consent_missing"


# Events by which a parcel came, and the one by which staff say that something is wrong with it.
ARRIVALS = ("checked_in", "found_again")
TOLD = (*ARRIVALS, "problem_marked")

# What stands in the canonical JSON (events/chain.py: no blanks) of such an event. LATE is known from announcements.
SIGNS: dict[Measure, str] = {
    Measure.WRONG_STATION: f'"problem":"{Problem.WRONG_STATION}"',
    Measure.NO_PHONE: f'"problem":"{Problem.NO_PHONE}"',
    Measure.DAMAGED: f'"problem":"{Problem.DAMAGED}"',
    Measure.CONSENT_MISSING: f'"consent":"{ConsentBasis.UNKNOWN}"',
}
