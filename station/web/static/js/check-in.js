// The check-in screen. Scans go through the queue in order; htmx is not needed: the server draws, this puts it in place.

import { ScanQueue } from "./scan-queue.js";
import { sorted, watch } from "./scanner.js";
import { load, sayPrompt, sayTag, signal } from "./voice.js";

const desk = document.getElementById("desk");
const field = document.getElementById("code");
const ready = document.getElementById("ready");
const result = document.getElementById("result");
const side = document.getElementById("side");
const numbers = document.getElementById("numbers");
const token = document.querySelector('#scan input[name="csrf_token"]').value;
const shelfDialog = document.getElementById("shelf-dialog");
const batchDialog = document.getElementById("batch-dialog");
const VOICE = "voice";
const PROMPTS = { aside: "set_aside", undone: "undone", damaged: "damaged" };
const ASKED = { no_phone: "no_phone", unknown_carrier: "unknown_carrier", shelf_full: "shelf_full", consent: "consent_missing" };

let waiting = 0;
let newest = null; // id of the parcel shown last, for the sticker
let voiced = localStorage.getItem(VOICE) !== "off";

// --- the queue -----------------------------------------------------------------------------------------------------

const ADDRESSES = { scan: desk.dataset.scan, answer: desk.dataset.answer, undo: desk.dataset.undo, damaged: desk.dataset.damaged };

function post(address, key, body, abort) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": key, "X-CSRFToken": token };
  return fetch(address, { method: "POST", headers, body: JSON.stringify(body), signal: abort });
}

// A command card means something only once the scans before it are answered: so it is read here, in its turn.
const COMMANDS = {
  UNDO: () => ["undo", {}],
  DAMAGED: () => ["damaged", {}],
  "SET-ASIDE": () => chosen("0"),
  PRINT: () => run("print"),
  CLEAR: () => run("clear"),
  DONE: () => run("clear"),
  "CHECK-IN": () => go("F2"),
  "HAND-OVER": () => go("F3"),
};

function command(value) {
  const [, name] = /^CMD:(.+)$/i.exec(value.trim()) ?? [];
  if (!name) return null;
  const act = COMMANDS[name.toUpperCase()] ?? (/^\d$/.test(name) ? () => chosen(name) : null);
  return act ? (act() ?? "nothing") : null;
}

async function send({ operation, body, key }, abort) {
  const turned = operation === "scan" ? command(body.value) : null;
  if (turned === "nothing") return null;
  if (turned) return post(ADDRESSES[turned[0]], key, turned[1], abort);
  return post(ADDRESSES[operation], key, body, abort);
}

const queue = new ScanQueue({ owner: desk.dataset.owner, send, onAnswer: show, onChange: count });

function scanned(value) {
  queue.add({ operation: "scan", body: { value: value.slice(0, 400), scanned_at: new Date().toISOString() } });
}

function ask(operation, body = {}) {
  queue.add({ operation, body });
}

// --- what came back ------------------------------------------------------------------------------------------------

let stale = 0;

async function show(_item, said) {
  if (!said) return;
  if (!said.html) return refuse(said);
  result.innerHTML = said.html;
  if (said.row) document.getElementById("row").innerHTML = said.row;
  newest = said.parcel?.id ?? newest;
  signal(said.sound);
  if (voiced) speak(said);
  settle();
  clearTimeout(stale);
  stale = setTimeout(refresh, 60); // the list follows when the scanner draws breath
}

function refuse(said) {
  signal("bad");
  const place = document.createElement("section");
  place.className = "card result refused";
  place.innerHTML = '<div class="head"><span></span></div>';
  place.querySelector("span").textContent = said.detail ?? said.title ?? "";
  result.replaceChildren(place);
}

function speak(said) {
  if (said.kind === "stored") sayTag({ ...said.parcel.row, number: said.parcel.number });
  else if (said.kind === "question") sayPrompt(ASKED[result.querySelector("[data-asks]")?.dataset.asks]);
  else if (PROMPTS[said.kind]) sayPrompt(PROMPTS[said.kind]);
}

async function refresh() {
  try {
    const answer = await fetch(desk.dataset.side, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const holder = document.createElement("div");
    holder.innerHTML = await answer.text();
    numbers.replaceChildren(holder.querySelector("#new-numbers").content);
    side.replaceChildren(holder.querySelector("#new-side").content);
  } catch {
    // the numbers stay as they were until the line is back
  }
}

function count(left) {
  waiting = left;
  listening();
}

// --- listening -----------------------------------------------------------------------------------------------------

watch(field, scanned);
document.getElementById("scan").addEventListener("submit", (event) => event.preventDefault());

function listening() {
  const here = document.hasFocus();
  const words = waiting ? ready.dataset.waiting.replace("{count}", waiting) : ready.dataset.ready;
  const text = here ? words : ready.dataset.away;
  if (ready.textContent !== text) ready.textContent = text;
  ready.dataset.state = here ? (waiting ? "busy" : "ready") : "away";
}

window.addEventListener("blur", listening);
window.addEventListener("focus", () => {
  listening();
  settle();
});

function settle() {
  const typed = document.getElementById("typed");
  if (document.querySelector("dialog[open]") || !document.hasFocus()) return;
  (typed ?? field).focus({ preventScroll: true });
}

const isText = (node) => node.closest?.("input:not([type=checkbox]), textarea, select");
const typedOutside = sorted(chosen, (text) => {
  field.value += text;
  field.focus({ preventScroll: true });
  field.dispatchEvent(new InputEvent("input"));
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (KEYS[event.key]) {
    event.preventDefault();
    run(KEYS[event.key]);
    return;
  }
  if (document.querySelector("dialog[open]") || event.key.length !== 1) return;
  if (isText(event.target) && event.target !== field) return;
  const isChoice = /\d/.test(event.key) && field.value === "" && result.querySelector("[data-digit]");
  if (event.target === field && !isChoice) return;
  if (event.key === " " && event.target.closest("button, a")) return;
  event.preventDefault();
  typedOutside(event);
});

// --- answers -------------------------------------------------------------------------------------------------------

function chosen(digit) {
  result.querySelector(`[data-digit="${digit}"]`)?.click();
}

result.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.value?.startsWith("SHELF:")) return scanned(button.value);
  if (!button.dataset.answer) return;
  const question = button.closest("[data-waybill]");
  const how = document.getElementById("how")?.value;
  const answer = JSON.parse(button.dataset.answer);
  ask("answer", { waybill: question.dataset.waybill, ...answer, ...(answer.choice ? { how } : {}) });
});

