"""The drawer of a station: cash is counted at any time, compared with the books, and a difference is posted.

A station has one drawer. It is opened with the change that stayed in it, and closed by taking the rest to the bank. A
count is written down as it was typed, before anybody is shown what the books expected; why it differs is said later.
Nothing of a count is edited: a wrong one is followed by another, which posts the difference back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.money import CURRENCIES, MOST_MINOR, format_money
from station.events.service import Event, append, take_turn
from station.ledger import pieces, queries
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.journal import Journal, Move
from station.ledger.models import DrawerCount
from station.ledger.pieces import NO_PIECES, Pieces
from station.ledger.service import add_note, post, reason_of

CASH = AccountRef(AccountKind.CASH)
BANK = AccountRef(AccountKind.BANK)
DIFFERENCES = AccountRef(AccountKind.DIFFERENCES)
OPENING = AccountRef(AccountKind.OPENING)


class Moment(StrEnum):
    """When of the day the drawer is counted."""

    OPEN = "open"
    CHECK = "check"
    CLOSE = "close"


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
    moment: Moment
    pieces: str

    @property
    def by_piece(self) -> Pieces:
        """How many there were of each note and coin; nothing when only the sum was typed."""
        return pieces.read(self.pieces)

    @property
    def difference_minor(self) -> int:
        """What is too much, or negative what is missing."""
        return self.counted_minor - self.expected_minor


def count(
    actor: Actor,
    *,
    counted_minor: int,
    currency: str,
    moment: Moment = Moment.CHECK,
    by_piece: Pieces = NO_PIECES,
) -> Count:
    """Write down what is in the drawer; a difference to the books is posted, so that they say the same afterwards.

    `by_piece`: how many there are of each note and coin, if it was counted so. What the very first count finds too much
    was there before the books began, and is no difference. Raises StationError `bad_input` for an amount, a currency or
    pieces that cannot be, and for pieces that come to another amount.
    """
    _check(counted_minor, currency, by_piece)
    take_turn(actor.station_id)
    made = _counted(actor, counted_minor, currency, moment)
    if made.difference_minor:
        journal_id = post(actor, _journal(made, _account_of(actor.station_id, made)))
        made = replace(made, journal_id=journal_id)
    made = replace(made, pieces=pieces.write(by_piece))
    values = {name: getattr(made, name) for name in Count.__slots__}
    connection().execute(insert(DrawerCount).values(station_id=actor.station_id, **values))
    said = {"count": str(made.id), "counted": counted_minor, "expected": made.expected_minor}
    append(actor, Event("drawer_counted", data=said | {"currency": currency, "moment": moment.value}))
    return made


def _check(counted_minor: int, currency: str, by_piece: Pieces) -> None:
    if currency not in CURRENCIES or not 0 <= counted_minor <= MOST_MINOR:
        raise StationError("bad_input", _("Type an amount in digits, such as 12.50."))
    pieces.check(by_piece, currency)
    total_minor = pieces.total(by_piece)
    if by_piece and total_minor != counted_minor:
        values = {
            "pieces": format_money(total_minor, currency),
            "amount": format_money(counted_minor, currency),
        }
        message = _(
            "The notes and coins come to %(pieces)s, the amount says %(amount)s. Correct one of them.",
            **values,
        )
        raise StationError("bad_input", message)


def _counted(actor: Actor, counted_minor: int, currency: str, moment: Moment) -> Count:
    return Count(
        id=ids.next_id(),
        day=queries.posting_day(actor.station_id),
        at=clock.now(),
        actor=actor.key,
        currency=currency,
        counted_minor=counted_minor,
        expected_minor=queries.balance(actor.station_id, CASH, currency),
        journal_id=None,
        moment=moment,
        pieces="",
    )


def _account_of(station_id: int, made: Count) -> AccountRef:
    """Return where a difference is from: opening balances for what the first count finds too much."""
    is_first = not _read(station_id, DrawerCount.currency == made.currency, limit=1)
    return OPENING if is_first and made.difference_minor > 0 else DIFFERENCES


def _journal(made: Count, other: AccountRef) -> Journal:
    amount = made.difference_minor
    move = Move(CASH, other, amount) if amount > 0 else Move(other, CASH, -amount)
    refers_to = f"drawer:{made.id}"
    return Journal(refers_to, JournalKind.DRAWER, made.currency, (move,), refers_to)


def explain(actor: Actor, count_id: int, reason: str) -> None:
    """Say why a count differs from the books, once.

    Raises StationError `not_found`, `bad_input` without a reason or a difference, `stale` when it was said before.
    """
    take_turn(actor.station_id)
    found = one(actor.station_id, count_id)
    if found.journal_id is None:
        raise StationError("bad_input", _("This count agrees with the books: there is nothing to explain."))
    if queries.note_of(actor.station_id, found.journal_id):
        raise StationError("stale", _("Somebody said why already. Load the page again."))
    add_note(actor, found.journal_id, reason_of(reason))


def bank(actor: Actor, count_id: int, amount_minor: int) -> int:
    """Take cash of a closing count to the bank; return the journal, the same for the same amount.

    Raises StationError `not_found`, `bad_input` for a count that closes nothing or more than lies in the drawer,
    `journal_key_used` when another amount of this count was taken before.
    """
    take_turn(actor.station_id)
    found = one(actor.station_id, count_id)
    if found.moment is not Moment.CLOSE:
        raise StationError("bad_input", _("Money is taken to the bank when the drawer is closed."))
    key, known = queries.standing(actor.station_id, _bank_key(count_id))
    if known is None and amount_minor > queries.balance(actor.station_id, CASH, found.currency):
        raise StationError("bad_input", _("There is not so much in the drawer."))
    moves = (Move(BANK, CASH, amount_minor),)
    refers_to = f"drawer:{count_id}"
    return post(actor, Journal(key, JournalKind.TRANSFER, found.currency, moves, refers_to))


def _bank_key(count_id: int) -> str:
    return f"drawer_bank:{count_id}"


def banked(station_id: int, count_id: int) -> int:
    """Return what of a count was taken to the bank; 0 for nothing, or what was reversed."""
    _key, found = queries.standing(station_id, _bank_key(count_id))
    return found.total_minor if found else 0


def one(station_id: int, count_id: int) -> Count:
    """Return one count. Raises StationError `not_found`."""
    found = _read(station_id, DrawerCount.id == count_id, limit=1)
    if not found:
        raise StationError("not_found", _("There is no such count of the drawer."))
    return found[0]


def beginnings(station_id: int, found: Sequence[Count]) -> set[int]:
    """Return the ids of those counts that found what lay there before the books began: no difference."""
    journals = {one.journal_id: one.id for one in found if one.journal_id}
    moves = queries.moves_of(station_id, list(journals))
    return {journals[journal_id] for journal_id, lines in moves.items() if lines[0].credit == OPENING}


def counts(station_id: int, *, limit: int) -> list[Count]:
    """Return the newest counts first."""
    return _read(station_id, limit=limit)


def _read(station_id: int, *conditions: Any, limit: int) -> list[Count]:
    query = (
        select(*(getattr(DrawerCount, name) for name in Count.__slots__))
        .where(DrawerCount.station_id == station_id, *conditions)
        .order_by(DrawerCount.day.desc(), DrawerCount.id.desc())
        .limit(limit)
    )
    return [Count(**{**row._mapping, "moment": Moment(row.moment)}) for row in connection().execute(query)]
