"""The poster: nothing on it reaches into the code, whatever was typed, and the code leads to the campaign's page."""

import io
from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from station.core.db import reading
from station.core.i18n import set_language
from station.group_buys import posters, queries
from station.group_buys.prices import Tier
from station.network import queries as network
from station.parcels.attachments import Picture
from tests.group_buys import make_campaign

LINK = "https://station.example/buy/1234567890123456789/AbCdEfGhIjKlMnOpQrSt"
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
@pytest.mark.parametrize("picture", [None, jpeg(400, 100), jpeg(100, 400)], ids=["none", "wide", "tall"])
def test_nothing_reaches_into_the_code(offer, language, title, picture):
    found, place = offer
    set_language(language)
    full = replace(
        found,
        campaign=replace(found.campaign, title=title[:80], text=title * 30),
        tiers=tuple(Tier(step * step, 9000 - step) for step in range(1, 9)),
    )

    end = posters.draw(Canvas(io.BytesIO(), pagesize=A4), full, place, link=LINK, picture=picture)

    assert end > posters.FOOT - 1  # a point, for what floats round off


def test_a_picture_that_cannot_be_read_is_left_out(offer):
    found, place = offer

    content = posters.pdf(found, place, link=LINK, picture=Picture("image/png", b"\x89PNG\r\n\x1a\n rubbish"))

    assert content.startswith(b"%PDF-")


def test_the_code_leads_to_the_page():
    drawing = posters.qr(LINK)
    scale = 6
    image = Image.new("L", ((drawing.size + 8) * scale,) * 2, 255)
    pen = ImageDraw.Draw(image)
    for x, y, length in posters.dark(drawing):
        box = ((x + 4) * scale, (y + 4) * scale, (x + 4 + length) * scale - 1, (y + 5) * scale - 1)
        pen.rectangle(box, fill=0)

    (read,) = zxingcpp.read_barcodes(image)

    assert read.text == LINK
