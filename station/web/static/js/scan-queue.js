// A first-in-first-out queue of scans that survives a reload, a power cut and a dead line. A scan is written down before
// the field it came from is cleared; one is sent at a time, by one tab, and it stays until the server answered.

import { Unkept, leftNotes, note, openStore, unnote } from "./scan-store.js";

const RETRY_MS = 3000;
const TIMEOUT_MS = 30000;
const LATER = new Set([408, 425, 429]); // the scan is not at fault: it waits; any other 4xx is an answer
const SIGNED_OUT = "signed_out";
const NO_LINE = "no_line";
const FAILED = "failed";

/** A random UUID (RFC 9562, version 4), also where crypto.randomUUID is missing: a page that is not served by https. */
function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (Number(digit) ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (Number(digit) / 4)))).toString(16),
  );
}

/** Keep other tabs from sending meanwhile, where the browser can; else the idempotency key keeps scans from doubling. */
function alone(act) {
  return navigator.locks ? navigator.locks.request("scans", act) : act();
}

/** Read a response: {said} is an answer, {trouble} a reason to keep the item and try again. */
async function read(response) {
  if (response.redirected || response.status === 401) return { trouble: SIGNED_OUT };
  if (response.status === 500) return { trouble: FAILED };
  if (response.status > 500 || LATER.has(response.status)) return { trouble: NO_LINE };
  const said = await response.json();
  return said.code === "csrf_failed" ? { trouble: SIGNED_OUT } : { said };
}

/** A queue of one person's scans on this machine.
 *  owner: whose scans these are; another's stay where they are until that person, or that page, is back.
 *  resolve(item): called in the item's turn; returns what to send for it, or null when it is done already.
 *  send(item, abort): returns the fetch Response, or null for an item that needs no request.
 *  onAnswer(item, said): shows the answer; null for an item that needed no request.
 *  onChange(waiting, {trouble, first, isSafe, others}): items not answered yet; why they wait ("", "signed_out",
 *  "no_line", or "failed": the server broke on the first of them); the first; whether they would survive a power cut;
 *  how many belong to another person or page. */
export class ScanQueue {
  constructor({ owner, send, onAnswer, onChange, resolve = (item) => item }) {
    Object.assign(this, { owner, send, onAnswer, onChange, resolve });
    this.store = openStore();
    this.running = false;
    this.wanted = false;
    this.trouble = "";
    this.keeping = 0; // items on their way into the store, which a look into it does not count
    this.told = [0, { trouble: "", first: null, isSafe: true, others: 0 }];
    this.kept = Promise.all(leftNotes(owner).map((item) => this.#keep(item)));
    this.kept.then(() => this.flush());
    window.addEventListener("online", () => this.flush());
    setInterval(() => this.flush(), RETRY_MS);
  }

  /** Take an item {operation, body}. It is written down when this returns, and sent in its turn. */
  add(item) {
    const stored = { ...item, owner: this.owner, key: uuid(), at: Date.now() };
    note(stored);
    this.#tell(this.told[0] + 1, this.told[1]);
    this.keeping += 1;
    this.kept = this.kept.then(() => this.#keep(stored)).finally(() => (this.keeping -= 1));
    this.kept.then(() => this.flush());
  }

  /** Leave out the first item: somebody has seen that the server breaks on it. */
  async leaveOut({ key }) {
    const store = await this.store;
    const found = (await store.all()).find(({ item }) => item.key === key);
    if (found) await store.remove(found.id);
    this.flush();
  }

  async #keep(item) {
    const store = await this.store;
    try {
      await store.add(item);
      if (store.isSafe) unnote(item);
    } catch {
      await this.#fallBack(store); // the disk is full, or the browser took the store away
      await (await this.store).add(item);
    }
  }

  /** Go on in memory, with what can still be read. */
  async #fallBack(store) {
    const before = await store.all().catch(() => []);
    const memory = new Unkept();
    for (const { item } of before) await memory.add(item);
    this.store = Promise.resolve(memory);
  }

  async flush() {
    this.wanted = true;
    if (this.running) return;
    this.running = true;
    try {
      while (this.wanted) {
        this.wanted = false;
        await alone(() => this.#drain());
      }
    } finally {
      this.running = false;
    }
  }

  async #drain() {
    const store = await this.store;
    for (;;) {
      const mine = await this.#mine(store);
      if (mine.length === 0) return;
      this.trouble = await this.#settle(store, mine[0]);
      if (this.trouble) {
        await this.#mine(store);
        return;
      }
    }
  }

  /** Read what is to be sent, and tell how it stands. */
  async #mine(store) {
    const all = await store.all();
    const mine = all.filter(({ item }) => item.owner === this.owner);
    const trouble = mine.length ? this.trouble : "";
    const first = mine[0]?.item ?? null;
    this.#tell(mine.length + this.keeping, { trouble, first, isSafe: store.isSafe, others: all.length - mine.length });
    return mine;
  }

  #tell(waiting, facts) {
    this.told = [waiting, facts];
    this.onChange(waiting, facts);
  }

  /** Send one item and show its answer; return the trouble that made it stay, or "". */
  async #settle(store, { id, item }) {
    const turned = this.resolve(item);
    if (turned && turned !== item) await store.put(id, turned); // sent again, it must mean the same
    const { said, trouble } = await this.#asked(turned);
    if (trouble) return trouble;
    await store.remove(id);
    unnote(item);
    await this.onAnswer(item, said);
    return "";
  }

  async #asked(item) {
    if (!item) return { said: null };
    try {
      const response = await this.send(item, AbortSignal.timeout(TIMEOUT_MS));
      return response ? await read(response) : { said: null };
    } catch {
      return { trouble: NO_LINE }; // no answer: the same key is sent again later
    }
  }
}
