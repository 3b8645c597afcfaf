"""The rules that hold while the station cannot be asked (DESIGN.md section 6). Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.model import Parcel, Rules, Way
from kiosk.refusals import CLOCK_WRONG, LIST_OLD, NEEDS_NETWORK, notice
from kiosk.session.state import Notice
from kiosk.visits import VISIT, Visit


@dataclass(frozen=True, slots=True)
class Means:
    """What the kiosk has to go by: how old its list is (None: there is none) and how far its clock is off."""

    rules: Rules
    list_age: timedelta | None
    drift: timedelta


def unusable(means: Means) -> Notice | None:
    """Return why nobody can be served without the station just now, None when somebody can."""
    if abs(means.drift) > means.rules.drift_limit:
        return CLOCK_WRONG
    if means.list_age is None or means.list_age > means.rules.list_valid:
        return LIST_OLD
    return None


def way_refused(way: Way, rules: Rules) -> Notice | None:
    """Return why this way proves nobody without the station, None when it does."""
    if way is Way.IDENTITY_CODE:
        return None
    switches = {Way.PICKUP_CODE: rules.takes_pickup_codes, Way.FACE: rules.takes_faces}
    if way not in switches:
        return NEEDS_NETWORK
    return None if switches[way] else notice("way_off")


def release_refused(
    visit: Visit, parcel: Parcel, *, listed: Parcel | None, means: Means, now: datetime
) -> Notice | None:
    """Return why this parcel must stay, None when it may leave.

    `listed` is what the waiting list says of it: the waybill and the owner that were scanned and proved must agree.
    """
    refused = unusable(means) or _visit_refused(visit, means.rules, now)
    if refused:
        return refused
    if listed is None:
        return notice("not_found")
    if listed.waybill != parcel.waybill:
        return notice("waybill_mismatch")
    if parcel.id not in visit.parcel_ids or listed.owner != parcel.owner:
        return notice("not_your_parcel")
    return notice("is_held") if listed.is_held else None


def _visit_refused(visit: Visit, rules: Rules, now: datetime) -> Notice | None:
    refused = way_refused(visit.evidence.way, rules)
    if refused:
        return refused
    if not _can_be_replayed(visit):
        return NEEDS_NETWORK
    began_at = visit.evidence.began_at
    return None if began_at <= now < began_at + VISIT else notice("session_over")


def _can_be_replayed(visit: Visit) -> bool:
    """Tell whether the station could check the proof later: without it nothing may leave."""
    proof = visit.evidence
    of_way = {
        Way.IDENTITY_CODE: proof.text,
        Way.PICKUP_CODE: proof.code_hash,
        Way.FACE: proof.recipient_id,
    }
    return of_way.get(proof.way) is not None