let asked = 0;

// In the prompt a person types digits and a scanner may fire at any moment: a burst of letters and digits is a scan.
let burst = 0;
let before = 0;
result.addEventListener("input", (event) => {
  if (event.target.id !== "typed") return;
  burst = event.timeStamp - before < 35 ? burst + 1 : 0;
  before = event.timeStamp;
  clearTimeout(asked);
  asked = setTimeout(() => (burst >= 5 ? fired(event.target) : people(event.target)), 130);
});

function fired(typed) {
  const value = typed.value.trim();
  typed.value = "";
  burst = 0;
  if (value) scanned(value);
}

async function people(typed) {
  const list = document.getElementById("people");
  const digits = typed.value.trim();
  const isWhole = /^[+\d][\d\s,，转#-]{6,}$/.test(digits);
  document.getElementById("new-person").hidden = !isWhole;
  if (digits.length < 4) return list.replaceChildren();
  const carrier = typed.closest("[data-carrier]").dataset.carrier;
  const answer = await fetch(`${desk.dataset.people}?${new URLSearchParams({ typed: digits, carrier })}`);
  if (answer.ok && !answer.redirected && typed.isConnected && typed.value.trim() === digits) list.innerHTML = await answer.text();
}

result.addEventListener("keydown", (event) => {
  if (event.target.id !== "typed" || event.isComposing) return;
  const fast = burst >= 5;
  if (event.key === "Enter" || (event.key === "Tab" && fast)) {
    event.preventDefault();
    clearTimeout(asked);
    if (fast) return fired(event.target);
    const form = document.getElementById("new-person");
    if (!form.hidden) document.getElementById("new-name").focus();
    else result.querySelector("#people [data-best]")?.click();
    return;
  }
  // Four digits are in and people are shown: one more slow digit chooses.
  const list = document.getElementById("people");
  if (/^\d$/.test(event.key) && event.target.value.trim().length === 4 && list.querySelector(".opt")) {
    const digit = event.key;
    const was = event.target.value;
    setTimeout(() => {
      if (event.target.isConnected && event.target.value === was + digit && burst < 5 && mayChoose(event.target)) chosen(digit);
    }, 700);
  }
});

function mayChoose(typed) {
  return performance.now() - before >= 600 && typed.value.length === 5;
}

result.addEventListener("submit", (event) => {
  if (event.target.id !== "new-person") return;
  event.preventDefault();
  const question = event.target.closest("[data-waybill]");
  const phone = document.getElementById("typed").value.trim();
  const name = document.getElementById("new-name").value.trim();
  ask("answer", { waybill: question.dataset.waybill, phone, ...(name ? { name } : {}) });
});

result.addEventListener("change", (event) => {
  if ("submits" in event.target.dataset) event.target.form.requestSubmit();
});

// --- keys and buttons ----------------------------------------------------------------------------------------------

const KEYS = { F4: "shelf", F7: "print", F8: "undo", F10: "voice", Escape: "clear" };

const ACTIONS = {
  undo: () => ask("undo"),
  shelf: () => shelfDialog.showModal(),
  batch: () => batchDialog.showModal(),
  print: () => newest && window.open(desk.dataset.sticker.replace(/0$/, newest), "_blank", "noopener"),
  clear: () => {
    document.querySelector("dialog[open]")?.close();
    field.value = "";
    settle();
  },
  voice: () => {
    voiced = !voiced;
    localStorage.setItem(VOICE, voiced ? "on" : "off");
    showVoice();
  },
};

function run(name) {
  ACTIONS[name]();
}

function go(key) {
  document.querySelector(`.rail [data-key="${key}"]`)?.click();
}

function showVoice() {
  document.querySelector('[data-do="voice"]').setAttribute("aria-pressed", String(voiced));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.do) run(button.dataset.do);
  else if (button.dataset.undo) ask("undo", { parcel: button.dataset.undo });
  else if (button.closest("#shelf-dialog") && button.value) {
    shelfDialog.close();
    scanned(button.value);
  }
});

newest = result.querySelector("[data-parcel]")?.dataset.parcel ?? null;
showVoice();
load(desk.dataset.voice, desk.dataset.clips);
listening();
settle();
