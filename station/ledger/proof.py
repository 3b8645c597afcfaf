"""Whether the ledger is what was posted: every journal against its event in the custody log, every close against both.

Reads in bounded memory and names the first thing that is wrong. The log itself is proved by events/verify.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from station.core.db import connection
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.events import queries as log
from station.ledger import closes, queries
from station.ledger.journal import digest
from station.ledger.models import LedgerJournal

STEP = 200  # journals compared at a time

MESSAGES = {
    "journal_changed": _l("journal %(name)s is not what was posted"),
    "journal_gone": _l("journal %(name)s is gone"),
    "journal_unknown": _l("%(name)s journals are in the books that nobody posted"),
    "close_changed": _l("the close of %(name)s is not what was closed"),
    "day_changed": _l("the books of %(name)s are not what was closed"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and with which journal or day."""

    reason: str
    name: str


def explain(fault: Fault) -> str:
    """Return in words what is wrong."""
    return _(MESSAGES[fault.reason], name=fault.name)


def first_fault(station_id: int) -> Fault | None:
    """Return the first thing in the ledger that is not as the custody log names it."""
    told = 0
    for step in _steps(station_id, "journal_posted"):
        fault = _journals_fault(station_id, {int(said["journal"]): said["sha256"] for said in step})
        if fault:
            return fault
        told += len(step)
    standing = select(func.count()).select_from(LedgerJournal).where(LedgerJournal.station_id == station_id)
    extra = int(connection().scalar(standing) or 0) - told
    if extra:
        return Fault("journal_unknown", str(extra))
    return _closes_fault(station_id)


def _journals_fault(station_id: int, told: dict[int, str]) -> Fault | None:
    standing = {one.id: one for one in queries.read_journals(station_id, LedgerJournal.id.in_(list(told)))}
    for journal_id, sha256 in told.items():
        if journal_id not in standing:
            return Fault("journal_gone", str(journal_id))
        if digest(standing[journal_id]) != sha256:
            return Fault("journal_changed", str(journal_id))
    return None


def _closes_fault(station_id: int) -> Fault | None:
    """Compare each close with its event, then with the books of that day."""
    told = set()
    for step in _steps(station_id, "ledger_day_closed"):
        for said in step:
            told.add(said["day"])
            known = closes.closed(station_id, date.fromisoformat(said["day"]))
            if known is None or not known.sha256.hex() == said["sha256"] == _hex(known.balances):
                return Fault("close_changed", said["day"])
    for day, balances in closes.recount(station_id):
        known = closes.closed(station_id, day)
        if day.isoformat() not in told:
            return Fault("close_changed", day.isoformat())
        if known is None or known.balances != balances:
            return Fault("day_changed", day.isoformat())
    return None


def _hex(balances: str) -> str:
    return closes.sha256_of(balances).hex()


def _steps(station_id: int, kind: str) -> Iterator[Sequence[dict[str, Any]]]:
    """Yield what the events of a kind say, in their order, a step at a time."""
    after = 0
    while step := log.of_kind(station_id, kind, after=after, limit=STEP):
        yield [said.data for said in step]
        after = step[-1].seq
