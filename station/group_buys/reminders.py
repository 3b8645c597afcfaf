"""Reminders before a cut-off: for who asked for one, and for buyers of a campaign that would still fail.

Each goes out once, BEFORE the cut-off, or at half of the time to order where that is shorter, and never at night. After
the cut-off nothing is sent: a job that did not run, and a message that could not go out in time, are dropped.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, delete, exists, insert, or_, select

from station.core import clock
from station.core.actor import Actor, system_actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import Event, append, take_turn
from station.group_buys import messages, orders, sharing_store, store
from station.group_buys.cut_off import MINIMUM_BINDS
from station.group_buys.lifecycle import COUNTED, CampaignState
from station.group_buys.messages import GroupNote
from station.group_buys.models import OPEN, Campaign
from station.group_buys.news_models import CampaignReminder
from station.group_buys.store import CAMPAIGN_COLUMNS, Current
from station.network import queries as network
from station.notices import quiet
from station.notices.quiet import Hours

BEFORE = timedelta(hours=3)  # ours: time enough to read it after work and to order
# Ours: what waits for the end of quiet hours is read this long before the cut-off; else it goes out the evening before,
# this long before they begin.
MARGIN = timedelta(hours=1)
# No reminder is due earlier: quiet hours are shorter than a day.
LONGEST = BEFORE + timedelta(hours=24) + MARGIN


def remind_at(begins: datetime, cut_off_at: datetime, zone: str, hours: Hours | None) -> datetime:
    """Return when to remind of a cut-off: never in quiet hours, and never before ordering begins."""
    moment = cut_off_at - min(BEFORE, (cut_off_at - begins) / 2)
    wakes = quiet.until(moment, zone, hours)
    if wakes is None or hours is None:
        return moment
    if wakes + MARGIN <= cut_off_at:
        return wakes
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() >= hours.begins else local.date() - timedelta(days=1)
    return max(begins, datetime.combine(day, hours.begins, ZoneInfo(zone)) - MARGIN)


def moment_of(station_id: int, campaign: Current) -> datetime:
    """Return when people are reminded of an open campaign."""
    rules = network.rules(station_id)
    begins = max(one for one in (campaign.opens_at, campaign.opened_at, campaign.made_at) if one)
    hours = quiet.hours(rules.quiet_from, rules.quiet_until)
    return remind_at(min(begins, campaign.cut_off_at), campaign.cut_off_at, rules.zone, hours)


def may_ask(station_id: int, campaign: Current) -> bool:
    """Tell whether it is early enough to ask for a reminder."""
    now = clock.now()
    is_open = campaign.state == CampaignState.OPEN and now < campaign.cut_off_at
    return is_open and now < moment_of(station_id, campaign)


def is_asked(station_id: int, campaign_id: int, recipient_ids: Collection[int]) -> bool:
    """Tell whether somebody, under any of their entries, wants to be reminded."""
    return bool(connection().scalar(select(exists(_rows(station_id, campaign_id, recipient_ids)))))


def _rows(station_id: int, campaign_id: int, recipient_ids: Collection[int]) -> Select[tuple[int]]:
    return select(CampaignReminder.recipient_id).where(
        CampaignReminder.station_id == station_id,
        CampaignReminder.campaign_id == campaign_id,
        CampaignReminder.recipient_id.in_(sorted(recipient_ids)),
    )


def ask(actor: Actor, campaign_id: int, recipient_id: int) -> None:
    """Note that somebody wants to hear before a campaign closes. Twice is once.

    Raises StationError `reminder_over` when it is too late, `already_ordered` for somebody who has an order here.
    """
    station_id = actor.station_id
    campaign = store.campaign(station_id, campaign_id)
    if orders.live_order(station_id, campaign_id, recipient_id):
        raise StationError(
            "already_ordered", _("You have ordered already, so there is nothing to remind you of.")
        )
    if not may_ask(station_id, campaign):
        raise StationError(
            "reminder_over", _("It closes soon or is closed, so no reminder comes. Order now.")
        )
    if is_asked(station_id, campaign_id, [recipient_id]):
        return
    row = {"campaign_id": campaign_id, "recipient_id": recipient_id, "asked_at": clock.now()}
    connection().execute(insert(CampaignReminder).values(station_id=station_id, **row))
    append(actor, Event("campaign_reminder_asked", data=_facts(campaign_id)))


def take_back(actor: Actor, campaign_id: int, recipient_ids: Collection[int]) -> None:
    """Note that somebody wants no reminder any more, whichever of their entries asked. Twice is once."""
    take_turn(actor.station_id)
    if _forget(actor.station_id, campaign_id, recipient_ids):
        append(actor, Event("campaign_reminder_withdrawn", data=_facts(campaign_id)))


def _forget(station_id: int, campaign_id: int, recipient_ids: Collection[int]) -> int:
    mine = CampaignReminder.recipient_id.in_(sorted(recipient_ids))
    of_campaign = (CampaignReminder.station_id == station_id, CampaignReminder.campaign_id == campaign_id)
    return connection().execute(delete(CampaignReminder).where(*of_campaign, mine)).rowcount


def _facts(campaign_id: int) -> dict[str, object]:
    return {"campaign": str(campaign_id)}


def due_stations(now: datetime) -> list[int]:
    """Return the stations where a reminder is due, or a wish is left of a campaign that closed. Takes no lock."""
    soon = and_(_may_be_due(), Campaign.cut_off_at > now, Campaign.cut_off_at <= now + LONGEST)
    query = (
        select(Campaign.station_id, *CAMPAIGN_COLUMNS).where(soon).order_by(Campaign.station_id, Campaign.id)
    )
    found = [(station_id, Current(*row)) for station_id, *row in connection().execute(query)]
    due = {station_id for station_id, campaign in found if moment_of(station_id, campaign) <= now}
    is_over = or_(Campaign.state != CampaignState.OPEN, Campaign.cut_off_at <= now)
    over = select(Campaign.station_id).where(_is_wished(), is_over)
    return sorted(due | set(connection().scalars(over.distinct())))


def _is_wished() -> ColumnElement[bool]:
    return exists().where(
        CampaignReminder.station_id == Campaign.station_id, CampaignReminder.campaign_id == Campaign.id
    )


def _may_be_due() -> ColumnElement[bool]:
    return and_(OPEN, or_(Campaign.reminded_at.is_(None), _is_wished()))


def run(station_id: int) -> int:
    """Remind of a station's campaigns what is due; return of how many. Safe late and twice, and silent afterwards."""
    take_turn(station_id)
    now, done = clock.now(), 0
    mine = (Campaign.station_id == station_id, or_(_may_be_due(), _is_wished()))
    query = select(*CAMPAIGN_COLUMNS).where(*mine).order_by(Campaign.cut_off_at, Campaign.id)
    for campaign in [Current(*row) for row in connection().execute(query)]:
        if campaign.state != CampaignState.OPEN or campaign.cut_off_at <= now:
            _forget(station_id, campaign.id, _who(station_id, campaign.id))
        elif moment_of(station_id, campaign) <= now:
            _remind(system_actor(station_id), campaign)
            done += 1
    return done


