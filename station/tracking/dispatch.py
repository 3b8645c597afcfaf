"""Telling carriers: make deliveries of what happened, and send each to its webhook, signed.

Opens its own transactions, so it is called by the scheduler and never inside one; none is open while something is sent.
May run late, twice or at the same time as another: deliveries are claimed (deliveries.py), and a claim lasts longer
than an attempt may (wire.WHOLE_S and the look-up of a name), so that no two attempts of one delivery overlap.
"""

import http.client
import json
import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from station.core.db import connection, reading, transaction
from station.core.failures import describe
from station.core.settings import Settings
from station.notices import signed_post, wire
from station.notices.wire import AddressRule
from station.tracking import deliveries, queries
from station.tracking.deliveries import Claimed
from station.tracking.models import Webhook
from station.tracking.queries import Target, Told

# One webhook's turn, so that a busy one, or one whose server is slow or away, does not keep the others waiting. Ours.
BATCH = 200  # deliveries
PAGES = 20  # of the log
TURN = timedelta(seconds=30)
FAILURES_IN_A_ROW = 3

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tally:
    """What one pass did; `dead` are among the failed."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.delivered + other.delivered, self.failed + other.failed, self.dead + other.dead)


@dataclass(frozen=True, slots=True)
class _Letter:
    claimed: Claimed
    url: str
    secret: str
    body: bytes


def rule_of(settings: Settings) -> AddressRule:
    """Return to which addresses webhooks may lead in this installation."""
    return wire.anywhere if settings.private_gateways else wire.public_only


def run_all(rule: AddressRule, now: datetime) -> Tally:
    """Tell every webhook what is due.

    Where something breaks at one, the others are told all the same; the first failure is raised at the end.
    """
    with reading():
        targets = queries.due(now)
    tally, began, broken = Tally(), time.monotonic(), []
    for target in targets:
        try:
            tally += run_due(target, rule, now + _since(began))
        except Exception as error:  # noqa: BLE001 - the loop over webhooks: one must not keep the others waiting
            log.error("webhook %s could not be served: %s", target.id, describe(error))
            broken.append(error)
    if broken:
        raise broken[0]
    return tally


def run_due(target: Target, rule: AddressRule, now: datetime) -> Tally:
    """Tell one webhook what is due, one turn's worth; several processes share the work."""
    for _page in range(PAGES):
        with transaction():
            has_more = deliveries.fan_out(target, now)
        if not has_more:
            break
    tally, failures, began = Tally(), 0, time.monotonic()
    for _delivery in range(BATCH):
        if failures == FAILURES_IN_A_ROW or _since(began) > TURN:
            break
        letter = _next(target, now + _since(began))  # a claim is counted from when it is made
        if letter is None:
            break
        done = _send(letter, rule)
        failures = failures + 1 if done.failed else 0
        tally += done
    return tally


def _since(began: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - began)


def _next(target: Target, now: datetime) -> _Letter | None:
    with transaction():
        claimed = deliveries.claim_next(target, now)
        if claimed is None:
            return None
        mine = (Webhook.station_id == target.station_id, Webhook.id == target.id)
        row = connection().execute(select(Webhook.url, Webhook.secret).where(*mine)).one()
        told = queries.event(target.station_id, claimed.seq)
        return _Letter(claimed, row.url, row.secret, body_of(claimed, told))


def body_of(claimed: Claimed, told: Told) -> bytes:
    """Return what is sent and signed: the delivery, and the event as the stream tells it."""
    values = {
        "delivery_id": str(claimed.id),
        "webhook_id": str(claimed.target.id),
        "attempt": claimed.attempts,
        "event": as_json(told),
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def as_json(told: Told) -> dict[str, Any]:
    """Return an event as JSON values: ids as strings, the time as RFC 3339."""
    return {
        "cursor": str(told.cursor),
        "at": told.at.isoformat(),
        "status": told.status.value,
        "codes": {vocabulary.value: code for vocabulary, code in told.codes.items()},
        "parcel_id": str(told.parcel_id),
        "waybill": told.waybill,
        "manifest_id": told.manifest_id,
    }


def _send(letter: _Letter, rule: AddressRule) -> Tally:
    failure = _attempt(letter, rule)
    with transaction():
        if failure is None:
            deliveries.mark_delivered(letter.claimed)
            return Tally(delivered=1)
        is_dead = deliveries.put_back(letter.claimed, failure=failure)
    log.info("delivery %s: attempt %s failed: %s", letter.claimed.id, letter.claimed.attempts, failure)
    return Tally(failed=1, dead=int(is_dead))


def _attempt(letter: _Letter, rule: AddressRule) -> str | None:
    """Post once; return why it failed, None when the receiver took it (RFC 9110, section 15.3: 2xx)."""
    headers = signed_post.headers(str(letter.claimed.id), letter.body, letter.secret)
    try:
        status, _answer = signed_post.post(letter.url, letter.body, headers, rule)
    except wire.ForbiddenAddressError:
        return "address not allowed"
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    return None if 200 <= status < 300 else f"answer {status}"
