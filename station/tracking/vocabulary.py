"""What the custody log's events are called in the vocabularies of tracking, and what gets lost on the way. Pure.

One table: a row for each thing that can be said of a parcel, with its code in every vocabulary that has a word for it,
what the codes do not say, and the source. A further vocabulary is a member of Vocabulary and a code in the rows.
docs/tracking.md is drawn from here. No row says more than what happened (快递市场管理办法 art. 25: honest tracking).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Vocabulary(StrEnum):
    """Whose words a code is of."""

    KUAIDI100 = "kuaidi100"
    AFTERSHIP = "aftership"


class Status(StrEnum):
    """What a carrier is told of its parcel."""

    EXPECTED = "expected"
    NOT_ARRIVED = "not_arrived"
    WITHDRAWN = "withdrawn"
    STORED = "stored"
    NOT_STORED = "not_stored"
    PROBLEM = "problem"
    DAMAGED = "damaged"
    REFUSED = "refused"
    WAITING = "waiting"
    COLLECTED = "collected"
    COLLECTED_BY_PROXY = "collected_by_proxy"
    RETURNING = "returning"
    RETURNED = "returned"
    LOST = "lost"
    WRITTEN_OFF = "written_off"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A status in every vocabulary that has a code for it; `lost`: what the codes do not say."""

    status: Status
    codes: Mapping[Vocabulary, str]
    lost: str
    source: str


def _codes(kuaidi100: str = "", aftership: str = "") -> Mapping[Vocabulary, str]:
    found = {Vocabulary.KUAIDI100: kuaidi100, Vocabulary.AFTERSHIP: aftership}
    return MappingProxyType({vocabulary: code for vocabulary, code in found.items() if code})


