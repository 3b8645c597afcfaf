"""What providers keep is booked once, and so is what they gave back by themselves: both books close alike."""

from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.ledger import queries as books
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.payments import asking, at_counter, book_queries, queries, reconciliation, refunds, test_bank
from station.payments.catalogue import Outcome, Reason, Way
from station.payments.provider import FileLine, Kind
from station.payments.provider_test import TestProvider
from tests import payments
from tests.factories import recipient
from tests.payments import ask, ask_at_counter, balance, check, day_of, in_account, now, paid, pay, provider


@pytest.fixture
def allowed(app, station):
    found = payments.allowing_tests(app)
    payments.set_up(station, Way.TEST)
    return found


def compare(station, asked, lines, content=b"x", way=Way.TEST):
    """Compare a file of the day of `asked`, on the next day; return the comparison and its differences."""
    with clock.use(lambda: asked.asked_at + timedelta(days=1)), transaction():
        made = reconciliation.compare(station.manager, way, day_of(station, asked), lines, content)
    with reading():
        return book_queries.compared(station.id, made), book_queries.differences(station.id, made)


def files(station, allowed, asked):
    """Return the lines of the provider's own file of the day of `asked`."""
    through = provider(station, allowed)
    return through.read_file(through.fetch_file(day_of(station, asked)))


def fees(station):
    with reading():
        return books.balance(station.id, AccountRef(AccountKind.PROVIDER_FEES), "CNY")


def closing(lines):
    """Return what a provider's file comes to: paid less given back less kept."""
    signs = {Kind.PAYMENT: 1, Kind.REFUND: -1}
    return sum(signs[line.kind] * line.amount_minor - line.fee_minor for line in lines)


def give_back(station, allowed, asked, amount_minor):
    with transaction():
        given = refunds.give_back(
            station.manager,
            asked.id,
            amount_minor=amount_minor,
            key=f"k{amount_minor}",
            reason=Reason.COMPLAINT,
        )
    assert asking.give_back(station.manager, given, allowed)
    return given


def paid_line(asked, **values):
    return FileLine(
        **{
            "kind": Kind.PAYMENT,
            "number": str(asked.id),
            "ref": asked.provider_ref or f"T{asked.id}",
            "amount_minor": asked.amount_minor,
            "currency": "CNY",
            "payment": str(asked.id),
            "fee_minor": 8,
            **values,
        }
    )


def back_line(asked, number="20261122R1", amount_minor=500, **values):
    """Return the line of a refund that was made at the provider's own site."""
    return FileLine(
        Kind.REFUND, number, asked.provider_ref or "T1", amount_minor, "CNY", str(asked.id), **values
    )


def test_the_providers_account_closes_as_its_file_does(station, allowed, monkeypatch):
    person = recipient(station)
    first, second = (paid(station, allowed, person, amount_minor=amount) for amount in (12345, 1))
    for amount in (2000, 10345):
        give_back(station, allowed, first, amount)
    cancelled, lost = ask_at_counter(station, person), ask(station, person, amount_minor=777)
    honest = TestProvider.cancel
    monkeypatch.setattr(
        TestProvider, "cancel", lambda self, number: pay(station, cancelled) and honest(self, number)
    )
    at_counter.cancel(station.manager, cancelled, allowed, on_paid=lambda actor, asked: None)
    pay(station, lost)
    lines = files(station, allowed, second)
    one, differences = compare(station, second, lines)
    for line in differences:
        with transaction():
            assert reconciliation.book(station.manager, line.id) is Outcome.PAID
    assert in_account(station, Way.TEST) == closing(lines) == one.net_minor
    assert one.fees_minor == fees(station) == test_bank.fee(777)  # what went back whole cost nothing
    check(station)


def test_each_fee_is_booked_once_however_often_its_file_comes(station, allowed):
    asked = paid(station, allowed)
    for content in (b"one", b"one", b"another"):
        compare(station, asked, [paid_line(asked)], content)
    assert fees(station) == 8
    with reading():
        (journal,) = books.posted_under(station.id, [f"provider_fee:payment:{asked.id}"]).values()
    assert (journal.kind, journal.refers_to) == (JournalKind.PROVIDER_FEE, f"payment:{asked.id}")


def test_a_fee_that_came_back_is_booked_the_other_way(station, allowed):
    asked = paid(station, allowed)
    given = give_back(station, allowed, asked, 1250)
    back = FileLine(Kind.REFUND, str(given.id), "R1", 1250, "CNY", str(asked.id), -8)
    compare(station, asked, [paid_line(asked), back])
    assert (fees(station), in_account(station, Way.TEST)) == (0, 0)


def test_the_fee_of_a_payment_that_is_not_booked_waits_for_it(station, allowed):
    asked = ask(station)
    _one, (missing,) = compare(station, asked, [paid_line(asked)])
    assert fees(station) == 0
    with transaction():
        reconciliation.book(station.manager, missing.id)
    assert (fees(station), in_account(station, Way.TEST)) == (8, 1242)


def test_a_strangers_line_costs_us_nothing(station, allowed):
    asked = ask(station)
    stranger = FileLine(Kind.PAYMENT, "5", "T5", 700, "CNY", "5", 4)
    one, (line,) = compare(station, asked, [stranger])
    assert (fees(station), one.fees_minor, line.can_be_booked) == (0, 4, False)


