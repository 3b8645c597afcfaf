"""Data of an earlier main survives the migrations: what a station kept then can be read and counted through today."""

from datetime import date
from functools import partial

import pytest
from flask_migrate import upgrade
from sqlalchemy import MetaData, insert, select
from sqlalchemy.exc import IntegrityError

from station.core import crypto
from station.core.db import db
from tests.migrations.test_migrations import empty  # noqa: F401 - a fixture

CLEAR = b"\x89PNG\r\n\x1a\n" + b"0" * 40
STATION = 1
OWN = {"state": "expected", "level": "none", "consent_basis": "unknown", "size_class": "small"}
CAMPAIGN = {
    "state": "arrived",
    "currency": "CNY",
    "pays": "before",
    "at_cut_off": "close",
    "unclaimed_rule": "refund",
    "arrives_on": date(2026, 11, 21),
}


def filled(table, **values):
    """Return a row of `table`: 1, "1" or a moment in what has to have a value and is not named."""
    for column in table.columns:
        if column.name not in values and not column.nullable:
            kind = column.type.python_type
            is_moment = column.name.endswith("at") and db.engine.dialect.name == "postgresql"
            values[column.name] = (
                "2026-11-21T04:00:00Z" if is_moment else kind(1) if kind is not bytes else b"1"
            )
    return values


def insert_into(connection, tables, name, **values):
    """Insert a row of `filled` values."""
    table = tables.tables[name]
    connection.execute(insert(table).values(**filled(table, **values)))


@pytest.fixture
def earlier(empty):  # noqa: F811 - the fixture
    """The tables of the first migration, with a station, a row, a parcel and a picture in clear."""
    upgrade(revision="0001")
    tables = MetaData()
    with db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        tables.reflect(connection)
        rows = {
            "cities": {},
            "stations": {"id": STATION, "city_id": 1},
            "station_settings": {
                "counter_space": 500,
                "numbering": "counter",
                "unknown_consent": "set_aside",
                "weekly_hours": [],
            },
            "shelves": {},
            "layers": {"capacity": 600, "size_class": "small"},
            "parcels": OWN,
            "attachments": {"content": CLEAR},
        }
        for name, values in rows.items():
            table = tables.tables[name]
            connection.execute(insert(table).values(**filled(table, **values)))
    return tables


def test_rows_count_as_far_as_their_station_did_and_never_less_than_they_hold(earlier):
    upgrade()

    with db.engine.connect() as connection:
        layers = MetaData()
        layers.reflect(connection, only=["layers"])
        assert connection.scalar(select(layers.tables["layers"].c.counter_space)) == 600


def test_a_picture_kept_in_clear_is_encrypted_and_still_the_same(earlier):
    upgrade()

    with db.engine.connect() as connection:
        kept = connection.scalar(select(earlier.tables["attachments"].c.content))
    assert CLEAR not in bytes(kept)
    assert crypto.decrypt_bytes(bytes(kept)) == CLEAR


KINDS = {
    10: "room",
    11: "chilled",
    12: "frozen",
}  # parcels, and how the campaigns whose bags they are keep goods
NOT_BAGGED = 13


@pytest.fixture
def bags(earlier):
    """A bag of each kind of campaign as 0022 knew them, and a parcel of the station's own that is no bag."""
    upgrade(revision="0022")
    tables = MetaData()
    with db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        tables.reflect(connection)
        add = partial(insert_into, connection, tables)
        add("carriers", code="own")
        add("recipients")
        add("suppliers", language="en")
        for parcel_id in (*KINDS, NOT_BAGGED):
            add("parcels", id=parcel_id, waybill=f"GB{parcel_id}", carrier="own", **OWN)
        for parcel_id, storage in KINDS.items():
            same = {"number": parcel_id, "share_token": str(parcel_id), "storage": storage}
            add("campaigns", id=parcel_id, **same, **CAMPAIGN)
            add("group_orders", id=parcel_id, campaign_id=parcel_id, state="allocated")
            add("order_bags", id=parcel_id, order_id=parcel_id, point_station_id=STATION, parcel_id=parcel_id)


def test_bags_that_are_there_already_are_kept_as_cold_as_their_campaign_says(bags):
    upgrade()

    with db.engine.connect() as connection:
        after = MetaData()
        after.reflect(connection, only=["parcels"])
        parcels = after.tables["parcels"].c
        kept = dict(connection.execute(select(parcels.id, parcels.storage)).tuples().all())
    assert kept == {1: None, **KINDS, NOT_BAGGED: None}


def test_books_of_before_stand_and_carriers_have_accounts_now(earlier):
    upgrade(revision="0027")
    tables = MetaData()
    with db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        tables.reflect(connection)
        add = partial(insert_into, connection, tables)
        accounts = {1: ("cash", ""), 2: ("supplier", "8")}
        for account_id, (kind, owner) in accounts.items():
            add("ledger_accounts", id=account_id, kind=kind, owner=owner, currency="CNY")
        day = date(2026, 11, 21)
        add("journals", kind="pay_in", currency="CNY", day=day)
        add("postings", debit_account_id=1, credit_account_id=2, currency="CNY", day=day)
    upgrade()

    with db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        assert connection.execute(select(tables.tables["postings"].c.amount_minor)).all() == [(1,)]
        add = partial(insert_into, connection, tables)
        add("ledger_accounts", id=3, kind="carrier", owner="zto", currency="CNY")
        for wrong in (
            {"kind": "carrier", "owner": ""},
            {"kind": "fines", "owner": "zto"},
            {"kind": "luck", "owner": ""},
        ):
            with pytest.raises(IntegrityError), connection.begin_nested():
                add("ledger_accounts", id=4, currency="CNY", **wrong)
