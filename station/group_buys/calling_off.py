"""Calling a group buy off after its cut-off, while nothing has come: everybody gets back what they were charged.

Before the cut-off campaigns.cancel does it, when nothing was charged yet.
"""

from station.core import clock
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.text import clean_line
from station.events.service import Event, append
from station.group_buys import charges, messages, sharing_store, store
from station.group_buys.campaigns import REASON
from station.group_buys.lifecycle import CampaignAction, CampaignState, OrderAction, OrderState
from station.group_buys.messages import GroupNote
from station.group_buys.sharing_store import Change
from station.group_buys.store import Current, Order
from station.ledger import service as ledger

AFTER_CUT_OFF = frozenset({CampaignState.CLOSED, CampaignState.ORDERED})


def call_off(actor: Actor, campaign_id: int, *, reason: str) -> int:
    """Call a closed or ordered campaign off and give everything back; return how many people had ordered.

    Raises StationError `campaign_moved_on` in any other state, `bad_input` without a reason.
    """
    campaign = store.campaign(actor.station_id, campaign_id)
    store.next_campaign_state(campaign, CampaignAction.CANCEL)
    if campaign.state not in AFTER_CUT_OFF:
        raise StationError("campaign_moved_on", _("Nothing was charged yet: call it off on its own page."))
    said = clean_line(reason, limit=REASON)
    if not said:
        raise StationError("bad_input", _("Say in one line why, for the people who ordered."))
    charged = sharing_store.orders(actor.station_id, campaign_id, {OrderState.ALLOCATED})
    waiting = sharing_store.orders(actor.station_id, campaign_id, {OrderState.WAITING})
    closed = [Change(one, OrderAction.CLOSE, delivered=0) for one in charged]
    sharing_store.change(actor.station_id, closed + [Change(one, OrderAction.FALL) for one in waiting])
    _give_back(actor, campaign, charged)
    now = clock.now()
    state = store.next_campaign_state(campaign, CampaignAction.CANCEL)
    store.change_campaign(actor.station_id, campaign, state=state, ended_at=now, end_reason=said)
    append(actor, Event("campaign_called_off", data={"campaign": str(campaign_id), "orders": len(charged)}))
    people = [one.recipient_id for one in charged + waiting]
    messages.tell(actor.station_id, GroupNote.FAILED, campaign.number, people)
    return len(charged)


def _give_back(actor: Actor, campaign: Current, charged: list[Order]) -> None:
    points = sharing_store.point_shares(actor.station_id, campaign.id)
    journals = []
    for one in charged:
        amount = (one.allocated or 0) * (one.unit_price_minor or 0)
        rates = charges.rates(campaign, one, points)
        journals += charges.give_back(
            campaign, one, amounts=(amount, 0), at=rates, key=f"called_off:{one.id}"
        )
    ledger.post_all(actor, journals)
