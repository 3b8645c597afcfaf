"""The payment codes of the test provider's app: what a counter may do with one, twice, late, forged and at once."""

import re
from datetime import timedelta

import numpy as np
import pytest
import zxingcpp

from station.core import clock
from station.core.db import reading
from station.core.errors import StationError
from station.payments import at_counter, faces, payer_codes, scanning, test_bank, test_codes
from station.payments.catalogue import Way
from station.payments.faces import Face
from station.payments.lifecycle import PaymentState
from station.payments.provider import ProviderError, RefusedError, Wish
from station.payments.test_codes import Mood
from tests import payments
from tests.factories import make_station, recipient
from tests.payments import ask_at_counter, balance, check, nothing_follows, now, provider, take_cash


@pytest.fixture
def allowed(app, station):
    found = payments.allowing_tests(app)
    payments.set_up(station, Way.TEST)
    return found


def wish(asked):
    return Wish(
        str(asked.id), "Maple", asked.amount_minor, "CNY", asked.expires_at, "https://a/b", "https://a/c"
    )


def shown(station, mood=Mood.PAYS):
    return test_codes.make(station.id, mood, clock.now())


def scan(station, allowed, asked, code):
    scanning.charge(
        station.clerk, provider(station, allowed), wish(asked), code=code, on_paid=nothing_follows
    )
    return faces.face(now(station, asked), clock.now())


def look(station, allowed, asked):
    seen = at_counter.look(station.clerk, asked, allowed, on_paid=nothing_follows)
    return faces.face(seen, clock.now())


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("281234567890123456", Way.ALIPAY),
        ("2512345678901234", Way.ALIPAY),
        ("301234567890123456789012", Way.ALIPAY),
        ("28 1234 5678 9012 3456\n", Way.ALIPAY),
        ("２８1234567890123456", Way.ALIPAY),
        ("251234567890123", None),  # a digit short
        ("2512345678901234567890123", None),  # one too many
        ("241234567890123456", None),
        ("311234567890123456", None),
        ("134512345678901234", None),  # WeChat Pay
        ("SF1234567890123", None),
        ("12-3-3210", None),
        ("SHELF:1-1", None),
        ("", None),
    ],
)
def test_a_code_tells_whose_app_it_comes_from(text, way):
    assert payer_codes.way_of(payer_codes.plain(text)) is way


@pytest.mark.parametrize("text", ["134512345678901234", "101234567890123456", "151234567890123456"])
def test_codes_of_wechat_pay_are_known_as_such(text):
    assert payer_codes.is_wechat(text)
    assert payer_codes.is_any(text)


@pytest.mark.parametrize("text", ["1345123456789012345", "161234567890123456", "091234567890123456"])
def test_other_digits_are_no_code_of_wechat_pay(text):
    assert not payer_codes.is_any(text)


def test_a_scanned_code_pays_once_however_often_it_is_scanned(station, allowed):
    person = recipient(station)
    asked = ask_at_counter(station, person)
    code = shown(station)
    assert [scan(station, allowed, asked, code) for _ in range(3)] == [Face.PAID] * 3
    assert scan(station, allowed, asked, shown(station)) is Face.PAID
    assert balance(station, person) == 1250
    check(station)


def test_a_code_pays_one_payment_only(station, allowed):
    code, second = shown(station), ask_at_counter(station, recipient(station, "13900001111", "王"))
    assert scan(station, allowed, ask_at_counter(station), code) is Face.PAID
    assert scan(station, allowed, second, code) is Face.REFUSED
    assert now(station, second).scan_reason == "code_expired"


def forged(code):
    return f"{code[:-1]}{(int(code[-1]) + 1) % 10}"


@pytest.mark.parametrize("change", ["older", "forged", "elsewhere", "poor"])
def test_a_code_that_does_not_count_takes_nothing_and_a_fresh_one_does(station, allowed, change):
    person = recipient(station)
    asked = ask_at_counter(station, person)
    code = {
        "older": lambda: test_codes.make(station.id, Mood.PAYS, clock.now() - timedelta(seconds=61)),
        "forged": lambda: forged(shown(station)),
        "elsewhere": lambda: shown(make_station("Lotus Garden")),
        "poor": lambda: shown(station, Mood.POOR),
    }[change]()
    assert scan(station, allowed, asked, code) is Face.REFUSED
    assert balance(station, person) == 0
    assert scan(station, allowed, asked, shown(station)) is Face.PAID
    assert balance(station, person) == 1250


