"""Links in messages: one message's parcels, letters only, the same when sent again, gone after two weeks."""

from collections.abc import Iterator

import pytest
from flask import Flask

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.residents import links
from station.residents.links import Link
from tests.factories import Station, recipient

HOME = "https://parcels.example"


@pytest.fixture(autouse=True)
def _address(app: Flask) -> Iterator[None]:
    links.configure(HOME)
    yield
    links.configure("")


def link(station: Station, message_id: int = 7) -> str:
    owner = recipient(station)
    with transaction():
        return links.url(station.id, owner.id, message_id=message_id) or ""


def token(url: str) -> str:
    return url.removeprefix(f"{HOME}/t/")


def test_link_is_letters_only_and_leads_to_its_message(station: Station) -> None:
    found = token(link(station))
    assert set(found) <= set(links.LETTERS)
    assert len(links.LETTERS) ** len(found) > 2**60
    with reading():
        assert links.read(found) == Link(station.id, recipient_id=found_owner(station), message_id=7)


def found_owner(station: Station) -> int:
    return recipient(station).id


def test_message_sent_again_carries_the_same_link(station: Station) -> None:
    assert link(station) == link(station)
    assert link(station) != link(station, message_id=8)


def test_without_a_public_address_there_is_no_link(station: Station) -> None:
    links.configure("")
    assert link(station) == ""


@pytest.mark.parametrize("text", ["", "x", "bcdfghjkmnpqrst", "b" * 300, "'; drop"])
def test_guessed_token_leads_nowhere(station: Station, text: str) -> None:
    link(station)
    with pytest.raises(StationError, match="does not work any more"), reading():
        links.read(text)


def test_link_ends_after_two_weeks_and_is_forgotten(station: Station) -> None:
    found, now = token(link(station)), clock.now()
    with clock.use(lambda: now + links.VALID), pytest.raises(StationError), reading():
        links.read(found)
    with transaction():
        assert links.forget_old(now) == 0
        assert links.forget_old(now + links.VALID * 2) == 1
