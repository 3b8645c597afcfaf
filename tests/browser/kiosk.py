"""The kiosk's page in Chromium on a desk without a kiosk, and a measure of what its screens must never do."""

from dataclasses import dataclass, field, replace

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from kiosk.session.state import Session
from tests.browser.conftest import PATIENCE_MS, wait_until
from tests.browser.server import Server
from tests.kiosk.fake_desk import FakeDesk

LANDSCAPE = (1280, 800)  # UI.md 4 (c)
PORTRAIT = (800, 1280)
LANGUAGES = {"en": "en", "zh": "zh-CN"}

# What leaves the screen, what does not fit its own box, which targets are small, which parts lie on others.
MEASURE = """() => {
  const faults = [], screen = document.getElementById("screen");
  const seen = (one) => !one.closest("[hidden], svg, .vh, .agreement-text") && one.getBoundingClientRect().width > 0;
  const name = (one) => `${one.tagName}.${one.className} "${one.textContent.trim().slice(0, 24)}"`;
  const root = document.documentElement;
  if (root.scrollHeight > innerHeight || root.scrollWidth > innerWidth) faults.push("the page scrolls");
  for (const one of [...screen.querySelectorAll("*")].filter(seen)) {
    const box = one.getBoundingClientRect();
    if (box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1)
      faults.push(`outside: ${name(one)}`);
    const isText = ["H1", "H2", "P", "SPAN", "STRONG", "B", "SMALL"].includes(one.tagName);
    const slack = isText ? 15 : 2; // letters may reach over their line
    if (one.clientWidth && (one.scrollWidth > one.clientWidth + 2 || one.scrollHeight > one.clientHeight + slack))
      if (getComputedStyle(one).display !== "inline") faults.push(`does not fit: ${name(one)}`);
  }
  for (const button of [...screen.querySelectorAll("button")].filter(seen)) {
    const { width, height } = button.getBoundingClientRect();
    const least = button.matches(".kway, .btn.big") ? 130 : 72;
    if (height < Math.min(least, 130) - 0.5 || width < 71.5) faults.push(`small: ${name(button)} ${width}x${height}`);
  }
  const apart = "h1, h2, p, button, .kp, .kfield, .cam, .ksign, .tag, .clock, .closing, .kpill";
  const parts = [...screen.querySelectorAll(apart)];
  const boxes = parts.filter(seen).map((one) => [one, one.getBoundingClientRect()]);
  for (const [one, a] of boxes)
    for (const [other, b] of boxes)
      if (one !== other && !one.contains(other) && !other.contains(one) && one.compareDocumentPosition(other) & 4)
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
          faults.push(`${name(one)} lies on ${name(other)}`);
  return faults;
}"""
# How many sessions came, and how often the screen was drawn: the next one may have the name of the one before.
COUNT = """
  window.came = window.drawn = 0;
  const { addEventListener } = EventSource.prototype;
  EventSource.prototype.addEventListener = function (kind, act) {
    addEventListener.call(this, kind, act);
    if (kind === "screen") addEventListener.call(this, kind, () => (window.came += 1));
  };
  document.addEventListener("readystatechange", () => {
    const screen = document.readyState === "interactive" && document.getElementById("screen");
    if (screen) new MutationObserver(() => (window.drawn += 1)).observe(screen, { childList: true });
  });
"""


@dataclass
class Kiosk:
    """Opens the page and notes what went wrong in it."""

    app: Flask
    desk: FakeDesk
    server: Server
    browser: Browser
    faults: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def window(self, size: tuple[int, int] = LANDSCAPE, *, path: str = "/") -> Page:
        """Open the page at this size, with a still picture."""
        width, height = size
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        context.add_init_script(COUNT)
        page = context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.goto(self.server.url + path)
        # From now on it draws what is put on the desk, once for each time.
        wait_until(page, "drawn > 0")
        return page

    def show(self, page: Page, session: Session, **others: object) -> None:
        """Put a session on the desk and wait until it stands on the page."""
        drawn, look = page.evaluate("drawn"), session.look
        self.desk.put(session, **others)
        wait_until(
            page,
            "([drawn, screen, language, large, contrast]) => { const root = document.documentElement; return "
            "window.drawn > drawn && document.getElementById('screen').dataset.screen === screen && "
            "root.lang === language && "
            "root.hasAttribute('data-large') === large && root.hasAttribute('data-contrast') === contrast }",
            [drawn, str(session.screen), LANGUAGES[look.language], look.is_large, look.has_contrast],
        )

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(one in message.text for one in self.expected):
            self.faults.append(f"console: {message.text}")


def looking(session: Session, look: str) -> Session:
    """Return the session with larger text (`L`) and high contrast (`C`)."""
    return replace(session, look=replace(session.look, is_large="L" in look, has_contrast="C" in look))
