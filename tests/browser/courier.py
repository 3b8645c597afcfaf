"""A courier with a phone: signed in, at a station that is open all day, and what the station took in from them."""

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import zxingcpp
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from station.core import clock
from station.core.db import db, reading, transaction
from station.core.phones import parse
from station.couriers.queries import SignedInCourier
from station.drops import presence
from station.drops.models import DropScan
from station.network.models import StationSettings
from station.parcels.announce import Announcement, announce
from station.residents import service as residents
from tests import couriers
from tests.browser.conftest import PHONE as PHONE_SIZE
from tests.browser.conftest import Desk, wait_until
from tests.browser.counter import scan
from tests.factories import Station, recipient, waybill

FRAME = (1280, 720)
MARGIN = 60  # pixels around each code: more than the quiet zone of ten modules of 4 pixels (ISO/IEC 15417)
ALL_DAY = [[["00:00", "00:00"]]] * 7  # midnight to midnight, so that no test depends on when it runs
ASKING = "13912340001"  # the number of somebody who wants to be asked
# The page, all it is drawn with and what reads the codes are on the phone.
KEPT = """async () => {
  const paths = async (name) => (await (await caches.open(name)).keys()).map((key) => new URL(key.url).pathname);
  const [page, parts] = [await paths("drop"), await paths("drop-parts")];
  const drawnWith = performance.getEntriesByType("resource").map((one) => new URL(one.name).pathname);
  const wanted = [...drawnWith.filter((one) => one.startsWith("/static/")), "/static/vendor/zxing_reader.wasm"];
  return page.includes("/courier/drop") && wanted.every((one) => parts.includes(one));
}"""
# A page that cannot send: what arrives then was sent by somebody else.
DUMB = """
  const real = window.fetch;
  const none = () => Promise.reject(new TypeError("dumb"));
  window.fetch = (address, said) => said?.method === "POST" ? none() : real(address, said);
"""
# A page without a worker: what arrives was sent by the page.
ALONE = "Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined });"
# A phone whose camera is held down until the test says otherwise; a reload keeps it so.
NO_CAMERA_YET = """
  const media = navigator.mediaDevices;
  const open = media?.getUserMedia.bind(media);
  const none = () => Promise.reject(new DOMException("held down", "NotFoundError"));
  if (media) media.getUserMedia = (wish) => (sessionStorage.getItem("camera") ? open(wish) : none());
"""
# A phone whose storage may be full: what is written is not kept (Indexed Database API 3.0, 5.4).
FULL = """
  const add = IDBObjectStore.prototype.add;
  IDBObjectStore.prototype.add = function (...values) {
    const request = add.apply(this, values);
    if (window.isFull) this.transaction.abort();
    return request;
  };
"""
# Nobody is sending.
QUIET = """async () => {
  const { held, pending } = await navigator.locks.query();
  return held.length + pending.length === 0;
}"""
# A page whose timer never comes, however long the test takes: what it sends it sends for another reason.
TIMELESS = "window.setInterval = () => 0;"
# A page whose timer comes twenty times as often.
HASTY = """
  const slow = window.setInterval;
  window.setInterval = (act, ms) => slow(act, ms / 20);
"""


def open_all_day(station: Station) -> None:
    """Let the station take parcels in at any hour."""
    with transaction():
        rules = update(StationSettings).where(StationSettings.station_id == station.id)
        db.session.execute(rules.values(weekly_hours=ALL_DAY))


