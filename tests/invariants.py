"""What must hold at a station after every step (DESIGN.md section 4): the tables by themselves and against the log."""

import json
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

from sqlalchemy import select, text

from station import models
from station.core import clock
from station.core.db import connection, reading
from station.events.models import CustodyEvent
from station.events.verify import verify
from station.network import queries as network
from station.parcels.allocation import RESTORED
from station.parcels.clock_rules import LEVELS, StorageLevel, next_due
from station.parcels.codes import canonical, parse
from station.parcels.lifecycle import ON_SHELF, ParcelState
from station.parcels.models import HandOver, Parcel, PickupCode
from station.parcels.station_clock import deadlines_of
from station.shelves import queries as shelves

DAY_S = 24 * 3600
ENTERS = {"checked_in", "found_again", "hand_over_undone", "return_undone", "moved"}
LEAVES = {"check_in_undone", "handed_over", "returned", "lost", "written_off"}


def check(station_id):
    """Check everything but the chain at one moment."""
    with reading():
        parcels = rows(Parcel, station_id)
        codes = rows(PickupCode, station_id)
        log = rows(CustodyEvent, station_id, order=CustodyEvent.seq)
        places_hold(station_id, parcels, log)
        codes_name_one_parcel(parcels, codes)
        numbers_rested(codes)
        hand_overs_are_single(station_id, parcels)
        deadlines_fit(station_id, parcels)
        levels_are_entered_once(parcels, log)


def chain_is_whole(station_id):
    """Invariant 4: nothing in the log was changed, cut or put in between, at any step: one look at the end tells."""
    with reading():
        report = verify(station_id)
    assert report.is_whole, report.broken


def rows(table, station_id, order=None):
    """Return all rows of a station, by primary key unless told otherwise: PostgreSQL promises no order of its own."""
    of = table.__table__
    by = of.primary_key if order is None else [order]
    return connection().execute(select(*of.columns).where(table.station_id == station_id).order_by(*by)).all()


def row_of(code):
    """Return shelf and layer of a code."""
    found = parse(code)
    return found.shelf, found.layer


def places_hold(station_id, parcels, log):
    """Invariant 1: counters, tables and the log agree on where every parcel is."""
    layers = {layer.id: layer for layer in shelves.layers(station_id)}
    on_shelf = {parcel.id: layers[parcel.layer_id] for parcel in parcels if parcel.state in ON_SHELF}
    counted = Counter(layer.id for layer in on_shelf.values())
    assert {layer.id: layer.stored for layer in layers.values()} == {
        layer_id: counted[layer_id] for layer_id in layers
    }
    assert all(layer.stored <= layer.capacity or layer.is_set_aside for layer in layers.values())
    assert all(parcel.layer_id is None for parcel in parcels if parcel.state not in ON_SHELF)
    assert places_by_log(log) == {
        parcel_id: (layer.shelf_code, layer.number) for parcel_id, layer in on_shelf.items()
    }


def places_by_log(log):
    """Walk the log: what came in, less what left, is what stands there."""
    places = {}
    for event in log:
        data = json.loads(event.data)
        if event.kind in ENTERS:
            assert (event.parcel_id in places) == (event.kind == "moved")
            places[event.parcel_id] = row_of(data["code"])
        elif event.kind in LEAVES and event.parcel_id in places:
            assert places.pop(event.parcel_id) == row_of(data["code"])
    return places


def codes_name_one_parcel(parcels, codes):
    """Invariant 2: one code, one parcel; every parcel on a shelf has its printed code, what left has none."""
    in_use = defaultdict(set)
    for code in codes:
        if code.released_at is None:
            in_use[code.code].add(code.parcel_id)
    assert all(len(owners) == 1 for owners in in_use.values())
    by_parcel = defaultdict(set)
    for code, owners in in_use.items():
        for parcel_id in owners:
            by_parcel[parcel_id].add(code)
    on_shelf = {parcel.id: parcel for parcel in parcels if parcel.state in ON_SHELF}
    assert by_parcel.keys() == on_shelf.keys()
    for parcel_id, parcel in on_shelf.items():
        assert canonical(parse(parcel.pickup_code)) in by_parcel[parcel_id]


def numbers_rested(codes):
    """Invariant 2: between two uses of a number lies the recorded rest, at least a day, or its own parcel returns."""
    uses = defaultdict(list)
    for code in sorted(codes, key=lambda code: (code.given_at, code.id)):
        uses[code.layer_id, code.number].append(code)
    for history in uses.values():
        for before, after in pairwise(history):
            assert before.released_at is not None
            if after.rule == RESTORED:
                assert after.parcel_id == before.parcel_id
                continue
            assert after.cool_down_s >= DAY_S
            assert after.given_at - before.released_at >= timedelta(seconds=after.cool_down_s)


def hand_overs_are_single(station_id, parcels):
    """Invariant 3: a parcel handed over has one valid hand-over, any other none."""
    valid = Counter(
        hand_over.parcel_id for hand_over in rows(HandOver, station_id) if not hand_over.undone_at
    )
    assert set(valid.values()) <= {1}
    assert valid.keys() == {parcel.id for parcel in parcels if parcel.state == ParcelState.HANDED_OVER}


def deadlines_fit(station_id, parcels):
    """The stored deadline is what the clock says now, and only stored parcels have one."""
    rules = network.rules(station_id)
    for parcel in parcels:
        if parcel.state == ParcelState.STORED:
            found = deadlines_of(parcel.stored_at, rules, timedelta(hours=parcel.extended_h))
            expected = next_due(found, StorageLevel(parcel.level))
            assert parcel.due_at == expected
        else:
            assert parcel.due_at is None


def levels_are_entered_once(parcels, log):
    """Invariant 8: in one stay each level is entered once, in order, up to the parcel's own."""
    entered = defaultdict(list)
    for event in log:
        if event.kind in {"checked_in", "found_again"}:
            entered[event.parcel_id] = []
        elif event.kind == "level_entered":
            entered[event.parcel_id].append(json.loads(event.data)["level"])
    for parcel in parcels:
        rank = StorageLevel(parcel.level).rank
        assert entered[parcel.id] == [str(level) for level in LEVELS[:rank]]


def everything(station_id):
    """Return all rows of a station, to see whether a step changed any."""
    with reading():
        return {
            table: sorted(
                map(
                    repr, connection().execute(text(f"SELECT * FROM {table} WHERE station_id = {station_id}"))
                )
            )
            for table in sorted(models.TENANT)
        }


def levels_reached(station_id):
    """After a pass: no stored parcel waits for a level that has begun."""
    with reading():
        overdue = [
            parcel for parcel in rows(Parcel, station_id) if parcel.due_at and parcel.due_at <= clock.now()
        ]
    assert overdue == []
