"""What tests of the ledger share: accounts by short names, journals in a line, and a naive recount."""

from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

from sqlalchemy import event, select, update

from station.core import clock
from station.core.db import connection, db, reading, transaction
from station.ledger import proof, queries, service
from station.ledger.chart import CHART, AccountKind, AccountRef, JournalKind
from station.ledger.journal import Journal, Move
from station.ledger.models import LedgerAccount, LedgerPosting
from station.parcels.models import Parcel

CASH, CARD, BANK = (AccountRef(kind) for kind in (AccountKind.CASH, AccountKind.CARD, AccountKind.BANK))
ALIPAY = AccountRef(AccountKind.PROVIDER, "alipay")
COMMISSION, SERVICES = AccountRef(AccountKind.COMMISSION), AccountRef(AccountKind.SERVICES)
RESIDENT, OTHER_RESIDENT = (AccountRef(AccountKind.RESIDENT, owner) for owner in ("101", "102"))
SUPPLIER = AccountRef(AccountKind.SUPPLIER, "201")
PARTNER = AccountRef(AccountKind.STATION, "301")
_keys = count(1)


def resident(recipient_id):
    """Return the account of a recipient."""
    return AccountRef(AccountKind.RESIDENT, str(recipient_id))


def age(station, parcel_id, *, days):
    """Let a parcel have been checked in some days ago."""
    this = (Parcel.station_id == station.id, Parcel.id == parcel_id)
    with transaction():
        connection().execute(update(Parcel).where(*this).values(stored_at=clock.now() - timedelta(days=days)))


def key() -> str:
    """Return a key nobody used before."""
    return f"test:{next(_keys)}"


def journal(*moves, kind=JournalKind.CHARGE, currency="CNY", **values):
    """Return a journal of (debit, credit, amount) moves."""
    wanted = {"key": key(), **values}
    return Journal(kind=kind, currency=currency, moves=tuple(Move(*move) for move in moves), **wanted)


def post(actor, *moves, **values):
    """Post a journal of (debit, credit, amount) moves; return its id."""
    with transaction():
        return service.post(actor, journal(*moves, **values))


def reverse(actor, journal_id, **values):
    """Reverse a journal."""
    wanted = {"key": key(), "reason": "typed wrong", **values}
    with transaction():
        return service.reverse(actor, journal_id, **wanted)


@contextmanager
def statements():
    """Collect the SQL statements that are run inside the block."""
    found = []

    def note(_connection, _cursor, text, *_rest):
        found.append(text)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def recount(station_id):
    """Return every account's balance by adding up each posting by hand, the zeros left out."""
    accounts = {
        row.id: (AccountRef(AccountKind(row.kind), row.owner), row.currency)
        for row in connection().execute(
            select(LedgerAccount.__table__).where(LedgerAccount.station_id == station_id)
        )
    }
    balances = Counter()
    postings = select(LedgerPosting.__table__).where(LedgerPosting.station_id == station_id)
    for row in connection().execute(postings):
        for account_id, sign in ((row.debit_account_id, 1), (row.credit_account_id, -1)):
            account = accounts[account_id]
            balances[account] += (
                sign * row.amount_minor * (1 if CHART[account[0].kind].side.grows_by_debit else -1)
            )
    return {account: amount for account, amount in balances.items() if amount}


def check(station_id):
    """The books balance in each currency, say what a naive recount says, and are what the custody log names."""
    with reading():
        lines = queries.trial_balance(station_id)
        debits, credits_ = Counter(), Counter()
        for line in lines:
            debits[line.currency] += line.debit_minor
            credits_[line.currency] += line.credit_minor
        assert debits == credits_
        for (ref, currency), amount in recount(station_id).items():
            assert queries.balance(station_id, ref, currency) == amount
        assert proof.first_fault(station_id) is None
