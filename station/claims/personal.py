"""Erasing what people said and showed in claims: in time, or when somebody wishes so.

The rows stay: how much was given back, when, and for what kind of fault is part of the books.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select, update

from station.claims import personal_queries, pictures
from station.claims.models import ClaimPicture, OrderClaim
from station.core import clock
from station.core.actor import system_actor
from station.core.db import connection
from station.events.service import Event, append, take_turn

# Ours, as long as the evidence of hand-overs (residents/erasure.py): a supplier's settlement is disputed in the weeks
# after it.
KEEP = timedelta(days=90)


def forget(station_id: int, recipient_ids: Sequence[int]) -> None:
    """Erase what these recipients said and showed, and what they were told."""
    _erase(station_id, personal_queries.ids_of_people(station_id, recipient_ids))


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
    pictures.erase(station_id, claim_ids)
    theirs = (OrderClaim.station_id == station_id, OrderClaim.id.in_(claim_ids))
    connection().execute(update(OrderClaim).where(*theirs).values(words=None, answer=None))