# Sources. kuaidi100: its real-time query, section 1.6, advanced states (apifox project-514987, api-8562559). AfterShip:
# Tracking API, enums "delivery statuses" (a tag) and "delivery sub-statuses" 2026-07 (a tag with a number). Both by way
# of DOMAIN.md 2.4, whose row is named.
MEANINGS: dict[Status, Meaning] = {
    meaning.status: meaning
    for meaning in (
        Meaning(
            Status.EXPECTED,
            _codes("0", "InTransit"),
            "that this station expects it",
            "2.4 in transit; kuaidi100 0 在途; AfterShip InTransit",
        ),
        Meaning(
            Status.NOT_ARRIVED,
            _codes("0", "InTransit"),
            "that it was announced for a day and did not come",
            "2.4 in transit; kuaidi100 0 在途; AfterShip InTransit",
        ),
        Meaning(
            Status.WITHDRAWN,
            _codes("0", "InTransit"),
            "that it does not come to this station after all",
            "2.4 in transit; kuaidi100 0 在途; AfterShip InTransit",
        ),
        Meaning(
            Status.STORED,
            _codes("501", "AvailableForPickup_001"),
            "",
            "2.4 stored at station; kuaidi100 501 投柜或驿站; AfterShip Available for pickup",
        ),
        Meaning(
            Status.NOT_STORED,
            _codes("0", "InTransit"),
            "that the check-in told before was a mistake",
            "2.4 in transit; kuaidi100 0 在途; AfterShip InTransit",
        ),
        Meaning(
            Status.PROBLEM,
            _codes("2", "Exception_001"),
            "which problem, and that the parcel is at the station",
            "2.4 attempt failed; kuaidi100 2 疑难; AfterShip Exception",
        ),
        Meaning(
            Status.DAMAGED,
            _codes("2", "Exception_001"),
            "that it is damaged",
            "2.4 damaged; kuaidi100 2 疑难; AfterShip Exception",
        ),
        Meaning(
            Status.REFUSED,
            _codes("14", "Exception_003"),
            "",
            "2.4 refused; kuaidi100 14 拒签; AfterShip Customer refused delivery",
        ),
        Meaning(
            Status.WAITING,
            _codes(aftership="AvailableForPickup_001"),
            "for how long it waits; kuaidi100 has no word for it",
            "2.4 reminder / retained; AfterShip Available for pickup",
        ),
        Meaning(
            Status.COLLECTED,
            _codes("301", "Delivered_002"),
            "",
            "2.4 collected by self; kuaidi100 301 本人签收; AfterShip Picked up by the customer",
        ),
        Meaning(
            Status.COLLECTED_BY_PROXY,
            _codes("303", "Delivered_001"),
            "in AfterShip that somebody else collected it: its codes know a neighbour only",
            "2.4 collected by proxy; kuaidi100 303 代签; AfterShip Delivered",
        ),
        Meaning(
            Status.RETURNING,
            _codes("6", "Exception"),
            "in AfterShip that it goes back, and that it is still here",
            "2.4 returning; kuaidi100 6 退回; AfterShip Exception",
        ),
        Meaning(
            Status.RETURNED,
            _codes("6", "Exception"),
            "that the courier has it again: kuaidi100's 4 退签 would say that the sender has it",
            "2.4 returning; kuaidi100 6 退回; AfterShip Exception",
        ),
        Meaning(
            Status.LOST,
            _codes("2", "Exception"),
            "that it is lost",
            "2.4 lost; kuaidi100 2 疑难; AfterShip Exception",
        ),
        Meaning(
            Status.WRITTEN_OFF,
            _codes("2", "Exception"),
            "that it will not come again",
            "2.4 lost; kuaidi100 2 疑难; AfterShip Exception",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Reading:
    """Which status an event of a kind says; with `when`, only where its data hold that value under that name."""

    kind: str
    status: Status
    when: tuple[str, str] | None = None


# The first that fits counts.
READINGS: tuple[Reading, ...] = (
    Reading("announced", Status.EXPECTED),
    Reading("not_arrived", Status.NOT_ARRIVED),
    Reading("withdrawn", Status.WITHDRAWN),
    *(
        Reading(kind, status, ("problem", problem))
        for kind in ("checked_in", "found_again", "problem_marked")
        for problem, status in (
            ("damaged", Status.DAMAGED),
            ("refused", Status.REFUSED),
            ("wrong_station", Status.PROBLEM),
            ("no_phone", Status.PROBLEM),
            ("unknown_carrier", Status.PROBLEM),
            ("door_wanted", Status.PROBLEM),
            ("ask", Status.PROBLEM),
            ("no_place", Status.PROBLEM),
        )
    ),
    Reading("checked_in", Status.STORED),
    Reading("found_again", Status.STORED),
    Reading("problem_marked", Status.PROBLEM),
    Reading("problem_cleared", Status.STORED),
    Reading("carrier_chosen", Status.STORED),
    Reading("check_in_undone", Status.NOT_STORED),
    Reading("level_entered", Status.WAITING),
    Reading("reminder_asked", Status.WAITING),
    Reading("handed_over", Status.COLLECTED_BY_PROXY, ("taken_by", "proxy")),
    Reading("handed_over", Status.COLLECTED),
    Reading("hand_over_undone", Status.STORED),
    Reading("return_started", Status.REFUSED, ("reason", "refused")),
    Reading("return_started", Status.RETURNING),
    Reading("return_cancelled", Status.STORED),
    Reading("returned", Status.RETURNED),
    Reading("return_undone", Status.RETURNING),
    Reading("lost", Status.LOST),
    Reading("written_off", Status.WRITTEN_OFF),
    Reading("disposed", Status.WRITTEN_OFF),
)
TOLD = frozenset(reading.kind for reading in READINGS)


def meaning(kind: str, data: Mapping[str, Any]) -> Meaning | None:
    """Return what an event says to a carrier; None when it says nothing."""
    for one in READINGS:
        if one.kind == kind and (one.when is None or data.get(one.when[0]) == one.when[1]):
            return MEANINGS[one.status]
    return None
