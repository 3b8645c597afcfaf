"""Good units beyond all orders: counted once, and offered to who waits at the campaign's own station, in their order.

Several people are asked at once, each for as many as they wait for while there are so many; each is asked once. Who is
first in the list and declines lets the next one be asked. How long people are asked follows from the clock, so that a
job that is late or missed ends in the same state. What becomes of units is surplus_uses.py's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection
from station.group_buys import offer_store, sharing_store, store
from station.group_buys.lifecycle import CampaignState, OrderState
from station.group_buys.models import Campaign, CampaignOffer
from station.group_buys.news_models import CampaignSurplus

# Ours: goods that lie longer are no gift; fresh ones: the hours to collect them.
ASKED_FOR = timedelta(days=3)
RUNNING = (CampaignState.ARRIVED, CampaignState.SHARING)


@dataclass(frozen=True, slots=True)
class Surplus:
    """What is left over of a campaign. `remaining`: nobody's yet; `offered`: of these, asked for at this moment."""

    campaign_id: int
    units: int
    remaining: int
    unit_price_minor: int
    until: datetime
    offered: int

    @property
    def free(self) -> int:
        """Units that nobody is asked about."""
        return self.remaining - self.offered


_COLUMNS = tuple(
    getattr(CampaignSurplus, name) for name in ("units", "remaining", "unit_price_minor", "until")
)


def of_campaign(station_id: int, campaign_id: int) -> Surplus | None:
    """Return what is left over of a campaign; None when nothing was."""
    mine = (CampaignSurplus.station_id == station_id, CampaignSurplus.campaign_id == campaign_id)
    row = connection().execute(select(*_COLUMNS).where(*mine)).one_or_none()
    if row is None:
        return None
    asked = offer_store.open_now(
        station_id, CampaignOffer.campaign_id == campaign_id, CampaignOffer.bag_id.is_(None)
    )
    units, remaining, price, until = row
    return Surplus(campaign_id, units, remaining, price, until, sum(one.units for one in asked))


def free_units(station_id: int, campaign_id: int) -> int:
    """Return how many units left over wait for somebody to see to them."""
    found = of_campaign(station_id, campaign_id)
    return found.free if found else 0


def begin(actor: Actor, campaign_id: int, units: int) -> None:
    """Keep how many units are left over when counting is finished, and offer them."""
    campaign, now = store.look_campaign(actor.station_id, campaign_id), clock.now()
    charged = [
        one.unit_price_minor
        for one in sharing_store.orders(actor.station_id, campaign_id, frozenset(OrderState))
        if one.unit_price_minor is not None
    ]
    lasts = ASKED_FOR if campaign.collect_h is None else timedelta(hours=campaign.collect_h)
    values = {"units": units, "remaining": units, "unit_price_minor": charged[0]}
    row = {"campaign_id": campaign_id, **values, "until": now + min(ASKED_FOR, lasts)}
    connection().execute(insert(CampaignSurplus).values(station_id=actor.station_id, **row))
    offer_on(actor, campaign_id)


def offer_on(actor: Actor, campaign_id: int) -> bool:
    """Offer what is free to who waits next; tell whether anybody may take something now. Safe late and twice."""
    station_id = actor.station_id
    found = of_campaign(station_id, campaign_id)
    if found is None:
        return False
    of_these = (CampaignOffer.campaign_id == campaign_id, CampaignOffer.bag_id.is_(None))
    offer_store.end(station_id, *of_these, CampaignOffer.until <= clock.now())
    campaign = store.look_campaign(station_id, campaign_id)
    if campaign.state in RUNNING and clock.now() < found.until:
        _ask_next(actor, campaign, found.free)
    return bool(offer_store.open_now(station_id, *of_these))


def _ask_next(actor: Actor, campaign: store.Current, free: int) -> None:
    station_id = actor.station_id
    of_campaign_ = CampaignOffer.campaign_id == campaign.id
    asked = {one.order_id for one in offer_store.find(station_id, of_campaign_) if one.bag_id is None}
    busy = {one.order_id for one in offer_store.open_now(station_id, of_campaign_)}
    for order in sharing_store.orders(station_id, campaign.id, {OrderState.WAITING}):
        if free and order.id not in asked | busy and order.point_station_id == station_id:
            units = min(free, order.quantity)
            offer_store.ask(actor, campaign, order, units=units, bag_id=None)
            free -= units


def take(station_id: int, campaign_id: int, units: int) -> bool:
    """Take units from what is left over; False when not so many are nobody's. The table's CHECK has the last word."""
    mine = (CampaignSurplus.station_id == station_id, CampaignSurplus.campaign_id == campaign_id)
    fewer = update(CampaignSurplus).where(*mine, CampaignSurplus.remaining >= units)
    return bool(connection().execute(fewer.values(remaining=CampaignSurplus.remaining - units)).rowcount)


def running(station_id: int) -> list[int]:
    """Return the station's campaigns being shared out of which something is left over."""
    query = (
        select(CampaignSurplus.campaign_id)
        .join(
            Campaign,
            (Campaign.station_id == CampaignSurplus.station_id)
            & (Campaign.id == CampaignSurplus.campaign_id),
        )
        .where(CampaignSurplus.station_id == station_id, Campaign.state.in_(RUNNING))
    )
    return list(connection().scalars(query.order_by(CampaignSurplus.campaign_id)))


def due_stations() -> list[int]:
    """Return the stations where people may be asked about what is left over. Reads only; takes no lock."""
    query = (
        select(CampaignSurplus.station_id)
        .join(
            Campaign,
            (Campaign.station_id == CampaignSurplus.station_id)
            & (Campaign.id == CampaignSurplus.campaign_id),
        )
        .where(Campaign.state.in_(RUNNING))
    )
    return list(connection().scalars(query.distinct().order_by(CampaignSurplus.station_id)))
