"""A journal as a value: what may be posted, to the last unit of each bound, and what it says."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from station.core.errors import StationError
from station.core.money import MOST_MINOR
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.journal import MOST_MOVES, Journal, Move, Posted, digest

CASH, ANNA = AccountRef(AccountKind.CASH), AccountRef(AccountKind.RESIDENT, "7")
MOVE = Move(CASH, ANNA, 100)
JOURNAL = Journal("payment:3", JournalKind.PAYMENT, "CNY", (MOVE,), "payment:3")
POSTED = Posted(
    station_id=1,
    id=2,
    key="payment:3",
    kind=JournalKind.PAYMENT,
    currency="CNY",
    day=date(2026, 3, 2),
    at=datetime(2026, 3, 2, 4, 0, 0, 5, tzinfo=UTC),
    actor="staff:4",
    refers_to="payment:3",
    reverses_id=None,
    moves=(MOVE,),
)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"key": "abc"},
        {"key": "a" * 80},
        {"refers_to": None},
        {"refers_to": "a" * 24 + ":" + "1" * 23},
        {"moves": (replace(MOVE, amount_minor=1),)},
        {"moves": (replace(MOVE, amount_minor=MOST_MINOR),)},
        {"moves": (MOVE,) * MOST_MOVES},
        {"moves": (Move(ANNA, AccountRef(AccountKind.RESIDENT, "8"), 5),)},
    ],
    ids=",".join,
)
def test_what_is_within_its_bounds_is_posted(change):
    replace(JOURNAL, **change).check()


@pytest.mark.parametrize(
    "change",
    [
        {"key": "ab"},
        {"key": "a" * 81},
        {"key": "a b c"},
        {"currency": "XXX"},
        {"refers_to": ""},
        {"refers_to": "a" * 25 + ":1"},
        {"refers_to": "a:" + "1" * 24},
        {"moves": ()},
        {"moves": (MOVE,) * (MOST_MOVES + 1)},
        {"moves": (replace(MOVE, amount_minor=0),)},
        {"moves": (replace(MOVE, amount_minor=-1),)},
        {"moves": (replace(MOVE, amount_minor=MOST_MINOR + 1),)},
        {"moves": (replace(MOVE, amount_minor=True),)},
        {"moves": (replace(MOVE, amount_minor=1.0),)},
        {"moves": (MOVE, Move(ANNA, ANNA, 5))},
    ],
    ids=",".join,
)
def test_what_is_past_its_bounds_is_refused(change):
    with pytest.raises(StationError) as refused:
        replace(JOURNAL, **change).check()
    assert refused.value.code == "journal_refused"


def test_a_turned_move_takes_back_what_was_moved():
    assert MOVE.turned() == Move(ANNA, CASH, 100)
    assert MOVE.turned().turned() == MOVE


@pytest.mark.parametrize(
    "change",
    [
        {"kind": JournalKind.REFUND},
        {"currency": "EUR"},
        {"moves": (MOVE, MOVE)},
        {"refers_to": None},
    ],
    ids=",".join,
)
def test_a_key_stands_for_one_journal(change):
    assert POSTED.says(JOURNAL)
    assert POSTED.says(replace(JOURNAL, note="typed"))  # no part of what it says
    assert not POSTED.says(replace(JOURNAL, **change))
    assert not POSTED.says(JOURNAL, reverses_id=9)
    assert replace(POSTED, reverses_id=9).says(JOURNAL, reverses_id=9)


def test_all_that_moved_is_the_sum():
    assert replace(POSTED, moves=(MOVE, MOVE.turned(), MOVE)).total_minor == 300


@pytest.mark.parametrize(
    "change",
    [
        {"station_id": 9},
        {"id": 9},
        {"key": "payment:9"},
        {"kind": JournalKind.REFUND},
        {"currency": "EUR"},
        {"day": date(2026, 3, 3)},
        {"at": datetime(2026, 3, 2, 4, 0, 0, 6, tzinfo=UTC)},
        {"actor": "staff:9"},
        {"refers_to": None},
        {"reverses_id": 9},
        {"moves": (replace(MOVE, amount_minor=101),)},
        {"moves": (replace(MOVE, debit=AccountRef(AccountKind.BANK)),)},
        {"moves": (replace(MOVE, credit=AccountRef(AccountKind.RESIDENT, "8")),)},
    ],
    ids=",".join,
)
def test_each_part_of_a_journal_is_hashed(change):
    assert digest(replace(POSTED, **change)) != digest(POSTED)
