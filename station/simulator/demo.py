"""The demo station that `make run` opens with: Maple Court, ten lively days old, in every state the product knows.

Its people and parcels are made up. Everything comes in by the services, like in life, only faster.
"""

from datetime import datetime, time, timedelta
from functools import partial

from station.accounts import devices
from station.accounts import service as accounts
from station.accounts.service import NewAccount
from station.core import clock, phones
from station.core.actor import Actor, system_actor
from station.core.db import transaction
from station.core.permissions import Role
from station.events import service as events
from station.events.service import Event
from station.kiosks import rules
from station.kiosks.rules import KioskRules
from station.network import queries as network_queries
from station.network import service as network
from station.network.calendar import Span, SpecialKind, week_to_json
from station.network.holidays import HolidayCalendar
from station.network.service import NewSpecialDay
from station.notices import wording
from station.notices.channel_settings import ChannelName
from station.notices.queries import Price
from station.parcels import hand_over, overdue
from station.parcels.hand_over import Taker
from station.parcels.intake import Arrival, CheckedIn, Intake
from station.payments import settings as payments
from station.payments.catalogue import Way
from station.residents import agreements, merging, notes, preferences, proxies
from station.residents import service as residents
from station.residents.agreement_texts import CURRENT, Purpose
from station.residents.preferences import Preferences
from station.residents.proxies import Wish
from station.shelves import queries as shelf_queries
from station.shelves import service as shelves
from station.shelves.queries import LayerFacts
from station.shelves.storage import Storage
from station.simulator import (
    book,
    carriers_come,
    counting_up,
    drawer_counted,
    going_back,
    group_buys_come,
    parcel_income,
    queries,
    stories,
)
from station.simulator.run import CHANNEL, Order, Simulation, begin, expect, finish
from station.simulator.traffic import CARRIERS, Fate, load, plan_delivery, waybill, weighted
from station.simulator.world import World

NAME = "枫林苑驿站 Maple Court"
CITY = "杭州市"
ZONE = "Asia/Shanghai"
DEMO_PASSWORD = "maple-court-demo"  # noqa: S105 - printed at every start, the demo has nothing to hide
DEMO_LOGINS = ("admin", "manager", "lin", "wang")
DEMO_PHONE = (
    "13812344068"  # of a resident for whom parcels wait; their sign-in code comes to the console channel
)
_HIDDEN = "17012348888,5566"  # a privacy number of the same resident
_COLLECTOR = "13700009876"  # of somebody who may collect for them today
DAYS = 10
ORDER = Order(DAYS, parcels_per_day=60, seed=7)

_STAFF = {
    "admin": ("陈静 Chen Jing", Role.NETWORK_ADMIN),
    "manager": ("周岚 Zhou Lan", Role.MANAGER),
    "lin": ("林晓 Lin Xiao", Role.CLERK),
    "wang": ("王强 Wang Qiang", Role.CLERK),
}
# Code, layers, capacity of each layer, size class.
_SHELVES = (
    ("1", 3, 12, "small"),
    ("2", 3, 14, "small"),
    ("3", 3, 16, "small"),
    ("4", 3, 10, "medium"),
    ("5", 3, 12, "medium"),
    ("6", 3, 12, "medium"),
    ("7", 3, 14, "medium"),
    ("8", 3, 6, "large"),
    ("9", 3, 8, "large"),
    ("M", 2, 20, "medium"),
)
_SET_ASIDE = ("99", 1, 30, "large")
_COLD = {"C": Storage.CHILLED, "F": Storage.FROZEN}  # a fridge and a freezer
_HOURS = ((Span(time(8), time(21)),),) * 7
# It works through the public holidays, so that the demo is the same on every day of the year.
_SETTINGS = {
    "weekly_hours": week_to_json(_HOURS),
    "holiday_calendar": HolidayCalendar.CHINA,
    "closes_on_holidays": False,
}
PRICE = Price(4500, "CNY")  # of a thousand parts, in fen: 0.045 yuan each, as gateways in China ask
# The event that marks the demo: the second of its station's log, so that finding it reads one row.
_MARK = "demo_seeded"
_MARK_SEQ = 2

