"""Which fee a parcel earns: the one that stood for its carrier when it was checked in. Pure.

Fees are only ever added. One that is set later replaces what stood from its first day on, also when that day is past,
so every parcel has one fee at most, however often fees change.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from station.core.i18n import lazy as _l


class Earned(StrEnum):
    """By what a parcel earns its fee."""

    HANDED_OVER = "handed_over"
    CHECKED_IN = "checked_in"


EARNED: dict[str, str] = {
    Earned.HANDED_OVER: _l("when it is handed over"),
    Earned.CHECKED_IN: _l("when it is checked in"),
}
"""The same in words."""


@dataclass(frozen=True, slots=True)
class Fee:
    """What a carrier pays for one parcel that is checked in on `first_day` or later. 0 ends what was paid before."""

    id: int
    carrier: str
    first_day: date
    fee_minor: int
    currency: str
    earned_by: Earned


@dataclass(frozen=True, slots=True)
class Term:
    """The days of check-in for which a fee stands; `until` is the first day of the next one, None for the last."""

    fee: Fee
    until: date | None = None

    @property
    def since(self) -> date:
        """The first day of check-in."""
        return self.fee.first_day

    @property
    def last_day(self) -> date | None:
        """The last day of check-in, None for a term that goes on."""
        return self.until - timedelta(days=1) if self.until else None


def terms(fees: Iterable[Fee]) -> list[Term]:
    """Return the days for which each fee stands, `fees` in the order in which they were set; none that never stands."""
    standing: dict[str, list[Term]] = {}
    for fee in fees:
        earlier = [term for term in standing.get(fee.carrier, []) if term.since < fee.first_day]
        if earlier:
            earlier[-1] = replace(earlier[-1], until=fee.first_day)
        standing[fee.carrier] = [*earlier, Term(fee)]
    return [term for carrier in sorted(standing) for term in standing[carrier]]
