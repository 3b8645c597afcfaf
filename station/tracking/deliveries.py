"""Deliveries: one event owed to one webhook, made from the custody log by cursor, claimed, settled, forgotten.

Nothing here sends. A delivery is claimed until the time of its next attempt, so that one whose process died is tried
again by itself: delivered at least once, always under the same id. Of one parcel's events the earlier is settled before
the later is claimed, so that they come in their order; one that was given up holds up nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnClause, bindparam, delete, exists, insert, literal_column, select, update
from sqlalchemy.orm import aliased

from station.core import clock, ids
from station.core.db import connection
from station.core.statements import Statement
from station.tracking import queries
from station.tracking.models import Webhook, WebhookDelivery
from station.tracking.queries import Target

# Minutes after the first, second … attempt. Ours: a system that restarts is back in a minute, one whose people have
# to be woken or are away for the night within 29 hours, which the waits before the last attempt add up to.
BACK_OFF_MIN = (1, 5, 15, 60, 240, 480, 960, 1440)
LAST_ATTEMPT = len(BACK_OFF_MIN)
FAN_OUT = 500  # events made into deliveries in one transaction
# Ours: a webhook that takes nothing piles up no more than this; the log keeps the rest, and the cursor knows where.
MOST_WAITING = 2_000
KEEP = timedelta(days=30)  # settled ones, as answers to idempotency keys; the log keeps what they told
FAILURE_LIMIT = 200
_WAITS: ColumnClause[str] = literal_column("'waiting'")  # spelt out: only so the partial indexes fit


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours to send until its claim runs out; `attempts` counts this one."""

    target: Target
    id: int
    seq: int
    attempts: int


_EARLIER = aliased(WebhookDelivery)
_HAS_EARLIER = exists().where(
    _EARLIER.station_id == WebhookDelivery.station_id,
    _EARLIER.webhook_id == WebhookDelivery.webhook_id,
    _EARLIER.parcel_id == WebhookDelivery.parcel_id,
    _EARLIER.seq < WebhookDelivery.seq,
    _EARLIER.state == _WAITS,
)
_NEXT = Statement(
    select(WebhookDelivery.id, WebhookDelivery.seq, WebhookDelivery.attempts)
    .where(
        WebhookDelivery.station_id == bindparam("station_id"),
        WebhookDelivery.webhook_id == bindparam("webhook_id"),
        WebhookDelivery.state == _WAITS,
        WebhookDelivery.due_at <= bindparam("now"),
        ~_HAS_EARLIER,
    )
    .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
    .limit(1)
    .with_for_update(of=WebhookDelivery, skip_locked=True)
)
_THIS = (WebhookDelivery.station_id == bindparam("station"), WebhookDelivery.id == bindparam("delivery"))
_CLAIM = Statement(
    update(WebhookDelivery).where(*_THIS).values(attempts=bindparam("attempts"), due_at=bindparam("due_at"))
)
_SETTLE = Statement(
    update(WebhookDelivery)
    .where(*_THIS, WebhookDelivery.state == _WAITS)
    .values(state=bindparam("state"), failure=bindparam("failure"), settled_at=bindparam("settled_at"))
)
_ADD = Statement(insert(WebhookDelivery))


def fan_out(target: Target, now: datetime) -> bool:
    """Make deliveries of what happened behind a webhook's cursor, and move it; tell whether more is left.

    Waits for whoever does the same: the webhook's row is locked, so that each event becomes one delivery of a round.
    """
    mine = (Webhook.station_id == target.station_id, Webhook.id == target.id, Webhook.ended_at.is_(None))
    query = select(Webhook.carrier, Webhook.cursor, Webhook.round).where(*mine).with_for_update()
    row = connection().execute(query).first()
    if row is None or queries.webhook(target.station_id, target.id).waiting >= MOST_WAITING:
        return False
    page = queries.stream(target.station_id, row.carrier, after=row.cursor, limit=FAN_OUT)
    _ADD.run_many(
        [{"id": ids.next_id(), "seq": told.cursor, "parcel_id": told.parcel_id} for told in page.events],
        station_id=target.station_id,
        webhook_id=target.id,
        round=row.round,
        state="waiting",
        due_at=now,
        attempts=0,
        made_at=now,
    )
    connection().execute(update(Webhook).where(*mine).values(cursor=page.next_cursor))
    return page.has_more


def claim_next(target: Target, now: datetime) -> Claimed | None:
    """Claim the longest due delivery of a webhook until the time of its next attempt; None when nothing is due.

    One whose last attempt was claimed and never settled is given up here: nobody knows whether it came.
    """
    while row := _NEXT.first(station_id=target.station_id, webhook_id=target.id, now=now):
        if row.attempts < LAST_ATTEMPT:
            attempts = row.attempts + 1
            due_at = now + timedelta(minutes=BACK_OFF_MIN[row.attempts])
            _CLAIM.run(station=target.station_id, delivery=row.id, attempts=attempts, due_at=due_at)
            return Claimed(target, row.id, row.seq, attempts)
        _settle(target, row.id, "dead", failure="not settled")
    return None


def mark_delivered(claimed: Claimed) -> None:
    """Keep that a delivery came; nothing happens when it was settled already."""
    _settle(claimed.target, claimed.id, "delivered", failure=None)


def put_back(claimed: Claimed, *, failure: str) -> bool:
    """Keep why an attempt failed; the claim's end is the next one. Return whether it was the last: a dead letter."""
    is_last = claimed.attempts >= LAST_ATTEMPT
    _settle(claimed.target, claimed.id, "dead" if is_last else "waiting", failure=failure[:FAILURE_LIMIT])
    return is_last


def forget_old(station_id: int) -> int:
    """Delete deliveries settled longer than KEEP ago; return how many."""
    old = delete(WebhookDelivery).where(
        WebhookDelivery.station_id == station_id, WebhookDelivery.settled_at < clock.now() - KEEP
    )
    return connection().execute(old).rowcount


def _settle(target: Target, delivery_id: int, state: str, *, failure: str | None) -> None:
    settled_at = None if state == "waiting" else clock.now()
    _SETTLE.run(
        station=target.station_id, delivery=delivery_id, state=state, failure=failure, settled_at=settled_at
    )
