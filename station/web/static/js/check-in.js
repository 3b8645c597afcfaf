// The check-in screen. Scans, answers and commands go through one queue in order; the server draws what they led to,
// this puts it in place, sounds, and keeps the page listening.

import { draw, fragment } from "./draw.js";
import { Prompt } from "./prompt.js";
import { ScanQueue } from "./scan-queue.js";
import { BURST_MS, Listener, PATIENCE_MS, SHORTEST } from "./scanner.js";
import { load, sayPrompt, sayTag, signal } from "./voice.js";

const find = (selector) => document.querySelector(selector);
const desk = find("#desk");
const home = find("#code");
const ready = find("#ready");
const result = find("#result");
const token = find('#scan input[name="csrf_token"]').value;

const LONGEST = 400; // characters the server takes (station/web/idempotent.py)
const BREATH_MS = 60; // the list and the numbers follow when the scanner draws breath

// --- the queue -----------------------------------------------------------------------------------------------------

const queue = new ScanQueue({ owner: desk.dataset.owner, resolve, send, onAnswer: show, onChange: stand });

function scanned(value) {
  for (const open of document.querySelectorAll("dialog[open]")) open.close();
  if (/^\d$/.test(value) && prompt.question) prompt.press(value);
  else queue.add({ operation: "scan", body: { value: value.slice(0, LONGEST), scanned_at: new Date().toISOString() } });
}

function ask(operation, body = {}) {
  queue.add({ operation, body });
}

// A command card means something only once the scans before it are answered: so it is read in its turn.
const COMMANDS = {
  UNDO: () => ({ operation: "undo", body: {} }),
  DAMAGED: () => ({ operation: "damaged", body: {} }),
  "SET-ASIDE": () => answered("0"),
  PRINT: () => run("print"),
  CLEAR: () => run("clear"),
  DONE: () => run("clear"),
  "CHECK-IN": () => find('.rail [data-key="F2"]')?.click(),
  "HAND-OVER": () => find('.rail [data-key="F3"]')?.click(),
};

function resolve(item) {
  const [, name] = (item.operation === "scan" && /^CMD:(.+)$/.exec(item.body.value.trim().toUpperCase())) || [];
  const act = /^\d$/.test(name) ? () => answered(name) : COMMANDS[name];
  if (!act) return item;
  const turned = act();
  return turned ? { ...item, ...turned } : null;
}

function answered(digit) {
  const body = prompt.chosen(digit);
  return body && { operation: "answer", body };
}

function send({ operation, body, key }, abort) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": key, "X-CSRFToken": token };
  return fetch(desk.dataset[operation], { method: "POST", headers, body: JSON.stringify(body), signal: abort });
}

// --- what came back ------------------------------------------------------------------------------------------------

let newest = find("[data-parcel]")?.dataset.parcel ?? null; // the parcel shown last, for its sticker
let breath = 0;

function show(_item, said) {
  if (!said) return;
  if (said.html) draw(result, said.html);
  else refuse(said.detail);
  for (const part of ["tag", "used"]) if (said.row) find(`#row-${part}`).textContent = said.row[part];
  newest = said.parcel?.id ?? newest;
  signal(said.sound ?? "bad");
  if (voiced) speak(said);
  settle();
  clearTimeout(breath);
  breath = setTimeout(refresh, BREATH_MS);
}

/** Show a refusal that came without its piece of page. */
function refuse(text) {
  result.replaceChildren(find("#refused").content.cloneNode(true));
  find("#result .head span").textContent = text ?? "";
}

const PROMPTS = { aside: "set_aside", undone: "undone", damaged: "damaged" };
const ASKED = { no_phone: "no_phone", unknown_carrier: "unknown_carrier", shelf_full: "shelf_full", consent: "consent_missing" };

function speak(said) {
  if (said.kind === "stored") sayTag({ ...said.parcel.row, number: said.parcel.number });
  else if (said.kind === "question") sayPrompt(ASKED[prompt.question?.dataset.asks]);
  else if (PROMPTS[said.kind]) sayPrompt(PROMPTS[said.kind]);
}

