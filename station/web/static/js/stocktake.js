// The walk of a stocktake. Scans go through the queue in order, so that a parcel belongs to the row whose card was
// scanned before it. The server draws the page; this puts it in place, sounds, and keeps listening.

import { draw } from "./draw.js";
import { Readiness } from "./readiness.js";
import { ScanQueue } from "./scan-queue.js";
import { Listener } from "./scanner.js";
import { signal } from "./voice.js";

const find = (selector) => document.querySelector(selector);
const form = find("#scan");
const home = find("#value");
const walk = find("#walk");
const token = form.querySelector('input[name="csrf_token"]').value;

const LONGEST = 400; // characters the server takes (station/web/idempotent.py)

const row = () => find("#walk [data-layer]")?.dataset.layer ?? "";

// --- the queue -----------------------------------------------------------------------------------------------------

const queue = new ScanQueue({ owner: form.dataset.owner, resolve, send, onAnswer: show, onChange: (...facts) => readiness.stand(...facts) });

/** Take a code that was scanned, typed, or read by the camera. */
export function entered(value) {
  queue.add({ operation: "scan", body: { value: value.slice(0, LONGEST), scanned_at: new Date().toISOString() } });
}

// The row a parcel is in is known only once the cards scanned before it are answered.
function resolve(item) {
  if ("layer" in item.body) return item; // sent before: it must mean the same
  return { ...item, body: { ...item.body, layer: row() } };
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
  draw(walk, html);
  const { layer, tag } = find("#walk [data-layer]").dataset;
  find("#row").textContent = tag || "–";
  find("#layer").value = layer;
  const here = new URL(location.href);
  if (layer) here.searchParams.set("row", layer);
  history.replaceState(null, "", here);
}

/** Show a refusal that came without its piece of page. */
function refuse(text) {
  const said = find("#refused").content.cloneNode(true);
  said.querySelector("strong").textContent = text;
  find("#walk .said")?.remove();
  find("#walk .served").prepend(said);
}

// --- how it stands -------------------------------------------------------------------------------------------------

const readiness = new Readiness(find("#ready"));

new Listener(home, entered);
form.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  home.value = "";
  home.focus({ preventScroll: true });
});
