"""A parcel that comes back or goes elsewhere: its code, and the deadline only stored parcels have."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from station.core import clock
from station.core.db import db, transaction
from station.network import queries as network
from station.network import service as network_service
from station.parcels import handling
from station.parcels.hand_over import Taker, hand_over, undo_hand_over
from station.shelves.models import Layer
from tests import invariants
from tests.factories import Station, store

START = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def in_and_out(station: Station, after: timedelta) -> tuple[int, str]:
    with clock.use(lambda: START + after):
        stored = store(station)
        with transaction():
            hand_over(station.clerk, stored.parcel_id, Taker())
    return stored.parcel_id, stored.pickup_code


def undo(station: Station, parcel_id: int, after: timedelta) -> str:
    with clock.use(lambda: START + after), transaction():
        return undo_hand_over(station.clerk, parcel_id, reason="wrong_parcel").pickup_code


def test_a_code_that_somebody_else_had_since_is_not_restored(station: Station) -> None:
    with transaction():
        rules = network.rules(station.id)
        network_service.change_settings(station.manager, {"numbering": "counter"}, version=rules.version)
        db.session.execute(update(Layer).where(Layer.station_id == station.id).values(counter_space=3))
    first, code = in_and_out(station, timedelta(0))
    later = [in_and_out(station, timedelta(days=8, minutes=minute)) for minute in range(3)]
    assert code in [given for _parcel, given in later]

    assert undo(station, first, timedelta(days=10)) != code
    invariants.check(station.id)


def test_a_code_that_rests_since_its_parcel_left_is_restored(station: Station) -> None:
    parcel_id, code = in_and_out(station, timedelta(0))

    assert undo(station, parcel_id, timedelta(minutes=4)) == code
    invariants.check(station.id)


def test_moving_a_parcel_picked_for_its_carrier_gives_it_no_deadline(station: Station) -> None:
    parcel_id, to = store(station).parcel_id, station.layer("2")
    with transaction():
        handling.start_return(station.clerk, parcel_id, reason="refused")
        handling.move(station.clerk, parcel_id, to)

    invariants.check(station.id)


def test_a_return_that_is_cancelled_gives_the_deadline_back(station: Station) -> None:
    parcel_id = store(station).parcel_id
    with transaction():
        handling.start_return(station.clerk, parcel_id, reason="refused")
        handling.cancel_return(station.clerk, parcel_id)

    invariants.check(station.id)
