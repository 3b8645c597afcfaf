"""Running campaigns: made, changed by the rules of what people bought already, copied, opened, called off.

What happens at cut-off and afterwards is done by cut_off.py and its neighbours.
"""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.text import clean_line
from station.events.service import Event, append, take_turn
from station.group_buys import messages, pictures, plans, store, suppliers
from station.group_buys.lifecycle import BEFORE_CUT_OFF, CampaignAction, CampaignState, OrderAction
from station.group_buys.messages import GroupNote
from station.group_buys.models import Campaign, CampaignPoint, CampaignTier, GroupOrder
from station.group_buys.plans import AtCutOff, Pays, Plan, UnclaimedRule
from station.group_buys.store import Current
from station.network import queries as network
from station.shelves.storage import Storage

TOKEN_BYTES = 15  # 120 bits: beyond guessing, and 20 letters of an address
REASON = 200  # characters of why a campaign is called off
WEEK = timedelta(days=7)


def create(actor: Actor, plan: Plan) -> int:
    """Make a draft; return its id. Raises StationError `bad_input`, `not_found` for the supplier or a station."""
    take_turn(actor.station_id)
    _check(actor, plan)
    return _add(actor, plan)


def change(actor: Actor, campaign_id: int, plan: Plan, *, version: int) -> tuple[str, ...]:
    """Change a campaign; return the names of what differs now.

    Raises StationError `stale` when somebody changed a draft since `version`, `campaign_open` for what people who
    bought already rely on, `campaign_moved_on` after its cut-off, and as `create` does.
    """
    found = store.campaign(actor.station_id, campaign_id)
    old = plan_of(actor.station_id, found)
    if found.state not in (CampaignState.DRAFT, CampaignState.OPEN) or _is_past(found, clock.now()):
        raise StationError("campaign_moved_on", _("After the cut-off a group buy is not changed any more."))
    if found.state == CampaignState.OPEN:
        refused = plans.forbidden(old, plan)
        if refused:
            raise _while_open(refused)
    elif found.version != version:
        raise StationError("stale", _("Somebody else changed this at the same moment. Load it again."))
    _check(actor, plan)
    names = plans.changed(old, plan)
    if names:
        store.change_campaign(actor.station_id, found, **_row(plan))
        _write_lists(actor.station_id, campaign_id, plan)
        append(actor, Event("campaign_changed", data={"campaign": str(campaign_id), "fields": list(names)}))
    return names


def _is_past(found: Current, now: datetime) -> bool:
    return found.state == CampaignState.OPEN and found.cut_off_at <= now


def _while_open(names: tuple[str, ...]) -> StationError:
    return StationError(
        "campaign_open",
        _(
            "People order by what stands here, so this cannot change any more: only the text and pictures, a later"
            " cut-off, a higher maximum and further places to collect. Call it off and copy it for anything else."
        ),
        fields=list(names),
    )


def open_campaign(actor: Actor, campaign_id: int) -> None:
    """Let people order, from its beginning on. Raises StationError `campaign_moved_on`, `bad_input`."""
    found = store.campaign(actor.station_id, campaign_id)
    state = store.next_campaign_state(found, CampaignAction.OPEN)
    _check(actor, plan_of(actor.station_id, found))
    store.change_campaign(actor.station_id, found, state=state, opened_at=clock.now())
    append(actor, Event("campaign_opened", data={"campaign": str(campaign_id)}))


def cancel(actor: Actor, campaign_id: int, *, reason: str) -> int:
    """Call a draft or an open campaign off; return how many people had ordered. They are told, with the reason.

    Nothing was charged yet: what was paid ahead is their balance again by itself.
    Raises StationError `campaign_moved_on` once it is closed, `bad_input` without a reason where somebody ordered.
    """
    found = store.campaign(actor.station_id, campaign_id)
    state = store.next_campaign_state(found, CampaignAction.CANCEL)
    if found.state not in (CampaignState.DRAFT, CampaignState.OPEN):
        raise StationError(
            "campaign_moved_on", _("After the cut-off it is called off from its page of sharing out.")
        )
    said = clean_line(reason, limit=REASON)
    live = _live_orders(actor.station_id, campaign_id)
    if said is None or (live and not said):
        raise StationError("bad_input", _("Say in one line why, for the people who ordered."))
    for order in live:
        values = {"state": store.next_order_state(order, OrderAction.FALL), "hold_until": None}
        store.change_order(actor.station_id, order, **values)
    now = clock.now()
    store.change_campaign(
        actor.station_id, found, state=state, ended_at=now, end_reason=said or None, ordered_units=0
    )
    events = [_fallen(order) for order in live]
    append(actor, *events, Event("campaign_cancelled", data={"campaign": str(campaign_id)}))
    messages.tell(actor.station_id, GroupNote.FAILED, found.number, [order.recipient_id for order in live])
    return len(live)


