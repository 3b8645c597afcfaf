"""The one box: what text may mean, and that looking it up costs the same however many parcels are stored."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, insert

from station.core import clock, ids
from station.core.db import db, reading, transaction
from station.parcels import clock_rules, desk_queries, overdue, queries, search, search_queries
from station.parcels.codes import PickupCode
from station.parcels.models import Parcel
from station.parcels.models import PickupCode as Code
from station.parcels.queries import Filter, Tab
from station.parcels.search import Query, interpret
from station.residents.models import Recipient
from tests.factories import Station, make_station, recipient, store


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("12-3-3210", {"code": PickupCode("12", 3, 3210)}),
        ("12 – 3 – 3210", {"code": PickupCode("12", 3, 3210)}),
        ("15.1.01", {"code": PickupCode("15", 1, 1)}),
        ("４０６８", {"tail": "4068", "waybill_end": "4068"}),
        ("138****4068", {"tail": "4068"}),
        ("862", {"tail": "862"}),
        ("43210", {"waybill_end": "43210"}),
        ("sf1409 8765 43210", {"waybill": "SF14098765 43210".replace(" ", "")}),
        ("陈", {"name": "陈"}),
        (" chen xiao ", {"name": "chen xiao"}),
        ("ID:ABC%123", {"is_identity": True}),
        ("id:abc", {"is_identity": True}),
    ],
)
def test_text_is_read_as_what_it_may_be(typed: str, expected: dict) -> None:
    found = interpret(typed)
    assert {name: getattr(found, name) for name in expected} == expected
    others = set(Query.__slots__) - set(expected) - {"waybill_end"}
    assert [name for name in others if getattr(found, name)] == []


@pytest.mark.parametrize(
    "typed", ["13812344068", "+86 138 1234 4068", "17012345678,8462", "170 1234 5678 转 8462"]
)
def test_a_whole_phone_is_a_phone(typed: str) -> None:
    found = interpret(typed)
    assert found.phone
    assert found.tail is None


def test_eleven_digits_may_be_a_waybill_too() -> None:
    assert interpret("13812344068").waybill == "13812344068"


@pytest.mark.parametrize(
    "typed", ["", "   ", "-", "12-3", "\x00", "📦", "x" * (search.BOX + 1), "1", "--- ---"]
)
def test_what_means_nothing_is_empty(typed: str) -> None:
    assert interpret(typed).is_empty


@pytest.mark.parametrize(
    ("typed", "public"),
    [
        ("12 – 3 – 3210", "12-3-3210"),
        ("sf1409 8765 43210", "SF1409876543210"),
        ("13812344068", None),
        ("4068", None),
        ("43210", None),
        ("陈晓明", None),
        ("138****4068", None),
        ("ID:ABC", None),
        ("", None),
    ],
)
def test_only_codes_and_waybills_may_stand_in_an_address(typed: str, public: str | None) -> None:
    assert interpret(typed).public == public


@given(st.text(max_size=220))
def test_any_text_is_read_without_failing(typed: str) -> None:
    assert isinstance(interpret(typed), Query)


@given(st.text(alphabet="0123456789-–./ ,*转ABCSF陈王", max_size=40))
def test_text_like_ours_is_read_without_failing(typed: str) -> None:
    assert isinstance(interpret(typed), Query)


def ids_of(station: Station, typed: str) -> list[int]:
    with reading():
        return search_queries.parcel_ids(station.id, interpret(typed))


def test_a_name_is_found_by_its_whole_beginning(station: Station) -> None:
    carmen = store(station, to=recipient(station, "13812340001", "Carmen Diaz"))
    store(station, to=recipient(station, "13812340002", "Carmel Stone"))
    assert ids_of(station, "carmen") == [carmen.parcel_id]
    assert ids_of(station, "diaz") == [carmen.parcel_id]
    assert len(ids_of(station, "carme")) == 2


def test_another_stations_parcels_are_never_found(station: Station) -> None:
    theirs = store(make_station("Elm Yard"))
    for typed in (theirs.pickup_code, theirs.waybill, "4068", "13812344068", "陈"):
        assert ids_of(station, typed) == []


MANY = 3000
# Tables that grow with every parcel; shelves, layers and settings do not.
GROWS = re.compile(r"(parcels|pickup_codes|recipients|recipient_prefixes|hand_overs|custody_events)\b")


def fill(station: Station, many: int = MANY) -> None:
    """Write people and stored parcels directly: what matters here is only how many rows there are."""
    now, layer_id, first = clock.now(), station.layer(), ids.next_id() + (1 << 40)
    mine = {"station_id": station.id}
    people = [
        mine
        | {
            "id": first + number,
            "phone_hash": number.to_bytes(16),
            "phone": f"139{number:08d}",
            "phone_kind": "mobile",
            "phone_tail": f"{number % 10_000:04d}",
            "name_hash": number.to_bytes(16),
            "created_at": now,
        }
        for number in range(many)
    ]
    parcels = [
        mine
        | {
            "id": first + number,
            "waybill": f"ZT{number:012d}",
            "waybill_tail": f"{number % 10_000:04d}",
            "state": "stored",
            "recipient_id": first + number,
            "layer_id": layer_id,
            "consent_basis": "unknown",
            "due_at": now + timedelta(hours=1),
            "stored_at": now,
        }
        for number in range(many)
    ]
    codes = [
        mine
        | {"id": first + number, "parcel_id": first + number, "layer_id": layer_id, "number": number}
        | {"code": f"1-1-{number}", "rule": "counter", "regime": "normal", "cool_down_s": 0, "free": 0}
        | {"space": 9999, "given_at": now}
        for number in range(many)
    ]
    with transaction():
        for table, rows in ((Recipient, people), (Parcel, parcels), (Code, codes)):
            db.session.execute(insert(table), rows)


@pytest.mark.parametrize("typed", ["1-1-3210", "4068", "13812344068", "陈晓明", "SF1409876543210", "43210"])
def test_a_search_never_walks_the_stored_parcels(web, web_station: Station, typed: str) -> None:
    fill(web_station)
    with reading():
        plans = explained(lambda: desk_queries.find(queries.clock_of(web_station.id), interpret(typed)))
    assert [
        step for step in plans if re.search(r"(SCAN \w*|\(station_id=\?\))", step) and GROWS.search(step)
    ] == []


@pytest.mark.parametrize(
    ("tab", "index"),
    [
        (Tab.WAITING, "ix_parcels_station_id_state_stored_at"),
        (Tab.OVERDUE, "ix_parcels_overdue"),
        (Tab.PROBLEMS, "ix_parcels_troubled"),
        (Tab.RETURNING, "ix_parcels_station_id_state_stored_at"),
        (Tab.COLLECTED, "ix_parcels_station_id_left_at"),
    ],
)
def test_a_page_of_the_list_is_read_along_its_index(web, web_station: Station, tab: Tab, index: str) -> None:
    fill(web_station)
    with reading():
        plans = explained(lambda: queries.page(queries.clock_of(web_station.id), Filter(tab)))
    assert [step for step in plans if f"INDEX {index} " in step]
    assert [step for step in plans if "SCAN parcels" in step or "FOR ORDER BY" in step] == []


def test_counts_and_map_read_only_what_they_count(web, web_station: Station) -> None:
    fill(web_station)
    with reading():
        clock_now = queries.clock_of(web_station.id)
        plans = explained(lambda: (queries.counts(clock_now), queries.shelf_map(clock_now)))
    walks = [step for step in plans if "parcels USING INDEX" in step]
    assert {step.partition(" INDEX ")[2].partition(" ")[0] for step in walks} <= {
        "ix_parcels_due",
        "ix_parcels_overdue",
        "ix_parcels_troubled",
        "ix_parcels_station_id_left_at",
    }


def explained(act) -> list[str]:
    """Return the steps of SQLite's plans (EXPLAIN QUERY PLAN) of every statement that `act` runs."""
    seen: list[tuple[str, object]] = []

    def note(conn, cursor, statement, parameters, context, executemany):
        seen.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    raw = db.session.connection().connection.dbapi_connection
    return [
        row[3]
        for statement, parameters in seen
        if statement.startswith("SELECT")
        for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
    ]


