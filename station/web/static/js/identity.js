// The identity card: a new code every half minute, the next ten minutes' codes kept for when the network is gone.

import { keepPage } from "./keep-page.js";

const STEP_MS = 30000; // identity_codes.STEP
const TICK_MS = 500;
const KEPT = "me"; // me-worker.js keeps the page in the same place, and empties it at sign-out
const PARTS = "me-parts"; // and there what the page is drawn with

const card = document.getElementById("identity");
const shown = {
  qr: document.getElementById("identity-qr"),
  digits: document.getElementById("identity-digits"),
  bar: document.getElementById("identity-bar"),
  next: document.getElementById("identity-next"),
  over: document.getElementById("identity-over"),
  offline: document.getElementById("identity-offline"),
};
const screens = new Map(); // by step
let ahead = 0; // how far the server's clock is ahead of this phone's, in ms
let owner = "";
let current = Number(card.dataset.step);
let isLoading = false;
let isOffline = false;
let asked = 0; // the step in which codes were asked for

const now = () => Date.now() + ahead;
const stepNow = () => Math.floor(now() / STEP_MS);

function take(answer, receivedAt) {
  const isAnother = owner !== "" && owner !== answer.owner;
  owner = answer.owner;
  if (isAnother) {
    screens.clear();
    asked = 0; // what was asked for continued the other's codes
    return;
  }
  ahead = answer.now - receivedAt;
  for (const screen of answer.screens) screens.set(screen.step, screen);
  for (const step of screens.keys()) if (step < stepNow()) screens.delete(step);
}

async function load() {
  if (isLoading) return;
  isLoading = true;
  try {
    const answer = await fetch(`${card.dataset.source}?after=${Math.max(0, ...screens.keys())}`, {
      headers: { Accept: "application/json" },
      cache: "no-store",
    });
    if (answer.status === 401 || answer.status === 404) {
      await globalThis.caches?.delete(KEPT);
      location.reload(); // signed out elsewhere: the page says so
    } else if (answer.ok) {
      take(await answer.json(), Date.now());
      await keep();
    }
    isOffline = !answer.ok;
  } catch {
    isOffline = true;
  } finally {
    isLoading = false;
    draw();
  }
}

// Browsers have a cache of this kind only where the page came safely: by https, or from the phone itself.
async function keep() {
  const cache = await globalThis.caches?.open(KEPT);
  const body = { owner, now: now(), at: Date.now(), screens: [...screens.values()] };
  await cache?.put(card.dataset.source, new Response(JSON.stringify(body)));
}

async function recall() {
  const answer = await globalThis.caches?.match(card.dataset.source);
  if (!answer) return;
  const body = await answer.json();
  take(body, body.at);
}

function draw() {
  const step = stepNow();
  const screen = screens.get(step);
  if (screen && step !== current) {
    shown.qr.setAttribute("d", screen.path);
    shown.digits.textContent = `${screen.digits.slice(0, 3)} ${screen.digits.slice(3)}`;
    current = step;
  }
  const isOver = current < step;
  const left = Math.ceil(((step + 1) * STEP_MS - now()) / 1000);
  shown.bar.setAttribute("width", left);
  shown.next.textContent = card.dataset.next.replace("{s}", left);
  shown.over.hidden = !(isOver && isOffline);
  for (const part of card.querySelectorAll("[data-fresh]")) part.hidden = isOver;
  showOffline(isOver);
}

function showOffline(isOver) {
  const until = new Date((Math.max(0, ...screens.keys()) + 1) * STEP_MS - ahead);
  const time = until.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const text = isOffline && !isOver ? card.dataset.offline.replace("{t}", time) : "";
  if (shown.offline.textContent !== text) shown.offline.textContent = text;
}

function tick() {
  draw();
  if (document.hidden || asked === stepNow()) return;
  asked = stepNow();
  load();
}

// The screen stays on while the card is looked at.
async function stayAwake() {
  if (document.hidden) return;
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // Low battery, or the browser does not want to: the code is shown all the same.
  }
}

async function start() {
  await recall();
  tick();
  setInterval(tick, TICK_MS);
  window.addEventListener("online", load);
  document.addEventListener("visibilitychange", () => {
    tick();
    stayAwake();
  });
  stayAwake();
  const kept = { page: KEPT, address: location.href, parts: PARTS };
  await keepPage({ worker: card.dataset.worker, ...kept }).catch(() => null); // without workers, or without network
}

start();
