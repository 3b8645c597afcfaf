// The courier's pages without network: keeps the drop page and what it is drawn with, and sends what waits when the line
// is back, even when the page is closed. Served as /courier/drop-worker.js (drops/courier_views.py), so that it stands
// above the courier's pages only; what it needs is asked for from there.

import { FAILED, NO_LINE, flush } from "../static/js/drop-send.js";

const KEPT = "drop"; // the page, which names the courier
const PARTS = "drop-parts"; // what everybody gets
const HOME = new URL("./", self.location);
const PAGE = new URL("drop", HOME);
const ANY = { ignoreVary: true }; // what was kept by the page and what is asked for differ in headers only
const ENDS = /\/(sign-out(-everywhere)?|erase)$/; // what ends a session: the page goes, what waits to be sent stays

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("sync", (event) => event.waitUntil(sendAll()));

/** Send what waits; a failure makes the browser wake us again. */
async function sendAll() {
  const trouble = await flush("sync");
  if (trouble === NO_LINE || trouble === FAILED) throw new Error(trouble);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== HOME.origin) return;
  if (request.method === "POST" && ENDS.test(url.pathname)) event.waitUntil(caches.delete(KEPT));
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(request, url));
  else if (url.pathname.includes("/static/")) event.respondWith(part(request));
});

async function page(request, url) {
  let answer;
  try {
    answer = await fetch(request);
  } catch {
    return (await caches.match(PAGE, ANY)) ?? Response.error();
  }
  if (url.pathname !== PAGE.pathname) return answer;
  if (answer.ok) await keep(KEPT, PAGE, answer);
  else if (answer.type === "opaqueredirect") await caches.delete(KEPT); // signed out: to the sign-in
  return answer;
}

async function part(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) await keep(PARTS, request, answer);
    return answer;
  } catch {
    return (await caches.match(request, ANY)) ?? Response.error();
  }
}

/** Keep an answer, and no older one of the same file. */
async function keep(name, request, answer) {
  const cache = await caches.open(name);
  await cache.put(request, answer.clone());
  const kept = await cache.keys(request, { ...ANY, ignoreSearch: true });
  const older = kept.filter(({ url }) => url !== (request.url ?? String(request)));
  await Promise.all(older.map((one) => cache.delete(one, ANY)));
}
