"""What the clerk feels: from Enter to the tag on screen, in Chromium, against a server in a process of its own."""

import math

from flask import Flask
from playwright.sync_api import Browser

from tests.benchmarks.measure import ms, result
from tests.browser import conftest
from tests.browser.counter import announced, choose_shelf, scan
from tests.browser.server import Process
from tests.factories import Station

chromium = conftest.chromium  # the fixture of the browser tests
WARM_UP = 10
SCANS = 100
ROW = 39  # parcels on a row of 40 places
REST_MS = 150  # a clerk takes longer from parcel to parcel; the list and the numbers come in between

# Enter is stamped when the browser hands it out; the tag when it has been painted: after the frame that follows it.
ENTER = """
window.taken = [];
window.addEventListener("keydown", (event) => {
  if (event.key === "Enter") window.entered = event.timeStamp;
}, true);
"""
TAG = """
new MutationObserver(() => {
  if (!document.querySelector("#result .big > .tag") || !window.entered) return;
  const entered = window.entered;
  window.entered = 0;
  requestAnimationFrame(() => setTimeout(() => window.taken.push(performance.now() - entered)));
}).observe(document.getElementById("result"), {childList: true});
"""


def test_from_enter_to_the_tag(web: Flask, web_station: Station, chromium: Browser) -> None:
    waybills = announced(web_station, WARM_UP + SCANS)
    with Process(web.config["SETTINGS"].sqlite_path) as process:
        desk = conftest.Desk(web, web_station, chromium, process.url)
        page = desk.window(script=ENTER)
        page.evaluate(TAG)
        for place, number in enumerate(waybills):
            if place % ROW == 0:
                choose_shelf(page, f"{place // ROW + 1}-1")
            scan(page, number)
            page.wait_for_timeout(REST_MS)
        taken = sorted(page.evaluate("window.taken")[-SCANS:])
        desk.contexts[0].close()
    for name, share in (("median", 0.5), ("p95", 0.95)):
        took = taken[math.ceil(share * len(taken)) - 1] / 1000
        result(f"Enter to tag on screen, {name} of {SCANS}", ms(took), "100.000 ms", "", "p95 ≤ 100 ms")
