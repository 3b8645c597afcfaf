"""Goods that do not come on their day: a later day that buyers are told, and orders given back because of it.

The right: from the moment a later day is named, or the stated day is over, until the first crate is counted, every
buyer may give the whole order back and gets back all that was charged, as when the group buy is called off. Source:
消费者权益保护法 (2013) art. 53: who takes payment ahead and does not deliver as agreed performs or gives it back, as
the consumer asks. What is given back stays ordered; when it comes it is left over, and surplus.py offers it on.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import insert, select

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import Event, append
from station.group_buys import arrival, charges, messages, sharing_store, store
from station.group_buys.lifecycle import CampaignState, OrderAction, OrderState
from station.group_buys.messages import GroupNote
from station.group_buys.models import Arrival, Campaign
from station.group_buys.news_models import CampaignDelay
from station.group_buys.sharing_store import Change
from station.group_buys.store import CAMPAIGN_COLUMNS, Current
from station.ledger import service as ledger
from station.ledger.queries import local_today

AWAITED = (CampaignState.CLOSED, CampaignState.ORDERED)
GIVEN_BACK = "given_back_late"  # the result of such an order
AGAIN_DAYS = 3  # ours: nobody has done anything for so long, so it is said again and louder
LONGEST_DAYS = 60  # ours: whoever waits longer is better served by calling it off


@dataclass(frozen=True, slots=True)
class Delay:
    """A later day that was named."""

    was_on: date
    now_on: date
    by: str


@dataclass(frozen=True, slots=True)
class Late:
    """A campaign whose day is over and of which nothing came. `days`: since then."""

    campaign: Current
    days: int

    @property
    def is_left_lying(self) -> bool:
        """Whether nobody has done anything about it for AGAIN_DAYS."""
        return self.days > AGAIN_DAYS


def delays(station_id: int, campaign_id: int) -> list[Delay]:
    """Return the later days that were named of a campaign, the first first."""
    query = select(CampaignDelay.was_on, CampaignDelay.now_on, CampaignDelay.by).where(
        CampaignDelay.station_id == station_id, CampaignDelay.campaign_id == campaign_id
    )
    return [Delay(*row) for row in connection().execute(query.order_by(CampaignDelay.id))]


def late(station_id: int) -> list[Late]:
    """Return the campaigns that are late now, the longest late first. A crate that was counted ends it."""
    came = select(Arrival.campaign_id).where(Arrival.station_id == station_id)
    today = local_today(station_id)
    query = select(*CAMPAIGN_COLUMNS).where(
        Campaign.station_id == station_id,
        Campaign.state.in_(AWAITED),
        Campaign.arrives_on < today,
        Campaign.id.not_in(came),
    )
    found = [Current(*row) for row in connection().execute(query.order_by(Campaign.arrives_on, Campaign.id))]
    return [Late(one, (today - one.arrives_on).days) for one in found]


def is_late(station_id: int, campaign: Current) -> bool:
    """Tell whether a campaign's day is over and nothing has come."""
    is_over = campaign.state in AWAITED and campaign.arrives_on < local_today(station_id)
    return is_over and not arrival.crates(station_id, campaign.id)


def may_give_back(station_id: int, campaign: Current) -> bool:
    """Tell whether buyers of a campaign may give their orders back: it is late, and nothing has come."""
    if campaign.state not in AWAITED or arrival.crates(station_id, campaign.id):
        return False
    return campaign.arrives_on < local_today(station_id) or bool(delays(station_id, campaign.id))


def postpone(actor: Actor, campaign_id: int, day: date) -> bool:
    """Name another arrival day; buyers are told once. False, and nothing is told, when it is that day already.

    Raises StationError `bad_input` for a day that is over or more than LONGEST_DAYS ahead, `campaign_moved_on` once
    goods have come, or before the cut-off.
    """
    station_id = actor.station_id
    campaign = store.campaign(station_id, campaign_id)
    if campaign.state not in AWAITED or arrival.crates(station_id, campaign_id):
        raise StationError(
            "campaign_moved_on",
            _("The day changes only between cut-off and the first crate. Load the page again."),
        )
    if day == campaign.arrives_on:
        return False
    today = local_today(station_id)
    if not today <= day <= today + timedelta(days=LONGEST_DAYS):
        raise StationError(
            "bad_input", _("Choose a day from today on, at most %(days)s days ahead.", days=LONGEST_DAYS)
        )
    row = {"id": ids.next_id(), "campaign_id": campaign_id, "was_on": campaign.arrives_on, "now_on": day}
    connection().execute(
        insert(CampaignDelay).values(station_id=station_id, **row, by=actor.key, at=clock.now())
    )
    store.change_campaign(station_id, campaign, arrives_on=day)
    facts = {"campaign": str(campaign_id), "was": campaign.arrives_on.isoformat(), "now": day.isoformat()}
    append(actor, Event("arrival_postponed", data=facts))
    buyers = sharing_store.orders(station_id, campaign_id, {OrderState.ALLOCATED})
    messages.tell(station_id, GroupNote.LATE, campaign.number, [one.recipient_id for one in buyers])
    return True


def give_back(actor: Actor, order_id: int) -> None:
    """Give back an order whose goods are late, and the buyer all that was charged.

    The caller knows that the actor is the buyer, or staff whom the buyer told. Raises StationError `not_found`,
    `order_moved_on` when the goods are not late, have come, or the order was given back already.
    """
    station_id = actor.station_id
    order = store.order(station_id, order_id)
    campaign = store.look_campaign(station_id, order.campaign_id)
    if order.state != OrderState.ALLOCATED or not may_give_back(station_id, campaign):
        raise StationError(
            "order_moved_on",
            _("This order cannot be given back any more: its goods have come, or are not late."),
        )
    change = Change(order, OrderAction.CLOSE, delivered=0, result=GIVEN_BACK)
    sharing_store.change(station_id, [change])
    amount = (order.allocated or 0) * (order.unit_price_minor or 0)
    rates = charges.rates(campaign, order, sharing_store.point_shares(station_id, campaign.id))
    key = f"late:{order.id}"
    ledger.post_all(actor, charges.give_back(campaign, order, amounts=(amount, 0), at=rates, key=key))
    facts = {"campaign": str(campaign.id), "order": str(order.id), "units": order.allocated or 0}
    append(actor, Event("late_order_given_back", data=facts))


def given_back(station_id: int, campaign_id: int) -> int:
    """Return how many units buyers gave back because the goods are late."""
    orders = sharing_store.orders(station_id, campaign_id, {OrderState.CLOSED})
    return sum(one.allocated or 0 for one in orders if one.result == GIVEN_BACK)
