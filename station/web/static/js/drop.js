// A courier's drop: the station's code, then parcels, by camera or by a PDA's scanner, then the end with its receipt.
// What was scanned is kept on the phone before anything else happens with it; drop-send.js sends it.

import { CodeCamera } from "./code-camera.js";
import { flush, listen } from "./drop-send.js";
import { DropSound, remember, remembered } from "./drop-sound.js";
import { REFUSED, SAVED, SENT, openDrops } from "./drop-store.js";
import { DropView } from "./drop-view.js";
import { keepPage } from "./keep-page.js";
import { leftNotes, note, unnote } from "./scan-store.js";
import { Listener } from "./scanner.js";

const EVERY_MS = 15000; // UI.md 7
const STATION = "STATION:"; // what the station's code begins with (drops/presence.py)
const AGAIN_MS = 5000; // before the camera tries a code again that could not be kept: time to read why
const LONGEST = 1000; // characters of a code the server takes
const WAYBILL = /^[A-Z0-9-]{8,32}$/i; // what a camera may take for one (carriers/detection.py); other bars are on labels too

const find = (selector) => document.querySelector(selector);
const root = find("#drop");
const { owner } = root.dataset;
const camera = new CodeCamera(find("#camera"), { onCode: seen, isTaken });
const sound = new DropSound(find("#drop-voice"), root.dataset);
const view = new DropView(root, { again, choose });

const records = new Map(); // everything of this courier on this phone, by its number
let taken = new Set(); // codes scanned for the drop that is open
let store = null;
let trouble = "";
let others = 0;
let newest = 0; // the scan whose answer is shown large
const coming = new Set(); // codes on their way into the store

// --- how it stands -------------------------------------------------------------------------------------------------

const inOrder = () => [...records.values()].sort((one, other) => one.id - other.id);

/** The drop that was begun: not refused, not over, and not finished since. */
function begunDrop(all) {
  const open = all.findLast(({ kind, state }) => kind === "open" && state !== REFUSED);
  if (!open || open.ended) return null;
  const isEnding = all.some(({ id, kind, state }) => kind === "finish" && id > open.id && state !== REFUSED);
  return isEnding ? null : open;
}

/** The drop that takes scans: begun, and its time is not over. */
function openDrop(all) {
  const begun = begunDrop(all);
  return begun && !(Date.parse(begun.answer?.closes_at) < Date.now()) ? begun : null;
}

/** The scans of the newest visit, and older ones that are not done with: nothing that failed is hidden. */
function shownScans(all) {
  const begun = all.findLast(({ kind, state }) => kind === "open" && state !== REFUSED)?.id ?? 0;
  const isOpen = going(all);
  const isShown = (scan) => scan.id > begun || scan.state !== SENT || (waits(scan) && isOpen(scan));
  return all.filter((record) => record.kind === "scan" && isShown(record));
}

function waits({ answer }) {
  return answer?.outcome === "consent";
}

/** Return what tells whether a scan's drop still takes the courier's choices. */
function going(all) {
  const over = new Set(all.filter(({ kind, ended }) => kind === "open" && ended).map(({ answer }) => answer?.drop_id));
  return ({ drop }) => !over.has(drop);
}

/** What stopped for the recipient's word, newest first, with what the courier chose on the phone. */
function stopped(all, scans) {
  const asked = new Map(all.filter(({ kind }) => kind === "consent").map((record) => [record.body.key, record]));
  const isOpen = going(all);
  const open = scans.filter((scan) => isOpen(scan) && (waits(scan) || scan.answer?.outcome === "call"));
  return open.map((scan) => ({ ...scan, asked: unsettled(asked.get(scan.key)) })).reverse();
}

function unsettled(choice) {
  return choice && choice.state !== SENT ? { state: choice.state, detail: choice.detail ?? "" } : null;
}

function draw() {
  const all = inOrder();
  const scans = shownScans(all);
  taken = new Set(scans.map(({ body }) => body.raw));
  const waiting = all.filter(({ state }) => state === SAVED).length;
  const receipts = all.filter(({ kind }) => kind === "finish");
  const stops = stopped(all, scans);
  const begun = all.findLast(({ kind }) => kind === "open");
  const refusal = begun?.state === REFUSED ? begun.detail : ""; // of the station's code, until another is scanned
  const [isOpen, isBegun] = [openDrop(all) !== null, begunDrop(all) !== null];
  view.show({ isOpen, isBegun, refusal, scans, stops, receipts, waiting, others, trouble });
  const last = scans.findLast(({ id }) => id === newest);
  if (last) view.said(last);
}

// --- keeping -------------------------------------------------------------------------------------------------------

/** A random key of 128 bits, also on a page that is not served by https. */
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Keep a record, then send it; return whether it is kept. */
async function keep(kind, body, more = {}) {
  const record = { key: newKey(), owner, kind, state: SAVED, at: Date.now(), body, ...more };
  note(record);
  const isKept = await write(record);
  unnote(record);
  if (!isKept) return false;
  if (kind === "scan") newest = record.id;
  draw();
  flushSoon("submit");
  return true;
}

async function write(record) {
  try {
    record.id = await store.add(record);
  } catch {
    sound.mark("bad");
    view.warn(root.dataset.full.replace("{code}", record.body.raw ?? "")); // no room, or the browser took the store away
    return false;
  }
  records.set(record.id, record);
  return true;
}

/** Take what a page that was torn away had noted but not written. */
async function takeNotes() {
  for (const record of leftNotes(owner)) {
    if (!(await store.byKey(record.key))) record.id = await store.add(record);
    unnote(record);
  }
}

