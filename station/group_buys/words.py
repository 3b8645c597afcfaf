"""Group buys in words: states, terms and results as people read them, in the language spoken now."""

from datetime import datetime
from types import MappingProxyType

from station.core.i18n import gettext as _
from station.core.i18n import language, ngettext
from station.core.i18n import lazy as _l
from station.core.moments import moment
from station.core.money import format_money
from station.group_buys.allocation import Reason
from station.group_buys.lateness import GIVEN_BACK
from station.group_buys.lifecycle import BEFORE_CUT_OFF, CampaignState, OrderState
from station.group_buys.plans import AtCutOff, Pays, UnclaimedRule
from station.group_buys.queries import Offer
from station.group_buys.store import Current, Order
from station.shelves.storage import NAMES

# (kind of pill, icon, words)
CAMPAIGN_STATES = MappingProxyType(
    {
        CampaignState.DRAFT: ("", "pencil", _l("Draft")),
        CampaignState.OPEN: ("ok", "shopping-bag", _l("Open for orders")),
        CampaignState.CLOSED: ("info", "lock", _l("Ordering closed")),
        CampaignState.ORDERED: ("info", "send", _l("Ordered")),
        CampaignState.ARRIVED: ("info", "truck-delivery", _l("Goods arrived")),
        CampaignState.SHARING: ("warn", "package", _l("Being shared out")),
        CampaignState.FINISHED: ("", "circle-check", _l("Finished")),
        CampaignState.FAILED: ("bad", "alert-circle", _l("Minimum not reached")),
        CampaignState.CANCELLED: ("bad", "x", _l("Called off")),
    }
)
ORDER_STATES = MappingProxyType(
    {
        OrderState.HELD: ("warn", "clock", _l("Not paid yet")),
        OrderState.PLACED: ("ok", "check", _l("Ordered")),
        OrderState.WAITING: ("info", "clock", _l("Waiting list")),
        OrderState.CANCELLED: ("", "x", _l("Order withdrawn")),
        OrderState.FALLEN: ("bad", "x", _l("Not paid in time")),
        OrderState.ALLOCATED: ("ok", "check", _l("Allocated")),
        OrderState.NOTHING: ("bad", "x", _l("Nothing was left")),
        OrderState.READY: ("warn", "package", _l("Ready to collect")),
        OrderState.COLLECTED: ("", "circle-check", _l("Collected")),
        OrderState.UNCLAIMED: ("bad", "clock", _l("Not collected")),
        OrderState.CLOSED: ("", "circle-check", _l("Settled up")),
    }
)
STORAGE = MappingProxyType(NAMES)
PAYS = MappingProxyType(
    {
        Pays.BEFORE: _l("Before: an order counts once it is paid"),
        Pays.AT_PICKUP: _l("When it is collected"),
    }
)
PAYS_TOLD = MappingProxyType(
    {
        Pays.BEFORE: _l(
            "You pay first. Your units are kept for you meanwhile; what is too much stays your balance."
        ),
        Pays.AT_PICKUP: _l("You pay at the counter when you collect."),
    }
)
AT_CUT_OFF = MappingProxyType(
    {
        AtCutOff.CLOSE: _l("Close it; the manager orders from the supplier"),
        AtCutOff.CLOSE_IF_MINIMUM: _l("Close it only if the minimum is reached, else it fails"),
        AtCutOff.CLOSE_AND_ORDER: _l("Close it and order from the supplier at once"),
    }
)
UNCLAIMED = MappingProxyType(
    {
        UnclaimedRule.REFUND: _l("Give the money back"),
        UnclaimedRule.DONATE: _l("Give the goods away"),
        UnclaimedRule.KEEP_CHARGE: _l("Keep the charge"),
    }
)
UNCLAIMED_TOLD = MappingProxyType(
    {
        UnclaimedRule.REFUND: _l(
            "If you do not collect it in time, it is offered to others and you get your money back."
        ),
        UnclaimedRule.DONATE: _l("If you do not collect it in time, it is given away, and it stays paid."),
        UnclaimedRule.KEEP_CHARGE: _l("If you do not collect it in time, it stays paid."),
    }
)
FIELDS = MappingProxyType(
    {
        "title": _l("title"),
        "text": _l("text"),
        "unit": _l("unit"),
        "supplier_id": _l("supplier"),
        "currency": _l("currency"),
        "tiers": _l("prices"),
        "points": _l("places to collect"),
        "storage": _l("storage"),
        "minimum_total": _l("minimum"),
        "maximum_total": _l("maximum"),
        "per_person_most": _l("limit for one person"),
        "box_size": _l("units in a box"),
        "commission_bp": _l("commission"),
        "pays": _l("when buyers pay"),
        "at_cut_off": _l("what happens at cut-off"),
        "opens_at": _l("beginning"),
        "cut_off_at": _l("cut-off"),
        "arrives_on": _l("arrival"),
        "collect_h": _l("time to collect"),
        "unclaimed_rule": _l("what happens to unclaimed goods"),
        "claim_h": _l("time for complaints"),
    }
)
_RESULTS = MappingProxyType(
    {
        Reason.FILLED_BOX: _l("You said more is welcome, and it filled the last box."),
        Reason.BOX_NOT_FULL: _l(
            "The last box was not full, so it was not ordered; the latest orders gave way."
        ),
        Reason.OVER_MAXIMUM: _l(
            "Another box would have been more than there is; the latest orders gave way."
        ),
        Reason.TOLERANCE_BACK: _l("Less came than was ordered, so nobody gets more than they asked for."),
        Reason.SHORT: _l("Less came than was ordered. It was shared out so that everybody has some first."),
    }
)


