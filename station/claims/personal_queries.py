"""What claims hold about people: an export of it, how many of theirs wait for an answer, and what was answered last."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from station.claims import pictures
from station.claims.models import OrderClaim
from station.claims.rules import ClaimState
from station.claims.store import COLUMNS, Claim
from station.core.db import connection
from station.core.money import plain_money
from station.group_buys.models import Campaign, GroupOrder
from station.residents import queries as people

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
    places = pictures.places(station_id, [row.id for row in rows])
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


def ids_of_people(station_id: int, recipient_ids: Sequence[int]) -> list[int]:
    """Return the ids of every claim of these recipients, oldest first."""
    theirs = (OrderClaim.station_id == station_id, GroupOrder.recipient_id.in_(recipient_ids))
    query = select(OrderClaim.id).join(GroupOrder, _OF_ORDER).where(*theirs).order_by(OrderClaim.id)
    return list(connection().scalars(query))


def newest_answer(station_id: int, recipient_id: int, number: int) -> tuple[Claim, str] | None:
    """Return what was answered last of a person's claims in the campaign with this number, and its title."""
    query = (
        select(*COLUMNS, Campaign.title)
        .join(GroupOrder, _OF_ORDER)
        .join(Campaign, _OF_CAMPAIGN)
        .where(
            OrderClaim.station_id == station_id,
            OrderClaim.state.in_((ClaimState.REFUNDED, ClaimState.REFUSED)),
            Campaign.number == number,
            GroupOrder.recipient_id.in_(people.entries_of(station_id, recipient_id)),
        )
        .order_by(OrderClaim.ended_at.desc(), OrderClaim.id.desc())
        .limit(1)
    )
    row = connection().execute(query).first()
    return (Claim(*row[:-1]), row[-1]) if row else None