@dataclass
class Log:
    """What reached the station, with the sender that brought it: (sender, path, numbers of scans)."""

    sent: list[tuple[str, str, tuple[int, ...]]] = field(default_factory=list)

    def watch(self, app: Flask) -> Callable[..., Any]:
        """Return the application with a note of each request of a drop."""
        answer = app.wsgi_app

        def noting(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            path = environ["PATH_INFO"]
            if environ["REQUEST_METHOD"] == "POST" and path.startswith("/courier/drops"):
                body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
                environ["wsgi.input"] = io.BytesIO(body)
                numbers = tuple(one["seq"] for one in json.loads(body).get("scans", ()))
                self.sent.append((environ.get("HTTP_X_SENDER", ""), path.rpartition("/")[2], numbers))
            return answer(environ, start)

        return noting

    def senders(self) -> list[str]:
        """Return who brought scans, in the order in which they came."""
        return [sender for sender, what, _numbers in self.sent if what == "scans"]


def phone(
    desk: Desk, courier: SignedInCourier, *, script: str = "", size: tuple[int, int] = PHONE_SIZE
) -> Page:
    """Return a phone on which the courier has opened the drop page, and nothing is on its way any more."""
    page = desk.window("/courier/sign-in", who="", size=size, script=script)
    sign_in(desk, page, courier)
    page.goto(desk.url + "/courier/drop")
    listens(page)
    wait_until(page, QUIET)
    return page


def listens(page: Page) -> None:
    """Wait until the page takes scans."""
    expect(page.locator("#camera")).to_be_visible()


def sign_in(desk: Desk, page: Page, courier: SignedInCourier) -> None:
    """Sign a courier in on a phone, whoever was before."""
    client = couriers.sign_in(desk.app.test_client(), courier)
    cookie = client.get_cookie("session")
    assert cookie is not None
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": desk.url}])


def code_before(station: Station, *, minutes: int) -> str:
    """Return what the counter's screen showed some minutes ago."""
    return presence.code(station.id, clock.now() - timedelta(minutes=minutes))


def code_now(station: Station) -> str:
    """Return what the counter's screen shows."""
    return presence.code(station.id, clock.now())


def begin(page: Page, station: Station) -> None:
    """Scan the station's code with a PDA."""
    scan(page, code_now(station))
    expect(page.locator("#drop-begin")).to_be_hidden()


def expected(station: Station, count: int, *, number: str = "13812344068") -> list[str]:
    """Announce parcels of one person; return their waybills."""
    found = [waybill() for _ in range(count)]
    with transaction():
        for one in found:
            announce(station.clerk, Announcement(one, "sf", parse(number), "陈晓明"))
    return found


def asking(station: Station) -> str:
    """Announce a parcel of somebody who wants to be asked; return its waybill."""
    found = recipient(station, ASKING)
    with transaction():
        residents.record_consent(station.clerk, found.id, choice="ask", how="in_person")
    return expected(station, 1, number=ASKING)[0]


def is_sent(page: Page) -> None:
    """Wait until nothing waits on the phone."""
    expect(page.locator("#drop-badge")).to_have_attribute("data-state", "sent")


def taken(station: Station) -> list[tuple[str, str]]:
    """Return every scan that the station recorded, waybill and outcome, in the order of the phones' numbers."""
    with reading():
        rows = db.session.execute(
            select(DropScan.waybill, DropScan.outcome)
            .where(DropScan.station_id == station.id)
            .order_by(DropScan.drop_id, DropScan.id)
        )
        return [(row.waybill, row.outcome) for row in rows]


def drawn(text: str, kind: zxingcpp.BarcodeFormat) -> Image.Image:
    """Draw a code."""
    scale = {"scale": 6} if kind is zxingcpp.BarcodeFormat.QRCode else {"scale": 4}
    return Image.fromarray(zxingcpp.create_barcode(text, kind).to_image(**scale)).convert("RGB")


def film(path: Path, station_code: str, waybills: list[str]) -> Path:
    """Write a motion JPEG: first the station's code, then every label by itself; Chromium wants 4:2:0."""
    frames = [(station_code, zxingcpp.BarcodeFormat.QRCode)]
    frames += [(one, zxingcpp.BarcodeFormat.Code128) for one in waybills]
    shown = b""
    for text, kind in frames:
        frame = Image.new("RGB", FRAME, "white")
        frame.paste(drawn(text, kind), (MARGIN, MARGIN))
        picture = io.BytesIO()
        frame.save(picture, "JPEG", quality=95, subsampling="4:2:0")
        shown += picture.getvalue() * SHOWN_FRAMES
    path.write_bytes(shown)
    return path


SHOWN_FRAMES = (
    30  # of each code: one second of the fake camera's 30 frames, so that a busy machine reads it twice
)
