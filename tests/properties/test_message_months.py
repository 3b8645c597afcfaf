"""Months at a small station: no message ever opens another person's parcel, none tells of what did not happen.

Rows have few numbers, so codes come round again and again; acts are rolled back halfway, gateways refuse, the sending
process dies between handing a message over and keeping it, and is late by hours.
"""

# Predictable on purpose: the same seed gives the same months. No secret is drawn.
import random
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from station.core import clock
from station.core.db import connection, db, reading, transaction
from station.core.errors import StationError
from station.core.phones import parse
from station.events.models import OutboxParcel
from station.network.models import StationSettings
from station.notices import dispatch
from station.parcels import codes, handling, overdue
from station.parcels.hand_over import Taker, hand_over, undo_hand_over
from station.parcels.intake import Arrival, Intake
from station.parcels.models import Parcel, PickupCode
from station.residents import service as residents
from station.shelves import queries as shelf_queries
from station.shelves.models import Layer
from tests import invariants
from tests.factories import make_station, waybill
from tests.properties.post_office import CODE, Crash, PostOffice

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai, a Monday
DAYS = 75
ACTS_A_DAY = 7
NUMBERS = 12  # of each row: with two rows and a few parcels a day every number is wanted again within a week
PEOPLE = ("13812344068", "13900003211", "13700000001", "13600000002", "17000001234,3210")
TAKES_BACK = "undone"


class NeverHappenedError(Exception):
    """Something went wrong before the commit."""


@dataclass(frozen=True)
class Sent:
    """A message that a person got: when, and the codes in it in their stored spelling."""

    id: int
    at: datetime
    codes: tuple[str, ...]


class Watching(PostOffice):
    """A post office that remembers when it was given what; `tells_what_is_true` of each is checked on the way."""

    def __init__(self, station_id):
        super().__init__(station_id)
        self.sent = []

    def send(self, message):
        super().tells_what_is_true(message)
        if message.topic != TAKES_BACK and self.way != "refused":
            named = tuple(codes.canonical(codes.parse(code)) for code in CODE.findall(message.text))
            self.sent.append(Sent(message.id, clock.now(), named))
        super().send(message)


class Months:
    """One station, its people, and whoever draws what happens."""

    def __init__(self, seed, numbering):
        self.rng, self.now, self.never = random.Random(seed), START, []
        with clock.use(lambda: self.now):
            self.station = make_station("Maple")
            with transaction():
                mine = StationSettings.station_id == self.station.id
                values = {"quiet_from": "21:00", "quiet_until": "08:00", "numbering": numbering}
                connection().execute(update(StationSettings).where(mine).values(**values))
                rows = Layer.station_id == self.station.id
                connection().execute(update(Layer).where(rows).values(counter_space=NUMBERS))
                self.people = [residents.find_or_add(self.station.id, parse(phone), None) for phone in PEOPLE]
                layers = shelf_queries.layers(self.station.id)
        self.rows = [layer.id for layer in layers if layer.tag in ("1-1", "1-2")]
        self.post = Watching(self.station.id)

    def live(self):
        acts = (self.arrive, self.arrive, self.leave, self.leave, self.leave, self.move, self.change)
        for _day in range(DAYS):
            for _act in range(ACTS_A_DAY):
                self.now += timedelta(hours=self.rng.choice((0.05, 0.5, 3, 6)))
                with clock.use(lambda: self.now):
                    self.attempt(self.rng.choice(acts))
                    if self.rng.random() < 0.6:
                        self.send()
            self.now += timedelta(hours=self.rng.choice((1, 8)))

    def attempt(self, act):
        """Do something in a transaction, which now and then ends before its commit."""
        fails = self.rng.random() < 0.15
        with suppress(StationError, NeverHappenedError), transaction():
            touched = act()
            if fails:
                self.never += touched
                raise NeverHappenedError

    def arrive(self):
        intake = Intake(self.station.clerk)
        person = self.rng.choice(self.people)
        stored = []
        for _ in range(self.rng.randint(1, 3)):
            number = waybill() if self.rng.random() < 0.7 else f"{waybill()[:-4]}{self.rng.choice('12')}068"
            arrival = Arrival(number, self.rng.choice(self.rows), "sf", recipient=person)
            with suppress(StationError):
                stored.append(intake.add(arrival).parcel_id)
        intake.write()
        return stored

    def leave(self):
        for parcel_id in self.some("stored", most=3):
            hand_over(self.station.clerk, parcel_id, Taker())
        return []

    def move(self):
        for parcel_id in self.some("stored", most=1):
            handling.move(self.station.clerk, parcel_id, self.rng.choice(self.rows))
        return []

    def change(self):
        """Somebody took the wrong one, the label named another person, or the carrier fetches it."""
        for parcel_id in self.some("handed_over", most=1):
            undo_hand_over(self.station.clerk, parcel_id, reason="wrong_person")
        for parcel_id in self.some("stored", most=1):
            handling.assign_recipient(self.station.clerk, parcel_id, self.rng.choice(self.people).id)
        for parcel_id in self.some("stored", most=1):
            handling.start_return(self.station.clerk, parcel_id, reason="not_collected")
            handling.return_to_carrier(self.station.clerk, parcel_id)
        return []

    def some(self, state, *, most):
        mine = (Parcel.station_id == self.station.id, Parcel.state == state)
        found = connection().scalars(select(Parcel.id).where(*mine).order_by(Parcel.id.desc()).limit(12))
        return self.rng.sample(pool := list(found), min(len(pool), self.rng.randint(0, most)))

    def send(self):
        with transaction():
            overdue.enter_levels(self.station.id)
        self.post.way = self.rng.choice(("well", "well", "well", "refused", "crash"))
        with suppress(Crash):
            dispatch.run_due(self.station.id, [self.post], self.now)


@settings(max_examples=3 if settings().max_examples < 100 else 12)
@given(seed=st.integers(0, 2**32), numbering=st.sampled_from(["counter", "waybill"]))
def test_no_message_ever_opens_another_persons_parcel_or_tells_of_what_did_not_happen(app, seed, numbering):
    months = Months(seed, numbering)
    months.live()

    assert len(months.post.sent) > DAYS / 2
    uses = uses_by_code(months.station.id)
    about = parcels_by_message(months.station.id)
    for message in months.post.sent:
        own = about[message.id]
        for code in message.codes:
            opens_nobody_elses(message, [use for use in uses[code] if use.parcel_id not in own])
    assert not {parcel_id for parcels in about.values() for parcel_id in parcels} & set(months.never)
    if numbering == "counter":
        assert any(len({use.parcel_id for use in found}) > 2 for found in uses.values())
    with clock.use(lambda: months.now):
        invariants.check(months.station.id)
    db.session.remove()


def opens_nobody_elses(message, others):
    """Another parcel had the code before the message went out and had given it up, or gets it after its whole rest."""
    for use in others:
        if use.given_at <= message.at:
            assert use.released_at is not None
            assert use.released_at <= message.at
        else:
            assert use.given_at - message.at >= timedelta(seconds=use.cool_down_s)


def uses_by_code(station_id):
    found = {}
    with reading():
        for use in invariants.rows(PickupCode, station_id):
            found.setdefault(use.code, []).append(use)
    return found


def parcels_by_message(station_id):
    found = {}
    with reading():
        for row in invariants.rows(OutboxParcel, station_id):
            found.setdefault(row.message_id, set()).add(row.parcel_id)
    return found
