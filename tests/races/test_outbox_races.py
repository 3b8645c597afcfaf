"""Several processes at one outbox: each message goes out once, and no parcel is forgotten between two of them."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select

from station.core import clock
from station.core.db import connection, db, reading, transaction
from station.events import outbox
from station.events.models import OutboxMessage, OutboxParcel
from station.notices import dispatch
from tests import factories

WORKERS = 4
LATER = timedelta(hours=1)


class Recorder:
    """A channel that counts how often each message came."""

    name = "recorder"
    medium = "sms"

    def reaches(self, phone, email):
        return True

    def __init__(self):
        self.ids = []

    def send(self, message):
        self.ids.append(message.id)


def together(app, *acts):
    """Run the acts at the same moment, each in a thread with a session of its own; return what they returned."""
    gate = threading.Barrier(len(acts))

    def start(act):
        with app.app_context():
            gate.wait()
            try:
                return act()
            finally:
                db.session.remove()

    db.session.remove()
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(start, act) for act in acts]]


def people(station, count):
    return [factories.recipient(station, f"1390000{number:04d}") for number in range(count)]


def test_message_goes_out_once_however_many_dispatchers_run(app, station):
    for person in people(station, 12):
        factories.store(station, to=person)
    channel, now = Recorder(), clock.now() + LATER
    tallies = together(app, *[lambda: dispatch.run_due(station.id, [channel], now)] * WORKERS)

    assert sum(tally.sent for tally in tallies) == 12
    assert set(Counter(channel.ids).values()) == {1}


def test_two_claims_never_take_one_message(app, station):
    for person in people(station, WORKERS):
        factories.store(station, to=person)
    now = clock.now() + LATER

    def claim():
        with transaction():
            return outbox.claim_next(station.id, now)

    claimed = together(app, *[claim] * WORKERS)

    assert len({message.id for message in claimed if message}) == len(
        [message for message in claimed if message]
    )


def test_parcels_enqueued_at_the_same_moment_share_one_message(app, station):
    [person] = people(station, 1)

    def owe(parcel_id):
        def act():
            with transaction():
                return outbox.enqueue(
                    station.id,
                    topic="stored",
                    recipient_id=person.id,
                    parcel_id=parcel_id,
                    due_at=clock.now(),
                )

        return act

    messages = together(app, *[owe(number) for number in range(8)])
    with reading():
        told = sorted(connection().scalars(select(OutboxParcel.parcel_id)))

    assert len(set(messages)) == 1
    assert told == list(range(8))


def test_parcel_enqueued_while_the_message_is_claimed_is_not_lost(app, station):
    """Whoever comes first: the parcel is in the claimed message, or in a new open one. Never in neither."""
    for attempt in range(10):
        person = factories.recipient(station, f"1380000{attempt:04d}")
        owe = _owe(station, person, 2 * attempt + 1)
        _owe(station, person, 2 * attempt)()
        now = clock.now() + LATER

        def claim(now=now):
            with transaction():
                return outbox.claim_next(station.id, now)

        claimed, joined = together(app, claim, owe)
        with reading():
            state = connection().scalar(select(OutboxMessage.state).where(OutboxMessage.id == joined))

        # A claim passes over a message that is being written; the next pass finds it.
        in_claimed = claimed is not None and 2 * attempt + 1 in claimed.parcel_ids
        assert in_claimed is (claimed is not None and joined == claimed.id)
        assert state == ("claimed" if in_claimed else "open")
        _send_rest(station, now)


def test_withdrawn_parcel_is_taken_out_or_already_under_way(app, station):
    for attempt in range(10):
        person = factories.recipient(station, f"1370000{attempt:04d}")
        message = _owe(station, person, attempt)()
        now = clock.now() + LATER

        def claim(now=now):
            with transaction():
                return outbox.claim_next(station.id, now)

        def withdraw(attempt=attempt):
            with transaction():
                return outbox.withdraw(station.id, attempt)

        claimed, taken = together(app, claim, withdraw)
        with reading():
            state = connection().scalar(select(OutboxMessage.state).where(OutboxMessage.id == message))

        assert (claimed is None) is (taken == 1)
        assert state == ("dropped" if taken else "claimed")
        _send_rest(station, now)


def _owe(station, person, parcel_id):
    def act():
        with transaction():
            return outbox.enqueue(
                station.id, topic="stored", recipient_id=person.id, parcel_id=parcel_id, due_at=clock.now()
            )

    return act


def _send_rest(station, now):
    """Settle what an attempt left, so that the next one meets only its own messages."""
    with transaction():
        while claimed := outbox.claim_next(station.id, now):
            outbox.drop(claimed)
