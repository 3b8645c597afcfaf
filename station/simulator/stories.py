"""What becomes of parcels after they were stored: fetched, forgotten, refused, damaged, moved, lost, found."""

from collections.abc import Mapping
from datetime import timedelta

from station.core.actor import Actor, ActorKind
from station.core.db import transaction
from station.core.errors import StationError
from station.core.permissions import Role
from station.parcels import hand_over, handling
from station.parcels.hand_over import Taker
from station.parcels.lifecycle import Problem
from station.residents import proxies
from station.residents import service as residents
from station.residents.proxies import Wish
from station.simulator.people import Person
from station.simulator.receive import scan_again
from station.simulator.traffic import DAYS_UNTIL_COLLECTED, DAYS_UNTIL_COLLECTED_LATE, Fate, collection_time
from station.simulator.world import Kept, World

HAND_S = 5  # seconds to fetch and scan one parcel out; source: ours
PROXY_SHARE = 0.12  # of the visits; source: ours
TELLS_WISH_SHARE = 0.3  # of the visits of people who have one; source: ours
DAMAGE_ACCEPTED_SHARE = 0.4  # of the damaged ones: people look at them and take them; source: ours
PROBLEM_SOLVED_SHARE = 0.7  # of the problems at check-in, on the same day; source: ours
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
GIVES_UP_AFTER = 8 * DAY  # a day after the return level begins (7 days by default)


def begin(world: World, kept: Kept) -> None:
    """Plan what becomes of a parcel that was just stored."""
    if kept.problem:
        _solve_later(world, kept)
    else:
        _BEGINNINGS.get(kept.planned.fate, _fetch)(world, kept)


def visit(world: World, person: Person) -> None:
    """Let somebody come: they take everything that waits for them, in one transaction."""
    parcels = world.waiting.pop(person, [])
    if not parcels:
        return
    actor = world.clerk()
    is_proxy = world.rng.random() < PROXY_SHARE
    name = world.town.neighbour().name if is_proxy else None
    with transaction():
        taker = _taker(world, parcels[0], name)
        for kept in parcels:
            world.agenda.spend(HAND_S)
            _hand(world, actor, kept, taker)
        _listen(world, actor, parcels[0])


def _taker(world: World, kept: Kept, name: str | None) -> Taker:
    """Return who comes: the person, or by their word a neighbour called `name`."""
    if name is None or kept.recipient_id is None:
        return Taker(proxy_name=name)
    resident = Actor(ActorKind.RESIDENT, 0, world.station_id, Role.RESIDENT)
    return Taker(proxy_id=proxies.give(resident, Wish(kept.recipient_id, name=name)).proxy_id)


def _hand(world: World, actor: Actor, kept: Kept, taker: Taker) -> None:
    try:
        hand_over.hand_over(actor, kept.id, taker)
    except StationError as error:
        world.done[error.code] += 1
    else:
        world.done["handed over"] += 1


def _listen(world: World, actor: Actor, kept: Kept) -> None:
    """Note where the person wants parcels left, if they say so."""
    wish = kept.planned.person.wish
    if wish and kept.recipient_id and world.rng.random() < TELLS_WISH_SHARE:
        residents.record_consent(actor, kept.recipient_id, choice=wish, how="in_person")


def _fetch(world: World, kept: Kept) -> None:
    _wait(world, kept, DAYS_UNTIL_COLLECTED)


def _fetch_late(world: World, kept: Kept) -> None:
    _wait(world, kept, DAYS_UNTIL_COLLECTED_LATE)


def _wait(world: World, kept: Kept, days: Mapping[int, int]) -> None:
    """Let a parcel wait until its person comes, for it or for another one."""
    person = kept.planned.person
    world.waiting[person].append(kept)
    at = collection_time(world.rng, world.local_now, days=days)
    world.agenda.plan(at, lambda: visit(world, person))


def _forget(world: World, kept: Kept) -> None:
    _send_back(world, kept, "not_collected", after=GIVES_UP_AFTER)


def _send_back(world: World, kept: Kept, reason: str, *, after: timedelta) -> None:
    """Pick a parcel for its carrier, who takes it along the next day."""
    world.later(after, "returns begun", lambda: handling.start_return(world.clerk(), kept.id, reason=reason))
    world.later(after + DAY, "returned", lambda: handling.return_to_carrier(world.clerk(), kept.id))


