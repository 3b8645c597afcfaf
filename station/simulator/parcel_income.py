"""What the demo shows of parcel fees: what some carriers pay, a fine one of them kept, and one whose days are settled.

The books of each day are closed by group_buys_come.py, which brings the fees into them.
"""

from datetime import timedelta
from functools import partial

from station.core.actor import Actor
from station.core.permissions import Role
from station.ledger import queries as books
from station.ledger import settling
from station.ledger.settling import Payout
from station.ledger.statements import Period
from station.parcel_fees import service
from station.parcel_fees.service import Wish
from station.parcel_fees.terms import Earned
from station.simulator.run import Simulation
from station.simulator.world import World

CURRENCY = "CNY"
# Fen for a parcel, and when it is earned. Said to be 0.20 to 0.50 yuan (digipub.cc; Southern Weekly 2025).
_FEES = {
    "zto": (30, Earned.HANDED_OVER),
    "yto": (30, Earned.HANDED_OVER),
    "sto": (25, Earned.HANDED_OVER),
    "yunda": (25, Earned.HANDED_OVER),
    "jt": (20, Earned.CHECKED_IN),
    "sf": (50, Earned.HANDED_OVER),
}
_FINED, _FINE, _WHY = "yto", 200, "投诉扣款 Complaint upheld"
_FINED_H, _SETTLED_H = 50, 0.3  # hours before now
_SETTLED = "zto"
_SINCE, _UNTIL = timedelta(days=31), timedelta(days=2)  # days before today


def plan(simulation: Simulation) -> None:
    """Plan fees from the first day on; what is refused is left out, as in life."""
    world, now = simulation.world, simulation.until
    fined, settled = (now - timedelta(hours=hours) for hours in (_FINED_H, _SETTLED_H))
    world.agenda.plan(simulation.since, partial(world.attempt, "parcel fees", partial(_agree, world)))
    world.agenda.plan(fined, partial(world.attempt, "fines", partial(_fine, world)))
    world.agenda.plan(settled, partial(world.attempt, "carriers settled", partial(_settle, world)))


def _manager(world: World) -> Actor:
    return next(one for one in world.staff if one.role == Role.MANAGER)


def _agree(world: World) -> None:
    today = books.local_today(world.station_id)
    for carrier, (fee, earned_by) in _FEES.items():
        service.set_fee(_manager(world), Wish(carrier, today, fee, earned_by))


def _fine(world: World) -> None:
    service.fine(_manager(world), _FINED, amount_minor=_FINE, reason=_WHY, key="demo:fine")


def _settle(world: World) -> None:
    """Receive from a carrier what its parcels of the first days earned."""
    today = books.local_today(world.station_id)
    period = Period(today - _SINCE, today - _UNTIL)
    account = service.account(_SETTLED)
    owed = -settling.owed(world.station_id, account, CURRENCY, period)
    wanted = Payout(account, CURRENCY, period, 0, received_minor=owed, reference="ZTO-2026-0417")
    settling.settle(_manager(world), wanted)