def _remind(actor: Actor, campaign: Current) -> None:
    station_id = actor.station_id
    wishing = _who(station_id, campaign.id)
    _forget(station_id, campaign.id, wishing)
    messages.tell(station_id, GroupNote.CLOSING, campaign.number, wishing)
    buyers = _buyers_to_tell(station_id, campaign)
    messages.tell(station_id, GroupNote.MORE, campaign.number, buyers)
    store.change_campaign(station_id, campaign, reminded_at=clock.now())
    told = {"asked": len(wishing), "buyers": len(buyers)}
    append(actor, Event("campaign_reminders_sent", data=_facts(campaign.id) | told))


def _who(station_id: int, campaign_id: int) -> Sequence[int]:
    query = select(CampaignReminder.recipient_id).where(
        CampaignReminder.station_id == station_id, CampaignReminder.campaign_id == campaign_id
    )
    return connection().scalars(query.order_by(CampaignReminder.recipient_id)).all()


def _buyers_to_tell(station_id: int, campaign: Current) -> list[int]:
    """Return the buyers of a campaign that fails if it stays as it is; none when they were told before."""
    is_told = connection().scalar(
        select(Campaign.reminded_at).where(Campaign.station_id == station_id, Campaign.id == campaign.id)
    )
    if is_told or not missing(campaign):
        return []
    return [one.recipient_id for one in sharing_store.orders(station_id, campaign.id, COUNTED)]


def missing(campaign: Current) -> int:
    """Return how many more units have to be ordered so that a campaign goes ahead; 0 where that is settled."""
    if campaign.at_cut_off not in MINIMUM_BINDS or campaign.minimum_total is None:
        return 0
    return max(0, campaign.minimum_total - campaign.ordered_units)
