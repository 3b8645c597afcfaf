"""A provider's file against our books: what agrees, what is missing on either side, and what is done about it."""

from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.payments import asking, book_queries, jobs, queries, reconciliation, refunds
from station.payments.catalogue import Outcome, Reason, Way
from station.payments.provider import FileLine, Kind
from tests import payments
from tests.factories import recipient
from tests.payments import ask, balance, check, day_of, paid, pay


@pytest.fixture
def allowed(app, station):
    found = payments.allowing_tests(app)
    payments.set_up(station, Way.TEST)
    return found


def line(asked, **values):
    return FileLine(
        **{
            "kind": Kind.PAYMENT,
            "number": str(asked.id),
            "ref": f"T{asked.id}",
            "amount_minor": asked.amount_minor,
            "currency": "CNY",
            **values,
        }
    )


def compare(station, asked, *lines, content=b"x", way=Way.TEST):
    """Compare a file of the day of `asked`, on the next day; return the comparison and its differences."""
    with clock.use(lambda: asked.asked_at + timedelta(days=1)), transaction():
        made = reconciliation.compare(station.manager, way, day_of(station, asked), lines, content)
    with reading():
        return book_queries.compared(station.id, made), book_queries.differences(station.id, made)


def kinds(lines):
    return [(one.kind, one.what, one.ours_minor, one.theirs_minor) for one in lines]


def test_books_that_agree_differ_in_nothing(station, allowed):
    asked = paid(station, allowed)
    one, lines = compare(station, asked, line(asked))
    assert (one.rows, one.matched, one.differing, lines) == (1, 1, 0, [])


def test_each_way_to_differ_is_told_apart(station, allowed):
    same, gone, other, unpaid = (
        paid(station, allowed),
        paid(station, allowed),
        paid(station, allowed),
        ask(station),
    )
    strange = FileLine(Kind.PAYMENT, "5", "T5", 7, "CNY")
    one, lines = compare(station, same, line(same), line(other, amount_minor=9), line(unpaid), strange)
    assert (one.rows, one.matched, one.differing) == (4, 1, 4)
    assert sorted(kinds(lines), key=str) == sorted(
        [
            ("missing_there", Kind.PAYMENT, 1250, None),
            ("other_amount", Kind.PAYMENT, 1250, 9),
            ("missing_here", Kind.PAYMENT, None, 1250),
            ("missing_here", Kind.PAYMENT, None, 7),
        ],
        key=str,
    )
    assert [found.number for found in lines if found.kind == "missing_there"] == [str(gone.id)]


def test_refunds_are_compared_too(station, allowed):
    asked = paid(station, allowed)
    with transaction():
        given = [
            refunds.give_back(
                station.manager, asked.id, amount_minor=amount, key=f"k{amount}", reason=Reason.COMPLAINT
            )
            for amount in (100, 200)
        ]
    for one in given:
        assert asking.give_back(station.manager, one, allowed)
    first = FileLine(Kind.REFUND, str(given[0].id), "R1", 100, "CNY")
    strange = FileLine(Kind.REFUND, "5", "R5", 7, "CNY")
    _one, lines = compare(station, asked, line(asked), first, strange)
    assert sorted(kinds(lines), key=str) == [
        ("missing_here", Kind.REFUND, None, 7),
        ("missing_there", Kind.REFUND, 200, None),
    ]


def test_the_same_file_is_compared_once_and_another_again(station, allowed):
    asked = paid(station, allowed)
    first, _lines = compare(station, asked, line(asked))
    assert compare(station, asked, line(asked))[0].id == first.id
    assert compare(station, asked, line(asked), content=b"y")[0].id != first.id


def test_a_lost_payment_is_booked_from_the_file_once(station, allowed):
    person = recipient(station)
    asked = ask(station, person)
    _one, (missing,) = compare(station, asked, line(asked))
    with transaction():
        assert reconciliation.book(station.manager, missing.id) is Outcome.PAID
    with pytest.raises(StationError) as twice, transaction():
        reconciliation.book(station.manager, missing.id)
    assert twice.value.code == "stale"
    assert balance(station, person) == 1250
    check(station)


def test_a_line_of_another_amount_is_not_booked(station, allowed):
    asked = ask(station)
    _one, (missing,) = compare(station, asked, line(asked, amount_minor=9))
    with pytest.raises(StationError) as refused, transaction():
        reconciliation.book(station.manager, missing.id)
    assert refused.value.code == "bad_input"
    with transaction():
        reconciliation.explain(station.manager, missing.id, "Paid back by the provider.")
    with reading():
        assert book_queries.difference(station.id, missing.id).note == "Paid back by the provider."


def test_an_explanation_has_words(station, allowed):
    _one, (missing,) = compare(station, ask(station), FileLine(Kind.PAYMENT, "5", "T5", 7, "CNY"))
    for note in ("", " ", "a\x00b", "x" * 201):
        with pytest.raises(StationError), transaction():
            reconciliation.explain(station.manager, missing.id, note)


def test_another_providers_payment_is_not_found_in_a_file(station, allowed):
    asked = ask(station)
    _one, (found,) = compare(station, asked, line(asked), way=Way.ALIPAY)
    assert (found.kind, found.payment_id, found.can_be_booked) == ("missing_here", None, False)


def test_a_file_of_somebody_else_is_refused(station, allowed, monkeypatch):
    monkeypatch.setattr(reconciliation, "MOST_DIFFERENCES", 3)
    strangers = [FileLine(Kind.PAYMENT, str(number), f"T{number}", 7, "CNY") for number in range(4)]
    with pytest.raises(StationError) as refused:
        compare(station, ask(station), *strangers)
    assert refused.value.code == "bad_input"


def test_the_job_fetches_the_last_days_once(station, allowed):
    asked = paid(station, allowed)
    with clock.use(lambda: asked.asked_at + timedelta(days=1)):
        assert jobs.fetch_files(allowed) == "3 files, 0 not there"
        assert jobs.fetch_files(allowed) == "0 files, 0 not there"
    with reading():
        assert [one.matched for one in book_queries.listed(station.id)] == [1, 0, 0]


def test_the_job_finds_lost_payments_and_lets_old_ones_expire(station, allowed):
    person = recipient(station)
    lost, old = ask(station, person), ask(station, person)
    pay(station, lost)
    with payments.later(old):
        assert jobs.settle(allowed) == "1 paid, 1 expired, 0 given back"
        assert jobs.settle(allowed) == "0 paid, 0 expired, 0 given back"
    assert balance(station, person) == 1250
    with reading():
        assert queries.stations_waiting() == []
    check(station)


def test_a_payment_of_a_provider_that_is_silent_does_not_expire_before_a_day(app, station):
    payments.set_up(station, Way.ALIPAY)
    silent = payments.replace(app.config["SETTINGS"], alipay_gateway="http://127.0.0.1:9/gateway.do")
    asked = ask(station, way=Way.ALIPAY)
    with payments.later(asked):
        assert jobs.settle(silent) == "0 paid, 0 expired, 0 given back"
    with clock.use(lambda: asked.asked_at + timedelta(days=1, minutes=1)):
        assert jobs.settle(silent) == "0 paid, 1 expired, 0 given back"