def fields(names: list[str]) -> str:
    """Return the names of values as a list in words."""
    return listed(*(_(FIELDS[name]) for name in names if name in FIELDS))


def listed(*parts: str | None) -> str:
    """Join what there is of short facts with the language's own comma."""
    return ("，" if language() == "zh" else ", ").join(part for part in parts if part)


def at_cut_off(campaign: Current, zone: str, reached: int) -> str:
    """Say what happens at cut-off, given what is ordered now."""
    when = moment(campaign.cut_off_at, zone)
    low = campaign.minimum_total
    if campaign.at_cut_off == AtCutOff.CLOSE or low is None:
        return _(
            "On %(when)s ordering ends, and orders that are not paid fall. %(then)s",
            when=when,
            then=_("The order goes to the supplier at once.")
            if campaign.at_cut_off == AtCutOff.CLOSE_AND_ORDER
            else _("You send the order to the supplier."),
        )
    if reached < low:
        return ngettext(
            "On %(when)s it fails unless %(num)s more is ordered: then nobody is charged, and all are told.",
            "On %(when)s it fails unless %(num)s more are ordered: then nobody is charged, and all are told.",
            low - reached,
            when=when,
        )
    return _(
        "The minimum is reached: on %(when)s ordering ends and everybody is told what they get.", when=when
    )


def collect_time(campaign: Current) -> str:
    """Say how long goods wait for their buyers."""
    if campaign.collect_h is None:
        return _("As long as parcels wait here.")
    return ngettext(
        "Within %(num)s hour from being ready.", "Within %(num)s hours from being ready.", campaign.collect_h
    )


def order_told(order: Order, campaign: Current, zone: str) -> str:
    """Say in a sentence how somebody's order stands."""
    state = OrderState(order.state)
    if state is OrderState.HELD and order.hold_until:
        return _("Kept for you until %(when)s: pay until then.", when=moment(order.hold_until, zone))
    if state is OrderState.FALLEN and campaign.state == CampaignState.CANCELLED:
        return _called_off(campaign)
    if order.result == GIVEN_BACK:
        return _("You gave it back because it was late. Nothing is charged.")
    sentence = _SENTENCES.get(state)
    if sentence:
        return _(sentence)
    return _got(order, campaign)


_SENTENCES = {
    OrderState.PLACED: _l("Ordered. You can change it until the cut-off."),
    OrderState.WAITING: _l("On the waiting list. You are told when it is your turn."),
    OrderState.CANCELLED: _l("You took it back."),
    OrderState.FALLEN: _l(
        "It fell: it was not paid in time, or the group buy came to nothing. Nothing is charged."
    ),
    OrderState.NOTHING: _l("Nothing was left for it, and nothing is charged. Sorry."),
}


def _called_off(campaign: Current) -> str:
    if not campaign.end_reason:
        return _("The group buy was called off. Nothing is charged.")
    return _(
        "The group buy was called off: %(reason)s Nothing is charged.", reason=_ended(campaign.end_reason)
    )


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "。", "!", "！", "?", "？")) else f"{sentence}."


def _got(order: Order, campaign: Current) -> str:
    units = order.allocated if order.delivered is None else order.delivered
    got = ngettext("You get %(num)s.", "You get %(num)s.", units or 0)
    if order.unit_price_minor is None:
        return got
    price = format_money(order.unit_price_minor, campaign.currency)
    total = format_money((units or 0) * order.unit_price_minor, campaign.currency)
    return ngettext(
        "You get %(num)s at %(price)s: %(total)s.",
        "You get %(num)s at %(price)s each: %(total)s.",
        units or 0,
        price=price,
        total=total,
    )


def why(order: Order) -> str:
    """Say why an order got other than what was asked; empty when it did not."""
    return _(_RESULTS[Reason(order.result)]) if order.result in set(Reason) else ""


def missing(offer: Offer) -> str:
    """Say what is missing to the next step: the minimum, or the next lower price."""
    campaign, coming = offer.campaign, offer.next_tier
    low = campaign.minimum_total
    if low is not None and campaign.ordered_units < low:
        return ngettext(
            "%(num)s more and it takes place", "%(num)s more and it takes place", low - campaign.ordered_units
        )
    if coming:
        price = format_money(coming.tier.unit_price_minor, campaign.currency)
        return ngettext("%(num)s more to %(price)s", "%(num)s more to %(price)s", coming.missing, price=price)
    if campaign.room is not None and campaign.room <= 0:
        return _("All are taken")
    return _("The lowest price is reached") if len(offer.tiers) > 1 else ""


def ends(at: datetime, zone: str) -> str:
    """Say until when people can order."""
    return _("until %(when)s", when=moment(at, zone))


def may_change(order: Order, campaign: Current, now: datetime) -> bool:
    """Tell whether the buyer may change the order now."""
    return order.state in BEFORE_CUT_OFF and campaign.takes_orders(now)
