// The hand-over desk. Entries go through the queue in order, so that a scan made while a search runs belongs to whom
// the search finds. The server draws the desk; this puts it in place, sounds, and keeps the page listening.

import { draw } from "./draw.js";
import { Readiness } from "./readiness.js";
import { ScanQueue } from "./scan-queue.js";
import { Listener } from "./scanner.js";
import { arm } from "./signature.js";
import { signal } from "./voice.js";

const find = (selector) => document.querySelector(selector);
const form = find("#scan");
const home = find("#value");
const desk = find("#desk");
const token = form.querySelector('input[name="csrf_token"]').value;
const address = new URL(form.action);

const LONGEST = 400; // characters the server takes (station/web/idempotent.py)
const LONGEST_NAME = 160; // forms.NAME_TYPED

const served = () => find("#desk [data-person]")?.dataset.person ?? "";
const proxy = () => find("#proxy_name")?.value.trim() ?? "";

// --- the queue -----------------------------------------------------------------------------------------------------

const queue = new ScanQueue({ owner: form.dataset.owner, resolve, send, onAnswer: show, onChange: (...facts) => readiness.stand(...facts) });

function entered(value) {
  const body = { value: value.slice(0, LONGEST), scanned_at: new Date().toISOString() };
  const name = proxy().slice(0, LONGEST_NAME);
  queue.add({ operation: "entry", body: name ? { ...body, proxy_name: name } : body });
}

const COMMANDS = { UNDO: undoLast, "CHECK-IN": () => find('.rail [data-key="F2"]')?.click() };
const NEXT = ["CLEAR", "DONE"]; // an empty desk: nothing to look for, and nobody

// A command, a choice and whom a scan is for mean something only once the entries before them are answered.
function resolve(item) {
  if ("person" in item.body) return item; // sent before: it must mean the same
  const value = item.body.value.trim().toUpperCase();
  const [, name] = /^CMD:(.+)$/.exec(value) ?? [];
  const digit = /^\d$/.test(name ?? value) ? (name ?? value) : "";
  const choice = digit && find(`#desk [data-digit="${digit}"]`);
  if (COMMANDS[name]) {
    COMMANDS[name]();
    return null;
  }
  if (choice) return asks(item, "", choice.form.elements.namedItem("person").value);
  return NEXT.includes(name) ? asks(item, "", "") : asks(item, item.body.value, served());
}

function asks(item, value, person) {
  return { ...item, body: { ...item.body, value, person } };
}

function send({ body, key }, abort) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": key, "X-CSRFToken": token };
  return fetch(form.dataset.scan, { method: "POST", headers, body: JSON.stringify(body), signal: abort });
}

// --- what came back ------------------------------------------------------------------------------------------------

function show(_item, said) {
  if (!said) return;
  if (said.html) put(said.html);
  else refuse(said.detail ?? "");
  signal(said.sound ?? "bad");
}

function put(html) {
  const before = [served(), proxy()];
  draw(desk, html);
  window.htmx?.process(desk);
  drawn(...before);
}

/** Make a desk that was just drawn ready: the same person's proxy stays, the address names who is served. */
function drawn(person, name) {
  if (find("#proxy_name") && served() === person) find("#proxy_name").value = name;
  arm(desk);
  if (find("#select-all")) find("#select-all").hidden = false;
  const here = new URL(address);
  if (served()) here.searchParams.set("person", served());
  history.replaceState(null, "", here);
  settle();
}

/** Show a refusal that came without its piece of page. */
function refuse(text) {
  const said = find("#refused").content.cloneNode(true);
  said.querySelector("strong").textContent = text;
  find("#desk .said")?.remove();
  find("#desk .served").prepend(said);
}

// The desk's own forms are sent by htmx; whom it served is remembered from before the swap.
let before = ["", ""];
desk.addEventListener("htmx:beforeSwap", () => {
  before = [served(), proxy()];
});
desk.addEventListener("htmx:afterSwap", () => {
  drawn(...before);
  const said = find("#desk .said");
  signal(["bad", "warn"].find((kind) => said?.classList.contains(kind)) ?? "ok");
});

// --- how it stands -------------------------------------------------------------------------------------------------

const readiness = new Readiness(find("#ready"), () => {
  if (!document.activeElement || document.activeElement === document.body) settle();
});

/** Put the focus where the next key belongs, but never between the keys of a scan. */
function settle() {
  const inside = document.activeElement?.closest("#desk input, #desk select");
  listener.whenQuiet(() => {
    if (!readiness.isAway && !inside) home.focus({ preventScroll: true });
  });
}

// --- keys ----------------------------------------------------------------------------------------------------------

const listener = new Listener(home, entered);
form.addEventListener("submit", (event) => event.preventDefault());

/** Serve the next person, once the entries before are answered. */
function next() {
  home.value = "";
  entered("CMD:CLEAR");
}

function undoLast() {
  const last = find("#desk .feed details");
  if (!last) return;
  last.open = true;
  last.querySelector("select").focus();
}

const KEYS = { F8: undoLast, Escape: next };

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.do) KEYS[button.dataset.do]();
  if (button?.id !== "select-all") return;
  for (const box of document.querySelectorAll("#desk .picks input:not(:disabled)")) box.checked = true;
});

drawn(served(), "");
