"""What came in and went out of each way of paying on one day: what the Money page shows first."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from station.core.db import connection
from station.ledger.chart import AccountKind, AccountRef
from station.ledger.models import LedgerAccount, LedgerPosting

WAYS = (AccountKind.CASH, AccountKind.CARD, AccountKind.PROVIDER)


@dataclass(frozen=True, slots=True)
class Taking:
    """One way of paying in one currency: what residents paid by it and what they got back."""

    way: AccountRef
    currency: str
    paid_minor: int
    back_minor: int

    @property
    def kept_minor(self) -> int:
        """What stayed."""
        return self.paid_minor - self.back_minor


def takings(station_id: int, day: date) -> list[Taking]:
    """Return each way of paying that was used on `day`, in the order of the chart; reversals count as given back."""
    paid = _between(
        station_id, day, ways=LedgerPosting.debit_account_id, people=LedgerPosting.credit_account_id
    )
    back = _between(
        station_id, day, ways=LedgerPosting.credit_account_id, people=LedgerPosting.debit_account_id
    )
    order = {kind: place for place, kind in enumerate(AccountKind)}
    used = sorted(paid.keys() | back.keys(), key=lambda one: (one[1], order[one[0].kind], one[0].owner))
    return [Taking(*one, paid.get(one, 0), back.get(one, 0)) for one in used]


Sums = dict[tuple[AccountRef, str], int]


def _between(station_id: int, day: date, *, ways: Any, people: Any) -> Sums:
    way, person = aliased(LedgerAccount), aliased(LedgerAccount)
    query = (
        select(way.kind, way.owner, way.currency, func.sum(LedgerPosting.amount_minor))
        .select_from(LedgerPosting)
        .join(way, and_(way.station_id == LedgerPosting.station_id, way.id == ways))
        .join(person, and_(person.station_id == LedgerPosting.station_id, person.id == people))
        .where(
            LedgerPosting.station_id == station_id,
            LedgerPosting.day == day,
            way.kind.in_(WAYS),
            person.kind == AccountKind.RESIDENT,
        )
        .group_by(way.kind, way.owner, way.currency)
    )
    return {
        (AccountRef(AccountKind(kind), owner), currency): int(amount)
        for kind, owner, currency, amount in connection().execute(query)
    }
