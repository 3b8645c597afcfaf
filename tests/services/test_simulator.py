"""Simulated days, driven through the services: the promised shares, every state, and the invariants at the end."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from station.accounts import passwords
from station.accounts import service as accounts
from station.commands import group
from station.core import clock
from station.core.db import connection, db, reading, transaction
from station.core.errors import StationError
from station.days import service as days
from station.days.models import Day
from station.events import outbox
from station.events.models import CustodyAnchor, OutboxMessage, RefusedScan
from station.me import queries as me
from station.network import queries as network
from station.network import service as network_service
from station.parcels.clock_rules import StorageLevel
from station.parcels.lifecycle import ParcelState
from station.parcels.models import Parcel
from station.residents.models import Recipient
from station.residents.service import phone_hash
from station.returns.models import ReturnItem, ReturnManifest, UnclaimedParcel
from station.shelves import queries as shelves
from station.shelves.models import Layer
from station.simulator import demo
from station.simulator.histogram import histogram
from station.simulator.run import Order, simulate
from station.stocktakes import queries as stocktakes
from station.stocktakes.compare import Kind
from tests import invariants
from tests.factories import Station, make_station

UNTIL = datetime(2026, 3, 12, 13, 0, tzinfo=UTC)  # 21:00 in Shanghai


def counted(column, *where):
    with reading():
        query = select(column, func.count()).where(*where).group_by(column)
        return Counter(dict(connection().execute(query).all()))


def test_ten_days_have_the_promised_shape(web_station: Station, capsys) -> None:
    station = web_station
    summary = simulate(station.id, Order(days=10, parcels_per_day=30, seed=7), UNTIL)

    with reading():
        found = histogram(station.id, since=summary.since, until=summary.until)
    with capsys.disabled():
        print("\n" + "\n".join(found.lines()))
    assert found.arrivals.total() == pytest.approx(300, abs=10)
    assert found.morning_share == pytest.approx(0.70, abs=0.04)
    assert found.evening_share >= 0.40
    assert found.long_share == pytest.approx(0.05, abs=0.03)
    invariants.check(station.id)
    invariants.chain_is_whole(station.id)


def test_the_same_seed_leads_to_the_same_days(station: Station) -> None:
    first = simulate(station.id, Order(days=1, parcels_per_day=15, seed=3), UNTIL)
    second = simulate(make_station("Cedar").id, Order(days=1, parcels_per_day=15, seed=3), UNTIL)
    assert first.done == second.done
    assert first.line == second.line


def test_a_station_that_is_full_sets_parcels_aside(web_station: Station) -> None:
    """The line never stops."""
    station = web_station
    with transaction():
        db.session.execute(update(Layer).where(Layer.station_id == station.id).values(capacity=1))
    simulate(station.id, Order(days=1, parcels_per_day=40, seed=4), UNTIL)
    assert counted(Parcel.problem)["no_place"] > 0
    assert counted(RefusedScan.reason)["scan_a_shelf_first"] == 0
    invariants.check(station.id)


def test_messages_of_a_simulation_leave_no_debt(station: Station) -> None:
    simulate(station.id, Order(days=2, parcels_per_day=15, seed=5), UNTIL)
    later = UNTIL - timedelta(minutes=15)
    assert counted(OutboxMessage.state, OutboxMessage.due_at < later).keys() <= {"sent", "dropped", "dead"}
    assert counted(OutboxMessage.failure, OutboxMessage.state == "dead").keys() <= {outbox.NO_CHANNEL}
    assert counted(OutboxMessage.channel, OutboxMessage.state == "sent").keys() == {"simulated"}


def test_without_staff_nothing_is_simulated(app) -> None:
    with transaction():
        station_id = network_service.create_station(
            name="Empty", city="杭州", zone="Asia/Shanghai", language="zh"
        )
    with pytest.raises(StationError, match="Nobody works"):
        simulate(station_id, Order(1, 1, 1), UNTIL)


def test_the_demo_is_lively_even_at_night_and_its_people_can_sign_in(web) -> None:
    moment = datetime(2026, 3, 11, 19, 0, tzinfo=UTC)  # three in the morning in Shanghai
    with clock.use(lambda: moment):
        station_id = demo.seed_demo()
    states = counted(Parcel.state)
    assert states.keys() == set(ParcelState)
    assert states.total() > 600
    assert counted(Parcel.level, Parcel.state == "stored").keys() == set(StorageLevel)
    assert counted(Parcel.problem, Parcel.state == "stored").keys() >= {"damaged", "refused", "wrong_station"}
    assert counted(Parcel.id, Parcel.stored_at > moment - timedelta(hours=2)).total() > 20
    with reading():
        rows = shelves.layers(station_id)
        special = network.special_days(station_id, since=moment.date())
        kinds = set(connection().scalars(select(Recipient.phone_kind)))
        assert connection().execute(select(func.count()).select_from(CustodyAnchor)).scalar_one() > 30
        assert demo.is_demo()
    assert any(row.free == 0 for row in rows)
    assert any(0 < row.free <= 2 for row in rows)
    assert [one.kind for one in special] == ["open", "closure"]
    assert kinds == {"mobile", "privacy"}
    assert any(counted(Parcel.hold_reason, Parcel.state == "stored"))
    invariants.check(station_id)
    invariants.chain_is_whole(station_id)
    with reading():
        closed = list(connection().scalars(select(Day.day).where(Day.closed_at.is_not(None))))
        assert len(closed) == demo.DAYS - 1
        assert all(days.verify_close(station_id, day).is_genuine for day in closed)
    with transaction():
        sees = me.stations(accounts.sign_in_resident(phone_hash(demo.DEMO_PHONE)))
        assert [len(place.waiting) for place in sees] == [4]  # one is a bag of a group buy
    assert counted(ReturnManifest.state).keys() == {"open", "signed"}
    assert counted(ReturnItem.state).keys() == {"on", "returned"}
    assert counted(UnclaimedParcel.reason) == {"carrier_refused": 1}
    with reading():
        walk = stocktakes.current(station_id)
        assert walk
        assert {one.kind for one in stocktakes.comparison(station_id, walk).differences} == set(Kind)
    for login in demo.DEMO_LOGINS:
        with transaction():
            candidate = accounts.begin_sign_in(login, address="127.0.0.1")
        assert passwords.matches(candidate.password_hash, demo.DEMO_PASSWORD)


def test_an_ordinary_station_is_no_demo(station: Station) -> None:
    with reading():
        assert not demo.is_demo()


@pytest.fixture
def run(app, station):
    db.session.remove()
    words = ["simulate", "--days", "1", "--parcels-per-day", "5"]
    return lambda *more: app.test_cli_runner().invoke(group, [*words, *more])


def test_the_command_simulates_the_only_station_and_shows_the_hours(run) -> None:
    answer = run()
    assert answer.exit_code == 0, answer.output
    assert "collections 17-20" in answer.output
    assert "5 checked in" in answer.output


def test_the_command_asks_which_of_several_stations(run) -> None:
    other = make_station("Cedar Lane")
    db.session.remove()
    assert f"{other.id}" in run().output
    assert run("--station", "12").exit_code == 1
    assert run("--station", str(other.id)).exit_code == 0
