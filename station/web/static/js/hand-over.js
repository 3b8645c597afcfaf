// The hand-over desk. Entries go through the queue in order, so that a scan made while a search runs belongs to whom
// the search finds. The server draws the desk; this puts it in place, sounds, and keeps the box listening.

import { ScanQueue } from "./scan-queue.js";
import { watch } from "./scanner.js";
import { signal } from "./voice.js";

const form = document.getElementById("scan");
const field = document.getElementById("value");
const ready = document.getElementById("ready");
const desk = document.getElementById("desk");
const token = form.querySelector('input[name="csrf_token"]').value;
const here = new URL(form.action);

let waiting = 0;

// --- the queue -----------------------------------------------------------------------------------------------------

const COMMANDS = {
  UNDO: undoLast,
  CLEAR: next,
  DONE: next,
  "CHECK-IN": () => document.querySelector('.rail [data-key="F2"]')?.click(),
};

function command(value) {
  const [, name] = /^CMD:(.+)$/i.exec(value) ?? [];
  if (!name) return null;
  return COMMANDS[name.toUpperCase()] ?? (/^\d$/.test(name) ? () => choose(name) : null);
}

async function send({ body, key }, abort) {
  const act = command(body.value) ?? (/^[1-9]$/.test(body.value) && desk.querySelector("[data-digit]") ? () => choose(body.value) : null);
  if (act) {
    await act();
    return null;
  }
  const person = desk.querySelector("[data-person]")?.dataset.person;
  const headers = { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": key, "X-CSRFToken": token };
  const said = JSON.stringify(person ? { ...body, person } : body);
  return fetch(form.dataset.scan, { method: "POST", headers, body: said, signal: abort });
}

function answered(_item, said) {
  if (!said) return;
  if (said.html) put(said.html);
  else refuse(said.detail ?? said.title ?? "");
  signal(said.sound ?? "bad");
}

const queue = new ScanQueue({ owner: form.dataset.owner, send, onAnswer: answered, onChange: count });

watch(field, (value) => {
  const proxy = document.getElementById("proxy_name")?.value.trim();
  const body = { value: value.slice(0, 400), scanned_at: new Date().toISOString() };
  queue.add({ operation: "entry", body: proxy ? { ...body, proxy_name: proxy.slice(0, 160) } : body });
});
form.addEventListener("submit", (event) => event.preventDefault());

function count(left) {
  waiting = left;
  listening();
}

// --- the desk ------------------------------------------------------------------------------------------------------

function put(html) {
  const proxy = document.getElementById("proxy_name")?.value ?? "";
  const before = desk.querySelector("[data-person]")?.dataset.person;
  desk.innerHTML = html;
  window.htmx?.process(desk);
  drawn(before, proxy);
}

/** Make a desk that was just drawn ready: the same person's proxy stays, the address names who is served. */
function drawn(before, proxy) {
  const person = desk.querySelector("[data-person]")?.dataset.person;
  const typed = document.getElementById("proxy_name");
  if (typed && person === before && proxy) typed.value = proxy;
  const all = document.getElementById("select-all");
  if (all) all.hidden = false;
  const address = new URL(here);
  if (person) address.searchParams.set("person", person);
  history.replaceState(null, "", address);
  settle();
}

function refuse(text) {
  const place = document.createElement("div");
  place.className = "said bad";
  place.setAttribute("role", "alert");
  place.append(Object.assign(document.createElement("p"), { textContent: text }));
  desk.querySelector(".served .said")?.remove();
  desk.querySelector(".served").prepend(place);
}

async function next() {
  const answer = await fetch(here, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
  if (answer.ok && !answer.redirected) put(await answer.text());
}

function choose(digit) {
  desk.querySelector(`[data-digit="${digit}"]`)?.click();
}

function undoLast() {
  const last = desk.querySelector(".feed details");
  if (!last) return;
  last.open = true;
  last.querySelector("select").focus();
}

// Forms of the desk are sent by htmx; who was served is remembered from before the swap.
let served = [undefined, ""];
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target !== desk) return;
  served = [desk.querySelector("[data-person]")?.dataset.person, document.getElementById("proxy_name")?.value ?? ""];
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== desk) return;
  drawn(...served);
  const said = desk.querySelector(".said");
  signal(["ok", "warn", "bad"].find((kind) => said?.classList.contains(kind)) ?? "ok");
});

desk.addEventListener("click", (event) => {
  if (!event.target.closest("#select-all")) return;
  for (const box of desk.querySelectorAll(".picks input:not(:disabled)")) box.checked = true;
});

// --- listening -----------------------------------------------------------------------------------------------------

function listening() {
  const state = !document.hasFocus() ? "deaf" : waiting ? (navigator.onLine ? "busy" : "stuck") : "ready";
  if (ready.textContent !== ready.dataset[state]) ready.textContent = ready.dataset[state];
  ready.dataset.state = state;
}

function settle() {
  const inside = desk.contains(document.activeElement) && document.activeElement.matches("input, select");
  if (document.hasFocus() && !inside) field.focus({ preventScroll: true });
}

window.addEventListener("blur", listening);
window.addEventListener("focus", () => {
  listening();
  settle();
});

const isText = (node) => node.closest?.("input:not([type=checkbox]), textarea, select");

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.key === "F8") {
    event.preventDefault();
    undoLast();
  } else if (event.key === "Escape") {
    field.value = "";
    next();
  } else if (event.key.length === 1 && event.key !== "/" && event.key !== " " && !isText(event.target)) {
    event.preventDefault();
    field.value += event.key;
    field.focus({ preventScroll: true });
    field.dispatchEvent(new InputEvent("input"));
  }
});

drawn(undefined, "");
listening();
