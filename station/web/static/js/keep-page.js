// Keeps a page for when there is no network: itself, and what it is drawn with. Its worker keeps what passes through it;
// this adds what was loaded before the worker stood above the page.

const ANY = { ignoreVary: true }; // what is kept and what is asked for differ in headers only

/** Register the worker, and keep what is not kept yet.
 *  page, parts: the names of two caches, the first for the page at `address`, the second for what everybody gets;
 *  others: addresses of parts that are loaded later only. */
export async function keepPage({ worker, type = "classic", page, address, parts, others = [] }) {
  if (!navigator.serviceWorker || !globalThis.caches) return;
  await navigator.serviceWorker.register(worker, { type });
  await navigator.serviceWorker.ready;
  if (document.readyState !== "complete") await new Promise((done) => window.addEventListener("load", done, { once: true }));
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const drawnWith = loaded.filter((name) => new URL(name).pathname.includes("/static/"));
  await Promise.all([add(page, [address]), add(parts, [...drawnWith, ...others])]);
}

async function add(name, addresses) {
  const cache = await caches.open(name);
  const wanted = [...new Set(addresses.map((one) => new URL(one, location.href).href))];
  const kept = await Promise.all(wanted.map((one) => cache.match(one, ANY)));
  await cache.addAll(wanted.filter((_, place) => !kept[place]));
}