// --- scanning ------------------------------------------------------------------------------------------------------

/** Take a code that was scanned or typed. */
async function entered(text) {
  const raw = text.trim().slice(0, LONGEST);
  const isStation = raw.toUpperCase().startsWith(STATION);
  const isOpen = openDrop(inOrder()) !== null;
  if (isStation && isOpen) return;
  if (!isStation && !isOpen) {
    sound.mark("bad");
    view.warn(root.dataset.first.replace("{code}", raw));
    return;
  }
  const isKept = isStation ? await keep("open", stationBody(raw)) : await keep("scan", scanBody(raw));
  if (isKept) sound.mark("ok");
}

function stationBody(raw) {
  return { presence: raw, scanned_at: new Date().toISOString() };
}

function scanBody(raw) {
  const size = find("#drop-size").value;
  return size ? { raw, size } : { raw };
}

/** Take a code the camera sees: each once, and only what a label or the station's screen carries. */
function seen(text, format) {
  const isStation = text.startsWith(STATION);
  const all = inOrder();
  if (isStation === (openDrop(all) !== null) || isTaken(text)) return;
  if (isStation ? wasTried(all, text) : format !== "code_128" || !WAYBILL.test(text)) return;
  coming.add(text);
  entered(text).finally(() => setTimeout(() => coming.delete(text), AGAIN_MS));
}

function isTaken(text) {
  return taken.has(text) || coming.has(text);
}

/** The code that began a drop, or was refused, begins no other while the camera still sees it. */
function wasTried(all, text) {
  return all.some(({ kind, body }) => kind === "open" && body.presence === text);
}

function choose(scan, choice, how) {
  const body = how ? { key: scan.key, choice, how } : { key: scan.key, choice };
  keep("consent", body, { drop: scan.drop });
}

async function again(record) {
  const changed = { ...record, state: SAVED, detail: "" };
  await store.put([changed]);
  records.set(record.id, changed);
  draw();
  flushSoon("submit");
}

function finish(event) {
  event.preventDefault();
  const all = inOrder();
  const field = find("#drop-told");
  const hint = find("#drop-end-refused");
  hint.textContent = "";
  if (stopped(all, shownScans(all)).some((scan) => waits(scan) && scan.asked?.state !== SAVED)) {
    hint.textContent = root.dataset.choose;
    return;
  }
  keep("finish", { count: Number(field.value) }).then((isKept) => {
    if (isKept) field.value = "";
  });
}

// --- sending -------------------------------------------------------------------------------------------------------

let isFlushing = false;
let wanted = "";

/** Send what waits; what is added meanwhile is sent after it. */
async function flushSoon(sender) {
  wanted = sender;
  if (isFlushing) return;
  isFlushing = true;
  if (!navigator.onLine) wakeLater();
  while (wanted) {
    const now = wanted;
    wanted = "";
    await flush(now).catch(() => "");
  }
  isFlushing = false;
  if (inOrder().some(({ state }) => state === SAVED)) wakeLater();
}

/** Ask the browser to send even when the page is closed, where it can. */
async function wakeLater() {
  const registration = await navigator.serviceWorker?.getRegistration();
  await registration?.sync?.register("drops").catch(() => null); // not allowed: the page sends by itself
}

function hear({ records: changed, trouble: now }) {
  trouble = now;
  const before = new Map(changed.map(({ id }) => [id, records.get(id)]));
  for (const record of changed) if (record.owner === owner) records.set(record.id, record);
  const answers = changed.filter(({ id, kind, answer }) => kind === "scan" && answer && before.get(id)?.answer?.outcome !== answer.outcome);
  if (answers.length) sound.tell(answers.map(({ answer }) => answer));
  draw();
}

// --- starting ------------------------------------------------------------------------------------------------------

async function workWithoutNetwork() {
  navigator.storage?.persist?.();
  const { worker, voice, clips } = root.dataset;
  const others = [find("#camera").dataset.wasm, voice, clips];
  await keepPage({ worker, type: "module", page: "drop", address: location.pathname, parts: "drop-parts", others });
}

function turnCamera(isOn) {
  remember("drop-camera", isOn ? "on" : "off");
  find("#camera").hidden = !isOn;
  find("#drop-camera").setAttribute("aria-pressed", String(isOn));
  if (isOn) camera.start();
  else camera.stop();
}

async function open() {
  try {
    store = await openDrops();
    await store.setFact("page", { owner, token: root.dataset.token, drops: new URL(root.dataset.drops, location.href).href });
    await takeNotes();
    await store.forgetOld(Date.now());
  } catch {
    if (!store) return false;
  }
  for (const record of await store.all(owner)) records.set(record.id, record);
  others = await store.others(owner);
  return true;
}

async function start() {
  if (!(await open())) {
    find("#drop-unkept").hidden = false; // a scan that is not kept is no scan: none is taken
    return;
  }
  listen(hear);
  draw();
  new Listener(find("#code"), entered);
  find("#drop-scan").addEventListener("submit", (event) => event.preventDefault());
  find("#drop-finish").addEventListener("submit", finish);
  find("#drop-camera").addEventListener("click", () => turnCamera(find("#camera").hidden));
  turnCamera(remembered("drop-camera") !== "off");
  window.addEventListener("online", () => flushSoon("online"));
  setInterval(() => flushSoon("timer"), EVERY_MS);
  flushSoon("load");
  await workWithoutNetwork().catch(() => null); // a browser without workers of this kind: the page itself goes on
}

start();
