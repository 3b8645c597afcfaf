"""What the demo shows of carriers and couriers: who may sign in, what is announced, what came of it and what did not.

Everything by the services, as a carrier's system and a courier's phone would do it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from station.accounts import devices, passwords
from station.carriers import keys
from station.carriers.keys import Scope
from station.core import clock, phones
from station.core.actor import Actor, ActorKind
from station.core.permissions import Role
from station.couriers import service as couriers
from station.drops import presence, scans
from station.drops import queries as drop_queries
from station.drops import service as drops
from station.manifests import missed
from station.manifests import service as manifests
from station.manifests.rows import Said
from station.manifests.service import Tally
from station.network import service as network
from station.network.calendar import MIDNIGHT, SpecialKind
from station.network.service import NewSpecialDay
from station.parcels.announce import Expected
from station.parcels.lifecycle import ConsentBasis
from station.residents import service as residents
from station.simulator.people import Person
from station.simulator.run import Simulation
from station.simulator.traffic import SIZES, waybill, weighted
from station.simulator.world import World

# Who brings parcels, at which number, for which carriers. The first may sign what goes back to YTO (going_back.py).
COURIERS = (
    ("赵磊 Zhao Lei", "13700000101", ("yto", "sto")),
    ("钱进 Qian Jin", "13700000202", ("zto",)),
    ("孙悦 Sun Yue", "13700000303", ("sf", "jd")),
)
# How a row tells of consent: mostly not at all.
_CONSENTS = (
    (ConsentBasis.UNKNOWN, None),
    (ConsentBasis.UNKNOWN, None),
    (ConsentBasis.DECLARED_BY_COURIER, "courier"),
    (ConsentBasis.THIS_PARCEL, "phone_call"),
)
_MASKED_ROW = 3  # of every announcement one row hides the middle of its number, as many carriers do
# Days from today on which the demo is open day and night, so that a courier may always come.
_OPEN_LONGER = (
    -2,
    6,
)


@dataclass(frozen=True, slots=True)
class Announced:
    """An announcement: hours ago, its carrier and rows, the day it is for, and how many of them have come since."""

    hours: float
    carrier: str
    rows: int
    days_ago: int = 0
    arrived: int = 0


# Three to drop, one of them half arrived, and one of yesterday of which three parcels never came.
ANNOUNCED = (
    Announced(30, "sto", 12, days_ago=1, arrived=9),
    Announced(7, "zto", 16),
    Announced(6, "yto", 12),
    Announced(5, "sf", 14, arrived=8),
)
_ARRIVED_AFTER_H = 4  # hours from an announcement to its courier's visit


def plan(simulation: Simulation, *, password: str) -> None:
    """Plan what is shown; couriers sign in with their number and `password`."""
    world, now = simulation.world, simulation.until
    today = now.astimezone(world.zone).date()
    people: dict[str, Actor] = {}
    world.agenda.plan(
        simulation.since, _attempt(world, "couriers", lambda: _begin(world, people, today, password))
    )
    for one in ANNOUNCED:
        _plan(world, one, people, now=now, today=today)
    world.agenda.plan(now, _attempt(world, "missed", lambda: missed.report(world.station_id, today=today)))


def _attempt(world: World, word: str, act: Callable[[], object]) -> Callable[[], None]:
    return partial(world.attempt, word, act)


def _plan(world: World, one: Announced, people: dict[str, Actor], *, now: datetime, today: date) -> None:
    at, day = now - timedelta(hours=one.hours), today - timedelta(days=one.days_ago)
    waybills: list[str] = []
    world.agenda.plan(at, _attempt(world, "manifests", lambda: waybills.extend(_announce(world, one, day))))
    if one.arrived:
        visit = at + timedelta(hours=_ARRIVED_AFTER_H)
        drop = partial(_drop, world, people, waybills, one)
        world.agenda.plan(visit, _attempt(world, "drops", drop))


def _begin(world: World, people: dict[str, Actor], today: date, password: str) -> None:
    """Open longer for some days, let the couriers in, and give each carrier's system a key."""
    actor = world.staff[0]
    first, last = (today + timedelta(days=days) for days in _OPEN_LONGER)
    reason = "快递高峰 Parcel season"
    network.add_special_day(actor, NewSpecialDay(SpecialKind.OPEN, first, last, reason, MIDNIGHT, MIDNIGHT))
    for name, number, carriers in COURIERS:
        phone = phones.parse(number)
        if phone is None:
            raise ValueError("a made-up number is none")
        made = couriers.add(actor, phone, name=name, password_hash=passwords.hash_password(password))
        couriers.let_in(actor, made, carriers)
        courier = Actor(ActorKind.COURIER, made, world.station_id, Role.COURIER, name)
        people.update(dict.fromkeys(carriers, courier))


def _announce(world: World, one: Announced, day: date) -> list[str]:
    """Announce by the carrier's own key; return the waybills."""
    wish = keys.Wish(f"{one.carrier.upper()} 系统 system", one.carrier, (Scope.MANIFESTS, Scope.EVENTS))
    system = devices.authenticate_device(keys.add(world.staff[0], wish).token)
    devices.note_device_seen(system)
    rows = [_row(world, number, one.carrier, day) for number in range(one.rows)]
    manifest_id = manifests.open_request(system, carrier=one.carrier, expected_on=day, count=len(rows))
    outcomes = manifests.announce_rows(system, manifest_id, list(enumerate(rows, 1)))
    new = sum(isinstance(outcome, Expected) and outcome.is_new for outcome in outcomes)
    manifests.close_request(system, manifest_id, Tally(new, 0, len(rows) - new))
    return [row.waybill for row in rows]


def _row(world: World, number: int, carrier: str, day: date) -> Said:
    """Return a row; the first one's recipient wants to be asked, so that the courier sees how a parcel is stopped."""
    person = world.town.neighbour()
    basis, how = _CONSENTS[number % len(_CONSENTS)]
    if number == 0:
        person = replace(person, wish="ask")
        _say_wish(world, person)
    size_class = weighted(world.rng, SIZES)
    said = Said(waybill(world.rng, carrier), carrier, day, name=person.name, size_class=size_class)
    if number == _MASKED_ROW:
        return replace(said, masked_phone=person.phone.display_masked)
    return replace(said, phone=person.phone, consent=basis, consent_how=how)


def _say_wish(world: World, person: Person) -> None:
    known = residents.find_or_add(world.station_id, person.phone, person.name)
    residents.record_consent(world.staff[0], known.id, choice=str(person.wish), how="in_person")


def _drop(world: World, people: dict[str, Actor], waybills: Sequence[str], one: Announced) -> None:
    """Let the courier of a carrier scan what arrived and sign for it; yesterday's drop was counted, too."""
    courier, now = people[one.carrier], clock.now()
    seen = presence.read(presence.code(world.station_id, now))
    drop = drops.open_drop(courier, seen, now).drop
    arrived = list(waybills)[: one.arrived]
    scanned = [
        scans.Scan(f"demo-{one.carrier}-{seq:04d}", seq, raw, now) for seq, raw in enumerate(arrived, 1)
    ]
    scans.take(courier, drop.id, scanned)
    accepted = drop_queries.counts(world.station_id, drop.id).accepted
    drops.finish(courier, drop.id, accepted)
    if one.days_ago:
        drops.confirm(world.staff[0], drop.id, accepted)
