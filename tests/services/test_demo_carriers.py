"""The demo's carriers: couriers who can sign in, manifests to drop, one half arrived, one whose parcels never came."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from station import serve
from station.accounts import passwords
from station.core import clock
from station.core.actor import Actor, ActorKind
from station.core.db import connection, reading, transaction
from station.core.permissions import Role
from station.couriers import queries as couriers
from station.couriers import sign_in
from station.drops import presence, scans, service
from station.drops.lifecycle import Outcome
from station.drops.models import Drop
from station.manifests import missed, missed_queries
from station.manifests.queries import recent
from station.simulator import carriers_come, demo_labels, going_back, queries
from station.simulator.run import Order, begin, finish
from tests import invariants
from tests.factories import Station

NIGHT = datetime(2026, 3, 11, 19, 0, tzinfo=UTC)  # three in the morning in Shanghai
TODAY = date(2026, 3, 12)
PASSWORD = "maple court for couriers"


@pytest.fixture
def demo_station(web: Flask, web_station: Station) -> Station:
    """A station after one quiet day, with the carriers of the demo."""
    simulation = begin(web_station.id, Order(days=2, parcels_per_day=4, seed=3), NIGHT)
    carriers_come.plan(simulation, password=PASSWORD)
    finish(simulation)
    return web_station


def courier(station: Station, number: int = 0) -> Actor:
    _name, phone, _carriers = carriers_come.COURIERS[number]
    parsed = sign_in.own_phone(phone)
    with transaction():
        proof = sign_in.begin(parsed, address="127.0.0.1")
        assert passwords.matches(proof.password_hash, PASSWORD)
        assert proof.account_id
    return Actor(ActorKind.COURIER, proof.account_id, station.id, Role.COURIER)


def test_every_courier_can_sign_in_for_their_carriers(demo_station: Station) -> None:
    for number, (_name, _phone, carriers) in enumerate(carriers_come.COURIERS):
        someone = courier(demo_station, number)
        with reading():
            assert set(couriers.carriers_of(demo_station.id, someone.id)) == set(carriers)


def test_three_carriers_have_parcels_to_drop_today(demo_station: Station) -> None:
    with reading():
        found = {one.carrier: one for one in recent(demo_station.id) if one.expected_on == TODAY}
        left = Counter(carrier for carrier, _waybill in queries.under_way(demo_station.id))
    assert found.keys() == {"zto", "yto", "sf"}
    assert all(one.announced == one.rows for one in found.values())
    assert (left["zto"], left["yto"]) == (16, 12)
    assert 0 < left["sf"] < 14


def test_one_announcement_is_half_arrived_by_a_drop_that_waits_for_the_clerk(demo_station: Station) -> None:
    with reading():
        states = dict(connection().execute(select(Drop.state, func.count()).group_by(Drop.state)).all())
    assert states == {"finished": 1, "confirmed": 1}


def test_of_yesterday_s_announcement_some_parcels_never_came(demo_station: Station) -> None:
    with reading():
        (report,) = missed_queries.reports(demo_station.id)
    assert (report.carrier, report.day) == ("sto", date(2026, 3, 11))
    assert 3 <= report.missed < 12
    with clock.use(lambda: NIGHT), transaction():
        assert missed.report(demo_station.id, today=TODAY) == 0  # the scheduler finds nothing more to tell


def test_whatever_the_hour_a_courier_can_drop_what_the_sheet_shows(demo_station: Station) -> None:
    with clock.use(lambda: NIGHT):
        someone = courier(demo_station, 1)
        with transaction():
            seen = presence.read(presence.code(demo_station.id, NIGHT))
            drop = service.open_drop(someone, seen, NIGHT).drop
            waybills = [raw for carrier, raw in queries.under_way(demo_station.id) if carrier == "zto"]
            scanned = [scans.Scan(f"demo-test-{n}", n, raw, NIGHT) for n, raw in enumerate(waybills)]
            outcomes = [one.scan.outcome for one in scans.take(someone, drop.id, scanned)]
    assert outcomes[0] == Outcome.CONSENT
    assert Outcome.ACCEPTED in outcomes
    assert set(outcomes) <= {
        Outcome.CONSENT,
        Outcome.ACCEPTED,
        Outcome.TOO_LARGE,
    }  # no shelf here is for large ones
    invariants.check(demo_station.id)


def test_the_sheet_shows_each_parcel_under_way_once(
    web: Flask, demo_station: Station, tmp_path: Path
) -> None:
    with reading():
        path = demo_labels.write(web.jinja_env, demo_station.id, tmp_path)
        waybills = [waybill for _carrier, waybill in queries.under_way(demo_station.id)]
    text = path.read_text("utf-8")
    assert [text.count(f"<code>{waybill}</code>") for waybill in waybills] == [1] * len(waybills)
    assert text.count("<svg") == len(waybills)
    assert "Parcels to drop" in text
    assert 'lang="zh-CN"' in text


def test_the_start_names_couriers_and_sheet(
    web: Flask, demo_station: Station, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = web.config["SETTINGS"]
    with reading():
        serve._greet_couriers(web, 5000)
    said = capsys.readouterr().out
    assert all(phone in said for _name, phone, _carriers in carriers_come.COURIERS)
    assert "/courier/" in said
    assert str(before.instance / demo_labels.NAME) in said
    (before.instance / demo_labels.NAME).unlink()


def test_the_demo_s_courier_may_sign_what_goes_back() -> None:
    _name, _phone, carriers = carriers_come.COURIERS[0]
    assert going_back._OPEN_FOR in carriers
