"""Complaints at the same moment: one of an order, one answer, and money given back once."""

from station.claims import service as claims
from station.claims.rules import BorneBy, Problem
from station.core.errors import StationError
from tests.claims import claim, collected, photo
from tests.races.together import at_once


def outcome(results):
    """Return how many got through, and the codes of those that were refused."""
    refused = [one.code for one in results if isinstance(one, StationError)]
    return len(results) - len(refused), refused


def test_two_managers_answer_a_complaint_and_one_answer_counts(app, station):
    one, (order,) = collected(station, (3,))
    mine = claim(one, order, 2)
    wish = claims.Refund(2, BorneBy.SUPPLIER)

    results = at_once(
        app,
        *[lambda: one.do(claims.refund, mine, wish)] * 2,
        lambda: one.do(claims.refuse, mine, "The photo shows another box."),
        lambda: one.do(claims.withdraw, mine),
    )

    assert outcome(results) == (1, ["claim_ended"] * 3)
    assert one.balance(order) in (-3000, -1000)


def test_a_buyer_who_taps_on_two_phones_complains_once(app, station):
    one, (order,) = collected(station, (3,))
    wish, sent = claims.Wish(Problem.BAD, 1), [photo()]

    results = at_once(app, *[lambda: one.do(claims.make, order, wish, sent)] * 3)

    assert outcome(results) == (1, ["claim_open"] * 2)
