"""A simulation from beginning to end: days are planned, announced, brought and fetched; the scheduler does its rounds.

An edge: every act opens its own transaction, as a view or a job would.
"""

# Predictable on purpose: the same seed gives the same days, so a failing run can be run again. No secret is drawn.
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from station.core import clock
from station.core.db import reading, transaction
from station.events import anchors, outbox
from station.network import queries as network
from station.notices import service as notices
from station.notices import undelivered
from station.notices.composing import Composed
from station.parcels import overdue
from station.residents import service as residents
from station.simulator import receive, stories
from station.simulator.agenda import Agenda
from station.simulator.people import Town
from station.simulator.traffic import Delivery, plan_day
from station.simulator.world import World, staff_of

CHANNEL = "simulated"  # the word kept with messages that nobody received
CALLED_LATER = 12  # of so many people to call one still waits for it; source: ours
NEIGHBOURS_PER_PARCEL = 1.2  # of a day; source: ours: a neighbour gets five or six parcels a week
SAID_BEFORE_SHARE = 0.85  # of the neighbours with a wish; source: ours
ANNOUNCED_BEFORE_H = (3, 20)  # hours before the courier comes; source: ours
ROUND = timedelta(minutes=10)  # the scheduler's; the real one goes round more often and finds nothing more
ANCHOR_EVERY = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Order:
    """What to simulate: so many whole days, so many parcels on each, and the seed everything is drawn with."""

    days: int
    parcels_per_day: int
    seed: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """A planned simulation."""

    world: World
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """What happened: from when to when, and how often, by word."""

    station_id: int
    since: datetime
    until: datetime
    done: Mapping[str, int]

    @property
    def line(self) -> str:
        """The summary in one line."""
        return ", ".join(
            f"{count} {word}" for word, count in sorted(self.done.items(), key=lambda one: -one[1])
        )


def simulate(station_id: int, order: Order, until: datetime | None = None) -> Summary:
    """Let the last `order.days` days before `until` (now) happen at a station that has shelves and staff.

    Opens its own transactions. Raises StationError `not_found` when nobody works at the station.
    """
    return finish(begin(station_id, order, until or clock.now()))


def begin(station_id: int, order: Order, until: datetime) -> Simulation:
    """Plan a simulation that ends at `until`; more may be planned in its world before it is finished.

    Raises StationError `not_found` when nobody works at the station.
    """
    since = until - timedelta(days=order.days)
    world = _world(station_id, order, since)
    for delivery in _deliveries(world, order, since, until=until):
        expect(world, delivery)
    world.agenda.plan(since, lambda: _remember_wishes(world))
    world.agenda.plan(since, lambda: _go_round(world))
    world.agenda.plan(since, lambda: _anchor(world))
    return Simulation(world, since, until)


def _remember_wishes(world: World) -> None:
    """Let most neighbours have said long ago where they want their parcels, as at a station that runs for a while."""
    with transaction():
        actor = world.clerk()
        for person in world.town.neighbours():
            if person.wish and world.rng.random() < SAID_BEFORE_SHARE:
                known = residents.find_or_add(world.station_id, person.phone, person.name)
                residents.record_consent(actor, known.id, choice=person.wish, how="in_person")


def finish(simulation: Simulation) -> Summary:
    """Let everything happen that was planned."""
    world = simulation.world
    world.agenda.run(simulation.until)
    return Summary(world.station_id, simulation.since, simulation.until, dict(world.done))


def _world(station_id: int, order: Order, since: datetime) -> World:
    with reading():
        zone = ZoneInfo(network.rules(station_id).zone)
        staff = staff_of(station_id)
    rng = random.Random(order.seed)  # noqa: S311 - see the import
    town = Town(rng, int(order.parcels_per_day * NEIGHBOURS_PER_PARCEL) + 1)
    return World(station_id, zone, staff, rng, town, Agenda(since))


def _deliveries(world: World, order: Order, since: datetime, *, until: datetime) -> list[Delivery]:
    """Plan one day more than is simulated, so that its first parcels are announced already."""
    first, last = (moment.astimezone(world.zone).date() for moment in (since, until + timedelta(days=1)))
    days = [date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1)]
    planned = [
        delivery
        for day in days
        for delivery in plan_day(world.rng, world.town, day, zone=world.zone, parcels=order.parcels_per_day)
    ]
    return [delivery for delivery in planned if delivery.at >= since]


def expect(world: World, delivery: Delivery) -> None:
    """Plan a delivery, and its announcement some hours before."""
    ahead = timedelta(hours=world.rng.uniform(*ANNOUNCED_BEFORE_H))
    world.agenda.plan(delivery.at - ahead, lambda: receive.announce_delivery(world, delivery))
    world.agenda.plan(delivery.at, lambda: _bring(world, delivery))


def _bring(world: World, delivery: Delivery) -> None:
    for kept in receive.receive(world, delivery):
        stories.begin(world, kept)


def _go_round(world: World) -> None:
    """Do what the scheduler would: enter storage levels, send messages; then plan the next round."""
    now = world.agenda.now
    with reading():
        is_due = world.station_id in overdue.due_stations(now)
        has_messages = world.station_id in outbox.stations_due(now)
    if is_due:
        with transaction():
            while entered := overdue.enter_levels(world.station_id):
                world.done["levels entered"] += entered
    if is_due or has_messages:
        _send_messages(world)
    world.agenda.plan(now + ROUND, lambda: _go_round(world))


def _send_messages(world: World) -> None:
    """Settle every due message, in one transaction: nothing leaves the house, so nothing can fail between two."""
    with transaction():
        while claimed := outbox.claim_next(world.station_id, world.agenda.now):
            composed = notices.prepare(claimed, world.agenda.now)
            if composed and composed.message.to.extension:
                _call(world, composed)
            elif composed:
                notices.keep_sent(composed, channel=CHANNEL)
                world.done["messages"] += 1


def _call(world: World, composed: Composed) -> None:
    """Let somebody call, sooner or later: a text message cannot dial an extension."""
    notices.keep_to_call(composed)
    world.done["to call"] += 1
    if world.done["to call"] % CALLED_LATER:
        undelivered.called(world.staff[0], composed.claimed.id)


def _anchor(world: World) -> None:
    with transaction():
        anchors.sign_head(world.station_id)
    world.agenda.plan(world.agenda.now + ANCHOR_EVERY, lambda: _anchor(world))
