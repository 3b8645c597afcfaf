"""The ledger's pure rules: bytes that are hashed, the page of its docs, and that nothing ever edits it."""

import ast
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from station.ledger.chart import BY_HAND, CHART, JOURNAL_LABELS, AccountKind, AccountRef, JournalKind
from station.ledger.journal import Move, Posted, digest
from tests import ledger_page

ROOT = Path(__file__).parents[2]
APPEND_ONLY = ("LedgerAccount", "LedgerJournal", "LedgerPosting", "LedgerClose", "DrawerCount", "Settlement")
CHANGES = re.compile(rf"\b(?:update|delete)\(\s*({'|'.join(APPEND_ONLY)})\b")
RAW = re.compile(r"\b(?:update|delete from)\s+(?:ledger_accounts|journals|postings|ledger_closes)\b", re.I)


def test_page_of_the_docs_is_drawn_from_the_tables():
    assert ledger_page.PAGE.read_text(encoding="utf-8") == ledger_page.draw()


@pytest.mark.parametrize("number", range(len(ledger_page.EXAMPLES)))
def test_examples_are_journals(number):
    ledger_page.journal(number).check()


def test_every_kind_stands_in_its_table():
    assert set(CHART) == set(AccountKind)
    assert set(JOURNAL_LABELS) == set(JournalKind)
    assert set(JournalKind) > BY_HAND


def test_bytes_of_a_journal_are_pinned():
    move = Move(AccountRef(AccountKind.CASH), AccountRef(AccountKind.RESIDENT, "7"), 10_000)
    posted = Posted(
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
        moves=(move, move.turned()),
    )
    assert digest(posted) == "afccefa20b864d4f4c1d1d63d586427ba07ceedfa4a69460b79a8cf6b07f1962"


def sources():
    return [path for path in sorted((ROOT / "station").rglob("*.py")) if "node_modules" not in path.parts]


def test_nothing_edits_or_deletes_what_was_posted():
    wrong = {
        str(path.relative_to(ROOT))
        for path in sources()
        if CHANGES.search(text := path.read_text(encoding="utf-8")) or RAW.search(text)
    }
    assert wrong == set()


def test_the_search_for_edits_finds_one():
    assert CHANGES.search("connection().execute(update(LedgerPosting).where(x))")
    assert CHANGES.search("delete(\n        LedgerJournal\n)")
    assert RAW.search("DELETE FROM postings")


def test_nothing_imports_the_tables_but_the_ledger_and_who_reads():
    """Whoever has the tables could write them past the service."""
    users = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "station.ledger.models":
                users.add(str(path.relative_to(ROOT / "station")))
    outside = {user for user in users if not user.startswith("ledger/")}
    assert all(user.endswith("queries.py") for user in outside), outside
