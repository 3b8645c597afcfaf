"""What claims hold about people: an export of it, and erasing words and pictures, in time or when somebody wishes so.

The rows stay: how much was given back, when, and for what kind of fault is part of the books.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update

from station.core import clock
from station.core.actor import system_actor
from station.core.db import connection
from station.core.money import plain_money
from station.events.service import Event, append, take_turn
from station.group_buys import claim_pictures
from station.group_buys.claim_models import ClaimPicture, OrderClaim
from station.group_buys.claim_rules import ClaimState
from station.group_buys.models import Campaign, GroupOrder

# Ours, as long as the evidence of hand-overs (residents/erasure.py): a supplier's settlement is disputed in the weeks
# after it.
KEEP = timedelta(days=90)

_IS_OPEN = OrderClaim.state == ClaimState.OPEN
_OF_ORDER = (GroupOrder.station_id == OrderClaim.station_id) & (GroupOrder.id == OrderClaim.order_id)
_OF_CAMPAIGN = (Campaign.station_id == GroupOrder.station_id) & (Campaign.id == GroupOrder.campaign_id)
_FACTS = ("id", "state", "problem", "units", "words", "made_at", "ended_at", "refunded_units", "answer")


def of_people(station_id: int, recipient_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return every claim of these recipients, oldest first, as plain values."""
    columns = (getattr(OrderClaim, name) for name in _FACTS)
    query = (
        select(*columns, OrderClaim.amount_minor, Campaign.title, Campaign.currency)
        .join(GroupOrder, _OF_ORDER)
        .join(Campaign, _OF_CAMPAIGN)
        .where(OrderClaim.station_id == station_id, GroupOrder.recipient_id.in_(recipient_ids))
        .order_by(OrderClaim.id)
    )
    rows = connection().execute(query).all()
    places = claim_pictures.places(station_id, [row.id for row in rows])
    return [_facts(row, len(places[row.id])) for row in rows]


def _facts(row: Any, pictures: int) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "group_buy": row.title,
        "claim_state": row.state,
        "claim_problem": row.problem,
        "claimed_units": row.units,
        "words": row.words,
        "claim_pictures": pictures,
        "claimed_at": row.made_at.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "answer": row.answer,
        "refunded_units": row.refunded_units,
        "amount": f"{plain_money(row.amount_minor, row.currency)} {row.currency}"
        if row.amount_minor
        else None,
    }


def count_open(station_id: int, recipient_ids: Sequence[int]) -> int:
    """Return how many claims of these recipients wait for an answer."""
    theirs = (OrderClaim.station_id == station_id, GroupOrder.recipient_id.in_(recipient_ids), _IS_OPEN)
    query = select(func.count()).select_from(OrderClaim).join(GroupOrder, _OF_ORDER).where(*theirs)
    return connection().scalar(query) or 0


def forget(station_id: int, recipient_ids: Sequence[int]) -> None:
    """Erase what these recipients said and showed, and what they were told."""
    query = select(OrderClaim.id).join(GroupOrder, _OF_ORDER)
    theirs = (OrderClaim.station_id == station_id, GroupOrder.recipient_id.in_(recipient_ids))
    _erase(station_id, list(connection().scalars(query.where(*theirs).order_by(OrderClaim.id))))


def erase_old(station_id: int) -> int:
    """Erase words and pictures of claims that ended longer than KEEP ago; return of how many.

    Safe to repeat, and late: the second time there is nothing to erase, and nothing is logged.
    """
    take_turn(station_id)
    is_old = (OrderClaim.ended_at < clock.now() - KEEP, _has_something())
    query = select(OrderClaim.id).where(OrderClaim.station_id == station_id, *is_old)
    old = list(connection().scalars(query.order_by(OrderClaim.id)))
    if old:
        _erase(station_id, old)
        append(system_actor(station_id), Event("claims_erased", data={"count": len(old)}))
    return len(old)


def _has_something() -> ColumnElement[bool]:
    """Return the condition of claims with words, an answer or a picture left."""
    picture = select(ClaimPicture.id).where(
        ClaimPicture.station_id == OrderClaim.station_id,
        ClaimPicture.claim_id == OrderClaim.id,
        ClaimPicture.content.is_not(None),
    )
    return or_(OrderClaim.words.is_not(None), OrderClaim.answer.is_not(None), picture.exists())


def _erase(station_id: int, claim_ids: Sequence[int]) -> None:
    claim_pictures.erase(station_id, claim_ids)
    theirs = (OrderClaim.station_id == station_id, OrderClaim.id.in_(claim_ids))
    connection().execute(update(OrderClaim).where(*theirs).values(words=None, answer=None))
