"""What the demo shows of the drawer: opened and closed each day, counted by notes and coins, the rest to the bank.

Each day something is sold for cash, so that there is a rest on every one.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial

from station.core.actor import Actor
from station.core.permissions import Role
from station.ledger import charging, drawer, pieces, queries, rules
from station.ledger.drawer import Moment
from station.ledger.pieces import IN_USE, NO_PIECES, Form, Kind, Pieces
from station.payments import service as payments
from station.payments.catalogue import Way
from station.payments.service import Wanted
from station.payments.settling import on_paid
from station.residents import service as residents
from station.simulator.run import Simulation
from station.simulator.world import World

CURRENCY = "CNY"
_OPENED, _CLOSED = time(8, 5), time(21, 5)  # when the demo's station opens and closes, and a little
_SOLD = time(17, 30)
_PRICE = 3_850  # fen
_SALE = "大件打包 Packing of a large parcel"
_LATELY = timedelta(minutes=20)  # ago: today's opening when it is still night
_MISSING = 50  # fen that yesterday's closing count does not find
_WHY = "找零差错 Wrong change"
# The change that stays: 300 yuan in what people are given back.
_CHANGE: Mapping[Kind, int] = {
    Kind(Form.NOTE, 5000): 1,
    Kind(Form.NOTE, 2000): 5,
    Kind(Form.NOTE, 1000): 8,
    Kind(Form.NOTE, 500): 6,
    Kind(Form.NOTE, 100): 20,
    Kind(Form.COIN, 100): 15,
    Kind(Form.COIN, 50): 8,
    Kind(Form.COIN, 10): 10,
}
_STAYS = pieces.total(_CHANGE)


def plan(simulation: Simulation) -> None:
    """Plan the counts of every day, and what is missing on the last evening."""
    world, until = simulation.world, simulation.until.astimezone(simulation.world.zone)
    midnight = datetime.combine(until, time(), world.zone)
    _plan(world, simulation.since, partial(_let_change_stay, world))
    for days in range((simulation.until - simulation.since).days):
        day = (midnight - timedelta(days=days)).date()
        opened = datetime.combine(day, _OPENED, world.zone)
        if days == 0:
            opened = max(midnight, min(opened, until - _LATELY))
        _plan(world, opened, partial(_open, world))
        sell = partial(_sell, world, day.toordinal())
        world.agenda.plan(datetime.combine(day, _SOLD, world.zone), partial(world.attempt, "sold", sell))
        missing = _MISSING if days == 1 else 0
        _plan(world, datetime.combine(day, _CLOSED, world.zone), partial(_close, world, missing))


def _plan(world: World, at: datetime, act: partial[None]) -> None:
    world.agenda.plan(at, partial(world.attempt, "drawer counts", act))


def _clerks(world: World) -> list[Actor]:
    return [one for one in world.staff if one.role == Role.CLERK]


def _manager(world: World) -> Actor:
    return next(one for one in world.staff if one.role == Role.MANAGER)


def _let_change_stay(world: World) -> None:
    rules.change(_manager(world), replace(rules.for_station(world.station_id), float_minor=_STAYS))


def _sell(world: World, day: int) -> None:
    """Pack something for a neighbour, another one each day, who pays in cash."""
    clerk, people = _clerks(world)[0], world.town.neighbours()
    person = people[day % len(people)]
    known = residents.find_or_add(world.station_id, person.phone, person.name)
    charging.charge(_manager(world), known.id, amount_minor=_PRICE, reason=_SALE, key=f"demo:{day}")
    wanted = Wanted("balance", known.id, _PRICE, CURRENCY, Way.CASH)
    on_paid(clerk, payments.receive(clerk, wanted, f"demo:sold:{day}"))


def _open(world: World) -> None:
    """Find what the books expect; the first time the change, too, which nobody wrote down before."""
    begins = not drawer.counts(world.station_id, limit=1)
    _count(world, _clerks(world)[0], Moment.OPEN, extra_minor=_STAYS if begins else 0)


def _close(world: World, missing_minor: int) -> None:
    clerk = _clerks(world)[-1]
    made = _count(world, clerk, Moment.CLOSE, extra_minor=-missing_minor)
    if made.journal_id:
        drawer.explain(clerk, made.id, _WHY)
    if made.counted_minor > _STAYS:
        drawer.bank(clerk, made.id, made.counted_minor - _STAYS)


def _count(world: World, clerk: Actor, moment: Moment, *, extra_minor: int) -> drawer.Count:
    counted = max(0, queries.balance(world.station_id, drawer.CASH, CURRENCY) + extra_minor)
    return drawer.count(
        clerk, counted_minor=counted, currency=CURRENCY, moment=moment, by_piece=_pieces_of(counted)
    )


def _pieces_of(amount_minor: int) -> Pieces:
    """Return pieces of an amount: the change, and the rest in as few as there are; none for an amount with fen."""
    found = Counter(_CHANGE if amount_minor >= _STAYS else {})
    rest = amount_minor - pieces.total(found)
    for kind in IN_USE[CURRENCY]:
        found[kind] += rest // kind.worth_minor
        rest %= kind.worth_minor
    return NO_PIECES if rest else +found
