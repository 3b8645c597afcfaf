"""The daily close: the day's parcel fees are posted, its trial balance is hashed into the custody log, and it is shut.

Closing is safe late, twice, or never for a week: a day that nobody closed is closed by the next run.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.chain import canonical
from station.events.service import Event, append, take_turn
from station.ledger import queries
from station.ledger.chart import AccountKind
from station.ledger.models import LedgerClose, LedgerJournal
from station.ledger.queries import Line
from station.parcel_fees import service as parcel_fees

VERSION = "stationmaster-ledger-day-1"


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed day. `balances` is the text whose UTF-8 bytes `sha256` covers."""

    day: date
    closed_at: datetime
    closed_by: str
    journals: int
    balances: str
    sha256: bytes

    @property
    def lines(self) -> tuple[Line, ...]:
        """The trial balance as it was written down."""
        return tuple(
            Line(AccountKind(kind), currency, debit, credit)
            for kind, currency, debit, credit in json.loads(self.balances)["balances"]
        )


def close_day(actor: Actor, day: date) -> Closed:
    """Close a day; one that is closed stays as it is. Raises StationError `bad_input` for one that has not begun."""
    take_turn(actor.station_id)
    known = closed(actor.station_id, day)
    if known:
        return known
    if day > queries.local_today(actor.station_id):
        raise StationError("bad_input", _("This day has not begun yet."))
    parcel_fees.post_until(actor, day)
    journals = _journals_on(actor.station_id, day)
    lines = queries.trial_balance(actor.station_id, day)
    balances = canonical(statement(actor.station_id, day, journals=journals, lines=lines))
    made = Closed(day, clock.now(), actor.key, journals, balances, sha256_of(balances))
    values = {name: getattr(made, name) for name in Closed.__slots__}
    connection().execute(insert(LedgerClose).values(station_id=actor.station_id, **values))
    said = {"day": day.isoformat(), "journals": journals, "sha256": made.sha256.hex()}
    append(actor, Event("ledger_day_closed", data=said))
    return made


def sha256_of(balances: str) -> bytes:
    """Return the SHA-256 (FIPS 180-4) by which the custody log names a close."""
    return hashlib.sha256(balances.encode()).digest()


def statement(station_id: int, day: date, *, journals: int, lines: Iterable[Line]) -> dict[str, Any]:
    """Return what the books say at the end of a day: the JSON value that a close hashes."""
    return {
        "version": VERSION,
        "station": str(station_id),
        "day": day.isoformat(),
        "journals": journals,
        "balances": [[line.kind, line.currency, line.debit_minor, line.credit_minor] for line in lines],
    }


def _journals_on(station_id: int, day: date) -> int:
    query = select(func.count()).where(LedgerJournal.station_id == station_id, LedgerJournal.day == day)
    return int(connection().scalar(query) or 0)


def recount(station_id: int) -> Iterator[tuple[date, str]]:
    """Yield each closed day, oldest first, with what its close would write down now."""
    days = list(connection().scalars(select(LedgerClose.day).where(LedgerClose.station_id == station_id)))
    counted = select(LedgerJournal.day, func.count()).where(LedgerJournal.station_id == station_id)
    journals = {day: int(number) for day, number in connection().execute(counted.group_by(LedgerJournal.day))}
    for day, lines in zip(sorted(days), queries.trial_balances(station_id, days), strict=True):
        yield day, canonical(statement(station_id, day, journals=journals.get(day, 0), lines=lines))


_CLOSES = select(*(getattr(LedgerClose, name) for name in Closed.__slots__))


def closed(station_id: int, day: date) -> Closed | None:
    """Return a day's close, None while it is open."""
    found = _read(station_id, LedgerClose.day == day, limit=1)
    return found[0] if found else None


def recent(station_id: int, *, limit: int) -> list[Closed]:
    """Return the newest closes first."""
    return _read(station_id, limit=limit)


def _read(station_id: int, *conditions: Any, limit: int) -> list[Closed]:
    query = _CLOSES.where(LedgerClose.station_id == station_id, *conditions)
    rows = connection().execute(query.order_by(LedgerClose.day.desc()).limit(limit))
    return [Closed(*row) for row in rows]


def open_days(station_id: int, before: date) -> list[date]:
    """Return the days before `before` that are not closed, oldest first, from the first journal on."""
    mine = LedgerJournal.station_id == station_id
    first = connection().scalar(select(func.min(LedgerJournal.day)).where(mine))
    if first is None:
        return []
    done = set(connection().scalars(select(LedgerClose.day).where(LedgerClose.station_id == station_id)))
    days = (first + timedelta(days=number) for number in range((before - first).days))
    return [day for day in days if day not in done]
