"""Writers at one custody chain: no number twice, no gap, and verification is right while they write."""

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from station.core.actor import system_actor
from station.core.db import connection, db, reading, transaction
from station.events import anchors
from station.events.models import CustodyAnchor, CustodyEvent
from station.events.service import Event, append
from station.events.verify import verify
from tests.factories import make_station

WRITERS = 4
ROUNDS = 15


def write(app, station_id, gate, rounds=ROUNDS):
    with app.app_context():
        gate.wait()
        for number in range(rounds):
            with transaction():
                append(system_actor(station_id), Event("moved", number), Event("moved", number))
        db.session.remove()


def count(station_id):
    with reading():
        return connection().scalar(
            select(func.count()).select_from(CustodyEvent).where(CustodyEvent.station_id == station_id)
        )


def test_writers_at_one_chain_leave_it_whole(app, station):
    before, gate = count(station.id), threading.Barrier(WRITERS)
    db.session.remove()
    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(write, app, station.id, gate) for _ in range(WRITERS)]:
            done.result()
    with reading():
        report = verify(station.id)

    assert report.is_whole
    assert report.events == before + 2 * WRITERS * ROUNDS


def test_writers_at_two_chains_do_not_mix_them(app, station):
    other, gate = make_station("Elm Yard"), threading.Barrier(2)
    db.session.remove()
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(write, app, one.id, gate) for one in (station, other)]:
            done.result()
    with reading():
        assert verify(station.id).is_whole
        assert verify(other.id).is_whole


def test_verification_and_signing_are_right_while_writers_write(app, station):
    gate, found = threading.Barrier(3), []

    def look():
        with app.app_context():
            gate.wait()
            for _ in range(ROUNDS):
                with transaction():
                    anchors.sign_head(station.id)
                with reading():
                    found.append(verify(station.id).broken)
            db.session.remove()

    db.session.remove()
    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, app, station.id, gate, 2 * ROUNDS) for _ in range(2)]
        for done in [*writers, pool.submit(look)]:
            done.result()

    assert found == [None] * ROUNDS


def test_two_signers_leave_one_anchor(app, station):
    gate = threading.Barrier(WRITERS)

    def sign():
        with app.app_context():
            gate.wait()
            with transaction():
                anchors.sign_head(station.id)
            db.session.remove()

    db.session.remove()
    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(sign) for _ in range(WRITERS)]:
            done.result()
    with reading():
        assert connection().scalar(select(func.count()).select_from(CustodyAnchor)) == 1
        assert verify(station.id).is_whole
