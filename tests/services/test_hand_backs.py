"""Couriers on their own phone: what they may sign for, refusing a line, and who signed first."""

import pytest
from flask import Flask

from station.core.db import reading, transaction
from station.core.errors import StationError
from station.events import queries as events
from station.parcels import parcel_queries
from station.returns import manifests, phone, phone_queries, queries
from tests import invariants
from tests.couriers import make_courier
from tests.factories import Station, make_station
from tests.hand_backs import PNG, going, opened, seen, sign_on_phone


@pytest.fixture
def courier(station: Station):
    return make_courier(station, name="Zhao Lei").actor


def refusal(act, *args, **kwargs) -> StationError:
    with pytest.raises(StationError) as caught, transaction():
        act(*args, **kwargs)
    return caught.value


def length(station: Station) -> int:
    with reading():
        return events.head(station.id)


def test_a_courier_signs_under_the_name_of_their_account(app: Flask, station: Station, courier) -> None:
    parcels = [going(station), going(station)]
    manifest_id = opened(station, *parcels)
    assert sign_on_phone(station, courier, manifest_id) == 2
    with reading():
        found = queries.manifest(station.id, manifest_id)
        story = events.story(station.id, parcels[0].parcel_id)
    assert (found.courier_name, found.is_on_phone, found.ended_by) == ("Zhao Lei", True, courier.key)
    assert (story[-1].kind, story[-1].actor, story[-1].data["manifest"]) == (
        "returned",
        courier.key,
        str(manifest_id),
    )
    invariants.check(station.id)
    invariants.chain_is_whole(station.id)


def test_signed_at_the_counter_it_says_so(app: Flask, station: Station, courier) -> None:
    manifest_id = opened(station, going(station))
    with transaction():
        manifests.sign(station.clerk, manifest_id, courier_name="Qian", signature=PNG)
    error = refusal(phone.sign, courier, manifest_id, seen="", signature=PNG)
    assert (error.code, error.facts) == ("manifest_ended", {"by": station.clerk.key})
    assert "Qian signed it at the counter" in error.message


def test_signed_on_the_phone_the_counter_is_told(app: Flask, station: Station, courier) -> None:
    manifest_id = opened(station, going(station))
    sign_on_phone(station, courier, manifest_id)
    error = refusal(manifests.sign, station.clerk, manifest_id, courier_name="Qian", signature=PNG)
    assert error.code == "manifest_ended"
    assert "Zhao Lei signed it on their own phone" in error.message


@pytest.mark.parametrize("where", ["other carrier", "other station"])
def test_a_manifest_of_nobody_they_come_for_does_not_exist(app: Flask, station: Station, where: str) -> None:
    home = make_station("Cedar") if where == "other station" else station
    courier = make_courier(home, carriers=("zto",) if where == "other carrier" else ("sf",)).actor
    manifest_id = opened(station, going(station))
    before = length(station)
    shown = seen(station, manifest_id)
    assert refusal(phone.sign, courier, manifest_id, seen=shown, signature=PNG).code == "not_found"
    assert refusal(phone.refuse, courier, manifest_id, 1, reason="not_ours").code == "not_found"
    assert length(station) == before


def test_what_was_scanned_since_is_not_signed_for_unseen(app: Flask, station: Station, courier) -> None:
    manifest_id = opened(station, going(station))
    shown = seen(station, manifest_id)
    late = going(station)
    opened(station, late)
    before = length(station)
    assert refusal(phone.sign, courier, manifest_id, seen=shown, signature=PNG).code == "manifest_changed"
    assert length(station) == before
    assert sign_on_phone(station, courier, manifest_id) == 2


def test_a_line_is_refused_before_signing_and_the_clerk_sees_why(
    app: Flask, station: Station, courier
) -> None:
    stays, goes = going(station), going(station)
    manifest_id = opened(station, stays, goes)
    with transaction():
        phone.refuse(courier, manifest_id, stays.parcel_id, reason="not_there")
    assert sign_on_phone(station, courier, manifest_id) == 1
    with reading():
        refused = phone_queries.refused(station.id, manifest_id)
        states = [parcel_queries.detail(station.id, one.parcel_id).state for one in (stays, goes)]
        told = events.story(station.id, stays.parcel_id)[-1]
    assert [(one.waybill, one.reason, one.ended_by) for one in refused] == [
        (stays.waybill, "not_there", courier.key)
    ]
    assert states == ["returning", "returned"]
    assert (told.kind, told.data["reason"]) == ("taken_off_manifest", "not_there")


@pytest.mark.parametrize(
    ("reason", "code"), [("complaint", "bad_input"), ("", "bad_input"), ("not_there", "not_found")]
)
def test_refusing_needs_a_reason_and_a_line(app: Flask, station: Station, courier, reason, code) -> None:
    manifest_id, other = opened(station, going(station)), going(station)
    before = length(station)
    assert refusal(phone.refuse, courier, manifest_id, other.parcel_id, reason=reason).code == code
    assert length(station) == before


def test_nothing_is_signed_without_a_finger(app: Flask, station: Station, courier) -> None:
    manifest_id = opened(station, going(station))
    shown = seen(station, manifest_id)
    assert refusal(phone.sign, courier, manifest_id, seen=shown, signature=b"").code == "bad_input"


def test_the_clerk_s_taking_off_names_no_courier(app: Flask, station: Station) -> None:
    parcel = going(station)
    manifest_id = opened(station, parcel)
    with transaction():
        manifests.take_off(station.clerk, manifest_id, parcel.parcel_id)
    with reading():
        assert phone_queries.refused(station.id, manifest_id) == []