def _fallen(order: store.Order) -> Event:
    return Event("group_order_fallen", data={"campaign": str(order.campaign_id), "order": str(order.id)})


def _live_orders(station_id: int, campaign_id: int) -> list[store.Order]:
    query = select(*store.ORDER_COLUMNS).where(
        GroupOrder.station_id == station_id,
        GroupOrder.campaign_id == campaign_id,
        GroupOrder.state.in_(sorted(BEFORE_CUT_OFF)),
    )
    return [store.Order(*row) for row in connection().execute(query.order_by(GroupOrder.id))]


def duplicate(actor: Actor, campaign_id: int) -> int:
    """Copy a campaign as a new draft, pictures too, whole weeks later so that its cut-off lies ahead; return its id."""
    found = store.campaign(actor.station_id, campaign_id)
    weeks = max(0, (clock.now() - found.cut_off_at) // WEEK) + 1
    later = weeks * WEEK
    old = plan_of(actor.station_id, found)
    plan = replace(
        old,
        opens_at=None,
        cut_off_at=old.cut_off_at + later,
        arrives_on=old.arrives_on + later,
    )
    copied = _add(actor, plan)
    pictures.copy(actor.station_id, campaign_id, copied)
    return copied


def plan_of(station_id: int, found: Current) -> Plan:
    """Return what a campaign is to be, as it stands."""
    values: dict[str, Any] = {name: getattr(found, name) for name in plans.ON_CAMPAIGN}
    values |= {
        "storage": Storage(found.storage),
        "pays": Pays(found.pays),
        "at_cut_off": AtCutOff(found.at_cut_off),
        "unclaimed_rule": UnclaimedRule(found.unclaimed_rule),
    }
    return Plan(tiers=store.tiers(station_id, found.id), points=store.points(station_id, found.id), **values)


def _check(actor: Actor, plan: Plan) -> None:
    plans.check(plan, now=clock.now(), zone=network.station(actor.station_id).zone)
    if not suppliers.get(actor.station_id, plan.supplier_id).is_active:
        raise StationError("bad_input", _("This supplier is retired. Choose another."))
    for point in plan.points:
        network.station(point.station_id)


def _add(actor: Actor, plan: Plan) -> int:
    campaign_id, station_id = ids.next_id(), actor.station_id
    highest = select(func.max(Campaign.number)).where(Campaign.station_id == station_id)
    row = {
        "station_id": station_id,
        "id": campaign_id,
        "number": (connection().scalar(highest) or 0) + 1,
        "share_token": secrets.token_urlsafe(TOKEN_BYTES),
        "state": CampaignState.DRAFT,
        "ordered_units": 0,
        "version": 1,
        "made_by": actor.key,
        "made_at": clock.now(),
    }
    connection().execute(insert(Campaign).values(**row, **_row(plan)))
    _write_lists(station_id, campaign_id, plan)
    append(actor, Event("campaign_created", data={"campaign": str(campaign_id), "number": row["number"]}))
    return campaign_id


def _row(plan: Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in plans.ON_CAMPAIGN}


def _write_lists(station_id: int, campaign_id: int, plan: Plan) -> None:
    """Write prices and places to collect anew; an open campaign keeps its prices, which `change` holds to."""
    key = {"station_id": station_id, "campaign_id": campaign_id}
    for table in (CampaignTier, CampaignPoint):
        mine = (table.station_id == station_id, table.campaign_id == campaign_id)
        connection().execute(delete(table).where(*mine))
    connection().execute(
        insert(CampaignTier),
        [
            key | {"from_total": one.from_total, "unit_price_minor": one.unit_price_minor}
            for one in plan.tiers
        ],
    )
    connection().execute(insert(CampaignPoint), _points(key, plan.points))


def _points(key: dict[str, int], chosen: Iterable[plans.Point]) -> list[dict[str, int]]:
    return [key | {"point_station_id": one.station_id, "share_bp": one.share_bp} for one in chosen]