OPENING = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai


@pytest.mark.parametrize("minutes", [0, 20, 59, 60, 61, 300])
def test_the_overdue_list_agrees_with_the_clock_parcel_by_parcel(station: Station, minutes: int) -> None:
    """In the hour after opening deadlines do not keep the order of arrival: a list by one limit would be wrong."""
    stored = []
    for hours_before in (47, 47.5, 48, 48.2, 48.5, 49, 52, 56, 60, 61, 62, 72, 100):
        moment = OPENING + timedelta(minutes=20) - timedelta(hours=hours_before)
        with clock.use(lambda moment=moment: moment):
            stored.append(store(station))
    now = OPENING + timedelta(minutes=minutes)
    with clock.use(lambda: now):
        for _ in range(2):
            with reading():
                clock_now = queries.clock_of(station.id)
                listed = {row.id for row in queries.page(clock_now, Filter(Tab.OVERDUE)).rows}
                count = queries.counts(clock_now)[Tab.OVERDUE]
                late = sum(shelf.late for shelf in queries.shelf_map(clock_now))
                by_clock = {
                    one.parcel_id
                    for one in stored
                    if clock_rules.level_at(clock_now.deadlines(one.stored_at, 0), now).rank
                    >= clock_rules.StorageLevel.OVERDUE.rank
                }
            assert listed == by_clock
            assert count == late == len(by_clock)
            with transaction():
                overdue.enter_levels(station.id)
