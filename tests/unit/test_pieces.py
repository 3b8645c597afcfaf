"""Notes and coins: every currency has its own, they are summed, kept and read back, and rubbish is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.core.errors import StationError
from station.core.money import CURRENCIES
from station.ledger import pieces
from station.ledger.pieces import IN_USE, MOST, Form, Kind

HUNDRED, YUAN, YUAN_COIN, JIAO = (
    Kind(Form.NOTE, 10_000),
    Kind(Form.NOTE, 100),
    Kind(Form.COIN, 100),
    Kind(Form.COIN, 10),
)


def test_every_currency_has_notes_and_coins_largest_first():
    assert IN_USE.keys() == CURRENCIES.keys()
    for kinds in IN_USE.values():
        assert len(set(kinds)) == len(kinds)
        assert list(kinds) == sorted(kinds, key=lambda kind: (kind.form is Form.COIN, -kind.worth_minor))
        assert {kind.form for kind in kinds} == {Form.NOTE, Form.COIN}


@given(st.sampled_from(sorted(IN_USE)), st.data())
def test_pieces_that_were_kept_are_read_back_in_their_order(currency, data):
    counted = data.draw(st.dictionaries(st.sampled_from(IN_USE[currency]), st.integers(1, MOST)))
    pieces.check(counted, currency)
    found = pieces.read(pieces.write(counted))
    assert found == counted
    assert list(found) == [kind for kind in IN_USE[currency] if kind in counted]
    assert pieces.total(found) == sum(kind.worth_minor * number for kind, number in counted.items())


def test_note_and_coin_of_one_worth_are_kept_apart():
    assert pieces.write({YUAN_COIN: 3, HUNDRED: 2, YUAN: 1}) == '{"coin_100":3,"note_100":1,"note_10000":2}'
    assert pieces.write({}) == ""
    assert pieces.read("") == {}


@pytest.mark.parametrize(
    ("counted", "currency"),
    [({HUNDRED: 0}, "CNY"), ({JIAO: -1}, "CNY"), ({JIAO: MOST + 1}, "CNY"), ({YUAN: 1}, "SGD")],
)
def test_pieces_that_cannot_be_are_refused(counted, currency):
    with pytest.raises(StationError) as caught:
        pieces.check(counted, currency)
    assert caught.value.code == "bad_input"