def test_a_customer_who_has_to_agree_is_waited_for_and_no_second_code_is_sent(station, allowed, monkeypatch):
    asked = ask_at_counter(station)
    assert scan(station, allowed, asked, shown(station, Mood.ASKS)) is Face.CONFIRM
    assert scan(station, allowed, asked, shown(station)) is Face.CONFIRM
    assert look(station, allowed, asked) is Face.CONFIRM
    payments.pay(station, asked)
    with clock.use(lambda: asked.asked_at + timedelta(seconds=20)):
        assert look(station, allowed, asked) is Face.PAID


def test_a_lost_answer_is_found_and_a_lost_question_is_cancelled(station, allowed):
    person = recipient(station)
    paid = ask_at_counter(station, person)
    assert scan(station, allowed, paid, shown(station, Mood.SILENT)) is Face.SENT
    assert look(station, allowed, paid) is Face.PAID
    lost = ask_at_counter(station, person)
    assert scan(station, allowed, lost, shown(station, Mood.LOST)) is Face.SENT
    assert look(station, allowed, lost) is Face.SENT
    with clock.use(lambda: lost.asked_at + timedelta(seconds=45)):
        assert look(station, allowed, lost) is Face.LOST
    assert balance(station, person) == 1250
    check(station)


def test_while_a_code_is_under_way_nobody_takes_the_persons_money_another_way(station, allowed):
    person = recipient(station)
    scan(station, allowed, ask_at_counter(station, person), shown(station, Mood.LOST))
    with pytest.raises(StationError) as refused:
        take_cash(station, person)
    assert refused.value.code == "payment_waiting"


def test_a_payment_that_is_over_or_cancelled_takes_no_code(station, allowed):
    asked = ask_at_counter(station)
    with payments.later(asked):
        assert scan(station, allowed, asked, shown(station)) is Face.SILENT
        look(station, allowed, asked)
        assert scan(station, allowed, asked, shown(station)) is Face.EXPIRED
    with reading():
        assert test_bank.between(station.id, asked.asked_at, clock.now()) == []


def test_an_answer_after_the_payment_was_cancelled_still_counts(station, allowed, monkeypatch):
    person = recipient(station)
    asked = ask_at_counter(station, person)
    through = provider(station, allowed)

    class Slow:
        def charge(self, wish, code):
            at_counter.cancel(station.clerk, asked, allowed, on_paid=nothing_follows)
            assert now(station, asked).state is PaymentState.FAILED
            return through.charge(wish, code)

    scanning.charge(station.clerk, Slow(), wish(asked), code=shown(station), on_paid=nothing_follows)
    assert now(station, asked).state is PaymentState.PAID
    assert balance(station, person) == 1250
    check(station)


def test_a_server_that_was_killed_while_it_asked_finds_out_afterwards(station, allowed):
    asked = ask_at_counter(station)
    through = provider(station, allowed)

    class Killed:
        def charge(self, wish, code):
            through.charge(wish, code)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scanning.charge(station.clerk, Killed(), wish(asked), code=shown(station), on_paid=nothing_follows)
    assert faces.face(now(station, asked), clock.now()) is Face.SENT
    assert look(station, allowed, asked) is Face.PAID


@pytest.mark.parametrize("code", ["", "90", "9" * 24, "281234567890123456"])
def test_what_is_no_code_of_the_pretended_app_is_refused(station, allowed, code):
    with pytest.raises(RefusedError):
        provider(station, allowed).charge(wish(ask_at_counter(station)), code)


def test_a_lost_question_moves_nothing(station, allowed):
    asked = ask_at_counter(station)
    with pytest.raises(ProviderError):
        provider(station, allowed).charge(wish(asked), shown(station, Mood.LOST))
    with reading():
        assert test_bank.between(station.id, asked.asked_at, clock.now()) == []


def test_the_bars_of_a_code_are_read_by_a_scanner(station):
    code = shown(station)
    drawn = test_codes.bars(code)
    picture = np.full((80, drawn.width * 3), 255, np.uint8)
    for begin, width in re.findall(r"M(\d+) 0h(\d+)v1", drawn.path):
        picture[:, int(begin) * 3 : (int(begin) + int(width)) * 3] = 0
    (found,) = zxingcpp.read_barcodes(picture)
    assert (found.text, found.format.name) == (code, "Code128")
