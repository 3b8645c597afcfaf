"""The poster: nothing on it reaches into the code, whatever was typed, and the code leads to the campaign's page."""

import io
from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image

from station.core import letters
from station.core.db import reading
from station.core.i18n import set_language
from station.group_buys import posters, queries
from station.group_buys.prices import Tier
from station.network import queries as network
from station.parcels.attachments import Picture
from tests.group_buys import make_campaign
from tests.papers import loose_fonts, pictures, texts

LINK = "https://station.example/buy/1234567890123456789/AbCdEfGhIjKlMnOpQrSt"
FROM_TWO_METRES = 36  # dots an inch: a phone of 4,000 dots across sees 2.8 m there (posters.QR_SIDE)
LONG = ("赣南脐橙" * 20, "Gannan oranges from the hills " * 6, "x" * 80)


def jpeg(width, height):
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#E08A00").save(file, "JPEG")
    return Picture("image/jpeg", file.getvalue())


@pytest.fixture
def offer(station):
    campaign_id = make_campaign(station)
    with reading():
        return queries.offer(station.id, campaign_id), network.station(station.id)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("title", LONG)
@pytest.mark.parametrize("photo", [None, jpeg(400, 100), jpeg(100, 400)], ids=["none", "wide", "tall"])
def test_nothing_reaches_into_the_code(offer, language, title, photo):
    found, place = offer
    set_language(language)
    full = replace(
        found,
        campaign=replace(found.campaign, title=title[:80], text=title * 30),
        tiers=tuple(Tier(step * step, 9000 - step) for step in range(1, 9)),
    )

    end = posters.draw(
        letters.canvas(io.BytesIO(), title="", author=""), full, place, link=LINK, picture=photo
    )

    assert end > posters.FOOT - 1  # a point, for what floats round off


def test_a_picture_that_cannot_be_read_is_left_out(offer):
    found, place = offer

    content = posters.pdf(found, place, link=LINK, picture=Picture("image/png", b"\x89PNG\r\n\x1a\n rubbish"))

    assert content.startswith(b"%PDF-")


def test_the_code_is_read_from_two_metres(offer):
    found, place = offer

    content = posters.pdf(found, place, link=LINK, picture=jpeg(400, 100))
    (seen,) = pictures(content, FROM_TWO_METRES)

    assert [code.text for code in zxingcpp.read_barcodes(seen)] == [LINK]


def test_the_poster_brings_its_letters_along(offer):
    found, place = offer
    named = replace(found, campaign=replace(found.campaign, title="🍊王㛃𬭎的脐橙"))

    content = posters.pdf(named, place, link=LINK, picture=None)

    assert "王㛃" in texts(content)[0]
    assert loose_fonts(content) == set()
