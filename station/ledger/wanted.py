"""Which journals somebody wants to see, as a value. Pure."""

from dataclasses import dataclass
from datetime import date

from station.ledger.chart import JournalKind


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which journals are asked for."""

    first: date | None
    last: date | None
    kind: JournalKind | None
    refers_to: str
    before: int | None
