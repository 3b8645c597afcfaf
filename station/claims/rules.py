"""What may be claimed of goods that were collected: the states of a claim, its time, and its bounds. Pure.

A claim is about quality: goods that are bad, broken, missing or other than ordered. It is no return without a reason.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from station.group_buys.store import Current
from station.shelves.storage import Storage

# Consumer Rights Law of China (消费者权益保护法, 2013) art. 24: what falls short of its quality is taken back as both
# sides agreed, without an agreement within seven days. For fresh goods it is shorter, and every buyer reads so before
# ordering. Art. 25 (2) excepts fresh goods from the seven days in which no reason is needed.
DEFAULT_H = {Storage.ROOM: 7 * 24, Storage.CHILLED: 24, Storage.FROZEN: 24}
FRESH = frozenset({Storage.CHILLED, Storage.FROZEN})
MOST_PICTURES = 3  # ours: the goods, the label, the rest of the bag
MOST_CLAIMS = 5  # ours: of one order, whatever came of them; who has more to say is at the counter
WORDS = 300  # characters: a few sentences
WAITS = timedelta(days=1)  # ours: after that a claim without an answer stands among the problems


class ClaimState(StrEnum):
    """Where a claim stands."""

    OPEN = "open"
    REFUNDED = "refunded"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ClaimAction(StrEnum):
    """What is done with a claim."""

    REFUND = "refund"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class Problem(StrEnum):
    """What was wrong."""

    BAD = "bad"
    DAMAGED = "damaged"
    MISSING = "missing"
    WRONG = "wrong"


class BorneBy(StrEnum):
    """Whose money goes back to the buyer."""

    SUPPLIER = "supplier"  # and whoever had a part of the sale, each their part
    STATION = "station"


_C, _CA = ClaimState, ClaimAction
CLAIM_BEGINNINGS = {"make": _C.OPEN}
CLAIM: dict[tuple[ClaimState, ClaimAction], ClaimState] = {
    (_C.OPEN, _CA.REFUND): _C.REFUNDED,
    (_C.OPEN, _CA.REFUSE): _C.REFUSED,
    (_C.OPEN, _CA.WITHDRAW): _C.WITHDRAWN,
}
CLAIM_ENDS = (_C.REFUNDED, _C.REFUSED, _C.WITHDRAWN)


def step(state: ClaimState, action: ClaimAction) -> ClaimState | None:
    """Return the state `action` leads to, None when it may not be done now."""
    return CLAIM.get((state, action))


def hours(campaign: Current) -> int:
    """Return how long after collecting buyers may claim, in hours."""
    return campaign.claim_h or DEFAULT_H[Storage(campaign.storage)]


def until(campaign: Current, collected_at: datetime) -> datetime:
    """Return until when something collected at that moment may be claimed about."""
    return collected_at + timedelta(hours=hours(campaign))
