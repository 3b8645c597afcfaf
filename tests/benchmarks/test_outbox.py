"""10,000 messages through the outbox with a channel that does nothing, beside the same claims and settlements raw.

Ours puts each message into words, keeps it in the custody log and counts its cost; the raw limit only finds the next
due row, takes it and settles it, each in a transaction of its own as ours does.
"""

import time
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from station.core import clock
from station.core.db import EPOCH, MICROSECOND, connection, reading, transaction
from station.core.phones import Phone, PhoneKind
from station.events.models import OutboxMessage
from station.notices import dispatch
from station.notices.channels import Medium, Message
from station.residents import service as residents
from tests.benchmarks.measure import Call, Raw, Scene, ms, result

MESSAGES = 10_000
STEP = 500
LATER = timedelta(minutes=5)
MINUTE = 60_000_000
BEGIN: Call = ("BEGIN IMMEDIATE", (), False)

NEXT = (
    "SELECT id FROM outbox_messages WHERE station_id = ? AND state in ('open', 'claimed') AND due_at <= ? "
    "ORDER BY due_at, id LIMIT 1"
)
CLAIM = (
    "UPDATE outbox_messages SET state = 'claimed', attempts = 1, due_at = ? WHERE station_id = ? AND id = ?"
)
SETTLE = (
    "UPDATE outbox_messages SET state = 'sent', channel = 'null', body = ?, sent_at = ? "
    "WHERE station_id = ? AND id = ? AND state in ('open', 'claimed')"
)


class NullChannel:
    """Takes everything and does nothing."""

    name = "null"
    medium = Medium.PHONE

    def __init__(self) -> None:
        self.taken = 0

    def reaches(self, phone: object, email: str | None) -> bool:
        return True

    def send(self, message: Message) -> None:
        self.taken += 1


def owe(scene: Scene) -> None:
    """Store a parcel for each of so many people that every one is a message."""
    for first in range(0, MESSAGES, STEP):
        with transaction():
            scene.people = [
                residents.find_or_add(scene.station.id, phone(number), None)
                for number in range(first, first + STEP)
            ]
        with transaction():
            scene.check_in_together([scene.arrival(number) for number in range(STEP)])


def phone(number: int) -> Phone:
    return Phone(PhoneKind.MOBILE, f"139{number:08d}")


def raw_seconds(raw: Raw, station_id: int, now: datetime) -> float:
    """Claim and settle every message by the driver alone; return the seconds."""
    with reading():
        order = select(OutboxMessage.id).order_by(OutboxMessage.due_at, OutboxMessage.id)
        messages = list(connection().scalars(order))
    at = (now - EPOCH) // MICROSECOND
    body = "x" * 60  # as long as ours
    return sum(
        raw.replay(
            [BEGIN, (NEXT, (station_id, at), False), (CLAIM, (at + MINUTE, station_id, message), False)]
        )
        + raw.replay([BEGIN, (SETTLE, (body, at, station_id, message), False)])
        for message in messages
    )


def test_ten_thousand_messages_against_raw_claims(web: Flask, scene: Scene, tmp_path: Path) -> None:
    owe(scene)
    raw = Raw(web, tmp_path / "raw.db")
    now = clock.now() + LATER
    busy = time.process_time()
    limit = raw_seconds(raw, scene.station.id, now)
    limit_cpu = time.process_time() - busy
    raw.close()
    channel, start, busy = NullChannel(), time.perf_counter(), time.process_time()
    while dispatch.run_due(scene.station.id, [channel], now).sent:
        pass
    ours, ours_cpu = time.perf_counter() - start, time.process_time() - busy
    with reading():
        sent = select(func.count()).where(OutboxMessage.state == "sent")
        assert connection().scalar(sent) == channel.taken == MESSAGES
    for name, mine, theirs in (
        (f"{MESSAGES:,} messages, each, against raw claims", ours, limit),
        ("  of this, CPU alone", ours_cpu, limit_cpu),
    ):
        result(name, ms(mine / MESSAGES), ms(theirs / MESSAGES), f"{theirs / mine:.2f}", "")
    result("  messages in a second", f"{MESSAGES / ours:,.0f}", f"{MESSAGES / limit:,.0f}", "", "")
