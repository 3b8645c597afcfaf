// What a courier did at the station, kept on the phone: codes scanned, answers of recipients, the end of a drop. A
// record stays after it was sent, with its answer, so that a reload shows the same. Its number is its place in the order.
//
// A record: {id, key, owner, kind: "open" | "scan" | "consent" | "finish", state, at (ms), body, answer, detail, drop, ended}.

const DATABASE = "drops";
const RECORDS = "records";
const FACTS = "facts";
const DAY_MS = 86400000;
const SCANS_KEPT_MS = 7 * DAY_MS; // ours: a dispute about a drop is told to the station within days
const RECEIPTS_KEPT_MS = 90 * DAY_MS; // ours: a quarter, longer than carriers settle with their couriers

export const SAVED = "saved";
export const SENT = "sent";
export const REFUSED = "refused";

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Wait until a transaction is written down; a full disk is told only then. */
function written(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

function build({ target }) {
  const records = target.result.createObjectStore(RECORDS, { keyPath: "id", autoIncrement: true });
  records.createIndex("key", "key", { unique: true });
  records.createIndex("state", ["owner", "state"]);
  records.createIndex("kind", ["owner", "kind"]);
  target.result.createObjectStore(FACTS);
}

export class DropStore {
  constructor(database) {
    this.database = database;
  }

  #from(name, mode = "readonly") {
    return this.database.transaction(name, mode, { durability: "strict" }).objectStore(name);
  }

  /** Keep a record and return its number. Rejects when the disk is full, and when its key is kept already. */
  async add(record) {
    const records = this.#from(RECORDS, "readwrite");
    const request = records.add(record);
    await written(records.transaction);
    return request.result;
  }

  /** Write several records again, all or none. */
  async put(changed) {
    const records = this.#from(RECORDS, "readwrite");
    for (const record of changed) records.put(record);
    await written(records.transaction);
  }

  /** Return everything of one owner, in the order in which it was done. */
  async all(owner) {
    return (await this.#indexed("kind", IDBKeyRange.bound([owner], [owner, []]))).sort((one, other) => one.id - other.id);
  }

  /** Return what waits to be sent, in its order. */
  waiting(owner) {
    return this.#indexed("state", [owner, SAVED]);
  }

  kind(owner, kind) {
    return this.#indexed("kind", [owner, kind]);
  }

  /** Count what waits for another person, or for a page of another station. */
  async others(owner) {
    const all = await done(this.#from(RECORDS).getAll());
    return all.filter((record) => record.owner !== owner && record.state === SAVED).length;
  }

  #indexed(name, range) {
    return done(this.#from(RECORDS).index(name).getAll(range));
  }

  byKey(key) {
    return done(this.#from(RECORDS).index("key").get(key));
  }

  fact(name) {
    return done(this.#from(FACTS).get(name));
  }

  async setFact(name, value) {
    const facts = this.#from(FACTS, "readwrite");
    facts.put(value, name);
    await written(facts.transaction);
  }

  /** Forget what was answered long ago; never what waits or was refused. */
  async forgetOld(now) {
    const records = this.#from(RECORDS, "readwrite");
    for (const { id, kind, state, at } of await done(records.getAll())) {
      const kept = kind === "finish" ? RECEIPTS_KEPT_MS : SCANS_KEPT_MS;
      if (state === SENT && now - at > kept) records.delete(id);
    }
    await written(records.transaction);
  }
}

/** Open the store. Rejects in a browser that keeps nothing, as some private windows. */
export async function openDrops() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = build;
  return new DropStore(await done(request));
}
