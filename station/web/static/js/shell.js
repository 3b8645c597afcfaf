// What every page does: the clock, the link state, the keys of the rail, menus that close. Everything works without it.

const PROBE_EVERY_MS = 20000; // a counter learns within a few scans that the line is cut
const PROBE_TIMEOUT_MS = 5000;
const CLOCK_EVERY_MS = 5000;
const HURRY_MS = 3000; // a double press comes within half a second, an impatient one within two

const link = document.getElementById("link");
const clock = document.getElementById("clock");

function showLink(online) {
  const state = online ? "ok" : "bad";
  if (link.classList.contains(state)) return;
  link.classList.remove("ok", "bad");
  link.classList.add(state);
  link.querySelector("span").textContent = online ? link.dataset.online : link.dataset.offline;
  const use = link.querySelector("use");
  const [sprite] = use.getAttribute("href").split("#");
  use.setAttribute("href", `${sprite}#i-${online ? "wifi" : "wifi-off"}`);
}

async function probe() {
  try {
    const answer = await fetch(link.dataset.probe, { cache: "no-store", signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    showLink(answer.ok);
  } catch {
    showLink(false);
  }
}

if (link) {
  window.addEventListener("offline", () => showLink(false));
  window.addEventListener("online", probe);
  document.addEventListener("htmx:sendError", probe);
  setInterval(probe, PROBE_EVERY_MS);
}

if (clock) {
  const time = new Intl.DateTimeFormat("en-GB", { timeZone: clock.dataset.zone, hour: "2-digit", minute: "2-digit" });
  const shown = clock.querySelector("b");
  setInterval(() => {
    shown.textContent = time.format(new Date());
  }, CLOCK_EVERY_MS);
}

// F-keys lead along the rail, "/" to the page's search, Escape closes an open menu.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.key === "Escape") {
    document.querySelectorAll("details.menu[open]").forEach(close);
    return;
  }
  const entry = document.querySelector(`.rail [data-key="${CSS.escape(event.key)}"]`);
  if (entry) {
    event.preventDefault();
    entry.click();
    return;
  }
  const find = document.querySelector("[data-find]");
  if (event.key === "/" && find && !event.target.closest("input, textarea, select")) {
    event.preventDefault();
    find.focus();
  }
});

function close(menu) {
  const inside = menu.contains(document.activeElement);
  menu.open = false;
  if (inside) menu.querySelector("summary").focus();
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// A row of tabs may be wider than a phone: bring the one that is open into view.
document.querySelector(".seg [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// A form that writes is sent once, however often its button is pressed in a hurry.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  const since = performance.now() - Number(form.dataset.sentAt ?? -HURRY_MS);
  if (since < HURRY_MS) event.preventDefault();
  else form.dataset.sentAt = performance.now();
});

// htmx writes with the page's own token, so that no form needs to carry one for it.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('input[name="csrf_token"]');
  if (token) event.detail.headers["X-CSRFToken"] = token.value;
});
