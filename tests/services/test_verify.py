"""Every way of tampering with a custody log at the level of SQL, and how it is found."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, insert, select, update

from station.core import ids
from station.core.actor import system_actor
from station.core.db import connection, reading, transaction
from station.events import anchors
from station.events.chain import GENESIS, Break, Link, link_hash
from station.events.models import CustodyAnchor, CustodyEvent, CustodyHead
from station.events.service import Event, append, open_chain
from station.events.verify import explain, verify
from station.network.models import City, Station

START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
EVENTS = 9


def make_bare_station():
    """Make a bare station with nine events; the sixth is anchored. Inside a transaction."""
    new = ids.next_id()
    connection().execute(insert(City).values(id=new, name=f"City {new}"))
    connection().execute(
        insert(Station).values(id=new, city_id=new, name="Yard", zone="UTC", created_at=START)
    )
    open_chain(new)
    _happen(new, 6)
    anchors.sign_head(new)
    _happen(new, EVENTS - 6)
    return new


@pytest.fixture
def station_id(app):
    with transaction():
        return make_bare_station()


def _happen(station_id, count):
    for number in range(count):
        append(system_actor(station_id), Event("moved", number, {"code": "1-1-1"}), at=START)


def check(station_id, *outside):
    with reading():
        return verify(station_id, outside)


def event(station_id, seq):
    return (CustodyEvent.station_id == station_id) & (CustodyEvent.seq == seq)


def rebuild(station_id, *, first, last):
    """Do what a thorough forger does: change event `first`, hash anew up to `last`, cut the rest, move the head."""
    with transaction():
        rows = connection().execute(
            select(CustodyEvent).where(CustodyEvent.station_id == station_id).order_by(CustodyEvent.seq)
        )
        previous = GENESIS
        for row in rows.all():
            actor = "staff:666" if row.seq == first else row.actor
            link = Link(station_id, row.seq, row.at, row.kind, row.parcel_id, actor, row.data)
            previous = link_hash(previous, link) if row.seq <= last else previous
            change = update(CustodyEvent).values(hash=previous, actor=actor)
            if row.seq > last:
                change = delete(CustodyEvent)
            connection().execute(change.where(event(station_id, row.seq)))
        _set_head(station_id, last, previous)


def _set_head(station_id, seq, head):
    connection().execute(
        update(CustodyHead).where(CustodyHead.station_id == station_id).values(seq=seq, hash=head)
    )


def forget_anchors(station_id):
    with transaction():
        connection().execute(delete(CustodyAnchor).where(CustodyAnchor.station_id == station_id))


def test_untouched_log_is_whole(station_id):
    report = check(station_id)

    assert report.is_whole
    assert report.events == EVENTS
    assert report.newest_anchor.seq == 6


def test_log_without_events_is_whole(app, station_id):
    with transaction():
        connection().execute(delete(CustodyAnchor).where(CustodyAnchor.station_id == station_id))
        connection().execute(delete(CustodyEvent).where(CustodyEvent.station_id == station_id))
        _set_head(station_id, 0, GENESIS)

    report = check(station_id)

    assert (report.events, report.head, report.is_whole) == (0, GENESIS, True)


@pytest.mark.parametrize(
    "forged",
    [
        {"at": START + timedelta(microseconds=1)},
        {"kind": "handed_over"},
        {"parcel_id": 4711},
        {"parcel_id": None},
        {"actor": "staff:1"},
        {"data": '{"code":"1-1-2"}'},
        {"hash": b"\0" * 32},
    ],
    ids=lambda forged: next(iter(forged)),
)
def test_edit_is_found(station_id, forged):
    with transaction():
        connection().execute(update(CustodyEvent).where(event(station_id, 4)).values(**forged))

    assert check(station_id).broken == Break(4, "changed")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "'noon'"),
        ("at", "1.5"),
        ("at", "9e300"),
        ("hash", "'x'"),
        ("data", "x'00'"),
        ("kind", "''"),
    ],
)
def test_edit_to_another_type_is_found(station_id, column, value):
    with transaction():
        if connection().dialect.name == "postgresql":
            value = {"at": "'1970-01-01Z'", "hash": "'x'", "data": "'0'", "kind": "''"}[column]
        connection().exec_driver_sql(
            f"UPDATE custody_events SET {column} = {value} WHERE station_id = {station_id} AND seq = 4"
        )

    assert check(station_id).broken == Break(4, "changed")


def test_missing_event_is_found(station_id):
    with transaction():
        connection().execute(delete(CustodyEvent).where(event(station_id, 4)))

    assert check(station_id).broken == Break(4, "gap")


def test_missing_event_with_closed_up_numbers_is_found(station_id):
    with transaction():
        connection().execute(delete(CustodyEvent).where(event(station_id, 4)))
        for seq in range(5, EVENTS + 1):
            connection().execute(update(CustodyEvent).where(event(station_id, seq)).values(seq=seq - 1))

    assert check(station_id).broken == Break(4, "changed")


def test_reordered_events_are_found(station_id):
    with transaction():
        for old, new in ((3, 1000), (4, 3), (1000, 4)):
            connection().execute(update(CustodyEvent).where(event(station_id, old)).values(seq=new))

    assert check(station_id).broken == Break(3, "changed")


def test_inserted_event_is_found(station_id):
    with transaction():
        connection().execute(
            insert(CustodyEvent).values(
                station_id=station_id,
                seq=EVENTS + 1,
                at=START,
                kind="handed_over",
                parcel_id=1,
                actor="staff:1",
                data="{}",
                hash=b"\1" * 32,
            )
        )

    assert check(station_id).broken == Break(EVENTS + 1, "changed")


def test_cut_tail_is_found_by_the_head(station_id):
    with transaction():
        connection().execute(delete(CustodyEvent).where(event(station_id, EVENTS)))

    assert check(station_id).broken == Break(EVENTS, "cut")


def test_head_put_back_by_itself_is_found(station_id):
    with transaction():
        _set_head(station_id, 8, b"\2" * 32)

    assert check(station_id).broken == Break(EVENTS, "head")


def test_missing_head_is_found(station_id):
    with transaction():
        connection().execute(delete(CustodyHead).where(CustodyHead.station_id == station_id))

    assert check(station_id).broken == Break(0, "no_head")


def test_cut_tail_with_head_is_found_by_the_anchor(station_id):
    rebuild(station_id, first=0, last=4)

    assert check(station_id).broken == Break(5, "cut")


def test_rebuilt_chain_is_found_by_the_anchor(station_id):
    rebuild(station_id, first=3, last=EVENTS)

    assert check(station_id).broken == Break(6, "anchor")


def test_rebuilt_chain_with_forged_anchor_is_found_by_its_signature(station_id):
    rebuild(station_id, first=3, last=EVENTS)
    with transaction():
        newest = select(CustodyEvent.hash).where(event(station_id, 6)).scalar_subquery()
        connection().execute(
            update(CustodyAnchor).where(CustodyAnchor.station_id == station_id).values(hash=newest)
        )

    assert check(station_id).broken == Break(6, "signature")


@pytest.mark.parametrize(
    ("last", "broken"), [(EVENTS, Break(6, "anchor")), (4, Break(5, "cut"))], ids=["rebuilt", "cut"]
)
def test_forgery_without_anchors_in_the_database_is_found_by_the_file(station_id, tmp_path, last, broken):
    with reading():
        anchors.export(tmp_path, station_id)
    rebuild(station_id, first=3, last=last)
    forget_anchors(station_id)

    without = check(station_id)
    with_file = check(station_id, *anchors.read_file(anchors.file_of(tmp_path, station_id)))

    assert without.is_whole
    assert with_file.broken == broken


def test_every_break_has_words(station_id):
    for reason in ("changed", "gap", "no_head", "cut", "head", "anchor", "signature"):
        assert explain(Break(7, reason))


def test_log_longer_than_a_chunk_is_read_whole(station_id, monkeypatch):
    monkeypatch.setattr("station.events.verify.CHUNK", 2)

    assert check(station_id).events == EVENTS


def test_anchors_of_another_station_are_passed_over(station_id, tmp_path):
    with transaction():
        other = ids.next_id()
        stranger = anchors.Anchor(other, 99, b"\3" * 32, START, b"", b"")

    assert check(station_id, stranger).is_whole


def test_two_stations_have_chains_of_their_own(station_id):
    with reading():
        count = connection().scalar(
            select(func.count()).select_from(CustodyEvent).where(CustodyEvent.station_id == station_id)
        )

    assert count == EVENTS
