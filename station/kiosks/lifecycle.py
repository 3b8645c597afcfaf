"""The ways in which a person shows at a kiosk who they are, and what each is worth. Pure.

A hand-over records its way as `kiosk_` and the word here.
"""

from datetime import timedelta
from enum import StrEnum

# Ours: one visit. UI.md 4 (c) ends an idle one after 60 seconds, so ten minutes of fetching and scanning are many.
VISIT = timedelta(minutes=10)
# How long a kiosk may be without network before its hand-overs come in (DESIGN.md 2), and how old its list may be then.
OFFLINE_FOR = timedelta(days=14)
LIST_VALID = timedelta(hours=12)  # DESIGN.md 6
DRIFT_LIMIT = timedelta(seconds=30)  # DESIGN.md 6: half of what an identity code is valid


class Way(StrEnum):
    """How somebody showed who they are."""

    IDENTITY_CODE = "identity_code"
    SIX_DIGITS = "six_digits"
    PICKUP_CODE = "pickup_code"
    PROXY_CODE = "proxy_code"
    FACE = "face"

    @property
    def method(self) -> str:
        """What stands in hand_overs.method."""
        return f"kiosk_{self.value}"


OFFLINE = frozenset({Way.IDENTITY_CODE, Way.PICKUP_CODE, Way.FACE})
"""Ways that a kiosk can check without the station (DESIGN.md section 6)."""

PERSONAL = frozenset({Way.IDENTITY_CODE, Way.SIX_DIGITS, Way.FACE})
"""Ways by which the recipient themselves is known, and with them who lets them collect."""

ENROLS = frozenset({Way.IDENTITY_CODE})
"""Ways after which a face may be enrolled: only after signing in by identity code."""
