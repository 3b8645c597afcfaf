"""An edited ledger is found: every journal and every close is named by the custody log."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from station.core import clock, ids
from station.core.db import connection, reading, transaction
from station.ledger import closes, proof, queries
from station.ledger.models import JournalNote, LedgerClose, LedgerJournal, LedgerPosting
from tests import ledger
from tests.ledger import CASH, RESIDENT


def forge(statement):
    """Change rows behind the ledger's back."""
    with transaction():
        connection().execute(statement)


def fault(station):
    """Return the reason of the first fault with what it names, None when there is none."""
    with reading():
        found = proof.first_fault(station.id)
    return (found.reason, found.name) if found else None


def close_today(station):
    with transaction():
        return closes.close_day(station.manager, queries.local_today(station.id))


@pytest.mark.parametrize(
    ("table", "change"),
    [
        (LedgerPosting, {"amount_minor": 101}),
        (LedgerJournal, {"actor": "staff:1"}),
        (LedgerJournal, {"key": "another:key"}),
        (LedgerJournal, {"refers_to": "group_order:7"}),
    ],
    ids=lambda value: str(getattr(value, "__tablename__", value)),
)
def test_edited_journal_is_found(station, table, change):
    journal_id = ledger.post(station.manager, (CASH, RESIDENT, 100))
    ledger.post(station.manager, (CASH, RESIDENT, 100))
    forge(update(table).where(table.station_id == station.id, mine(table, journal_id)).values(change))
    assert fault(station) == ("journal_changed", str(journal_id))


def mine(table, journal_id):
    return (table.id if table is LedgerJournal else table.journal_id) == journal_id


def test_turned_posting_is_found(station):
    journal_id = ledger.post(station.manager, (CASH, RESIDENT, 100))
    turned = {
        "debit_account_id": LedgerPosting.credit_account_id,
        "credit_account_id": LedgerPosting.debit_account_id,
    }
    forge(update(LedgerPosting).where(LedgerPosting.station_id == station.id).values(turned))
    assert fault(station) == ("journal_changed", str(journal_id))


def test_deleted_journal_is_found(station):
    journal_id = ledger.post(station.manager, (CASH, RESIDENT, 100))
    forge(delete(LedgerPosting).where(LedgerPosting.station_id == station.id))
    forge(delete(LedgerJournal).where(LedgerJournal.station_id == station.id))
    with reading():
        assert proof.explain(proof.first_fault(station.id)) == f"journal {journal_id} is gone"


def test_journal_that_nobody_posted_is_found(station):
    ledger.post(station.manager, (CASH, RESIDENT, 100))
    with reading():
        known = dict(connection().execute(select(LedgerJournal.__table__)).mappings().one())
    forge(insert(LedgerJournal).values(known | {"id": ids.next_id(), "key": "forged:1"}))
    assert fault(station) == ("journal_unknown", "1")


def test_note_may_be_erased(station):
    ledger.post(station.manager, (CASH, RESIDENT, 100), note="for 陈晓明")
    forge(delete(JournalNote).where(JournalNote.station_id == station.id))
    assert fault(station) is None


@pytest.mark.parametrize(
    "change",
    [{"balances": "{}"}, {"sha256": bytes(32)}, {"balances": "{}", "sha256": closes.sha256_of("{}")}],
)
def test_edited_close_is_found(station, change):
    ledger.post(station.manager, (CASH, RESIDENT, 100))
    day = close_today(station).day
    forge(update(LedgerClose).where(LedgerClose.station_id == station.id).values(change))
    assert fault(station) == ("close_changed", day.isoformat())


def test_close_that_nobody_made_is_found(station):
    ledger.post(station.manager, (CASH, RESIDENT, 100))
    made = close_today(station)
    day = made.day - timedelta(days=1)
    with reading():
        row = dict(connection().execute(select(LedgerClose.__table__)).mappings().one())
    forge(insert(LedgerClose).values(row | {"day": day}))
    assert fault(station) == ("close_changed", day.isoformat())


def test_deleted_close_is_found(station):
    ledger.post(station.manager, (CASH, RESIDENT, 100))
    day = close_today(station).day
    forge(delete(LedgerClose).where(LedgerClose.station_id == station.id))
    assert fault(station) == ("close_changed", day.isoformat())


def test_whole_ledger_has_no_fault_over_many_steps(station, monkeypatch):
    monkeypatch.setattr(proof, "STEP", 3)
    for _ in range(7):
        ledger.post(station.manager, (CASH, RESIDENT, 100))
    close_today(station)
    assert fault(station) is None


def test_books_that_were_changed_with_their_journal_are_found(station, monkeypatch):
    """Whoever forges a journal and could forge its event too still meets the close of the day."""
    ledger.post(station.manager, (CASH, RESIDENT, 100))
    close_today(station)
    forge(update(LedgerPosting).where(LedgerPosting.station_id == station.id).values(amount_minor=101))
    monkeypatch.setattr(proof, "_journals_fault", lambda *_said: None)
    assert fault(station)[0] == "day_changed"


def test_trial_balances_of_many_days_are_those_of_each_day(station):
    moment = [datetime(2026, 3, 1, 4, 0, tzinfo=UTC)]
    with clock.use(lambda: moment[0]):
        for number in range(1, 6):
            ledger.post(station.manager, (CASH, RESIDENT, number), currency="CNY" if number % 2 else "EUR")
            moment[0] += timedelta(days=number % 3)
    days = [date(2026, 2, 28) + timedelta(days=number) for number in range(12)]
    with reading():
        assert list(queries.trial_balances(station.id, days)) == [
            queries.trial_balance(station.id, day) for day in days
        ]
