"""What a clerk does at the check-in screen, and what is in the database afterwards."""

import time
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import select

from station.core.db import db, reading, transaction
from station.core.phones import parse
from station.events.models import RefusedScan
from station.parcels.announce import Announcement, announce
from station.parcels.lifecycle import ParcelState
from station.parcels.models import Parcel
from tests.browser.conftest import PATIENCE_MS
from tests.factories import Station, waybill

PHONE = "13812344068"


# A busy machine may take long over each key that comes through the debugger, which makes a person of the scanner and a
# slow one of a person: so the page types by itself, going where the focus is as real keys do, and each key has the time
# at which it was pressed, as real keys have, however late the page is at it.
TYPING = """async ([text, between, held]) => {
  let pressedAt = performance.now();
  const stamp = (event) => Object.defineProperty(event, "timeStamp", { value: pressedAt });
  window.addEventListener("input", stamp, true);
  for (const [at, key] of [...text].entries()) {
    const pause = at === text.length >> 1 ? held : between;
    await new Promise((done) => setTimeout(done, pause));
    pressedAt += pause;
    const target = document.activeElement ?? document.body;
    const pressed = stamp(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    if (target.dispatchEvent(pressed)) document.execCommand("insertText", false, key);
  }
  window.removeEventListener("input", stamp, true);
}"""
BURST_MS = 2  # between the keys of a scanner
PERSON_MS = 120  # between the keys of somebody at a number pad


def type_fast(page: Page, text: str, *, held_ms: int = BURST_MS) -> None:
    """Type as a scanner without a suffix; `held_ms` is how long the key in the middle is held back."""
    page.evaluate(TYPING, [text, BURST_MS, held_ms])


def scan(page: Page, text: str, *, suffix: str = "Enter", held_ms: int = BURST_MS) -> None:
    """Scan a code."""
    type_fast(page, text, held_ms=held_ms)
    page.keyboard.press(suffix)


def type_digits(page: Page, digits: str) -> None:
    """Type digits as a person on a number pad, none of them late."""
    page.evaluate(TYPING, [digits, PERSON_MS, PERSON_MS])


def choose_shelf(page: Page, tag: str = "1-1") -> None:
    scan(page, f"SHELF:{tag}")
    expect(page.locator("#row strong")).to_have_text(tag)


def announced(station: Station, count: int = 1, *, phone: str | None = PHONE) -> list[str]:
    """Announce parcels whose recipient is known; return their waybills."""
    waybills = [waybill() for _ in range(count)]
    with transaction():
        for number in waybills:
            said = Announcement(number, "sf", parse(phone) if phone else None, "陈晓明" if phone else None)
            announce(station.clerk, said)
    return waybills


def shown_tag(page: Page) -> Any:
    return page.locator("#result .big > .tag")


def question(page: Page) -> Any:
    return page.locator("#result [data-asks]")


def ready(page: Page) -> Any:
    return page.locator("#ready")


def all_answered(page: Page) -> None:
    """Wait until nothing waits any more."""
    expect(ready(page)).to_have_attribute("data-state", "ready")


def is_stored(page: Page, station: Station, waybills: list[str]) -> None:
    """Wait until as many are on shelves; then they are these, in the order in which they were stored."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while len(stored(station)) < len(waybills):
        assert time.monotonic() < end, stored(station)
        page.wait_for_timeout(50)
    all_answered(page)
    assert stored(station) == waybills


def stored(station: Station) -> list[str]:
    """Return the waybills on shelves in the order they were stored."""
    with reading():
        return list(
            db.session.scalars(
                select(Parcel.waybill)
                .where(Parcel.station_id == station.id, Parcel.state == ParcelState.STORED)
                .order_by(Parcel.stored_at, Parcel.id)
            )
        )


def parcel(station: Station, number: str) -> Parcel:
    with reading():
        return db.session.scalars(
            select(Parcel).where(Parcel.station_id == station.id, Parcel.waybill == number)
        ).one()


def refused(station: Station) -> list[tuple[str, str]]:
    with reading():
        rows = db.session.execute(
            select(RefusedScan.reason, RefusedScan.raw).where(RefusedScan.station_id == station.id)
        )
        return [(row.reason, row.raw) for row in rows]