def _refuse(world: World, kept: Kept) -> None:
    world.later(9 * HOUR, "problems", lambda: handling.mark_problem(world.clerk(), kept.id, Problem.REFUSED))
    _send_back(world, kept, "refused", after=DAY)


def _damage(world: World, kept: Kept) -> None:
    world.later(MINUTE, "problems", lambda: handling.mark_problem(world.clerk(), kept.id, Problem.DAMAGED))
    if world.rng.random() < DAMAGE_ACCEPTED_SHARE:
        _fetch(world, kept)
    else:
        _send_back(world, kept, "damaged", after=DAY)


def _send_on(world: World, kept: Kept) -> None:
    world.later(
        MINUTE, "problems", lambda: handling.mark_problem(world.clerk(), kept.id, Problem.WRONG_STATION)
    )
    _send_back(world, kept, "wrong_station", after=DAY)


def _hold(world: World, kept: Kept) -> None:
    world.later(HOUR, "held", lambda: handling.hold(world.clerk(), kept.id, reason="recipient_away"))
    world.later(2 * DAY, "holds lifted", lambda: _lift(world, kept))


def _lift(world: World, kept: Kept) -> None:
    handling.release_hold(world.clerk(), kept.id)
    _fetch(world, kept)


def _move(world: World, kept: Kept) -> None:
    world.later(2 * HOUR, "moved", lambda: _to_another_row(world, kept))
    _fetch(world, kept)


def _to_another_row(world: World, kept: Kept) -> None:
    row = world.row_for(kept.planned.size_class)
    if row:
        handling.move(world.clerk(), kept.id, row.id)


def _mistake(world: World, kept: Kept) -> None:
    """Hand a parcel to somebody who brings it back minutes later; its own person comes another day."""
    world.later(5 * HOUR, "handed over", lambda: hand_over.hand_over(world.clerk(), kept.id, Taker()))
    world.later(5 * HOUR + 4 * MINUTE, "hand-overs undone", lambda: _bring_back(world, kept))


def _bring_back(world: World, kept: Kept) -> None:
    hand_over.undo_hand_over(world.clerk(), kept.id, reason="wrong_person")
    _fetch(world, kept)


def _solve_later(world: World, kept: Kept) -> None:
    """Solve a problem that arose at check-in a few hours later, or leave it until the parcel goes back."""
    if world.rng.random() < PROBLEM_SOLVED_SHARE:
        world.later(5 * HOUR, "problems solved", lambda: _solve(world, kept))
    else:
        _forget(world, kept)


def _solve(world: World, kept: Kept) -> None:
    actor = world.clerk()
    if kept.recipient_id is None:
        person = kept.planned.person
        known = residents.find_or_add(world.station_id, person.phone, person.name)
        handling.assign_recipient(actor, kept.id, known.id)
    else:
        handling.clear_problem(actor, kept.id)
    _to_another_row(world, kept)
    _fetch(world, kept)


def _lose(world: World, kept: Kept) -> None:
    _miss(world, kept)
    if len(world.staff) > 1:
        asks, confirms = world.rng.sample(world.staff, 2)
        world.later(
            3 * DAY, "write-offs asked", lambda: handling.ask_write_off(asks, kept.id, reason="not_found")
        )
        world.later(4 * DAY, "written off", lambda: handling.confirm_write_off(confirms, kept.id))


def _lose_and_find(world: World, kept: Kept) -> None:
    _miss(world, kept)
    world.later(2 * DAY, "found again", lambda: _find(world, kept))


def _miss(world: World, kept: Kept) -> None:
    world.later(30 * HOUR, "lost", lambda: handling.mark_lost(world.clerk(), kept.id, reason="not_found"))


def _find(world: World, kept: Kept) -> None:
    scan_again(world, kept)
    _fetch(world, kept)


_BEGINNINGS = {
    Fate.LATE: _fetch_late,
    Fate.FORGOTTEN: _forget,
    Fate.MOVED: _move,
    Fate.REFUSED: _refuse,
    Fate.DAMAGED: _damage,
    Fate.MISTAKEN: _mistake,
    Fate.HELD: _hold,
    Fate.WRONG_STATION: _send_on,
    Fate.LOST: _lose,
    Fate.FOUND: _lose_and_find,
}
