"""After-sales: what a buyer says was wrong with goods they collected, and what the station answers.

A refund goes to the buyer's balance, at what they paid for a unit. The supplier bears it, with everybody who had a part
of the sale, or the station does. What the ledger says was charged and not given back yet is the most there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from station.claims import messages, pictures, rules, store
from station.claims.rules import (
    MOST_CLAIMS,
    MOST_PICTURES,
    WORDS,
    BorneBy,
    ClaimAction,
    ClaimState,
    Problem,
)
from station.claims.store import Claim
from station.core import clock, ids, photos
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import ngettext
from station.core.text import clean_block
from station.events.service import Event, append, take_turn
from station.group_buys import bag_store, charges, order_money, paying, sharing_store
from station.group_buys import store as buys
from station.group_buys.lifecycle import OrderState
from station.group_buys.store import Current, Order
from station.ledger import service as ledger
from station.ledger.journal import Journal


@dataclass(frozen=True, slots=True)
class Wish:
    """What a buyer says: what was wrong with how many units, in their words, which may be empty."""

    problem: Problem
    units: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class Refund:
    """What staff give back: so many units, whose money it is, and a sentence, which may be empty."""

    units: int
    borne_by: BorneBy
    words: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """What can be claimed of an order now: until when, and at most so many units. `why_not` says why nothing can."""

    until: datetime | None
    units: int
    why_not: StationError | None = None


def room(station_id: int, order: Order) -> Room:
    """Return what can be claimed of an order now."""
    campaign = buys.look_campaign(station_id, order.campaign_id)
    collected_at = _collected_at(station_id, order)
    if collected_at is None:
        return Room(None, 0, StationError("order_moved_on", _("Collect it first, then look at it.")))
    earlier, until = store.of_order(station_id, order.id), rules.until(campaign, collected_at)
    units = (order.delivered or 0) - store.refunded(earlier)
    return Room(until, units, _why_not(earlier, until, units))


def _collected_at(station_id: int, order: Order) -> datetime | None:
    if order.state != OrderState.COLLECTED:
        return None
    return bag_store.ended_at(station_id, order.id)


def _why_not(earlier: Sequence[Claim], until: datetime, units: int) -> StationError | None:
    if any(one.state == ClaimState.OPEN for one in earlier):
        return StationError("claim_open", _("Your complaint is here already. You are told the answer."))
    if clock.now() >= until:
        return StationError("claim_late", _("The time for complaints is over. Speak with the station."))
    if units < 1 or len(earlier) >= MOST_CLAIMS:
        return StationError(
            "claim_late", _("There is nothing left to complain about here. Speak with the station.")
        )
    return None


def make(actor: Actor, order_id: int, wish: Wish, sent: Sequence[bytes]) -> int:
    """Keep what a buyer says was wrong with collected goods, with 0 to MOST_PICTURES photos; return its id.

    The caller knows that the actor is the buyer, or staff whom the buyer told.
    Raises StationError `not_found`, `order_moved_on` before they are collected, `claim_open` when an answer is still
    due, `claim_late` when the time or the number of claims is over, `bad_input`.
    """
    order = buys.order(actor.station_id, order_id)
    found = room(actor.station_id, order)
    if found.why_not:
        raise found.why_not
    words = _said(wish.words)
    _check(wish, words, len(sent), most=found.units)
    kept = [photos.drawn_anew(one) for one in sent]
    claim_id = ids.next_id()
    values = {"problem": wish.problem, "units": wish.units, "words": words or None}
    made = {"made_by": actor.key, "made_at": clock.now()}
    store.add(actor.station_id, id=claim_id, order_id=order_id, **values, **made)
    digests = pictures.add(actor.station_id, claim_id, kept)
    facts = {"problem": wish.problem, "units": wish.units, "pictures": digests}
    append(actor, Event("claim_made", data=_about(claim_id, order_id) | facts))
    return claim_id


def _check(wish: Wish, words: str, sent: int, *, most: int) -> None:
    if not 1 <= wish.units <= most:
        raise StationError(
            "bad_input",
            ngettext("It can be about %(num)s unit.", "It can be about 1 to %(num)s units.", most),
        )
    if sent > MOST_PICTURES:
        raise StationError("bad_input", _("Send at most %(most)s photos.", most=MOST_PICTURES))
    if wish.problem is Problem.MISSING and not words:
        raise StationError("bad_input", _("Say in a sentence what is missing."))
    if wish.problem is not Problem.MISSING and not sent:
        raise StationError("bad_input", _("Add a photo that shows it, so that nobody has to ask."))


def _said(text: str) -> str:
    said = clean_block(text, limit=WORDS)
    if said is None:
        raise StationError("bad_input", _("Say it in at most %(most)s characters.", most=WORDS))
    return said


def withdraw(actor: Actor, claim_id: int) -> None:
    """Take a claim back. Raises StationError `not_found`, `claim_ended` when it was answered before."""
    take_turn(actor.station_id)
    claim = store.get(actor.station_id, claim_id)
    store.end(actor.station_id, claim, ClaimAction.WITHDRAW, **_ended(actor))
    append(actor, Event("claim_withdrawn", data=_about(claim.id, claim.order_id)))


def refuse(actor: Actor, claim_id: int, reason: str) -> None:
    """Answer that nothing is given back, and why. The buyer is told.

    Raises StationError `not_found`, `bad_input` without a reason, `claim_ended`.
    """
    take_turn(actor.station_id)
    claim, said = store.get(actor.station_id, claim_id), _said(reason)
    if not said:
        raise StationError("bad_input", _("Say why, for the buyer."))
    store.end(actor.station_id, claim, ClaimAction.REFUSE, answer=said, **_ended(actor))
    append(actor, Event("claim_refused", data=_about(claim.id, claim.order_id)))
    order = buys.look_order(actor.station_id, claim.order_id)
    campaign = buys.look_campaign(actor.station_id, order.campaign_id)
    messages.tell(actor.station_id, campaign.number, order.recipient_id)


def refund(actor: Actor, claim_id: int, wish: Refund) -> int:
    """Give back some or all of a claim's units; return the amount in minor units. The buyer is told.

    Raises StationError `not_found`, `claim_ended`, `bad_input` for more units than were claimed, `order_moved_on` when
    the goods are back on their shelf or less is left of what was charged.
    """
    order = buys.order(actor.station_id, store.get(actor.station_id, claim_id).order_id)
    claim, said = store.get(actor.station_id, claim_id), _said(wish.words)
    if not 1 <= wish.units <= claim.units:
        raise StationError(
            "bad_input",
            ngettext("It can be about %(num)s unit.", "It can be about 1 to %(num)s units.", claim.units),
        )
    campaign = buys.look_campaign(actor.station_id, order.campaign_id)
    amount = wish.units * (order.unit_price_minor or 0)
    journals = _journals(actor.station_id, campaign, order, claim=claim, wish=wish)
    values = {"refunded_units": wish.units, "amount_minor": amount, "borne_by": wish.borne_by}
    ended = {"answer": said or None, **_ended(actor)}
    store.end(actor.station_id, claim, ClaimAction.REFUND, **values, **ended)
    _refuse_too_much(actor.station_id, campaign, order, amount)
    ledger.post_all(actor, journals)
    paying.release_paid(actor, order.recipient_id)
    facts = {"units": wish.units, "borne_by": wish.borne_by}
    append(actor, Event("claim_refunded", data=_about(claim.id, order.id) | facts))
    messages.tell(actor.station_id, campaign.number, order.recipient_id)
    return amount


def _refuse_too_much(station_id: int, campaign: Current, order: Order, amount_minor: int) -> None:
    """Refuse a refund of goods that are back, or of more than is left; runs before the journal, in one transaction."""
    if order.state != OrderState.COLLECTED:
        raise StationError(
            "order_moved_on", _("The goods are back on their shelf or were settled. Refuse this and say so.")
        )
    if amount_minor > order_money.charged(station_id, campaign, order):
        raise StationError("order_moved_on", _("So much of what this order was charged is not left."))


def _journals(
    station_id: int, campaign: Current, order: Order, *, claim: Claim, wish: Refund
) -> list[Journal]:
    """Return what moves: the parts of those who had one shrink to those of an order without these units."""
    key, price = f"claim:{claim.id}", order.unit_price_minor or 0
    if wish.borne_by is BorneBy.STATION:
        return charges.give_back_as_waste(campaign, order, amount_minor=wish.units * price, key=key)
    earlier = store.refunded(store.of_order(station_id, order.id), BorneBy.SUPPLIER)
    units = (order.delivered or 0) - earlier
    rates = charges.rates(campaign, order, sharing_store.point_shares(station_id, campaign.id))
    amounts = (units * price, (units - wish.units) * price)
    return charges.give_back(campaign, order, amounts=amounts, at=rates, key=key)


def _ended(actor: Actor) -> dict[str, object]:
    return {"ended_at": clock.now(), "ended_by": actor.key}


def _about(claim_id: int, order_id: int) -> dict[str, object]:
    return {"claim": str(claim_id), "order": str(order_id)}
