import json
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from station.accounts.models import Account
from station.accounts.service import NewAccount
from station.carriers.catalogue import CARRIERS
from station.carriers.models import Carrier
from station.core import clock
from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.events.models import CustodyEvent
from station.network import first_run, queries, service
from station.network.calendar import SpecialKind
from station.network.models import Station, StationSettings
from station.network.service import NewSpecialDay
from station.shelves import queries as shelves

NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)  # 12:00 in Shanghai, a Saturday
TODAY = date(2026, 11, 21)
NEW = first_run.NewStation("Maple", "杭州", "Asia/Shanghai", "zh", shelves=2, layers=3, capacity=30)
MANAGER = NewAccount("lin.fang", "林芳", "zh")


@pytest.fixture(autouse=True)
def noon():
    with clock.use(lambda: NOON):
        yield


def rules(station):
    with reading():
        return queries.rules(station.id)


def change(station, version=None, **changes):
    version = rules(station).version if version is None else version
    with transaction():
        return service.change_settings(station.manager, changes, version=version)


def declare(station, first, last=None, kind=SpecialKind.HOLIDAY, reason="National Day", **hours):
    with transaction():
        new = NewSpecialDay(kind, first, last or first, reason, **hours)
        return service.add_special_day(station.manager, new)


def log_of(station):
    with reading():
        rows = db.session.execute(
            select(CustodyEvent.kind, CustodyEvent.data)
            .where(CustodyEvent.station_id == station.id)
            .order_by(CustodyEvent.seq)
        )
        return [(row.kind, json.loads(row.data)) for row in rows]


@contextmanager
def refused(code):
    with pytest.raises(StationError) as caught:
        yield
    assert caught.value.code == code


def test_new_station_opens_every_day_by_the_default_rules(station):
    found = rules(station)

    assert (found.name, found.city, found.zone) == ("Maple Court", "杭州", "Asia/Shanghai")
    assert (found.remind_h, found.overdue_h, found.alert_h, found.return_h) == (24, 48, 72, 168)
    assert found.timetable.weekly == (((time(9), time(21)),),) * 7
    assert found.timetable.special == ()


def test_reference_tables_are_filled_once_and_renewed(station):
    with transaction():
        db.session.execute(Carrier.__table__.update().where(Carrier.code == "sf").values(name_en="Old name"))
        service.fill_reference_tables()
        service.fill_reference_tables()

    with reading():
        found = {row.code: row.name_en for row in db.session.execute(select(Carrier.__table__))}
    assert found == {code: facts.name_en for code, facts in CARRIERS.items()}


def test_two_stations_of_a_city_share_it(station):
    with transaction():
        service.create_station(name="Elm", city="杭州", zone="Asia/Shanghai", language="zh")

    with reading():
        cities = set(db.session.scalars(select(Station.city_id)))
        names = [facts.name for facts in queries.stations()]
    assert len(cities) == 1
    assert names == ["Elm", "Maple Court"]


def test_rules_of_an_unknown_station_are_refused(station):
    with reading(), refused("not_found"):
        queries.rules(station.id + 1)


def test_change_is_written_and_told_to_the_log_with_old_and_new_values(station):
    changed = change(station, overdue_h=36, remind_h=24, city="宁波", name="Maple Court")

    assert changed == {"overdue_h", "city"}
    found = rules(station)
    assert (found.overdue_h, found.city, found.version) == (36, "宁波", 2)
    assert log_of(station)[-1] == (
        "settings_changed",
        {"changes": {"city": ["杭州", "宁波"], "overdue_h": [48, 36]}},
    )


def test_change_of_nothing_writes_nothing(station):
    before = log_of(station)

    assert change(station, overdue_h=48, name="Maple Court") == frozenset()
    assert log_of(station) == before
    assert rules(station).version == 1


def test_weekly_hours_survive_being_stored(station):
    week = [[["08:00", "12:00"], ["14:00", "00:00"]]] * 6 + [[]]

    change(station, weekly_hours=week)

    weekly = rules(station).timetable.weekly
    assert weekly[0] == ((time(8), time(12)), (time(14), time(0)))
    assert weekly[6] == ()


def test_page_that_is_too_old_changes_nothing(station):
    change(station, overdue_h=36)

    with refused("stale"):
        change(station, version=1, overdue_h=40)

    assert rules(station).overdue_h == 36


def test_storage_order_is_held_by_the_database_too(station):
    with pytest.raises(IntegrityError, match="storage_order"):
        change(station, remind_h=100, overdue_h=50)


def test_settings_of_one_station_leave_another_alone(station):
    with transaction():
        other = service.create_station(name="Elm", city="杭州", zone="Asia/Tokyo", language="en")

    change(station, overdue_h=30, name="Oak")

    with reading():
        found = queries.rules(other)
    assert (found.name, found.overdue_h, found.version) == ("Elm", 48, 1)


