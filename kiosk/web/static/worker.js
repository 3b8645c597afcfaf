// Answers for the program while it is away: a page of ours that tries again, never the browser's error page.

const CACHE = "away";
const PAGE = "/static/away.html";
const STYLE = "/static/away.css";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([PAGE, STYLE])).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const instead = request.mode === "navigate" ? PAGE : new URL(request.url).pathname === STYLE ? STYLE : null;
  if (instead) event.respondWith(fetch(request).catch(() => caches.match(instead)));
});
