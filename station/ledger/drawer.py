"""The drawer: cash is counted, compared with the books, and a difference is posted with its reason."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.money import CURRENCIES, MOST_MINOR
from station.events.service import Event, append, take_turn
from station.ledger import queries
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.journal import Journal, Move
from station.ledger.models import DrawerCount
from station.ledger.service import post, reason_of

CASH = AccountRef(AccountKind.CASH)
DIFFERENCES = AccountRef(AccountKind.DIFFERENCES)


@dataclass(frozen=True, slots=True)
class Count:
    """Cash that was counted, and what the books said at that moment."""

    id: int
    day: date
    at: datetime
    actor: str
    currency: str
    counted_minor: int
    expected_minor: int
    journal_id: int | None

    @property
    def difference_minor(self) -> int:
        """What is too much, or negative what is missing."""
        return self.counted_minor - self.expected_minor


def count(actor: Actor, *, counted_minor: int, currency: str, reason: str = "") -> Count:
    """Write down what is in the drawer; a difference to the books is posted, so that they say the same afterwards.

    Raises StationError `bad_input` for an amount or currency that cannot be, or a difference without a reason.
    """
    if currency not in CURRENCIES or not 0 <= counted_minor <= MOST_MINOR:
        raise StationError("bad_input", _("Type an amount in digits, such as 12.50."))
    take_turn(actor.station_id)
    made = _counted(actor, counted_minor, currency)
    journal_id = None
    if made.difference_minor:
        journal_id = post(actor, _journal(made, reason_of(reason)))
    values = {name: getattr(made, name) for name in Count.__slots__} | {"journal_id": journal_id}
    connection().execute(insert(DrawerCount).values(station_id=actor.station_id, **values))
    said = {"count": str(made.id), "counted": counted_minor, "expected": made.expected_minor}
    append(actor, Event("drawer_counted", data=said | {"currency": currency}))
    return Count(**values)


def _counted(actor: Actor, counted_minor: int, currency: str) -> Count:
    return Count(
        id=ids.next_id(),
        day=queries.posting_day(actor.station_id),
        at=clock.now(),
        actor=actor.key,
        currency=currency,
        counted_minor=counted_minor,
        expected_minor=queries.balance(actor.station_id, CASH, currency),
        journal_id=None,
    )


def _journal(made: Count, reason: str) -> Journal:
    amount = made.difference_minor
    move = Move(CASH, DIFFERENCES, amount) if amount > 0 else Move(DIFFERENCES, CASH, -amount)
    refers_to = f"drawer:{made.id}"
    return Journal(refers_to, JournalKind.DRAWER, made.currency, (move,), refers_to, note=reason)


def counts(station_id: int, *, limit: int) -> list[Count]:
    """Return the newest counts first."""
    query = (
        select(*(getattr(DrawerCount, name) for name in Count.__slots__))
        .where(DrawerCount.station_id == station_id)
        .order_by(DrawerCount.day.desc(), DrawerCount.id.desc())
        .limit(limit)
    )
    return [Count(*row) for row in connection().execute(query)]
