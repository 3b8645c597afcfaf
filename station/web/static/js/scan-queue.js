// A first-in-first-out queue of scans that survives a reload, a power cut and a dead line. A scan is stored before the
// field it came from is cleared; one is sent at a time, by one tab, and it stays stored until the server answered.

const DATABASE = "scans";
const STORE = "queue";
const RETRY_MS = 3000;
const TIMEOUT_MS = 30000;
const KEEP = new Set([401, 408, 425, 429]); // the scan is not at fault: it waits; any other 4xx is an answer

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** A queue of one person's scans on this machine.
 *  owner: whose scans these are; another person's stay where they are until that person signs in again.
 *  send(item): returns the fetch Response, or null for an item that needs no request.
 *  onAnswer(item, response): shows it. onChange(waiting): the number of scans not answered yet. */
export class ScanQueue {
  constructor({ owner, send, onAnswer, onChange }) {
    Object.assign(this, { owner, send, onAnswer, onChange });
    this.ready = opened();
    this.running = false;
    window.addEventListener("online", () => this.flush());
    setInterval(() => this.flush(), RETRY_MS);
    this.flush();
  }

  /** Store an item {operation, body}; resolves when it is safe. */
  async add(item) {
    const stored = { ...item, owner: this.owner, key: crypto.randomUUID() };
    const database = await this.ready;
    const write = database.transaction(STORE, "readwrite", { durability: "strict" });
    await done(write.objectStore(STORE).add(stored));
    this.flush();
  }

  async #store(mode) {
    const database = await this.ready;
    return database.transaction(STORE, mode).objectStore(STORE);
  }

  async #mine() {
    const store = await this.#store("readonly");
    const [keys, items] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
    return keys.map((id, at) => ({ id, item: items[at] })).filter(({ item }) => item.owner === this.owner);
  }

  async flush() {
    if (this.running) return;
    this.running = true;
    try {
      await navigator.locks.request("scans", () => this.#drain());
    } finally {
      this.running = false;
    }
  }

  async #drain() {
    for (;;) {
      const waiting = await this.#mine();
      this.onChange(waiting.length);
      if (waiting.length === 0 || !(await this.#answered(waiting[0]))) return;
    }
  }

  async #answered({ id, item }) {
    let response;
    try {
      response = await this.send(item, AbortSignal.timeout(TIMEOUT_MS));
    } catch {
      return false; // no answer: the same key is sent again later
    }
    if (response && (response.status >= 500 || KEEP.has(response.status) || response.redirected)) return false;
    const said = response ? await response.json() : null;
    const store = await this.#store("readwrite");
    await done(store.delete(id));
    await this.onAnswer(item, said);
    return true;
  }
}
