"""Return manifests: what may be scanned onto one, taking off, cancelling, and the courier's signature."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.events import queries as events
from station.parcels import hand_over, handling, parcel_queries, queries
from station.parcels.hand_over import Taker
from station.parcels.intake import CheckedIn
from station.parcels.lifecycle import Problem
from station.parcels.models import PickupCode
from station.returns import manifests
from station.returns import queries as returns
from station.returns.models import ReturnManifest
from station.shelves import queries as shelves
from tests import invariants
from tests.factories import Station, make_station, store

PNG = b"\x89PNG\r\n\x1a\n signed"
COURIER = "赵师傅 Zhao"


def opened(station: Station, carrier: str = "sf") -> int:
    with transaction():
        return manifests.open_manifest(station.clerk, carrier)


def going(station: Station, **values: object) -> CheckedIn:
    """Return a parcel picked for its carrier by hand."""
    parcel = store(station, **values)
    with transaction():
        handling.start_return(station.clerk, parcel.parcel_id, reason="carrier_asks")
    return parcel


def added(station: Station, manifest_id: int, *parcels: CheckedIn) -> None:
    for parcel in parcels:
        with transaction():
            manifests.add(station.clerk, manifest_id, parcel.waybill)


def signed(station: Station, manifest_id: int) -> int:
    with transaction():
        return manifests.sign(station.clerk, manifest_id, courier_name=COURIER, signature=PNG)


def refusal(act, *args, **kwargs) -> str:
    with pytest.raises(StationError) as caught, transaction():
        act(*args, **kwargs)
    return caught.value.code


def state(station: Station, parcel: CheckedIn) -> str:
    with reading():
        return parcel_queries.detail(station.id, parcel.parcel_id).state


def kinds(station: Station, parcel: CheckedIn) -> list[str]:
    with reading():
        return [event.kind for event in events.story(station.id, parcel.parcel_id)]


def listed(station: Station) -> list[returns.Going]:
    with reading():
        return returns.going_back(queries.clock_of(station.id))


def test_the_return_list_holds_what_is_due_refused_or_begun_in_the_order_of_the_shelves(
    station: Station,
) -> None:
    _on_time = store(station)
    begun = going(station, layer_id=station.layer("3"))
    refused = store(station, layer_id=station.layer("1", 2))
    damaged = store(station)
    with transaction():
        handling.mark_problem(station.clerk, refused.parcel_id, Problem.REFUSED)
        handling.mark_problem(station.clerk, damaged.parcel_id, Problem.DAMAGED)
    found = [(one.row.id, one.why) for one in listed(station)]
    assert found == [(refused.parcel_id, "refused"), (begun.parcel_id, "started")]


def test_what_waited_too_long_is_listed_though_the_scheduler_is_late(station: Station) -> None:
    parcel = store(station)
    later = clock.now() + timedelta(days=9)
    with clock.use(lambda: later):
        assert [(one.row.id, one.why) for one in listed(station)] == [(parcel.parcel_id, "term")]


def test_a_carrier_has_one_open_manifest(station: Station) -> None:
    assert opened(station) == opened(station)
    assert opened(station, "zto") != opened(station)
    assert refusal(manifests.open_manifest, station.clerk, "nobody") == "bad_input"


def test_a_parcel_that_is_due_is_picked_by_the_scan(station: Station) -> None:
    parcel = store(station)
    with transaction():
        handling.mark_problem(station.clerk, parcel.parcel_id, Problem.REFUSED)
    added(station, opened(station), parcel)
    assert state(station, parcel) == "returning"
    assert kinds(station, parcel)[-2:] == ["return_started", "put_on_manifest"]
    with reading():
        story = events.story(station.id, parcel.parcel_id)
    assert story[-2].data == {"reason": "refused"}


def test_what_does_not_belong_on_it_is_refused(station: Station) -> None:
    manifest_id, clerk = opened(station), station.clerk
    stays, other = store(station), going(station, carrier="zto", waybill="73000000001234")
    held, left = going(station), store(station)
    with transaction():
        handling.hold(clerk, held.parcel_id, reason="complaint")
        hand_over.hand_over(clerk, left.parcel_id, Taker())
    refused = {
        "not_going_back": stays.waybill,
        "other_carrier": other.waybill,
        "is_held": held.waybill,
        "not_here": left.waybill,
        "not_found": "SF1999999999999",
        "waybill_malformed": "?",
    }
    assert {code: refusal(manifests.add, clerk, manifest_id, raw) for code, raw in refused.items()} == {
        code: code for code in refused
    }
    with reading():
        assert returns.items(station.id, manifest_id) == []


def test_a_parcel_is_on_one_manifest_once(station: Station) -> None:
    parcel, manifest_id = going(station), opened(station)
    added(station, manifest_id, parcel)
    assert refusal(manifests.add, station.clerk, manifest_id, parcel.waybill) == "on_manifest"
    other = opened(station, "zto")
    assert refusal(manifests.add, station.clerk, other, parcel.waybill) == "on_manifest"


def test_signing_gives_everything_back_and_frees_places_and_codes(station: Station) -> None:
    parcels, manifest_id = [going(station), going(station)], opened(station)
    added(station, manifest_id, *parcels)
    assert signed(station, manifest_id) == 2
    assert {state(station, one) for one in parcels} == {"returned"}
    with reading():
        assert shelves.layer(station.id, parcels[0].row.id).stored == 0
        in_use = select(func.count()).where(PickupCode.released_at.is_(None))
        assert connection().scalar(in_use) == 0
        manifest = returns.manifest(station.id, manifest_id)
        picture = returns.signature(station.id, manifest_id)
        kept = connection().scalar(select(ReturnManifest.signature))
    assert (manifest.state, manifest.courier_name, manifest.parcels) == ("signed", COURIER, 2)
    assert (picture.content, picture.media_type) == (PNG, "image/png")
    assert PNG not in bytes(kept)
    assert kinds(station, parcels[0])[-2:] == ["put_on_manifest", "returned"]
    invariants.check(station.id)
    invariants.chain_is_whole(station.id)


def test_a_manifest_is_signed_once(station: Station) -> None:
    parcel, manifest_id = going(station), opened(station)
    added(station, manifest_id, parcel)
    signed(station, manifest_id)
    for act in (manifests.cancel, lambda *args: manifests.take_off(*args, parcel.parcel_id)):
        assert refusal(act, station.clerk, manifest_id) == "manifest_ended"
    again = {"courier_name": COURIER, "signature": PNG}
    assert refusal(manifests.sign, station.manager, manifest_id, **again) == "manifest_ended"
    assert refusal(manifests.add, station.clerk, manifest_id, parcel.waybill) == "manifest_ended"
    assert kinds(station, parcel).count("returned") == 1


@pytest.mark.parametrize(("name", "picture"), [("", PNG), ("123", PNG), (COURIER, b""), (COURIER, b"GIF89a")])
def test_without_a_name_or_a_signature_nothing_leaves(station: Station, name: str, picture: bytes) -> None:
    parcel, manifest_id = going(station), opened(station)
    added(station, manifest_id, parcel)
    code = refusal(manifests.sign, station.clerk, manifest_id, courier_name=name, signature=picture)
    assert (code, state(station, parcel)) == ("bad_input", "returning")


def test_an_empty_manifest_is_not_signed_but_can_be_given_up(station: Station) -> None:
    manifest_id = opened(station)
    said = {"courier_name": COURIER, "signature": PNG}
    assert refusal(manifests.sign, station.clerk, manifest_id, **said) == "manifest_empty"
    with transaction():
        manifests.cancel(station.clerk, manifest_id)
    with reading():
        assert returns.open_manifests(station.id) == {}
        assert [one.state for one in returns.ended(station.id)] == ["cancelled"]


def test_parcels_of_a_cancelled_manifest_can_go_on_the_next(station: Station) -> None:
    parcel, manifest_id = going(station), opened(station)
    added(station, manifest_id, parcel)
    with transaction():
        manifests.cancel(station.clerk, manifest_id)
    assert state(station, parcel) == "returning"
    added(station, opened(station), parcel)
    assert kinds(station, parcel)[-3:] == ["put_on_manifest", "taken_off_manifest", "put_on_manifest"]


def test_taken_off_a_parcel_stays_picked(station: Station) -> None:
    parcel, manifest_id = going(station), opened(station)
    added(station, manifest_id, parcel)
    with transaction():
        manifests.take_off(station.clerk, manifest_id, parcel.parcel_id)
    assert state(station, parcel) == "returning"
    assert refusal(manifests.take_off, station.clerk, manifest_id, parcel.parcel_id) == "not_found"


@pytest.mark.parametrize(
    "change",
    [
        lambda actor, parcel_id: handling.hold(actor, parcel_id, reason="complaint"),
        handling.cancel_return,
        handling.return_to_carrier,
        lambda actor, parcel_id: handling.mark_lost(actor, parcel_id, reason="not_found"),
    ],
    ids=["held", "kept", "given back alone", "lost"],
)
def test_one_parcel_that_changed_stops_the_signing_of_all(station: Station, change) -> None:
    parcel, changed, manifest_id = going(station), going(station), opened(station)
    added(station, manifest_id, parcel, changed)
    with transaction():
        change(station.clerk, changed.parcel_id)
    said = {"courier_name": COURIER, "signature": PNG}
    assert refusal(manifests.sign, station.clerk, manifest_id, **said) == "manifest_blocked"
    assert state(station, parcel) == "returning"
    with transaction():
        manifests.take_off(station.clerk, manifest_id, changed.parcel_id)
    assert signed(station, manifest_id) == 1


def test_what_the_courier_left_is_undone_alone_and_goes_on_another_manifest(station: Station) -> None:
    parcel, taken, manifest_id = going(station), going(station), opened(station)
    added(station, manifest_id, parcel, taken)
    signed(station, manifest_id)
    with transaction():
        handling.undo_return_to_carrier(station.clerk, parcel.parcel_id, reason="not_picked_up")
    second = opened(station)
    added(station, second, parcel)
    signed(station, second)
    with reading():
        first = {one.parcel_id: one.is_undone for one in returns.items(station.id, manifest_id)}
        again = {one.parcel_id: one.is_undone for one in returns.items(station.id, second)}
    assert first == {parcel.parcel_id: True, taken.parcel_id: False}
    assert again == {parcel.parcel_id: False}
    invariants.check(station.id)


def test_another_station_s_manifest_does_not_exist_here(station: Station) -> None:
    other = make_station("Cedar")
    manifest_id = opened(other)
    assert refusal(manifests.cancel, station.clerk, manifest_id) == "not_found"
    with reading(), pytest.raises(StationError, match="no such return manifest"):
        returns.manifest(station.id, manifest_id)
