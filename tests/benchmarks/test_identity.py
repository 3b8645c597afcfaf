"""Identity codes: signing and checking them, beside nothing but the Ed25519 of the library they stand on."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from station.core import clock
from station.core.db import reading, transaction
from station.me import card
from station.residents import identity, identity_codes
from tests.benchmarks.measure import median_of, result
from tests.factories import make_station, recipient

CODES = 400
ROUNDS = 9
CARDS = 20


def test_sign_and_verify(web: Flask) -> None:
    station = make_station()
    person = recipient(station)
    with transaction():
        identity.prepare()
    with reading():
        codes = [
            code.text
            for _ in range(CODES // identity_codes.PREFETCHED)
            for code in identity.codes(station.id, person.id)
        ]
    signed = [code for code in map(identity_codes.read, codes) if code]
    key = Ed25519PrivateKey.generate()
    public, messages = key.public_key(), [code.message for code in signed]
    signatures = [key.sign(message) for message in messages]

    def sign() -> None:
        with reading():
            for _ in range(CODES // identity_codes.PREFETCHED):
                identity.codes(station.id, person.id)

    def verify() -> None:
        with reading():
            for text in codes:
                code = identity_codes.read(text)
                assert code is not None
                assert identity.is_ours(code)

    def raw_verify() -> None:
        for signature, message in zip(signatures, messages, strict=True):
            public.verify(signature, message)

    rates("identity code: sign", sign, lambda: [key.sign(message) for message in messages])
    rates("identity code: read and verify", verify, raw_verify)


def rates(what, ours, raw):
    mine, limit = CODES / median_of(ours, ROUNDS), CODES / median_of(raw, ROUNDS)
    result(what, f"{mine:,.0f}/s", f"{limit:,.0f}/s Ed25519", f"{mine / limit:.2f}", "")


def test_use_and_draw(web: Flask) -> None:
    """What a kiosk waits for, its code used up in a transaction, and what a phone waits for: twenty codes drawn."""
    station = make_station()
    person = recipient(station)
    with transaction():
        card.prepare(station.id, person.id)
    with reading():
        texts = [identity.codes(station.id, person.id)[0].text for _ in range(ROUNDS + 1)]

    def use() -> None:
        with transaction():
            identity.read(station.clerk, texts.pop(), now=clock.now())

    def draw() -> None:
        with reading():
            assert len(card.screens(station.id, person.id)) == CARDS

    result("identity code: use up, one commit", f"{median_of(use, ROUNDS) * 1000:.2f} ms", "", "", "")
    result("identity card: 20 codes drawn", f"{median_of(draw, ROUNDS) * 1000:.1f} ms", "", "", "")
