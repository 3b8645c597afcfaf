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

_INSIDE = "Where it lies, and what is done about it inside the station, is no step of its way."
_WISHES = "What a recipient wishes and whom they trust is theirs to tell."
_MESSAGES = "What a recipient is told, and how, is between them and the station."
_STATION = "It is about the station, its people or its machines, not about a parcel."
_COURIERS = "The courier still has it, and knows."
_DISPUTES = "What carrier and station disagree about, they tell each other in the dispute itself."
_PAPERS = "It is about a list of parcels; each parcel's own event tells what happened to it."
_GROUP_BUYS = "It is about what neighbours buy together: no carrier brings it."

# Kinds that no vocabulary has a word for, by the reason; carriers are told none of them.
WITHOUT_COUNTERPART: dict[str, frozenset[str]] = {
    _INSIDE: frozenset(
        {
            "attachment_added",
            "held",
            "hold_released",
            "kiosk_conflict",
            "kiosk_conflict_settled",
            "moved",
            "personal_data_shown",
            "put_on_manifest",
            "recipient_assigned",
            "release_finished",
            "release_unfinished",
            "stocktake_put_back",
            "stocktake_seen",
            "stocktake_taken_out",
            "taken_off_manifest",
            "unclaimed_entered",
            "unclaimed_removed",
            "write_off_asked",
            "write_off_refused",
        }
    ),
    _WISHES: frozenset(
        {
            "agreement_given",
            "agreement_withdrawn",
            "consent_declared",
            "consent_recorded",
            "drop_answered",
            "evidence_erased",
            "extended",
            "face_deleted",
            "face_enrolled",
            "note_added",
            "note_erased",
            "own_data_exported",
            "preferences_changed",
            "proxies_erased",
            "proxy_given",
            "proxy_revoked",
            "recipient_erased",
            "recipients_merged",
            "recipients_separated",
            "storage_time_set",
        }
    ),
    _MESSAGES: frozenset(
        {
            "message_called",
            "message_failed",
            "message_resent",
            "message_sent",
            "message_words_changed",
            "messages_erased",
        }
    ),
    _COURIERS: frozenset({"drop_stopped"}),
    _DISPUTES: frozenset({"dispute_answered", "dispute_opened", "dispute_settled", "dispute_withdrawn"}),
    _PAPERS: frozenset(
        {
            "drop_confirmed",
            "drop_finished",
            "drop_opened",
            "manifest_cancelled",
            "manifest_opened",
            "manifest_signed",
            "stocktake_abandoned",
            "stocktake_closed",
            "stocktake_opened",
        }
    ),
    _GROUP_BUYS: frozenset(
        {
            "arrival_counted",
            "arrival_postponed",
            "bag_back",
            "bag_collected",
            "bag_left",
            "bag_offered",
            "bag_ready",
            "bag_release_agreed",
            "bag_settled",
            "bag_taken_over",
            "bags_packed",
            "campaign_called_off",
            "campaign_cancelled",
            "campaign_changed",
            "campaign_closed",
            "campaign_created",
            "campaign_failed",
            "campaign_finished",
            "campaign_opened",
            "campaign_picture_added",
            "campaign_picture_removed",
            "campaign_reminder_asked",
            "campaign_reminder_withdrawn",
            "campaign_reminders_sent",
            "claim_made",
            "claim_refunded",
            "claim_refused",
            "claim_withdrawn",
            "claims_erased",
            "crate_counted",
            "group_order_cancelled",
            "group_order_changed",
            "group_order_fallen",
            "group_order_moved_up",
            "group_order_paid",
            "group_order_placed",
            "late_order_given_back",
            "supplier_added",
            "supplier_changed",
            "supplier_order_made",
            "supplier_order_sent",
            "supplier_reopened",
            "supplier_retired",
            "surplus_offered",
            "surplus_taken",
            "surplus_used",
        }
    ),
    _STATION: frozenset(
        {
            "courier_added",
            "courier_carriers",
            "courier_erased",
            "courier_invitation_ended",
            "courier_invited",
            "courier_let_in",
            "courier_phone_ended",
            "courier_refused",
            "courier_shut_out",
            "day_closed",
            "day_corrected",
            "day_opened",
            "demo_seeded",
            "device_added",
            "device_renamed",
            "device_revoked",
            "device_rotated",
            "drawer_counted",
            "journal_posted",
            "kiosk_code_made",
            "kiosk_enrolled",
            "kiosk_look_asked",
            "kiosk_look_shown",
            "kiosk_photos_erased",
            "kiosk_rules_changed",
            "ledger_day_closed",
            "ledger_rules_changed",
            "parcel_fee_set",
            "password_reset",
            "refused_scans_erased",
            "settings_changed",
            "settlement_made",
            "shelf_added",
            "shelf_changed",
            "shelf_reopened",
            "shelf_retired",
            "shift_ended",
            "shift_started",
            "staff_added",
            "staff_disabled",
            "staff_enabled",
            "staff_renamed",
            "staff_role_changed",
            "station_created",
            "station_exported",
            "webhook_added",
            "webhook_ended",
            "webhook_replayed",
            "webhook_resent",
        }
    ),
}


def meaning(kind: str, data: Mapping[str, Any]) -> Meaning | None:
    """Return what an event says to a carrier; None when it says nothing."""
    for one in READINGS:
        if one.kind == kind and (one.when is None or data.get(one.when[0]) == one.when[1]):
            return MEANINGS[one.status]
    return None
