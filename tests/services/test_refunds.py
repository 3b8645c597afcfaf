"""Giving back: never more than was paid, never twice, never what is spent, never after the books took it back."""

import pytest

from station.core.db import reading, transaction
from station.core.errors import StationError
from station.ledger import service as ledger
from station.ledger.chart import AccountKind, AccountRef, JournalKind
from station.ledger.service import Journal, Move
from station.payments import asking, queries, refunds, settings
from station.payments.catalogue import Reason, Way
from station.payments.lifecycle import RefundState
from station.payments.provider import ProviderError, RefusedError
from station.payments.provider_test import TestProvider
from tests import payments
from tests.factories import recipient
from tests.payments import ask, balance, check, now, paid, take_cash


@pytest.fixture
def allowed(app, station):
    found = payments.allowing_tests(app)
    payments.set_up(station, Way.TEST)
    return found


def give_back(station, asked, amount_minor=1250, key="back"):
    with transaction():
        return refunds.give_back(
            station.manager, asked.id, amount_minor=amount_minor, key=key, reason=Reason.COMPLAINT
        )


def refused(act):
    with pytest.raises(StationError) as error:
        act()
    return error.value.code


def through(station, allowed, given):
    return asking.give_back(station.manager, given, allowed)


def spend(station, person, amount_minor):
    """Charge a resident for something."""
    resident, supplier = payments.resident(person), AccountRef(AccountKind.SUPPLIER, "1")
    journal = Journal("sale:1", JournalKind.SALE, "CNY", (Move(resident, supplier, amount_minor),))
    with transaction():
        ledger.post(station.manager, journal)


def test_a_refund_leaves_the_account_at_once_and_is_confirmed_by_the_provider(station, allowed):
    person = recipient(station)
    asked = paid(station, allowed, person)
    given = give_back(station, asked, 1000)
    assert (given.state, balance(station, person)) == (RefundState.ASKED, 250)
    assert through(station, allowed, given)
    assert through(station, allowed, given)
    with reading():
        assert queries.refund(station.id, given.id).state is RefundState.DONE
    assert now(station, asked).refunded_minor == 1000
    check(station)


def test_the_same_key_gives_back_once(station, allowed):
    asked = paid(station, allowed)
    assert give_back(station, asked, 100) == give_back(station, asked, 100)
    assert refused(lambda: give_back(station, asked, 101)) == "payment_key_used"
    check(station)


def test_more_than_is_left_is_refused(station, allowed):
    asked = paid(station, allowed)
    paid(station, allowed)  # so that more is free than the first payment was
    give_back(station, asked, 1000)
    assert refused(lambda: give_back(station, asked, 251, key="more")) == "refund_too_large"
    assert refused(lambda: give_back(station, asked, 0, key="none")) == "refund_too_large"
    assert refused(lambda: give_back(station, asked, -1, key="less")) == "refund_too_large"
    give_back(station, asked, 250, key="rest")
    check(station)


def test_what_was_not_paid_is_not_given_back(station, allowed):
    assert refused(lambda: give_back(station, ask(station))) == "not_paid"


def test_what_is_spent_is_not_given_back(station, allowed):
    person = recipient(station)
    asked = paid(station, allowed, person)
    spend(station, person, 300)
    assert refused(lambda: give_back(station, asked, 951)) == "balance_too_small"
    give_back(station, asked, 950)
    assert balance(station, person) == 0


def test_a_refund_after_a_reversal_is_refused(station, allowed):
    asked = paid(station, allowed)
    paid(station, allowed)
    with transaction():
        ledger.reverse(station.manager, asked.journal_id, key="undo:1", reason="typed wrong")
    assert refused(lambda: give_back(station, asked)) == "journal_reversed"


def test_a_refund_that_the_provider_refuses_is_the_residents_again(station, allowed, monkeypatch):
    person = recipient(station)
    asked = paid(station, allowed, person)
    given = give_back(station, asked)

    def refuse(self, back):
        raise RefusedError("seller_has_no_money")

    monkeypatch.setattr(TestProvider, "refund", refuse)
    assert not through(station, allowed, given)
    assert not through(station, allowed, given)
    assert (balance(station, person), now(station, asked).rest_minor) == (1250, 1250)
    check(station)


def test_a_refund_without_an_answer_is_asked_again_under_its_number(station, allowed, monkeypatch):
    person = recipient(station)
    given = give_back(station, paid(station, allowed, person))

    def silent(self, back):
        raise ProviderError("TimeoutError")

    with monkeypatch.context() as broken:
        broken.setattr(TestProvider, "refund", silent)
        assert not through(station, allowed, given)
    assert balance(station, person) == 0
    assert through(station, allowed, given)
    check(station)


def test_the_database_itself_refuses_more_than_was_paid(station, allowed, monkeypatch):
    """The check in code is taken away: the table's own is the last word."""
    asked = paid(station, allowed)
    paid(station, allowed)
    monkeypatch.setattr(refunds, "_refundable", lambda actor, payment_id, amount_minor: asked)
    with pytest.raises(Exception, match="refunded"):
        give_back(station, asked, 1251)


def test_a_mistake_at_the_counter_is_undone_once_spent_or_not(station):
    person = recipient(station)
    asked = take_cash(station, person)
    spend(station, person, 1250)
    for _ in range(2):
        with transaction():
            assert refunds.undo(station.clerk, asked.id, key="undo").state is RefundState.DONE
    assert balance(station, person) == -1250
    assert payments.in_account(station, Way.CASH) == 0

    def again():
        with transaction():
            refunds.undo(station.clerk, asked.id, key="other")

    assert refused(again) == "refund_too_large"


def test_money_through_a_provider_is_not_undone_at_the_counter(station, allowed):
    asked = paid(station, allowed)

    def undo():
        with transaction():
            refunds.undo(station.clerk, asked.id, key="undo")

    assert refused(undo) == "bad_input"


def test_a_balance_goes_back_the_ways_it_came_newest_first_and_cash_stays(station, allowed):
    person = recipient(station)
    old, new = paid(station, allowed, person, amount_minor=500), paid(station, allowed, person)
    take_cash(station, person, 300)
    spend(station, person, 400)

    def back():
        with transaction():
            return refunds.give_back_balance(station.manager, person.id, "CNY", key="all")

    given = back()
    assert [(one.payment_id, one.amount_minor) for one in given] == [(new.id, 1250), (old.id, 400)]
    assert back() == given
    assert balance(station, person) == 0


def test_a_provider_that_is_gone_keeps_a_refund_waiting(station, allowed):
    given = give_back(station, paid(station, allowed))
    without = payments.replace(allowed, test_payments=False)
    with reading():
        assert settings.enabled(station.id, without) == []
    assert not asking.give_back(station.manager, given, without)
    with reading():
        assert queries.refund(station.id, given.id).state is RefundState.ASKED


def test_a_refused_refund_that_somebody_reversed_by_hand_ends_all_the_same(station, allowed, monkeypatch):
    person = recipient(station)
    given = give_back(station, paid(station, allowed, person))
    with transaction():
        ledger.reverse(station.manager, given.journal_id, key="by:hand", reason="not given back")
        assert refunds.fail(station.manager, given.id).state is RefundState.FAILED
    assert balance(station, person) == 1250
    check(station)