async function refresh() {
  const html = await fragment(desk.dataset.side);
  if (html === null) return;
  const holder = document.createElement("div");
  draw(holder, html);
  find("#numbers").replaceChildren(holder.querySelector("#new-numbers").content);
  find("#side").replaceChildren(holder.querySelector("#new-side").content);
}

// --- how it stands -------------------------------------------------------------------------------------------------

let isAway = !document.hasFocus();
let waiting = 0;
let trouble = "";
let first = null;

function stand(count, facts) {
  waiting = count;
  ({ trouble, first } = facts);
  tell("signed_out", trouble === "signed_out");
  tell("failed", trouble === "failed", first?.body.value ?? first?.body.waybill);
  tell("unsafe", !facts.isSafe);
  tell("others", facts.others > 0, facts.others);
  listening();
}

function tell(name, isSo, fact = "") {
  const line = find(`[data-trouble="${name}"]`);
  line.hidden = !isSo;
  const place = line.querySelector("b");
  if (place) place.textContent = fact;
}

function listening() {
  const state = isAway ? "away" : trouble ? "stuck" : waiting ? "busy" : "ready";
  const text = ready.dataset[state].replace("{count}", waiting);
  if (ready.textContent !== text) ready.textContent = text;
  ready.dataset.state = state;
}

/** Put the focus where the next key belongs, but never between the keys of a scan. */
function settle() {
  listener.whenQuiet(() => {
    if (!isAway && !find("dialog[open]")) (prompt.field ?? home).focus({ preventScroll: true });
  });
}

window.addEventListener("blur", () => {
  isAway = true;
  listening();
});
window.addEventListener("focus", () => {
  isAway = false;
  listening();
  if (!document.activeElement || document.activeElement === document.body) settle();
});

// --- keys ----------------------------------------------------------------------------------------------------------

const prompt = new Prompt(result, {
  ask: (body) => ask("answer", body),
  scanned,
  people: (typed, carrier) => fragment(desk.dataset.people, { csrf_token: token, typed, carrier }),
});

const listener = new Listener(home, scanned);
find("#scan").addEventListener("submit", (event) => event.preventDefault());

// What was scanned before this page listened stands in the field, and is taken when no key follows it.
const early = home.value;
if (early.trim().length >= SHORTEST) {
  setTimeout(() => {
    if (home.value !== early) return;
    home.value = "";
    scanned(early.trim());
  }, PATIENCE_MS);
}

// A digit that stays alone in the empty field chooses; one that is the first of a burst belongs to a scan.
home.addEventListener("input", () => {
  const digit = home.value;
  if (!/^\d$/.test(digit) || !prompt.question) return;
  setTimeout(() => {
    if (home.value !== digit) return;
    home.value = "";
    prompt.press(digit);
  }, 2 * BURST_MS);
});

let voiced = localStorage.getItem("voice") !== "off";

const ACTIONS = {
  undo: () => ask("undo"),
  "leave-out": () => first && queue.leaveOut(first),
  shelf: () => find("#shelf-dialog").showModal(),
  batch: () => find("#batch-dialog").showModal(),
  print: () => newest && window.open(desk.dataset.sticker.replace(/0$/, newest), "_blank", "noopener"),
  clear: () => {
    find("dialog[open]")?.close();
    home.value = "";
    prompt.reset();
    settle();
  },
  voice: () => {
    voiced = !voiced;
    localStorage.setItem("voice", voiced ? "on" : "off");
    showVoice();
  },
};
const KEYS = { F4: "shelf", F7: "print", F8: "undo", F10: "voice", Escape: "clear" };

function run(name) {
  ACTIONS[name]();
}

function showVoice() {
  find('[data-do="voice"]').setAttribute("aria-pressed", String(voiced));
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || !KEYS[event.key]) return;
  event.preventDefault();
  run(KEYS[event.key]);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.do) run(button.dataset.do);
  else if (button?.dataset.undo) ask("undo", { parcel: button.dataset.undo });
  else if (button?.value.startsWith("SHELF:")) scanned(button.value);
});

result.addEventListener("change", (event) => {
  if ("submits" in event.target.dataset) event.target.form.requestSubmit();
});

showVoice();
load(desk.dataset.voice, desk.dataset.clips);
settle();
