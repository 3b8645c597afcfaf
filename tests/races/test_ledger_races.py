"""Two people move the same money at the same moment: it moves once, and the books balance."""

import pytest

from station.core.db import reading
from station.ledger import closes, drawer, queries, service
from station.ledger.models import LedgerJournal
from tests import ledger
from tests.ledger import CASH, RESIDENT, SERVICES
from tests.races.together import together, winners

ROUNDS = 4


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_same_key_at_once_posts_once(app, station, _round):
    wanted = ledger.journal((CASH, RESIDENT, 500))
    first, second = together(app, *[lambda: service.post(station.clerk, wanted)] * 2)
    assert first == second
    with reading():
        assert queries.balance(station.id, CASH, "CNY") == 500
    ledger.check(station.id)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_different_journals_of_one_key_have_one_winner(app, station, _round):
    key = ledger.key()
    acts = [
        lambda amount=amount: service.post(station.clerk, ledger.journal((CASH, RESIDENT, amount), key=key))
        for amount in (500, 600)
    ]
    won, refused = winners(together(app, *acts))
    assert len(won) == 1
    assert refused == ["journal_key_used"]
    ledger.check(station.id)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_reversals_have_one_winner(app, station, _round):
    journal_id = ledger.post(station.manager, (RESIDENT, SERVICES, 90))
    acts = [
        lambda key=key: service.reverse(station.manager, journal_id, key=key, reason="typed wrong")
        for key in ("reversal:1", "reversal:2")
    ]
    won, refused = winners(together(app, *acts))
    assert len(won) == 1
    assert refused == ["journal_reversed"]
    with reading():
        assert ledger.recount(station.id) == {}
    ledger.check(station.id)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_posting_and_closing_at_once_keep_the_closed_day_as_it_was(app, station, _round):
    ledger.post(station.manager, (CASH, RESIDENT, 100))
    with reading():
        today = queries.local_today(station.id)
    together(
        app,
        lambda: closes.close_day(station.manager, today),
        lambda: service.post(station.clerk, ledger.journal((CASH, RESIDENT, 5))),
        lambda: closes.close_day(station.manager, today),
    )
    with reading():
        known = closes.closed(station.id, today)
        on_the_day = queries.read_journals(station.id, LedgerJournal.day == today)
        assert known.journals == len(on_the_day)
    ledger.check(station.id)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_counts_of_the_drawer_post_the_difference_once(app, station, _round):
    ledger.post(station.manager, (CASH, RESIDENT, 100))
    counted = [lambda: drawer.count(station.clerk, counted_minor=90, currency="CNY")] * 2
    together(app, *counted)
    with reading():
        assert queries.balance(station.id, CASH, "CNY") == 90
        assert sorted(one.difference_minor for one in drawer.counts(station.id, limit=9)) == [-10, 0]
    ledger.check(station.id)
