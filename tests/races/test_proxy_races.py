"""One word of a recipient and two desks: it opens its parcel once; taken back at the same moment, one of both holds."""

from flask import Flask
from sqlalchemy import func, select

from station.core.db import db, reading, transaction
from station.parcels import desk, parcel_queries
from station.parcels.hand_over import Taker
from station.parcels.intake import CheckedIn
from station.parcels.models import HandOver
from station.residents import proxies
from station.residents.proxies import Made, Wish
from tests.factories import Station, recipient, store
from tests.races.test_hand_over_races import together

ROUNDS = 6


def given(station: Station, parcel: CheckedIn) -> Made:
    owner = recipient(station)
    with transaction():
        return proxies.give(station.clerk, Wish(owner.id, parcel.parcel_id))


def collect(station: Station, made: Made, parcel: CheckedIn) -> None:
    """Do what a desk does with a code: prove it, then take the parcel."""
    proxy = proxies.prove(station.clerk, made.code or "")
    desk.take(station.clerk, f"x{proxy.id}", parcel.parcel_id, taker=Taker())


def left(station: Station, parcel: CheckedIn) -> bool:
    with reading():
        return parcel_queries.detail(station.id, parcel.parcel_id).state == "handed_over"


def test_code_used_twice_at_once_has_one_winner(app: Flask, station: Station) -> None:
    for _ in range(ROUNDS):
        parcel = store(station)
        made = given(station, parcel)

        ends = together(app, *[lambda: collect(station, made, parcel)] * 2)  # noqa: B023 - run in this round

        assert ends.count("done") == 1
        with reading():
            count = select(func.count()).where(HandOver.proxy_id == made.proxy_id)
            assert db.session.scalar(count) == 1


def test_taken_back_and_used_at_once_one_of_both_holds(app: Flask, station: Station) -> None:
    for _ in range(ROUNDS):
        parcel = store(station)
        made = given(station, parcel)

        collected, _revoked = together(
            app,
            lambda: collect(station, made, parcel),  # noqa: B023 - run in this round
            lambda: proxies.revoke(station.manager, made.proxy_id),  # noqa: B023 - run in this round
        )

        with reading():
            state = proxies.get(station.id, made.proxy_id).state
        assert (collected == "done") == left(station, parcel)
        assert state == ("used" if collected == "done" else "revoked")