def test_a_file_that_is_refused_books_no_fee(station, allowed, monkeypatch):
    monkeypatch.setattr(reconciliation, "MOST_DIFFERENCES", 0)
    asked = paid(station, allowed)
    stranger = FileLine(Kind.PAYMENT, "5", "T5", 700, "CNY", "5", 4)
    with pytest.raises(StationError):
        compare(station, asked, [paid_line(asked), stranger])
    assert fees(station) == 0


def test_a_refund_made_at_the_provider_is_booked_once(station, allowed):
    person = recipient(station)
    asked = paid(station, allowed, person)
    lines = [paid_line(asked), back_line(asked, fee_minor=-3)]
    _one, (missing,) = compare(station, asked, lines)
    assert (missing.payment_id, missing.can_be_booked) == (asked.id, True)
    with transaction():
        reconciliation.book(station.manager, missing.id)
    with pytest.raises(StationError) as twice, transaction():
        reconciliation.book(station.manager, missing.id)
    assert twice.value.code == "stale"
    assert compare(station, asked, lines, b"the same, loaded down again")[1] == []
    with reading():
        (given,) = queries.refunds_of(station.id, [asked.id])
    assert (given.amount_minor, given.state, given.reason) == (500, "done", Reason.BY_PROVIDER)
    assert (balance(station, person), in_account(station, Way.TEST), fees(station)) == (750, 745, 5)
    check(station)


def test_a_refund_made_there_is_not_missed_in_the_file_of_the_day_it_was_booked(station, allowed):
    asked = paid(station, allowed)
    _one, (missing,) = compare(station, asked, [paid_line(asked), back_line(asked)])
    with transaction():
        reconciliation.book(station.manager, missing.id)
    assert compare(station, asked, [paid_line(asked)], b"without it")[1] == []


def test_two_refunds_made_there_in_two_files_are_both_booked(station, allowed):
    person = recipient(station)
    asked = paid(station, allowed, person)
    for number in ("R1", "R2"):
        lines = [paid_line(asked), back_line(asked, number)]
        _one, (missing,) = compare(station, asked, lines, number.encode())
        with transaction():
            reconciliation.book(station.manager, missing.id)
    assert balance(station, person) == 250
    check(station)


def test_what_was_spent_and_went_back_at_the_provider_is_owed(station, allowed):
    person = recipient(station)
    asked = paid(station, allowed, person)
    payments.charge(station, person, 1000)
    _one, (missing,) = compare(station, asked, [paid_line(asked), back_line(asked, amount_minor=1250)])
    with transaction():
        reconciliation.book(station.manager, missing.id)
    assert balance(station, person) == -1000


def test_more_than_is_left_of_a_payment_is_not_booked_and_stays_open(station, allowed):
    asked = paid(station, allowed)
    give_back(station, allowed, asked, 1000)
    _one, lines = compare(station, asked, [paid_line(asked), back_line(asked)])
    (missing,) = [line for line in lines if line.kind == "missing_here"]
    with pytest.raises(StationError) as refused, transaction():
        reconciliation.book(station.manager, missing.id)
    assert refused.value.code == "refund_too_large"
    with reading():
        assert book_queries.difference(station.id, missing.id).state == "open"
    check(station)


def test_a_refund_of_a_payment_that_is_not_booked_waits_for_the_payment(station, allowed):
    asked = ask(station)
    _one, lines = compare(station, asked, [paid_line(asked), back_line(asked)])
    payment, refund = sorted(lines, key=lambda line: line.what)
    with pytest.raises(StationError) as refused, transaction():
        reconciliation.book(station.manager, refund.id)
    assert refused.value.code == "not_paid"
    for line in (payment, refund):
        with transaction():
            reconciliation.book(station.manager, line.id)
    assert (now(station, asked).rest_minor, in_account(station, Way.TEST)) == (750, 742)


def test_a_refund_that_failed_here_and_was_made_there_is_booked(station, allowed):
    person = recipient(station)
    asked = paid(station, allowed, person)
    with transaction():
        given = refunds.give_back(
            station.manager, asked.id, amount_minor=500, key="k", reason=Reason.COMPLAINT
        )
        refunds.fail(station.manager, given.id)
    lines = [paid_line(asked), back_line(asked, str(given.id))]
    _one, (missing,) = compare(station, asked, lines)
    with transaction():
        reconciliation.book(station.manager, missing.id)
    assert compare(station, asked, lines, b"again")[1] == []
    assert balance(station, person) == 750
    check(station)


@pytest.mark.parametrize("parts", [[1, 1, 1], [333, 333, 334], [7, 993]])
def test_the_test_provider_gives_all_of_its_fee_back_with_all_of_the_money(station, allowed, parts):
    asked = paid(station, allowed, amount_minor=sum(parts))
    with transaction():
        movement = test_bank.find(station.id, Kind.PAYMENT, str(asked.id))
        back = [test_bank.give(station.id, f"R{place}", movement, part) for place, part in enumerate(parts)]
    assert movement.fee_minor + sum(one.fee_minor for one in back) == 0
