"""Chromium for tests: a real server on a small station, people signed in, and a watch over what pages must never do."""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Route,
    expect,
    sync_playwright,
)
from sqlalchemy import select, update

from station.accounts.models import Account
from station.core.db import db, reading, transaction
from tests.browser.server import Server
from tests.factories import Station

# Source: UI.md 7. /dev/shm is small in containers; the last one names a host that is no secure context.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP station.test 127.0.0.1",
)
WHY_NOT = "Chromium is not installed; on Debian: apt install chromium"
DESKTOP = (1440, 900)
PHONE = (390, 844)
SMALL_PHONE = (320, 700)  # the narrowest width that WCAG 2.2, 1.4.10 asks for
# Axe's rules about colours (tag cat.color) that it runs by itself.
OF_LOOKS = ("color-contrast", "link-in-text-block")
Look = tuple[str, str]  # theme and contrast
PUT_ON = """([theme, contrast]) => {
  Object.assign(document.documentElement.dataset, { theme, contrast });
  for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish(); // no colour halfway
}"""

# How long a page may take, in ms, for whatever a test waits for: some of ours ask the station every 15 s, and a machine
# that is busy with everything else is five times slower. A test that passes never waits for it.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium, started once."""
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(WHY_NOT)
        pytest.skip(WHY_NOT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def server(web: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The application on the test's database, forms protected as in real life."""
    monkeypatch.setitem(web.config, "WTF_CSRF_ENABLED", True)
    running = Server(web)
    yield running
    running.stop()


@dataclass
class Desk:
    """Opens windows on one station, and notes what went wrong in them."""

    app: Flask
    station: Station
    browser: Browser
    url: str
    contexts: list[BrowserContext] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()  # parts of console errors that the test provokes

    def window(
        self,
        path: str = "/check-in",
        *,
        size: tuple[int, int] = DESKTOP,
        who: str = "clerk",
        origin: str | None = None,
        script: str = "",
    ) -> Page:
        """Open a path in a window of its own, signed in as `who` ("" for nobody); `script` runs before the page's."""
        origin = origin or self.url
        width, height = size
        context = self.browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        if who:
            context.add_cookies([{"name": "session", "value": self.session(who), "url": origin}])
        if script:
            context.add_init_script(script)
        page = context.new_page()
        self._watch(page, origin)
        page.goto(origin + path)
        return page

    def prefer(self, **values: str) -> None:
        """Set language, theme or contrast of everybody at the station."""
        with transaction():
            db.session.execute(update(Account).values(**values))

    def session(self, who: str) -> str:
        """Return the session cookie of the station's clerk or manager."""
        actor = getattr(self.station, who)
        with reading():
            epoch = db.session.scalar(select(Account.epoch).where(Account.id == actor.id))
        client = self.app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = f"{actor.id}.{epoch}.{self.station.id}"
        cookie = client.get_cookie("session")
        assert cookie is not None
        return cookie.value

    def _watch(self, page: Page, origin: str) -> None:
        def on_console(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning") and not any(one in message.text for one in self.expected):
                self.faults.append(f"console: {message.text}")

        def on_request(request: Request) -> None:
            parts = urlsplit(request.url)
            if parts.scheme in ("http", "https") and f"{parts.scheme}://{parts.netloc}" != origin:
                self.faults.append(f"left the origin: {request.url}")

        page.on("console", on_console)
        page.on("request", on_request)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))


@pytest.fixture
def desk(web: Flask, web_station: Station, server: Server, chromium: Browser) -> Iterator[Desk]:
    """The station's windows. Errors in a console and requests to another origin fail the test."""
    made = Desk(web, web_station, chromium, server.url)
    yield made
    for context in made.contexts:
        context.close()
    assert made.faults == []


@pytest.fixture
def screen(desk: Desk) -> Page:
    """The check-in screen of the clerk, at the counter's size."""
    return desk.window()


def hold_back(page: Page, name: str) -> Callable[[], None]:
    """Keep a script or a piece of page from coming, as a slow line does; return what lets it come."""
    waiting: list[Route] = []
    page.route(f"**/{name}*", lambda route: waiting.append(route), times=1)  # noqa: PLW0108 - no builtin

    def let_it_come() -> None:
        end = time.monotonic() + PATIENCE_MS / 1000
        while not waiting:
            assert time.monotonic() < end, name
            page.wait_for_timeout(50)
        waiting.pop().continue_()

    return let_it_come


Axe = Callable[[Page], list[str]]


@pytest.fixture
def axe() -> Axe:
    """Run axe with all its rules; return its complaints."""
    return complaints


def wait_until(page: Page, script: str, arg: object = None) -> None:
    """Wait until a script answers true. Playwright's own way evaluates text in the page, which our policy forbids."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(script, arg):
        assert time.monotonic() < end, script
        page.wait_for_timeout(50)


def complaints(page: Page) -> list[str]:
    """Return what axe finds, of all its rules, one line for each place."""
    return _run_axe(page, {})


def complaints_of_looks(page: Page, looks: Iterable[Look]) -> list[str]:
    """Put further looks on a page that `complaints` has read; return what axe finds of the rules they can break."""
    found = []
    for look in looks:
        put_on(page, look)
        found += [f"{look}: {one}" for one in _run_axe(page, {"runOnly": list(OF_LOOKS)})]
    return found


def put_on(page: Page, look: Look) -> None:
    """Show the page in a theme and a contrast, as the server does: nothing but the colours depends on them."""
    page.evaluate(PUT_ON, look)


def _run_axe(page: Page, options: dict[str, Any]) -> list[str]:
    page.wait_for_load_state()  # a click ends when the next page begins, and half a page does not read well
    if not page.evaluate("typeof axe === 'object'"):
        page.add_script_tag(url="/static/vendor/axe.min.js")
    run = "options => axe.run(document, {...options, resultTypes: ['violations']}).then(said => said.violations)"
    found = page.evaluate(run, options)
    return [f"{rule['id']}: {' '.join(node['target'])}" for rule in found for node in rule["nodes"]]


def scrolls_sideways(page: Page) -> bool:
    """Tell whether the page is wider than its window."""
    page.wait_for_load_state()  # without its styles a page is as wide as it likes
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
