"""Amounts: how they are typed, written, and what is refused."""

import pytest
from babel.numbers import get_currency_precision, get_currency_symbol
from hypothesis import given
from hypothesis import strategies as st

from station.core.errors import StationError
from station.core.money import CURRENCIES, MOST_MINOR, format_money, parse_money, plain_money

codes = st.sampled_from(sorted(CURRENCIES))
amounts = st.integers(0, MOST_MINOR)


@pytest.mark.parametrize("code", CURRENCIES)
def test_minor_digits_are_those_of_cldr(code):
    assert CURRENCIES[code].digits == get_currency_precision(code)
    assert CURRENCIES[code].code == code
    assert CURRENCIES[code].symbol


def test_sign_of_the_default_currency_is_that_of_its_country():
    assert CURRENCIES["CNY"].symbol == get_currency_symbol("CNY", locale="zh_CN")


@given(amount=amounts, code=codes)
def test_what_is_written_plainly_is_read_again(amount, code):
    assert parse_money(plain_money(amount, code), code) == amount


@given(amount=amounts, code=codes)
def test_currency_and_thousands_may_be_typed(amount, code):
    whole, _point, part = plain_money(amount, code).partition(".")
    typed = f"{int(whole):,}" + (f".{part}" if part else "")
    assert parse_money(f" {code} {typed} ", code) == amount
    assert parse_money(f"{CURRENCIES[code].symbol}{typed}", code) == amount


@pytest.mark.parametrize(
    ("typed", "minor"),
    [("0", 0), ("12", 1200), ("12.5", 1250), ("１２．５０", 1250), ("￥3", 300), ("1,234.50", 123450)],
)
def test_amounts_are_read_as_people_type_them(typed, minor):
    assert parse_money(typed, "CNY") == minor


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "-1", "+1", "1.001", "1,00", "1,2345", ",5", "5,", ".5", "5.", "1 2", "ten", "1e3", "0x1"),
        *("٣", "NaN", "inf", "EUR 1", "1" * 17, "9999999999999", "1.0000000", "1\x00", "¥¥", "½", "1.5.5"),
    ],
)
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(StationError) as refused:
        parse_money(typed, "CNY")
    assert refused.value.code == "bad_input"


def outcome(text, code):
    """Return the amount read, or the code of the refusal."""
    try:
        return parse_money(text, code)
    except StationError as error:
        return error.code


@given(st.text(max_size=30), codes)
def test_any_text_is_an_amount_or_refused(text, code):
    found = outcome(text, code)
    assert found == "bad_input" or 0 <= found <= MOST_MINOR


@pytest.mark.parametrize("typed", ["1.5", "0.01"])
def test_yen_has_no_smaller_part(typed):
    with pytest.raises(StationError):
        parse_money(typed, "JPY")


def test_unknown_currency_is_refused():
    with pytest.raises(StationError):
        parse_money("1", "XXX")


@pytest.mark.parametrize(
    ("minor", "code", "language", "written"),
    [
        (1250, "CNY", "en", "¥12.50"),
        (1250, "CNY", "zh", "¥12.50"),
        (-5, "CNY", "zh", "-¥0.05"),
        (1234567, "EUR", "en", "€12,345.67"),
        (500, "JPY", "zh", "¥500"),
    ],
)
def test_amounts_are_written_in_both_languages(minor, code, language, written):
    assert format_money(minor, code, language) == written


def test_language_spoken_now_is_used_unless_told():
    assert format_money(100, "CNY") == "¥1.00"
