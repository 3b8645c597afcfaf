"""A stocktake in a browser: by scanner alone, through reloads, and by a camera that sees several labels at once."""

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, expect

from station.core.db import reading, transaction
from station.stocktakes import queries, service
from station.stocktakes.compare import Comparison
from tests.browser.conftest import DESKTOP, FLAGS, PHONE, Axe, Desk, scrolls_sideways
from tests.browser.counter import all_answered, scan
from tests.browser.server import Server
from tests.factories import Station, store

FRAME = (1280, 720)
MARGIN = 60  # pixels around each code: more than the quiet zone of ten modules of 4 pixels (ISO/IEC 15417)


@pytest.fixture
def walk(web_station: Station) -> int:
    with transaction():
        return service.open_stocktake(web_station.clerk)


def compared(station: Station, walk: int) -> Comparison:
    with reading():
        return queries.comparison(station.id, queries.get(station.id, walk))


def drawn(text: str, kind: zxingcpp.BarcodeFormat) -> Image.Image:
    scale = {"scale": 6} if kind is zxingcpp.BarcodeFormat.QRCode else {"scale": 4}
    return Image.fromarray(zxingcpp.create_barcode(text, kind).to_image(**scale)).convert("RGB")


def film(path: Path, card: str, waybills: list[str]) -> Path:
    """Write a motion JPEG that shows a shelf card above labels; Chromium wants 4:2:0."""
    frame = Image.new("RGB", FRAME, "white")
    frame.paste(drawn(card, zxingcpp.BarcodeFormat.QRCode), (MARGIN, MARGIN))
    for place, waybill in enumerate(waybills):
        frame.paste(drawn(waybill, zxingcpp.BarcodeFormat.Code128), (500, MARGIN + 300 * place))
    picture = io.BytesIO()
    frame.save(picture, "JPEG", quality=95, subsampling="4:2:0")
    path.write_bytes(picture.getvalue() * 10)
    return path


@pytest.fixture
def with_camera(
    web: Flask, web_station: Station, server: Server, chromium: Browser
) -> Iterator[Callable[[Path], Desk]]:
    """Start a Chromium whose camera shows a film."""
    made: list[Desk] = []

    def start(shown: Path) -> Desk:
        fake = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
        flags = [*FLAGS, *fake, f"--use-file-for-fake-video-capture={shown}"]
        browser = chromium.browser_type.launch(executable_path=shutil.which("chromium"), args=flags)
        made.append(Desk(web, web_station, browser, server.url))
        return made[-1]

    yield start
    for desk in made:
        desk.browser.close()
        assert desk.faults == []


def test_a_shelf_is_counted_by_the_scanner_and_a_reload_loses_nothing(
    desk: Desk, server: Server, web_station: Station, walk: int
) -> None:
    stored = [store(web_station) for _ in range(3)]
    page = desk.window(f"/stocktakes/{walk}")
    server.delay_s = 0.3
    scan(page, "SHELF:1-1")
    for parcel in stored[:2]:
        scan(page, parcel.waybill)
    page.reload()
    server.delay_s = 0
    expect(page.locator("#walk .feed li:not(.none)")).to_have_count(3)
    all_answered(page)
    expect(page.locator("#row")).to_have_text("1-1")

    found = compared(web_station, walk)
    assert set(found.present) == {parcel.waybill for parcel in stored[:2]}
    assert [one.waybill for one in found.differences] == [stored[2].waybill]


def test_a_difference_is_settled_by_the_keyboard(desk: Desk, web_station: Station, walk: int) -> None:
    missing = store(web_station)
    page = desk.window(f"/stocktakes/{walk}")
    scan(page, "SHELF:1-1")
    all_answered(page)
    page.goto(f"{desk.url}/stocktakes/{walk}/differences")
    expect(page.get_by_text("Look here, likeliest first")).to_be_visible()
    page.locator(f"button[value='lost {missing.waybill}']").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 difference settled.")).to_be_visible()
    page.goto(f"{desk.url}/stocktakes/{walk}/report")
    expect(page.get_by_role("cell", name="Marked as lost")).to_be_visible()


def test_a_camera_reads_a_shelf_card_and_its_labels_once(
    with_camera: Callable[[Path], Desk], web_station: Station, walk: int, tmp_path: Path
) -> None:
    first, second = store(web_station), store(web_station)
    desk = with_camera(film(tmp_path / "shelf.mjpeg", "SHELF:1-1", [first.waybill, second.waybill]))
    page = desk.window(f"/stocktakes/{walk}/camera", size=PHONE)
    expect(page.locator("#codes li")).to_have_count(3)
    all_answered(page)

    assert page.locator("#codes li").all_inner_texts()[-1] == "SHELF:1-1"
    assert set(compared(web_station, walk).present) == {first.waybill, second.waybill}
    boxes = (
        "document.querySelector('#boxes').getContext('2d').getImageData(0, 0, 1280, 720).data.some(Boolean)"
    )
    assert page.evaluate(boxes)


def test_without_a_camera_the_page_says_so_and_still_counts(
    desk: Desk, web_station: Station, walk: int
) -> None:
    stored = store(web_station)
    page = desk.window(f"/stocktakes/{walk}/camera")
    expect(page.locator("#camera-state")).to_contain_text("No camera can be used here")
    scan(page, "SHELF:1-1")
    scan(page, stored.waybill)
    all_answered(page)
    assert compared(web_station, walk).present == (stored.waybill,)


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
def test_every_page_of_a_stocktake_reads_well(
    desk: Desk, axe: Axe, web_station: Station, walk: int, language: str, theme: str
) -> None:
    missing, elsewhere = store(web_station), store(web_station, layer_id=web_station.layer("2"))
    desk.expected = ("status of 422",)
    desk.prefer(language=language, theme=theme)
    page = desk.window(f"/stocktakes/{walk}")
    for code in ("SHELF:1-1", elsewhere.waybill, "hello"):
        scan(page, code)
    all_answered(page)
    wrong = {}
    for path in ("", "/camera", "/differences", "/report"):
        page.goto(f"{desk.url}/stocktakes/{walk}{path}")
        for width, height in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            found = axe(page) + (["scrolls sideways"] if scrolls_sideways(page) else [])
            if found:
                wrong[path, width] = found
    assert wrong == {}
    assert missing.waybill in page.content()
