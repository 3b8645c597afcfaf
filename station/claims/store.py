"""Claims as they stand: reading them, adding one, and writing what came of it only while it is open."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import IntegrityError

from station.claims.models import OrderClaim
from station.claims.rules import BorneBy, ClaimAction, ClaimState, step
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as it stands now. `words` are the buyer's and `answer` is the staff's, None once they were erased."""

    id: int
    order_id: int
    state: str
    problem: str
    units: int
    words: str | None
    made_by: str
    made_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    refunded_units: int
    amount_minor: int
    borne_by: str
    answer: str | None


COLUMNS = tuple(getattr(OrderClaim, name) for name in Claim.__slots__)


def find(station_id: int, *where: ColumnElement[bool]) -> list[Claim]:
    """Return claims of a station that meet the conditions, the oldest first."""
    query = select(*COLUMNS).where(OrderClaim.station_id == station_id, *where).order_by(OrderClaim.id)
    return [Claim(*row) for row in connection().execute(query)]


def get(station_id: int, claim_id: int) -> Claim:
    """Return one claim. Raises StationError `not_found`."""
    found = find(station_id, OrderClaim.id == claim_id)
    if not found:
        raise StationError("not_found", _("This complaint does not exist."))
    return found[0]


def of_order(station_id: int, order_id: int) -> list[Claim]:
    """Return an order's claims, the oldest first."""
    return find(station_id, OrderClaim.order_id == order_id)


def refunded(claims: list[Claim], borne_by: BorneBy | None = None) -> int:
    """Return how many units of some claims were refunded, by one of the two or at all."""
    return sum(one.refunded_units for one in claims if borne_by is None or one.borne_by == borne_by)


def add(station_id: int, **values: Any) -> None:
    """Add an open claim. Raises StationError `claim_open` when its order has one: the table has the last word."""
    row = {"station_id": station_id, "state": ClaimState.OPEN, **values}
    try:
        connection().execute(insert(OrderClaim).values(**row))
    except IntegrityError as error:
        raise StationError(
            "claim_open", _("Your complaint is here already. You are told the answer.")
        ) from error


def end(station_id: int, claim: Claim, action: ClaimAction, **values: Any) -> None:
    """Write what came of an open claim. Raises StationError `claim_ended` when something came of it before."""
    state = step(ClaimState(claim.state), action)
    mine = (OrderClaim.station_id == station_id, OrderClaim.id == claim.id, OrderClaim.state == claim.state)
    changed = state and connection().execute(update(OrderClaim).where(*mine).values(state=state, **values))
    if not changed or not changed.rowcount:
        raise StationError(
            "claim_ended", _("This complaint was answered or withdrawn before. Nothing more was changed.")
        )
