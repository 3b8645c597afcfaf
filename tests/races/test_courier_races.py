"""One invitation on two phones, and one courier let in by two stations: each at the same moment."""

from flask import Flask
from sqlalchemy import func, select

from station.core.db import db, reading, transaction
from station.core.phones import Phone, parse
from station.couriers import applications, invitations, people_queries
from station.couriers.applications import Wish
from station.couriers.invitations import Person
from station.couriers.models import Courier, CourierCarrier
from tests.factories import Station, make_station
from tests.races.together import together, winners

ROUNDS = 6


def phone(number: int) -> Phone:
    found = parse(f"137000010{number:02d}")
    assert found is not None
    return found


def test_invitation_used_twice_at_once_has_one_winner(app: Flask, station: Station) -> None:
    for number in range(ROUNDS):
        with transaction():
            code = invitations.invite(station.manager, Person("Zhao", phone(number), ("sf",))).code

        ends = together(
            app,
            *(
                lambda code=code, one=one: invitations.accept_with_new_password(code, one)
                for one in ("first", "second")
            ),
        )

        won, refused = winners(ends)
        assert len(won) == 1
        assert set(refused) <= {"stale", "link_over"}


def test_two_stations_let_the_same_newcomer_in_at_once(app: Flask, station: Station) -> None:
    other = make_station("Elm Yard")
    for number in range(ROUNDS):
        waiting = [ask(place, number) for place in (station, other)]

        ends = together(
            app,
            *(
                lambda place=place, id_=id_: applications.confirm(place.manager, id_, ["sf"])
                for place, id_ in waiting
            ),
        )

        won, refused = winners(ends)
        assert won
        assert len(set(won)) == 1
        assert set(refused) <= {"stale"}
        with reading():
            assert db.session.scalar(select(func.count()).select_from(Courier)) == number + 1
            rows = select(func.count()).where(CourierCarrier.account_id == won[0])
            assert db.session.scalar(rows) == len(won)


def ask(place: Station, number: int) -> tuple[Station, int]:
    with transaction():
        applications.ask(place.id, Wish("Zhao", phone(number), ("sf",), "hash"))
    with reading():
        return place, people_queries.asking(place.id)[-1].id