def test_special_days_are_in_the_timetable(station):
    declare(station, date(2027, 2, 1), date(2027, 2, 3))
    declare(station, date(2027, 2, 4), kind=SpecialKind.OPEN, opens=time(10), closes=time(0))

    timetable = rules(station).timetable

    assert timetable.closed_dates() == {date(2027, 2, 1), date(2027, 2, 2), date(2027, 2, 3)}
    assert timetable.extra_open() == {date(2027, 2, 4): ((time(10), time(0)),)}
    assert rules(station).version == 3


def test_special_day_is_told_to_the_log_without_its_reason(station):
    day_id = declare(station, date(2027, 2, 1), reason="Wang's wedding")

    kind, data = log_of(station)[-1]
    assert kind == "settings_changed"
    assert data == {"changes": {"special_days": [None, f"{day_id} holiday 2027-02-01..2027-02-01"]}}


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2027, 2, 3), date(2027, 2, 9)),
        (date(2027, 1, 30), date(2027, 2, 1)),
        (date(2027, 2, 2), date(2027, 2, 2)),
        (date(2027, 1, 1), date(2027, 3, 1)),
    ],
)
def test_overlapping_days_are_refused(station, first, last):
    declare(station, date(2027, 2, 1), date(2027, 2, 3))

    with refused("bad_input"):
        declare(station, first, last)

    declare(station, date(2027, 2, 4), date(2027, 2, 5))


def test_closure_may_be_declared_up_to_a_week_later(station):
    declare(station, TODAY - timedelta(days=7), kind=SpecialKind.CLOSURE)

    with refused("bad_input"):
        declare(station, TODAY - timedelta(days=8), kind=SpecialKind.CLOSURE)


def test_only_days_that_have_not_begun_can_be_taken_back(station):
    begun, ahead = declare(station, TODAY), declare(station, TODAY + timedelta(days=1))

    with transaction():
        service.remove_special_day(station.manager, ahead)
    with refused("bad_input"), transaction():
        service.remove_special_day(station.manager, begun)

    with reading():
        assert [entry.id for entry in queries.special_days(station.id, since=TODAY)] == [begun]


def test_special_day_of_another_station_cannot_be_taken_back(station):
    ahead = declare(station, TODAY + timedelta(days=1))
    with transaction():
        other = service.create_station(name="Elm", city="杭州", zone="Asia/Shanghai", language="en")
        stranger = type(station.manager)(station.manager.kind, 1, other, station.manager.role)

    with refused("not_found"), transaction():
        service.remove_special_day(stranger, ahead)


def test_old_special_days_are_left_out_of_the_rules(station):
    declare(station, TODAY)

    with clock.use(lambda: NOON + queries.LOOK_BACK):
        assert len(rules(station).timetable.special) == 1
    with clock.use(lambda: NOON + queries.LOOK_BACK + timedelta(days=1)):
        assert rules(station).timetable.special == ()


def test_today_is_the_station_s_own_day():
    with clock.use(lambda: datetime(2026, 11, 21, 17, tzinfo=UTC)):
        assert service.today("Asia/Shanghai") == date(2026, 11, 22)
        assert service.today("UTC") == date(2026, 11, 21)


def test_first_run_makes_station_shelves_and_manager(app):
    with transaction():
        station_id = first_run.set_up(NEW, MANAGER, password_hash="hash")

    with reading():
        found = shelves.shelves(station_id)
        manager = db.session.execute(select(Account.login, Account.name, Account.password_hash)).one()
        settings = db.session.execute(select(StationSettings.language)).scalar_one()
    assert [(shelf.code, len(shelf.layers), shelf.is_set_aside) for shelf in found] == [
        ("1", 3, False),
        ("2", 3, False),
        ("99", 1, True),
    ]
    assert manager == ("lin.fang", "林芳", "hash")
    assert settings == "zh"


def test_first_run_happens_once(app):
    with transaction():
        first_run.set_up(NEW, MANAGER, password_hash="hash")

    with refused("already_set_up"), transaction():
        first_run.set_up(NEW, NewAccount("other", "Other"), password_hash="hash")

    with reading():
        assert len(queries.stations()) == 1


def test_refused_first_run_leaves_nothing(app):
    with refused("bad_input"), transaction():
        first_run.set_up(NEW, NewAccount("!", "Lin"), password_hash="hash")

    with reading():
        assert not queries.has_station()


def test_two_first_runs_at_the_same_moment_make_one_station(app):
    start, outcomes = Barrier(2), []

    def run(login):
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    first_run.set_up(NEW, NewAccount(login, "Lin"), password_hash="hash")
                outcomes.append("made")
            except StationError as error:
                outcomes.append(error.code)
            finally:
                db.session.remove()

    threads = [Thread(target=run, args=(login,)) for login in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["already_set_up", "made"]
    with reading():
        assert len(queries.stations()) == 1
