"""Two at one code: one browser signs in, one device is told who is there."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.phones import parse
from station.residents import identify, identity, identity_codes, sign_in, six_digits
from station.residents.service import phone_hash
from tests.factories import Station, recipient
from tests.races.together import together, winners

PHONE = "13812344068"
ROUNDS = 4


def counted(act: Callable[[], Any]) -> Callable[[], Any]:
    """Let an act commit its refusal, as edges do where tries count."""

    def run() -> Any:
        try:
            return act()
        except StationError as error:
            return error

    return run


def test_two_browsers_with_one_code_sign_one_in(app: Flask, station: Station) -> None:
    recipient(station, PHONE)
    phone = parse(PHONE)
    assert phone is not None
    for _ in range(ROUNDS):
        with transaction():
            sign_in.ask(phone, address="10.0.0.1")
        with reading():
            code = sign_in.current_code(phone_hash(PHONE)) or ""

        results = together(
            app, *[counted(lambda code=code: sign_in.prove(phone, code, address="10.0.0.1"))] * 2
        )

        assert winners(results) == ([phone_hash(PHONE)], ["sign_in_code_wrong"])


def test_eight_guesses_at_once_are_not_more_than_five_tries(app: Flask, station: Station) -> None:
    recipient(station, PHONE)
    phone = parse(PHONE)
    assert phone is not None
    with transaction():
        sign_in.ask(phone, address="10.0.0.1")
    with reading():
        code = sign_in.current_code(phone_hash(PHONE)) or ""
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"

    together(app, *[counted(lambda: sign_in.prove(phone, wrong, address="10.0.0.1"))] * 8)

    with reading():
        assert sign_in.current_code(phone_hash(PHONE)) is None


@pytest.mark.parametrize("way", ["code", "digits"])
def test_two_devices_with_one_identity_code_find_one_person(app: Flask, station: Station, way: str) -> None:
    person = recipient(station, PHONE)
    with transaction():
        identity.prepare()
        six_digits.prepare(station.id, person.id)
        code = identity.codes(station.id, person.id)[0].text
        digits = six_digits.shown(station.id, person.id, [identity_codes.step_of(clock.now())])[0]
    text = code if way == "code" else f"4068 {digits}"

    results = together(
        app,
        counted(lambda: identify.by_text(station.clerk, text)),
        counted(lambda: identify.by_text(station.manager, text)),
    )

    assert winners(results) == (
        [person.id],
        ["identity_code_used" if way == "code" else "six_digits_wrong"],
    )


def test_eight_guesses_at_the_digits_at_once_count_as_eight(app: Flask, station: Station) -> None:
    recipient(station, PHONE)

    results = together(app, *[counted(lambda: identify.by_digits(station.clerk, "4068", "000000"))] * 8)

    _none, refused = winners(results)
    assert sorted(refused) == ["six_digits_wrong"] * 5 + ["too_many_attempts"] * 3


def test_two_pages_that_need_the_first_key_agree_on_one(app: Flask, station: Station) -> None:
    person = recipient(station, PHONE)

    def open_page() -> str:
        identity.prepare()
        return identity.codes(station.id, person.id)[0].text

    for text in together(app, open_page, open_page):
        with transaction():
            assert identity.read(station.clerk, text, now=clock.now()) == person.id
