"""The photo of a label in Chromium: a chosen picture is sent at once, boxes fill fields, by the keyboard alone too."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from station.labels import reader
from station.labels.sight import Box, Code, Line, Sight
from tests.browser.conftest import DESKTOP, PHONE, Desk, complaints, scrolls_sideways
from tests.browser.server import Server
from tests.factories import Station, open_batch, waybill
from tests.labels import Label, draw, encoded


@pytest.fixture
def number() -> str:
    return waybill()


@pytest.fixture
def label(
    desk: Desk,
    server: Server,
    web_station: Station,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    number: str,
) -> Path:
    """A picture of a label, and what the reader sees in it; the clerk's shelf is chosen."""
    open_batch(web_station)
    server.poison = b"in no picture"  # else the zeros of any would break it
    drawn = encoded(draw(Label(number)))
    lines = (
        Line("陈晓明 13812344068", Box(110, 515, 380, 46)),
        Line("李四 13900001111", Box(110, 670, 330, 40)),
    )
    sight = Sight(760, 1300, lines, (Code(number, Box(115, 140, 527, 160)),), drawn)
    monkeypatch.setattr(reader, "read", lambda picture: sight)
    monkeypatch.setattr(reader, "is_installed", lambda: True)
    path = tmp_path / "label.jpg"
    path.write_bytes(drawn)
    return path


def look(desk: Desk, label: Path, size: tuple[int, int] = DESKTOP) -> Page:
    page = desk.window("/check-in/label", size=size)
    page.set_input_files("#picture", label)
    page.wait_for_selector(".mark")
    return page


def test_box_fills_its_field_by_the_keyboard(desk: Desk, label: Path, number: str) -> None:
    page = look(desk, label)
    assert page.input_value("#phone") == "13812344068"

    page.locator('.mark[data-value="13900001111"]').focus()
    page.keyboard.press("Enter")

    assert page.input_value("#phone") == "13900001111"
    assert page.locator('.mark[data-value="13900001111"][data-chosen]').count() == 1
    assert page.evaluate("document.activeElement.id") == "phone"
    page.keyboard.press("Enter")
    page.wait_for_selector(".flash.ok")
    assert number in page.inner_text(".flash.ok")


@pytest.mark.parametrize(
    ("language", "theme", "size"), [("en", "light", DESKTOP), ("zh", "dark", PHONE), ("zh", "light", DESKTOP)]
)
def test_what_was_read_reads_well(
    desk: Desk, label: Path, language: str, theme: str, size: tuple[int, int]
) -> None:
    desk.prefer(language=language, theme=theme)
    page = look(desk, label, size)

    assert complaints(page) == []
    assert not scrolls_sideways(page)
