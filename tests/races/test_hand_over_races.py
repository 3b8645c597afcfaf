"""Two people and one parcel: one hands it over, the other is told; on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from station.core import idempotency
from station.core.actor import Actor
from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.core.idempotency import Request
from station.events import queries as events
from station.parcels import desk, hand_over, handling, parcel_queries
from station.parcels.hand_over import Taker
from station.parcels.models import HandOver
from station.shelves import queries as shelves
from tests.factories import Station, store

ROUNDS = 8


def together(app: Flask, *acts: Any) -> list[str]:
    """Run each act in a thread and a connection of its own at the same moment; return `done` or the refusal's code."""
    gate = threading.Barrier(len(acts))

    def run(act: Any) -> str:
        with app.app_context():
            gate.wait()
            try:
                with transaction():
                    act()
            except StationError as error:
                return error.code
            finally:
                db.session.remove()
            return "done"

    db.session.remove()
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(run, act) for act in acts]]


def valid_hand_overs(station: Station, parcel_id: int) -> int:
    with reading():
        query = select(func.count()).where(
            HandOver.station_id == station.id, HandOver.parcel_id == parcel_id, HandOver.undone_at.is_(None)
        )
        return db.session.scalar(query) or 0


def take(actor: Actor, parcel: Any) -> Any:
    return lambda: desk.take(actor, f"r{parcel.recipient.id}", parcel.parcel_id, taker=Taker())


def test_one_of_two_hands_the_parcel_over(app: Flask, station: Station) -> None:
    for _ in range(ROUNDS):
        parcel = store(station)
        answers = together(app, take(station.clerk, parcel), take(station.manager, parcel))
        assert sorted(answers) == ["already_handed_over", "done"]
        assert valid_hand_overs(station, parcel.parcel_id) == 1
        with reading():
            assert shelves.layer(station.id, parcel.row.id).stored == 0
            kinds = [event.kind for event in events.story(station.id, parcel.parcel_id)]
        assert kinds.count("handed_over") == 1


def test_one_scan_sent_twice_at_once_acts_once(app: Flask, station: Station) -> None:
    for number in range(ROUNDS):
        parcel, gate = store(station), threading.Barrier(2)

        def send(parcel: Any = parcel, gate: threading.Barrier = gate, number: int = number) -> Any:
            def act() -> dict[str, Any]:
                desk.scan(station.clerk, f"r{parcel.recipient.id}", parcel.waybill, taker=Taker())
                return {}

            with app.app_context():
                gate.wait()
                wanted = Request(
                    station.clerk, "hand_over.scan", f"race-{number:04d}", {"value": parcel.waybill}
                )
                answer = idempotency.once(wanted, act)
                db.session.remove()
            return answer

        db.session.remove()
        with ThreadPoolExecutor(2) as pool:
            answers = [future.result() for future in [pool.submit(send), pool.submit(send)]]
        assert [answer.status for answer in answers] == [200, 200]
        assert sorted(answer.replayed for answer in answers) == [False, True]
        assert valid_hand_overs(station, parcel.parcel_id) == 1


def test_a_hand_over_and_a_return_exclude_each_other(app: Flask, station: Station) -> None:
    for _ in range(ROUNDS):
        parcel = store(station)
        answers = together(
            app,
            take(station.clerk, parcel),
            lambda parcel=parcel: handling.start_return(station.manager, parcel.parcel_id, reason="refused"),
        )
        assert sorted(answers) == ["done", "illegal_transition"]


def test_one_of_two_takes_a_hand_over_back(app: Flask, station: Station) -> None:
    for _ in range(ROUNDS):
        parcel = store(station)
        with transaction():
            hand_over.hand_over(station.clerk, parcel.parcel_id, Taker())

        def undo(actor: Actor, parcel: Any = parcel) -> Any:
            return lambda: hand_over.undo_hand_over(actor, parcel.parcel_id, reason="not_taken")

        answers = together(app, undo(station.clerk), undo(station.manager))
        assert sorted(answers) == ["done", "illegal_transition"]
        with reading():
            assert parcel_queries.handed_lately(station.id, station.clerk.key, within=timedelta(days=1)) == []


def test_a_write_off_is_confirmed_or_handed_over_but_not_both(app: Flask, station: Station) -> None:
    for _ in range(ROUNDS):
        parcel = store(station)
        with transaction():
            handling.ask_write_off(station.clerk, parcel.parcel_id, reason="destroyed")
        answers = together(
            app,
            take(station.clerk, parcel),
            lambda parcel=parcel: handling.confirm_write_off(station.manager, parcel.parcel_id),
        )
        assert sorted(answers) == ["done", "illegal_transition"]
