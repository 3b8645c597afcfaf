"""Which steps of life cycles lie between two looks at everything, by name: what scenes say that they reach."""

from station.parcels.lifecycle import ParcelState
from tests.properties.group_buy_books import Seen, answered

_TRACED = {
    "campaign": "campaigns",
    "order": "orders",
    "bag": "bags",
    "offer": "offers",
    "payment": "payments",
    "refund": "refunds",
    "claim": "claims",
}


def trace(before: Seen, after: Seen) -> set[str]:
    """Return the steps between two looks, such as `order held → placed`, and the rules that unclaimed bags met."""
    steps = {
        f"{name} {getattr(before, kept)[id_].state} → {row.state}"
        for name, kept in _TRACED.items()
        for id_, row in getattr(after, kept).items()
        if id_ in getattr(before, kept) and getattr(before, kept)[id_].state != row.state
    }
    steps |= {f"unclaimed {rule}" for rule in _settled(after) - _settled(before)}
    steps |= {f"left over {one.way}" for id_, one in after.uses.items() if id_ not in before.uses}
    steps |= {f"left over {one.state}" for one in answered(after) - answered(before)}
    return steps | {f"borne by {who}" for _claim, who in _borne_by(after) - _borne_by(before)}


def _borne_by(seen: Seen) -> set[tuple[int, str]]:
    """Return the claims that were refunded, each with who bore it."""
    return {(one.id, one.borne_by) for one in seen.claims.values() if one.refunded_units}


def _settled(seen: Seen) -> set[str]:
    """Return the rules by which bags were taken back that nobody collected."""
    mine = [one for one in seen.bags.values() if one.state == "settled"]
    left = [one for one in mine if seen.parcels[one.parcel_id].state == ParcelState.RETURNING]
    return {seen.campaigns[seen.orders[one.order_id].campaign_id].unclaimed_rule for one in left}
