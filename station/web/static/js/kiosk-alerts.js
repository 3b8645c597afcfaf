// What kiosks call staff for, shown on every page until somebody sees to it: polls, sounds, dismisses.

import { load, sayPrompt, signal } from "./voice.js";

const POLL_EVERY_MS = 5000; // somebody stands at a kiosk and waits
const POLL_TIMEOUT_MS = 4000; // an answer that comes after the next question is of no use
const REMIND_EVERY_MS = 30000; // while somebody stands there and nobody has come
const SHOWN = 2; // the page below has to stay in sight; the page of cases lists all
const HEARD = "kiosk-calls-heard"; // calls that this browser has sounded for, so that the next page does not again

const region = document.getElementById("kiosk-calls");
const pattern = document.getElementById("kiosk-call");
const more = document.getElementById("kiosk-more");
let isVoiceLoaded = false;
let soundedAt = -Infinity;

function heard() {
  return JSON.parse(sessionStorage.getItem(HEARD) ?? "{}");
}

async function sound() {
  soundedAt = performance.now();
  signal("warn");
  if (localStorage.getItem("voice") === "off") return;
  if (!isVoiceLoaded) {
    isVoiceLoaded = true;
    await load(region.dataset.voice, region.dataset.clips);
  }
  sayPrompt("look_at_screen");
}

function soundFor(calls) {
  if (navigator.userActivation && !navigator.userActivation.hasBeenActive) return; // nothing sounds yet: voice.js
  const before = heard();
  const isDue = performance.now() - soundedAt >= REMIND_EVERY_MS;
  if (calls.some((call) => (before[call.id] ?? 0) < call.times || (call.is_urgent && isDue))) sound();
  sessionStorage.setItem(HEARD, JSON.stringify(Object.fromEntries(calls.map((call) => [call.id, call.times]))));
}

async function dismiss(call, card) {
  const token = document.querySelector('input[name="csrf_token"]')?.value ?? "";
  const headers = { "Idempotency-Key": crypto.randomUUID(), "X-CSRFToken": token };
  const hadFocus = card.contains(document.activeElement);
  try {
    const answer = await fetch(call.dismiss, { method: "POST", headers });
    if (!answer.ok && answer.status !== 404) return; // it stays, and can be dismissed again
  } catch {
    return;
  }
  card.remove();
  if (hadFocus) (region.querySelector("button") ?? document.getElementById("main")).focus();
}

function makeCard(call) {
  const card = pattern.content.firstElementChild.cloneNode(true);
  card.dataset.id = call.id;
  card.querySelector("button").addEventListener("click", () => dismiss(call, card));
  return card;
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text; // a reader says again what is written again
}

function fill(card, call) {
  write(card.querySelector("[data-title]"), call.title);
  write(card.querySelector("[data-text]"), `${call.at} · ${call.text}`);
  write(card.querySelector("[data-which]"), `: ${call.title}`);
  const link = card.querySelector("a");
  link.hidden = !call.settle;
  if (call.settle) link.href = call.settle;
}

function show(calls) {
  const known = new Map([...region.querySelectorAll("[data-id]")].map((card) => [card.dataset.id, card]));
  const others = calls.filter((call) => !document.querySelector(`[data-listed="${CSS.escape(call.id)}"]`));
  for (const call of others.slice(0, SHOWN)) {
    const card = known.get(call.id) ?? makeCard(call);
    known.delete(call.id);
    fill(card, call);
    if (!card.isConnected) more.before(card);
  }
  for (const card of known.values()) card.remove();
  const left = others.length - SHOWN;
  more.hidden = left <= 0;
  if (left > 0) write(more.querySelector("[data-number]"), String(left));
}

async function poll() {
  try {
    const headers = { Accept: "application/json" };
    const signalled = AbortSignal.timeout(POLL_TIMEOUT_MS);
    const answer = await fetch(region.dataset.calls, { headers, cache: "no-store", signal: signalled });
    if (!answer.ok) return;
    const { calls } = await answer.json();
    show(calls);
    soundFor(calls);
  } catch {
    // The line is cut: the top bar says so, and the next question may get through.
  }
}

poll();
setInterval(poll, POLL_EVERY_MS);
