"""The day book of a simulated station: each day opened by the clerks' shifts and closed in the evening."""

from datetime import date, datetime, time

from station.core.actor import Actor
from station.core.db import transaction
from station.core.permissions import Role
from station.days import service as days
from station.simulator.world import World

SHIFT_BEGINS = time(7, 50)  # ten minutes before the demo opens
DAY_CLOSES = time(21, 30)  # half an hour after it closes


def keep(world: World, since: datetime, until: datetime) -> None:
    """Plan the day book from the day after `since` on; the day of `until` stays open."""
    first, last = (moment.astimezone(world.zone).date() for moment in (since, until))
    for ordinal in range(first.toordinal() + 1, last.toordinal() + 1):
        _plan(world, date.fromordinal(ordinal), is_over=ordinal < last.toordinal())


def _plan(world: World, day: date, *, is_over: bool) -> None:
    world.agenda.plan(_at(world, day, SHIFT_BEGINS), lambda: _begin(world))
    if is_over:
        world.agenda.plan(_at(world, day, DAY_CLOSES), lambda: _close(world, day))


def _at(world: World, day: date, clock_time: time) -> datetime:
    return datetime.combine(day, clock_time, world.zone)


def _begin(world: World) -> None:
    with transaction():
        for clerk in _staff(world, Role.CLERK):
            days.start_shift(clerk)


def _close(world: World, day: date) -> None:
    with transaction():
        for manager in _staff(world, Role.MANAGER)[:1]:
            days.close_day(manager, day)


def _staff(world: World, role: Role) -> list[Actor]:
    return [actor for actor in world.staff if actor.role is role]
