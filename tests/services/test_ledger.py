"""The ledger: posting under keys that are used once, reversing, and what the database refuses by itself."""

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from station.core import ids
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.ledger import queries, service
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.models import LedgerAccount, LedgerPosting
from tests import ledger, ledger_page
from tests.factories import make_station
from tests.ledger import BANK, CASH, COMMISSION, RESIDENT, SERVICES, SUPPLIER


def test_sale_moves_money_from_the_buyer_to_supplier_and_station(station):
    ledger.post(station.clerk, (CASH, RESIDENT, 10_000), kind=JournalKind.PAYMENT)
    ledger.post(
        station.manager, (RESIDENT, SUPPLIER, 7_200), (RESIDENT, COMMISSION, 800), kind=JournalKind.SALE
    )

    with reading():
        assert queries.resident_balance(station.id, 101, "CNY") == 2_000
        assert queries.balance(station.id, SUPPLIER, "CNY") == 7_200
        assert queries.balance(station.id, COMMISSION, "CNY") == 800
        assert queries.balance(station.id, CASH, "CNY") == 10_000
    ledger.check(station.id)


def test_nothing_posted_is_a_balance_of_nothing(station):
    with reading():
        assert queries.balance(station.id, BANK, "CNY") == 0
        assert queries.trial_balance(station.id) == ()


def test_same_key_and_journal_posts_once(station):
    wanted = ledger.journal((CASH, RESIDENT, 500))
    with transaction():
        first = service.post(station.clerk, wanted)
    with transaction():
        assert service.post(station.clerk, wanted) == first
        assert service.post_all(station.clerk, [wanted, wanted]) == [first, first]
    with reading():
        assert queries.balance(station.id, CASH, "CNY") == 500
    ledger.check(station.id)


def test_same_new_key_twice_in_one_batch_posts_once(station):
    wanted = ledger.journal((CASH, RESIDENT, 500))
    with transaction():
        first, second = service.post_all(station.clerk, [wanted, wanted])
    assert first == second
    ledger.check(station.id)


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "EUR"},
        {"kind": JournalKind.PAYMENT},
        {"refers_to": "group_order:7"},
        {"moves": ((CASH, RESIDENT, 501),)},
        {"moves": ((BANK, RESIDENT, 500),)},
        {"moves": ((CASH, RESIDENT, 500), (CASH, RESIDENT, 1))},
    ],
    ids=str,
)
def test_same_key_with_another_journal_is_refused(station, change):
    key = ledger.key()
    ledger.post(station.clerk, (CASH, RESIDENT, 500), key=key)
    values = {"key": key, **change}
    moves = values.pop("moves", ((CASH, RESIDENT, 500),))
    with pytest.raises(StationError) as refused:
        ledger.post(station.clerk, *moves, **values)
    assert refused.value.code == "journal_key_used"
    ledger.check(station.id)


@pytest.mark.parametrize(
    ("moves", "values"),
    [
        ((), {}),
        (((CASH, CASH, 5),), {}),
        (((CASH, RESIDENT, 0),), {}),
        (((CASH, RESIDENT, -5),), {}),
        (((CASH, RESIDENT, 1.5),), {}),
        (((CASH, RESIDENT, True),), {}),
        (((CASH, RESIDENT, 10**12),), {}),
        (((CASH, RESIDENT, 5),), {"currency": "XXX"}),
        (((CASH, RESIDENT, 5),), {"key": "a b"}),
        (((CASH, RESIDENT, 5),), {"key": "x" * 81}),
        (((CASH, RESIDENT, 5),), {"refers_to": "somebody's order"}),
        (((CASH, RESIDENT, 5),) * 1001, {}),
    ],
)
def test_what_is_no_journal_is_refused(station, moves, values):
    with pytest.raises(StationError) as refused:
        ledger.post(station.clerk, *moves, **values)
    assert refused.value.code == "journal_refused"
    with reading():
        assert queries.trial_balance(station.id) == ()


@pytest.mark.parametrize(("kind", "owner"), [(AccountKind.CASH, "101"), (AccountKind.RESIDENT, "")])
def test_account_without_its_owner_is_no_account(kind, owner):
    with pytest.raises(ValueError, match="owner"):
        AccountRef(kind, owner)


def test_reversal_takes_everything_back_once(station):
    journal_id = ledger.post(station.manager, (RESIDENT, SUPPLIER, 90), (RESIDENT, COMMISSION, 10))
    reversal_id = ledger.reverse(station.manager, journal_id)
    with reading():
        assert ledger.recount(station.id) == {}
        reversal = queries.posted(station.id, reversal_id)
        assert reversal.reverses_id == journal_id
        assert queries.reversal_of(station.id, journal_id) == reversal_id
    with pytest.raises(StationError) as refused:
        ledger.reverse(station.manager, journal_id)
    assert refused.value.code == "journal_reversed"
    ledger.check(station.id)