_ALL_FATES = tuple(Fate)
_WAITING = (Fate.LATE, Fate.FORGOTTEN, Fate.FORGOTTEN, Fate.LATE)
# What every demo shows, whatever the dice say: hours ago, carrier, and a parcel for each fate.
_SHOWN = (
    (206, "yto", _ALL_FATES),  # picked for the carrier, written off, returned
    (180, "zto", (Fate.FORGOTTEN, Fate.FORGOTTEN)),  # to be returned
    (82, "sto", _WAITING),  # alert
    (54, "jt", _WAITING),  # overdue
    (40, "sf", (Fate.LOST, Fate.FOUND, Fate.HELD, Fate.REFUSED, Fate.DAMAGED, Fate.WRONG_STATION)),
    (30, "yunda", _WAITING),  # reminded
    (3, "jd", (*_ALL_FATES, *_WAITING)),
)
# Today, whatever the time: minutes ago, carrier, parcels. The last one is still to come.
_LATELY = ((95, "zto", 14), (48, "yto", 9), (7, "sf", 4), (-90, "ems", 11))
_VISITS_MIN = (80, 66, 52, 41, 33, 24, 16, 9, 3)  # minutes ago
# Rows that are full, and nearly: shelf, layer, places left.
_FULL = (("1", 1, 0), ("1", 2, 1), ("4", 1, 0), ("4", 2, 2), ("8", 1, 1))
_FILLED_MIN = 100  # minutes ago
# Parcels of the resident with DEMO_PHONE, in hours ago; the first is collected three hours later.
_RESIDENT_S_H = (49, 30, 4, 2)
_COLLECTED_AFTER = timedelta(hours=3)


def seed_demo() -> int:
    """Make the demo station in an empty database and let its ten days happen; return its id.

    Opens its own transactions; takes some seconds.
    """
    now = clock.now()
    with clock.use(lambda: now - timedelta(days=DAYS)), transaction():
        station_id = _found()
        for channel in (CHANNEL, ChannelName.SMS_ALIYUN):
            wording.set_price(system_actor(station_id), channel, PRICE)
    simulation = begin(station_id, ORDER, now)
    book.keep(simulation.world, simulation.since, now)
    _plan_the_shown(simulation)
    carriers_come.plan(simulation, password=DEMO_PASSWORD)
    group_buys_come.plan(simulation, phone=DEMO_PHONE)
    drawer_counted.plan(simulation)
    parcel_income.plan(simulation)
    going_back.plan(simulation)
    counting_up.plan(simulation)
    finish(simulation)
    with transaction():
        _declare_closure(system_actor(station_id))
        _write_down(system_actor(station_id))
    return station_id


def is_demo() -> bool:
    """Tell whether this installation holds the demo station. Inside a transaction of the caller's."""
    return queries.has_event(_MARK, _MARK_SEQ)


def _found() -> int:
    station_id = network.create_station(name=NAME, city=CITY, zone=ZONE, language="zh")
    actor = system_actor(station_id)
    events.append(actor, Event(_MARK))
    version = network_queries.rules(station_id).version
    network.change_settings(actor, _SETTINGS, version=version)
    rules.change(actor, KioskRules(takes_faces=True, takes_photos=True))
    payments.save(actor, Way.TEST, payments.Draft(is_enabled=True, options={}), version=0)
    for code, layers, capacity, size_class in _SHELVES:
        shelves.add_shelf(
            actor, code=code, layers=layers, capacity=capacity, size_class=size_class, is_set_aside=False
        )
    code, layers, capacity, size_class = _SET_ASIDE
    shelves.add_shelf(
        actor, code=code, layers=layers, capacity=capacity, size_class=size_class, is_set_aside=True
    )
    for code, storage in _COLD.items():
        shelves.add_cold_shelf(actor, code=code, layers=2, capacity=12, size_class="medium", storage=storage)
    for login, (name, role) in _STAFF.items():
        account_id = accounts.add_account(actor, NewAccount(login, name), password=DEMO_PASSWORD)
        accounts.add_membership(actor, account_id, role=role)
    devices.add_device(actor, name="PDA 1")
    return station_id


