"""Two clerks and one manifest: signed once, each parcel given back once; on both databases."""

import pytest
from flask import Flask

from station.core.db import reading, transaction
from station.core.errors import StationError
from station.events import queries as events
from station.parcels import handling, parcel_queries
from station.parcels.intake import CheckedIn
from station.returns import manifests, unclaimed
from station.returns import queries as returns
from tests import invariants
from tests.factories import Station, store
from tests.races.together import together, winners

ROUNDS = 6
PNG = b"\x89PNG\r\n\x1a\n signed"


def going(station: Station) -> CheckedIn:
    parcel = store(station)
    with transaction():
        handling.start_return(station.clerk, parcel.parcel_id, reason="carrier_asks")
    return parcel


def opened(station: Station, *parcels: CheckedIn) -> int:
    with transaction():
        manifest_id = manifests.open_manifest(station.clerk, "sf")
        for parcel in parcels:
            manifests.add(station.clerk, manifest_id, parcel.waybill)
    return manifest_id


def sign(actor, manifest_id: int):
    return lambda: manifests.sign(actor, manifest_id, courier_name="Zhao", signature=PNG)


def returned(station: Station, parcel: CheckedIn) -> int:
    with reading():
        return [one.kind for one in events.story(station.id, parcel.parcel_id)].count("returned")


def test_signed_by_two_at_once_it_acts_once(app: Flask, station: Station) -> None:
    for _ in range(ROUNDS):
        parcels = [going(station), going(station)]
        manifest_id = opened(station, *parcels)
        answers = together(app, sign(station.clerk, manifest_id), sign(station.manager, manifest_id))
        assert winners(answers) == ([2], ["manifest_ended"])
        assert [returned(station, one) for one in parcels] == [1, 1]
    invariants.check(station.id)


def test_signed_and_given_back_alone_at_once_the_parcel_leaves_once(app: Flask, station: Station) -> None:
    for _ in range(ROUNDS):
        parcel = going(station)
        manifest_id = opened(station, parcel)
        together(
            app,
            sign(station.clerk, manifest_id),
            lambda parcel=parcel: handling.return_to_carrier(station.manager, parcel.parcel_id),
        )
        assert returned(station, parcel) == 1
        with reading():
            is_open = returns.manifest(station.id, manifest_id).state == "open"
        if is_open:
            with transaction():
                manifests.cancel(station.clerk, manifest_id)
    invariants.check(station.id)


def test_scanned_by_two_at_once_a_parcel_is_on_it_once(app: Flask, station: Station) -> None:
    manifest_id = opened(station)
    for number in range(1, ROUNDS + 1):
        parcel = going(station)
        answers = together(
            app,
            *(
                lambda actor=actor, parcel=parcel: manifests.add(actor, manifest_id, parcel.waybill)
                for actor in (station.clerk, station.manager)
            ),
        )
        assert winners(answers)[1] == ["on_manifest"]
        with reading():
            assert len(returns.items(station.id, manifest_id)) == number


def test_opened_by_two_at_once_there_is_one(app: Flask, station: Station) -> None:
    answers = together(
        app,
        *(
            lambda actor=actor: manifests.open_manifest(actor, "zto")
            for actor in (station.clerk, station.manager)
        ),
    )
    assert answers[0] == answers[1]


def test_entered_by_two_at_once_it_is_in_the_register_once(app: Flask, station: Station) -> None:
    parcel = going(station)
    answers = together(
        app,
        *(
            lambda actor=actor: unclaimed.enter(actor, parcel.waybill, reason="no_sender")
            for actor in (station.clerk, station.manager)
        ),
    )
    assert winners(answers)[1] == ["already_registered"]
    with pytest.raises(StationError), transaction():
        unclaimed.enter(station.clerk, parcel.waybill, reason="no_sender")
    with reading():
        assert parcel_queries.detail(station.id, parcel.parcel_id).state == "returning"
