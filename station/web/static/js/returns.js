// A return manifest under the scanner. Scans go through the queue in order; the server draws the manifest, this puts it
// in place, sounds, and keeps the page listening.

import { draw } from "./draw.js";
import { Readiness } from "./readiness.js";
import { ScanQueue } from "./scan-queue.js";
import { Listener } from "./scanner.js";
import { signal } from "./voice.js";

const find = (selector) => document.querySelector(selector);
const form = find("#scan");
const home = find("#value");
const desk = find("#desk");
const token = form.querySelector('input[name="csrf_token"]').value;

const LONGEST = 400; // characters the server takes (station/web/idempotent.py)
const COMMANDS = { UNDO: takeOffLast, DONE: () => find("#sign")?.click() };

const queue = new ScanQueue({ owner: form.dataset.owner, resolve, send, onAnswer: show, onChange: (...facts) => readiness.stand(...facts) });

function entered(value) {
  if (value.trim() === "") return;
  const body = { value: value.slice(0, LONGEST), scanned_at: new Date().toISOString() };
  queue.add({ operation: "entry", body });
}

// A command card means something only once the scans before it are answered.
function resolve(item) {
  const [, name] = /^CMD:(.+)$/.exec(item.body.value.trim().toUpperCase()) ?? [];
  if (!COMMANDS[name]) return item;
  COMMANDS[name]();
  return null;
}

function send({ body, key }, abort) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": key, "X-CSRFToken": token };
  return fetch(form.dataset.scan, { method: "POST", headers, body: JSON.stringify(body), signal: abort });
}

function show(_item, said) {
  if (!said) return;
  if (said.html) put(said.html);
  else refuse(said.detail ?? "");
  signal(said.sound ?? "bad");
}

function put(html) {
  draw(desk, html);
  window.htmx?.process(desk);
  settle();
}

/** Show a refusal that came without its piece of page. */
function refuse(text) {
  const said = find("#refused").content.cloneNode(true);
  said.querySelector("strong").textContent = text;
  find("#desk .said")?.remove();
  find("#desk .served").prepend(said);
}

// Taking a parcel off is sent by htmx.
desk.addEventListener("htmx:afterSwap", () => {
  const said = find("#desk .said");
  signal(["bad", "warn"].find((kind) => said?.classList.contains(kind)) ?? "ok");
  settle();
});

// --- how it stands -------------------------------------------------------------------------------------------------

const readiness = new Readiness(find("#ready"), () => {
  if (!document.activeElement || document.activeElement === document.body) settle();
});

/** Put the focus back to the box, but never between the keys of a scan. */
function settle() {
  listener.whenQuiet(() => {
    if (!readiness.isAway) home.focus({ preventScroll: true });
  });
}

// --- keys ----------------------------------------------------------------------------------------------------------

const listener = new Listener(home, entered);
form.addEventListener("submit", (event) => event.preventDefault());

function takeOffLast() {
  find("#desk .picks [data-off]")?.focus();
}

function clear() {
  home.value = "";
  home.focus({ preventScroll: true });
}

const KEYS = { F8: takeOffLast, Escape: clear };

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.do) KEYS[button.dataset.do]();
});

settle();
