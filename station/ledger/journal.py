"""A journal as a value: what moved between which accounts, what may be wrong with it, and its bytes. Pure.

docs/ledger.md specifies the bytes; a golden test pins them. Change nothing here without a new VERSION.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime

from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.money import CURRENCIES, MOST_MINOR
from station.events.chain import canonical
from station.ledger.chart import AccountRef, JournalKind

VERSION = "stationmaster-journal-1"
KEY = re.compile(r"[A-Za-z0-9_.:-]{3,80}", re.ASCII)
REFERS_TO = re.compile(r"[a-z_]{1,24}:[A-Za-z0-9_-]{1,23}", re.ASCII)
MOST_MOVES = 1000  # ours: a journal is one thing that happened, not a day's work


@dataclass(frozen=True, slots=True)
class Move:
    """One amount that leaves `credit` and arrives at `debit`."""

    debit: AccountRef
    credit: AccountRef
    amount_minor: int

    def turned(self) -> "Move":
        """Return the move that takes this one back."""
        return Move(debit=self.credit, credit=self.debit, amount_minor=self.amount_minor)


@dataclass(frozen=True, slots=True)
class Journal:
    """One thing that happened to money. `key` names it for ever: the same key never moves money twice.

    `refers_to` names what it is about, such as group_order:123. `note` is what somebody typed; it can be erased and
    is no part of the bytes.
    """

    key: str
    kind: JournalKind
    currency: str
    moves: tuple[Move, ...]
    refers_to: str | None = None
    note: str = ""

    def check(self) -> None:
        """Raise StationError `journal_refused` unless this can be posted."""
        if not KEY.fullmatch(self.key):
            raise StationError("journal_refused", _("The journal has no usable key."))
        if self.currency not in CURRENCIES:
            raise StationError("journal_refused", _("The journal names an unknown currency."))
        if self.refers_to is not None and not REFERS_TO.fullmatch(self.refers_to):
            raise StationError("journal_refused", _("What the journal refers to is not understood."))
        if not 0 < len(self.moves) <= MOST_MOVES:
            raise StationError("journal_refused", _("A journal moves at least one amount."))
        for move in self.moves:
            _check_move(move)


def _check_move(move: Move) -> None:
    if type(move.amount_minor) is not int or not 0 < move.amount_minor <= MOST_MINOR:
        raise StationError(
            "journal_refused", _("An amount of the journal is not more than nothing, or too large.")
        )
    if move.debit == move.credit:
        raise StationError("journal_refused", _("Money cannot move from an account to the same account."))


@dataclass(frozen=True, slots=True)
class Posted:
    """A journal as it stands in the books."""

    station_id: int
    id: int
    key: str
    kind: JournalKind
    currency: str
    day: date
    at: datetime
    actor: str
    refers_to: str | None
    reverses_id: int | None
    moves: tuple[Move, ...]

    def says(self, journal: Journal, reverses_id: int | None = None) -> bool:
        """Whether this is what `journal` wants."""
        own = (self.kind, self.currency, self.moves, self.refers_to, self.reverses_id)
        return own == (journal.kind, journal.currency, journal.moves, journal.refers_to, reverses_id)

    @property
    def total_minor(self) -> int:
        """All that moved."""
        return sum(move.amount_minor for move in self.moves)


def digest(posted: Posted) -> str:
    """Return the SHA-256 (FIPS 180-4) of a journal's canonical JSON, by which the custody log names it."""
    said = {
        "version": VERSION,
        "station": str(posted.station_id),
        "journal": str(posted.id),
        "key": posted.key,
        "kind": posted.kind,
        "currency": posted.currency,
        "day": posted.day.isoformat(),
        "at": posted.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "actor": posted.actor,
        "refers_to": posted.refers_to,
        "reverses": None if posted.reverses_id is None else str(posted.reverses_id),
        "moves": [
            [move.debit.kind, move.debit.owner, move.credit.kind, move.credit.owner, move.amount_minor]
            for move in posted.moves
        ],
    }
    return hashlib.sha256(canonical(said).encode()).hexdigest()
