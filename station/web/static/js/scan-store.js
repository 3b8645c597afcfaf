// Where scans wait for an answer: in IndexedDB, which survives a power cut. A browser that allows none (some private
// windows) gets a list in memory, and says so by `isSafe`. Both know add, put, remove and all, in the order of arrival.

const DATABASE = "scans";
const STORE = "queue";

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

class Kept {
  isSafe = true;

  constructor(database) {
    this.database = database;
  }

  #store(mode, durability = "strict") {
    return this.database.transaction(STORE, mode, { durability }).objectStore(STORE);
  }

  async add(item) {
    await done(this.#store("readwrite").add(item));
  }

  async put(id, item) {
    await done(this.#store("readwrite").put(item, id));
  }

  async remove(id) {
    await done(this.#store("readwrite", "relaxed").delete(id)); // one that comes back is sent under the same key
  }

  async all() {
    const store = this.#store("readonly");
    const [ids, items] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
    return ids.map((id, at) => ({ id, item: items[at] }));
  }
}

/** A store that lives as long as its page. */
export class Unkept {
  isSafe = false;
  items = new Map();
  next = 1;

  async add(item) {
    this.items.set(this.next++, item);
  }

  async put(id, item) {
    this.items.set(id, item);
  }

  async remove(id) {
    this.items.delete(id);
  }

  async all() {
    return [...this.items].map(([id, item]) => ({ id, item }));
  }
}

/** Open the safest store this browser has. */
export async function openStore() {
  try {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { autoIncrement: true });
    return new Kept(await done(request));
  } catch {
    return new Unkept();
  }
}

// A note bridges the moment until the store has written: local storage is written before `note` returns, so that a
// page that is loaded again at that very moment still knows the scan.
const NOTE = "scan:";

export function note(item) {
  try {
    localStorage.setItem(NOTE + item.key, JSON.stringify(item));
  } catch {
    // no room or not allowed: the store follows in a moment
  }
}

export function unnote(item) {
  try {
    localStorage.removeItem(NOTE + item.key);
  } catch {
    // it was not allowed to be written either
  }
}

/** Return what a page of `owner` left noted when it was torn away, oldest first. */
export function leftNotes(owner) {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(NOTE));
    const items = names.map((name) => JSON.parse(localStorage.getItem(name)));
    return items.filter((item) => item.owner === owner).sort((one, other) => one.at - other.at);
  } catch {
    return [];
  }
}
