"""The test provider's own memory: the pretended money it took and gave, apart from the station's books.

So that asking, refunding and comparing files with it is as real as with any other, and both can differ.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from station.core import clock, ids
from station.core.db import connection
from station.payments.models import TestMovement
from station.payments.provider import Kind


@dataclass(frozen=True, slots=True)
class Movement:
    """Pretended money that moved. `number`: the station's, of the payment or the refund; `trade`: of the payment."""

    id: int
    kind: Kind
    number: str
    trade: str
    amount_minor: int
    currency: str
    at: datetime
    fee_minor: int = 0

    @property
    def ref(self) -> str:
        """The provider's own number of it."""
        return f"T{self.id}"


_COLUMNS = (
    TestMovement.id,
    TestMovement.kind,
    TestMovement.number,
    TestMovement.trade,
    TestMovement.amount_minor,
    TestMovement.currency,
    TestMovement.at,
    TestMovement.fee_minor,
)
# Ours: 0.6 %, which is what Alipay takes of small shops (docs/payments.md); whole fen, half of one is one.
FEE_PERMILLE = 6


def fee(amount_minor: int) -> int:
    """Return what the test provider keeps of an amount."""
    return (amount_minor * FEE_PERMILLE + 500) // 1000


def take(
    station_id: int, number: str, amount_minor: int, currency: str, *, code_hash: bytes | None = None
) -> Movement:
    """Pretend that somebody paid, by a code that they showed or on its page; the same number pays once."""
    return find(station_id, Kind.PAYMENT, number) or _move(
        station_id,
        Movement(
            ids.next_id(),
            Kind.PAYMENT,
            number,
            number,
            amount_minor,
            currency,
            clock.now(),
            fee(amount_minor),
        ),
        code_hash,
    )


def is_used(station_id: int, code_hash: bytes, number: str) -> bool:
    """Tell whether another payment was paid by a code."""
    mine = (TestMovement.station_id == station_id, TestMovement.code_hash == code_hash)
    query = select(TestMovement.id).where(*mine, TestMovement.number != number).limit(1)
    return connection().scalar(query) is not None


def give(station_id: int, number: str, payment: Movement, amount_minor: int) -> Movement:
    """Pretend to give back, with its part of the fee; the same number gives back once."""
    before = given(station_id, payment.trade)
    return find(station_id, Kind.REFUND, number) or _move(
        station_id,
        Movement(
            ids.next_id(),
            Kind.REFUND,
            number,
            payment.number,
            amount_minor,
            payment.currency,
            clock.now(),
            fee(before) - fee(before + amount_minor),
        ),
    )


def given(station_id: int, trade: str) -> int:
    """Return how much was given back of a payment."""
    mine = (TestMovement.station_id == station_id, TestMovement.trade == trade)
    found = connection().execute(
        select(TestMovement.amount_minor).where(*mine, TestMovement.kind == Kind.REFUND.value)
    )
    return sum(found.scalars())


def find(station_id: int, kind: Kind, number: str) -> Movement | None:
    """Return one movement."""
    mine = (TestMovement.station_id == station_id, TestMovement.kind == kind.value)
    row = connection().execute(select(*_COLUMNS).where(*mine, TestMovement.number == number)).first()
    return None if row is None else _movement(row)


def between(station_id: int, begin: datetime, end: datetime) -> list[Movement]:
    """Return what moved from `begin` until before `end`, in its order."""
    mine = (TestMovement.station_id == station_id, TestMovement.at >= begin, TestMovement.at < end)
    rows = connection().execute(select(*_COLUMNS).where(*mine).order_by(TestMovement.at, TestMovement.id))
    return [_movement(row) for row in rows]


def _move(station_id: int, movement: Movement, code_hash: bytes | None = None) -> Movement:
    connection().execute(
        insert(TestMovement).values(
            station_id=station_id,
            id=movement.id,
            kind=movement.kind.value,
            number=movement.number,
            trade=movement.trade,
            amount_minor=movement.amount_minor,
            currency=movement.currency,
            at=movement.at,
            fee_minor=movement.fee_minor,
            code_hash=code_hash,
        )
    )
    return movement


def _movement(row: Row[Any]) -> Movement:
    return Movement(**{**row._mapping, "kind": Kind(row.kind)})
