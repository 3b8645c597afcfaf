"""Claims in words, as buyers and staff read them."""

from types import MappingProxyType

from station.claims import rules
from station.claims.rules import FRESH, BorneBy, ClaimState, Problem
from station.claims.store import Claim
from station.core.i18n import gettext as _
from station.core.i18n import language, ngettext
from station.core.i18n import lazy as _l
from station.core.money import format_money
from station.group_buys.store import Current, Order

# (kind of pill, icon, words)
STATES = MappingProxyType(
    {
        ClaimState.OPEN: ("warn", "clock", _l("Waits for an answer")),
        ClaimState.REFUNDED: ("ok", "coin", _l("Money given back")),
        ClaimState.REFUSED: ("bad", "x", _l("Not given back")),
        ClaimState.WITHDRAWN: ("", "arrow-back-up", _l("Withdrawn")),
    }
)
PROBLEMS = MappingProxyType(
    {
        Problem.BAD: _l("Gone bad"),
        Problem.DAMAGED: _l("Broken or crushed"),
        Problem.MISSING: _l("Something is missing"),
        Problem.WRONG: _l("Not what was ordered"),
    }
)
BORNE_BY = MappingProxyType(
    {
        BorneBy.SUPPLIER: _l("The supplier; commission and shares go back in part too"),
        BorneBy.STATION: _l("The station: it happened here"),
    }
)
BORNE = MappingProxyType(
    {
        BorneBy.SUPPLIER: _l("borne by the supplier"),
        BorneBy.STATION: _l("borne by the station"),
    }
)


def rule(campaign: Current) -> str:
    """Say to buyers, before they order, until when they may complain and what is not taken back."""
    hours = rules.hours(campaign)
    told = (
        ngettext(
            "Say so on your page within %(num)s day of collecting it, with a photo.",
            "Say so on your page within %(num)s days of collecting it, with a photo.",
            hours // 24,
        )
        if hours % 24 == 0
        else ngettext(
            "Say so on your page within %(num)s hour of collecting it, with a photo.",
            "Say so on your page within %(num)s hours of collecting it, with a photo.",
            hours,
        )
    )
    if campaign.storage not in FRESH:
        return told
    fresh = _("Fresh goods are not taken back without a reason (Consumer Rights Law, art. 25).")
    return _joined(told, fresh)


def refunded(claim: Claim, currency: str) -> str:
    """Say to a buyer what they got back."""
    return ngettext(
        "%(amount)s for %(num)s unit is on your account here.",
        "%(amount)s for %(num)s units is on your account here.",
        claim.refunded_units,
        amount=format_money(claim.amount_minor, currency),
    )


def charged(order: Order, currency: str) -> str:
    """Say to staff what an order was charged, and what came of it where that was less."""
    units = order.allocated or 0
    told = ngettext(
        "Charged for %(num)s at %(price)s.",
        "Charged for %(num)s at %(price)s each.",
        units,
        price=format_money(order.unit_price_minor or 0, currency),
    )
    if order.delivered is None or order.delivered >= units:
        return told
    return _joined(told, ngettext("%(num)s came.", "%(num)s came.", order.delivered))


def _joined(*sentences: str) -> str:
    return ("" if language() == "zh" else " ").join(sentences)
