"""Which sentence is shown for which refusal, the station's and the kiosk's own. Pure.

The station's words stay with the station: what a screen says stands in notices.py, in both languages.
"""

from kiosk.identity_codes import Fault
from kiosk.session.state import Notice

# Error codes of the station that a person at the kiosk can do something about.
KNOWN = frozenset(
    {
        "already_handed_over",
        "face_not_agreed",
        "identity_code_expired",
        "identity_code_invalid",
        "identity_code_used",
        "is_held",
        "not_found",
        "not_your_parcel",
        "other_station",
        "pickup_code_or_tail_wrong",
        "proxy_code_wrong",
        "proxy_expired",
        "proxy_revoked",
        "proxy_used",
        "session_over",
        "six_digits_wrong",
        "tail_needed",
        "too_many_attempts",
        "waybill_mismatch",
        "way_off",
    }
)
NEEDS_NETWORK = Notice("refused_needs_network")
LIST_OLD = Notice("refused_list_old")
CLOCK_WRONG = Notice("refused_clock_wrong")
IN_DOUBT = Notice("refused_in_doubt")
GUARDIAN_NOT_FIT = Notice("refused_guardian_not_fit")
OTHER = Notice("refused_other")
OURS = (NEEDS_NETWORK, LIST_OLD, CLOCK_WRONG, IN_DOUBT, GUARDIAN_NOT_FIT, OTHER)


def notice(code: str) -> Notice:
    """Return what to show for an error code; one that nobody here can act on sends people to the counter."""
    if code == Fault.UNKNOWN_KEY:
        code = Fault.INVALID
    return Notice(f"refused_{code}") if code in KNOWN else OTHER


def keys() -> frozenset[str]:
    """Return every key of a sentence that this room shows."""
    return frozenset(f"refused_{code}" for code in KNOWN) | {one.key for one in OURS}