def _plan_the_shown(simulation: Simulation) -> None:
    """Plan what the dice leave to chance: each state, the last hours, full rows."""
    world, now = simulation.world, simulation.until
    for hours, carrier, fates in _SHOWN:
        at = now - timedelta(hours=hours)
        expect(world, load(world.rng, world.town, at, carrier=carrier, fates=fates))
    for minutes, carrier, parcels in _LATELY:
        at = now - timedelta(minutes=minutes)
        expect(world, plan_delivery(world.rng, world.town, at, carrier=carrier, parcels=parcels))
    _plan_the_resident(world, now)
    world.agenda.plan(now - timedelta(minutes=_FILLED_MIN), lambda: _fill_rows(world))
    for minutes in _VISITS_MIN:
        world.agenda.plan(now - timedelta(minutes=minutes), lambda: _somebody_comes(world))


def _plan_the_resident(world: World, now: datetime) -> None:
    """Plan what the resident sees whose phone number is printed at the start."""
    first, *others = (now - timedelta(hours=hours) for hours in _RESIDENT_S_H)
    world.agenda.plan(first, lambda: world.attempt("stored", lambda: _store_and_fetch(world)))
    for at in others:
        world.agenda.plan(at, lambda: world.attempt("stored", lambda: _store_for_resident(world)))


def _store_and_fetch(world: World) -> None:
    stored = _store_for_resident(world)
    if stored:
        leave = partial(hand_over.hand_over, world.clerk(), stored.parcel_id, Taker())
        world.later(_COLLECTED_AFTER, "collected", leave)


def _store_for_resident(world: World) -> CheckedIn | None:
    row, phone = world.row_for("medium"), phones.parse(DEMO_PHONE)
    if row is None or phone is None:
        return None
    person = residents.find_or_add(world.station_id, phone, "陈晓明")
    intake, carrier = Intake(world.clerk()), weighted(world.rng, CARRIERS)
    stored = intake.add(Arrival(waybill(world.rng, carrier), row.id, carrier, recipient=person))
    intake.write()
    return stored


def _somebody_comes(world: World) -> None:
    people = [person for person, parcels in world.waiting.items() if parcels]
    if people:
        stories.visit(world, world.rng.choice(people))


def _fill_rows(world: World) -> None:
    """Store parcels until the rows of _FULL have the places left that are shown."""
    with transaction():
        intake = Intake(world.clerk())
        for shelf, number, left in _FULL:
            row = shelf_queries.layer_by_code(world.station_id, shelf, number)
            if row:
                for _ in range(row.free - left):
                    intake.add(_parcel_for(world, row))
        intake.write()


def _parcel_for(world: World, row: LayerFacts) -> Arrival:
    person, carrier = world.town.newcomer(), weighted(world.rng, CARRIERS)
    known = residents.find_or_add(world.station_id, person.phone, person.name)
    return Arrival(waybill(world.rng, carrier), row.id, carrier, recipient=known, size_class=row.size_class)


def _declare_closure(actor: Actor) -> None:
    """Declare a day off next week, which moves deadlines."""
    day = network.today(ZONE) + timedelta(days=8)
    network.add_special_day(actor, NewSpecialDay(SpecialKind.CLOSURE, day, day, "电力检修 Power line work"))
    overdue.reschedule(actor.station_id)


def _write_down(actor: Actor) -> None:
    """Show what the people page is for: a note, a misread name at the same phone, and a number linked to its person."""
    phone, hidden = phones.parse(DEMO_PHONE), phones.parse(_HIDDEN)
    if phone is None or hidden is None:
        return
    person = residents.find_or_add(actor.station_id, phone, "陈晓明")
    residents.find_or_add(actor.station_id, phone, "陈小明")
    residents.find_or_add(actor.station_id, hidden, None)
    notes.add(actor, person.id, "听力不便，请写给他看。 Hard of hearing: please write.")
    merging.link(actor, person.id, hidden)
    _choose(accounts.sign_in_resident(residents.phone_hash(phone.key)).at(actor.station_id), person.id)


def _choose(resident: Actor, recipient_id: int) -> None:
    """Choose as somebody does on the phone: a quiet night, photos, and who may collect today."""
    preferences.choose(resident, recipient_id, Preferences(quiet_from=time(22), quiet_until=time(7)))
    agreements.give(resident, recipient_id, Purpose.PHOTOS, version=CURRENT[Purpose.PHOTOS])
    proxies.give(resident, Wish(recipient_id, phone=phones.parse(_COLLECTOR), name="李雷"))