def test_reversal_under_the_same_key_answers_the_same(station):
    journal_id = ledger.post(station.manager, (RESIDENT, SERVICES, 90))
    first = ledger.reverse(station.manager, journal_id, key="again:1")
    assert ledger.reverse(station.manager, journal_id, key="again:1") == first
    with pytest.raises(StationError) as refused:
        ledger.reverse(station.manager, ledger.post(station.manager, (RESIDENT, SERVICES, 80)), key="again:1")
    assert refused.value.code == "journal_key_used"


@pytest.mark.parametrize("reason", ["", "  ", "a\tb", "x" * 201])
def test_reversal_needs_a_reason_in_one_line(station, reason):
    journal_id = ledger.post(station.manager, (RESIDENT, SERVICES, 90))
    with pytest.raises(StationError) as refused:
        ledger.reverse(station.manager, journal_id, reason=reason)
    assert refused.value.code == "bad_input"


def test_reversal_of_a_reversal_is_refused(station):
    reversal_id = ledger.reverse(station.manager, ledger.post(station.manager, (RESIDENT, SERVICES, 90)))
    with pytest.raises(StationError) as refused:
        ledger.reverse(station.manager, reversal_id)
    assert refused.value.code == "journal_refused"


def test_another_stations_journal_is_not_there(station):
    elsewhere = make_station("Elsewhere")
    journal_id = ledger.post(elsewhere.manager, (RESIDENT, SERVICES, 90))
    with pytest.raises(StationError) as refused:
        ledger.reverse(station.manager, journal_id)
    assert refused.value.code == "not_found"
    with reading():
        assert queries.balance(station.id, SERVICES, "CNY") == 0


def test_currencies_never_mix(station):
    ledger.post(station.manager, (CASH, RESIDENT, 100), currency="CNY")
    ledger.post(station.manager, (CASH, RESIDENT, 7), currency="EUR")
    with reading():
        assert queries.resident_balance(station.id, 101, "CNY") == 100
        assert queries.resident_balance(station.id, 101, "EUR") == 7
        assert [(line.kind, line.currency) for line in queries.trial_balance(station.id)] == [
            (AccountKind.CASH, "CNY"),
            (AccountKind.RESIDENT, "CNY"),
            (AccountKind.CASH, "EUR"),
            (AccountKind.RESIDENT, "EUR"),
        ]


def test_many_journals_are_posted_with_few_statements(station):
    wanted = [ledger.journal((RESIDENT, SUPPLIER, 9), (RESIDENT, COMMISSION, 1)) for _ in range(400)]
    with transaction(), ledger.statements() as counted:
        service.post_all(station.manager, wanted)
    assert len(counted) <= 20
    ledger.check(station.id)


def test_examples_of_the_docs_can_be_posted(station):
    with transaction():
        service.post_all(
            station.manager, [ledger_page.journal(number) for number in range(len(ledger_page.EXAMPLES))]
        )
    ledger.check(station.id)


# What the database itself refuses, whatever the code says


def rows_of(station, journal_id):
    here = LedgerPosting.__table__.c
    found = connection().execute(
        select(LedgerPosting.__table__).where(here.station_id == station.id, here.journal_id == journal_id)
    )
    return dict(found.mappings().first())


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": 0},
        {"amount_minor": -5},
        {"credit_account_id": "debit"},
        {"credit_account_id": None},
        {"credit_account_id": 1},
        {"debit_account_id": 1},
        {"currency": "EUR"},
        {"credit_account_id": "euro"},
        {"currency": "EUR", "credit_account_id": "euro"},
        {"journal_id": 1},
        {"day": "other"},
    ],
    ids=str,
)
def test_database_refuses_what_does_not_balance(station, change):
    ledger.post(station.manager, (BANK, RESIDENT, 1), currency="EUR")
    journal_id = ledger.post(station.manager, (CASH, RESIDENT, 100))
    with reading():
        row = rows_of(station, journal_id) | {"line": 2}
        euro = queries.account_ids(station.id, [(BANK, "EUR")])[BANK, "EUR"]
    special = {"debit": row["debit_account_id"], "euro": euro, "other": row["day"].replace(year=2020)}
    values = row | {name: special.get(value, value) for name, value in change.items()}
    with pytest.raises(IntegrityError), transaction():
        connection().execute(insert(LedgerPosting).values(**values))
    ledger.check(station.id)


def test_database_refuses_an_account_twice(station):
    ledger.post(station.manager, (CASH, RESIDENT, 100))
    values = {"kind": "cash", "owner": "", "currency": "CNY"}
    with pytest.raises(IntegrityError), transaction():
        connection().execute(insert(LedgerAccount).values(station_id=station.id, id=ids.next_id(), **values))


@pytest.mark.parametrize(
    "values", [{"kind": "cash", "owner": "1"}, {"kind": "resident", "owner": ""}, {"kind": "x", "owner": ""}]
)
def test_database_refuses_an_account_outside_the_chart(station, values):
    values |= {"station_id": station.id, "id": ids.next_id(), "currency": "CNY"}
    with pytest.raises(IntegrityError), transaction():
        connection().execute(insert(LedgerAccount).values(**values))
