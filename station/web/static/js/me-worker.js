// The resident's home page without network: keeps its last answer and what it is drawn with, nothing else.
// Served as /me/worker.js, so that it stands above the resident's pages only (me/identity_views.py).

const KEPT = "me"; // what is personal; js/identity.js keeps the codes there too
const PARTS = "me-parts"; // what everybody gets
const HOME = new URL("./", self.location);
const ANY = { ignoreVary: true }; // what was kept by the page and what is asked for differ in headers only
const ENDS = /\/(sign-out(-everywhere)?|erase)$/; // what ends a session: nothing personal stays

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === "POST" && ENDS.test(url.pathname)) event.waitUntil(caches.delete(KEPT));
  if (request.method !== "GET" || url.origin !== HOME.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, url.pathname === HOME.pathname));
  else if (url.pathname.includes("/static/")) event.respondWith(part(request));
});

async function page(request, isHome) {
  let answer;
  try {
    answer = await fetch(request);
  } catch {
    return (await caches.match(request, ANY)) ?? (await kept());
  }
  if (isHome && answer.ok) await keep(KEPT, request, answer);
  else if (isHome && answer.type === "opaqueredirect") await caches.delete(KEPT); // signed out: to the sign-in
  return answer;
}

// The home page of whichever station was open last; without one the browser's own words.
async function kept() {
  const cache = await caches.open(KEPT);
  const homes = (await cache.keys()).filter((request) => new URL(request.url).pathname === HOME.pathname);
  return homes.length ? cache.match(homes.at(-1), ANY) : Response.error();
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

async function keep(name, request, answer) {
  const cache = await caches.open(name);
  await cache.put(request, answer.clone());
}
