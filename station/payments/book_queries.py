"""Reads of comparisons with providers' files, and of the differences that were found."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.payments.book_models import Reconciliation, ReconciliationLine
from station.payments.catalogue import Way
from station.payments.lifecycle import LineState
from station.payments.provider import Kind

MOST = 60  # comparisons on the page: two months of days


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison; `open` counts the differences that nobody settled yet."""

    id: int
    provider: Way
    day: date
    rows: int
    matched: int
    differing: int
    made_by: str
    made_at: datetime
    paid_minor: int | None
    back_minor: int | None
    fees_minor: int | None
    open: int

    @property
    def net_minor(self) -> int | None:
        """What the day comes to at the provider, None where its sums were not kept."""
        if self.paid_minor is None or self.back_minor is None or self.fees_minor is None:
            return None
        return self.paid_minor - self.back_minor - self.fees_minor


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference, and what was done about it."""

    id: int
    reconciliation_id: int
    kind: str
    what: Kind
    number: str
    provider_ref: str | None
    payment_id: int | None
    refund_id: int | None
    ours_minor: int | None
    theirs_minor: int | None
    currency: str
    state: LineState
    note: str | None
    ended_by: str | None
    ended_at: datetime | None
    fee_minor: int

    @property
    def can_be_booked(self) -> bool:
        """Whether a payment of ours stands behind what the provider has and our books have not."""
        return self.kind == "missing_here" and self.payment_id is not None


_OPEN = (
    select(func.count())
    .select_from(ReconciliationLine)
    .where(
        ReconciliationLine.station_id == Reconciliation.station_id,
        ReconciliationLine.reconciliation_id == Reconciliation.id,
        ReconciliationLine.state == LineState.OPEN.value,
    )
    .scalar_subquery()
    .label("open")
)
_COMPARED = tuple(getattr(Reconciliation, name) for name in Compared.__slots__ if name != "open")
_DIFFERENCE = tuple(getattr(ReconciliationLine, name) for name in Difference.__slots__)


def listed(station_id: int) -> list[Compared]:
    """Return the newest comparisons, newest day first, at most MOST."""
    query = select(*_COMPARED, _OPEN).where(Reconciliation.station_id == station_id)
    return _compared(query.order_by(Reconciliation.day.desc(), Reconciliation.id.desc()).limit(MOST))


def compared(station_id: int, reconciliation_id: int) -> Compared:
    """Return one comparison. Raises StationError `not_found`."""
    mine = (Reconciliation.station_id == station_id, Reconciliation.id == reconciliation_id)
    found = _compared(select(*_COMPARED, _OPEN).where(*mine))
    if not found:
        raise StationError("not_found", _("There is no such comparison at your station."))
    return found[0]


def by_file(station_id: int, way: Way, day: date, digest: bytes) -> int | None:
    """Return the comparison that was made with a file."""
    mine = (Reconciliation.station_id == station_id, Reconciliation.provider == way.value)
    same = (Reconciliation.day == day, Reconciliation.sha256 == digest)
    found: int | None = connection().scalar(select(Reconciliation.id).where(*mine, *same))
    return found


def has_day(station_id: int, way: Way, day: date) -> bool:
    """Tell whether a day of a provider's was compared."""
    mine = (Reconciliation.station_id == station_id, Reconciliation.provider == way.value)
    query = select(Reconciliation.id).where(*mine, Reconciliation.day == day).limit(1)
    return connection().scalar(query) is not None


def difference(station_id: int, line_id: int) -> Difference:
    """Return one difference. Raises StationError `not_found`."""
    found = _differences(ReconciliationLine.station_id == station_id, ReconciliationLine.id == line_id)
    if not found:
        raise StationError("not_found", _("There is no such difference at your station."))
    return found[0]


def differences(station_id: int, reconciliation_id: int) -> list[Difference]:
    """Return the differences of a comparison, in the order in which they were found."""
    mine = ReconciliationLine.reconciliation_id == reconciliation_id
    return _differences(ReconciliationLine.station_id == station_id, mine)


def _compared(query: Select[Any]) -> list[Compared]:
    rows = (row._mapping for row in connection().execute(query))
    return [Compared(**{**row, "provider": Way(row["provider"])}) for row in rows]


def _differences(*conditions: ColumnElement[bool]) -> list[Difference]:
    query = select(*_DIFFERENCE).where(*conditions).order_by(ReconciliationLine.id)
    rows = (row._mapping for row in connection().execute(query))
    return [
        Difference(**{**row, "what": Kind(row["what"]), "state": LineState(row["state"])}) for row in rows
    ]
