// Sending what the phone keeps of a drop: in its order, in batches, by one sender at a time. The page and its service
// worker both send with this; whoever comes second finds nothing left to do.

import { REFUSED, SAVED, SENT, openDrops } from "./drop-store.js";

const BATCH = 50; // scans in one request: a poor line sends these few kilobytes in a second or two
const TIMEOUT_MS = 30000;
const LATER = new Set([401, 408, 425, 429]); // nothing is wrong with the record: it waits (UI.md 7)
const CHANNEL = "drops"; // where pages hear what changed

export const SIGNED_OUT = "signed_out";
export const NO_LINE = "no_line";
export const FAILED = "failed";
export const NO_DROP = "no_drop"; // scans wait for the station's code
export const STOPS = "stops"; // the end of a drop waits for the courier's choice about stopped parcels
export const FULL = "full"; // the phone cannot write the answers down: they are asked for again

const channel = new BroadcastChannel(CHANNEL);

/** Call back with every change: {records, trouble, sender}. */
export function listen(hear) {
  const heard = new BroadcastChannel(CHANNEL);
  heard.onmessage = ({ data }) => hear(data);
}

/** Keep other senders out meanwhile, where the browser can; else the keys keep scans from doubling. */
function alone(act) {
  return navigator.locks ? navigator.locks.request(CHANNEL, act) : act();
}

/** Send everything that waits; return why something stays, or "". `sender` says who sends, for the server's log. */
export function flush(sender) {
  return alone(async () => {
    const store = await openDrops();
    const page = await store.fact("page");
    const trouble = page ? await drain(store, page, sender) : "";
    channel.postMessage({ records: [], trouble, sender });
    store.database.close();
    return trouble;
  });
}

async function drain(store, page, sender) {
  let most = BATCH;
  for (;;) {
    const [waiting, opens] = [await store.waiting(page.owner), await store.kind(page.owner, "open")];
    if (waiting.length === 0) return "";
    const turn = nextTurn(waiting, opens, most);
    if (!turn) return NO_DROP;
    if (turn.kind === "finish" && (await hasStops(store, page.owner, turn.drop))) return STOPS;
    const { trouble, status, said } = await ask(turn, page, sender);
    if (trouble) return trouble;
    if (status >= 400 && turn.records.length > 1) {
      most = 1; // one of them is at fault: each gets an answer of its own
      continue;
    }
    const changed = await outcome(store, turn, { status, said, opens });
    if (changed.length === 0) return FAILED; // an answer about nothing that was asked
    try {
      await store.put(changed);
    } catch {
      return FULL;
    }
    channel.postMessage({ records: changed, trouble: "", sender });
  }
}

/** The drop that scans belong to: the last one begun and not over. */
function current(opens) {
  return opens.filter((open) => open.state === SENT && !open.ended).at(-1);
}

/** Tell whether a parcel of a drop waits for the courier's choice: a finished drop takes none any more. */
async function hasStops(store, owner, drop) {
  const scans = await store.kind(owner, "scan");
  return scans.some((scan) => scan.drop === drop && scan.answer?.outcome === "consent");
}

/** What is to be sent next: {kind, records, drop}; null when scans wait for a drop that nobody has begun.
 *  A choice about a stopped parcel goes first: the end of its drop may wait for it. */
function nextTurn(waiting, opens, most) {
  const choice = waiting.find(({ kind }) => kind === "consent");
  if (choice) return { kind: "consent", records: [choice], drop: choice.drop };
  const [first] = waiting;
  if (first.kind === "open") return { kind: "open", records: [first] };
  const open = current(opens);
  if (!open) {
    const opening = waiting.find(({ kind }) => kind === "open");
    return opening ? { kind: "open", records: [opening] } : null;
  }
  if (first.kind === "finish") return { kind: "finish", records: [first], drop: open.answer.drop_id };
  const other = waiting.findIndex(({ kind }) => kind !== "scan");
  const run = waiting.slice(0, Math.min(other < 0 ? waiting.length : other, most));
  return { kind: "scan", records: run, drop: open.answer.drop_id };
}

const PATHS = { open: () => "", scan: (drop) => `/${drop}/scans`, consent: (drop) => `/${drop}/consent`, finish: (drop) => `/${drop}/finish` };

function bodyOf({ kind, records }) {
  if (kind !== "scan") return records[0].body;
  return { scans: records.map(({ key, id, at, body }) => ({ key, seq: id, scanned_at: new Date(at).toISOString(), ...body })) };
}

async function ask(turn, { drops, token, owner }, sender) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token };
  Object.assign(headers, { "X-Owner": owner, "X-Sender": sender }); // whoever is signed in now sends nobody else's
  if (turn.kind !== "scan") headers["Idempotency-Key"] = turn.records[0].key;
  try {
    const sent = { method: "POST", headers, body: JSON.stringify(bodyOf(turn)), signal: AbortSignal.timeout(TIMEOUT_MS) };
    return await read(await fetch(drops + PATHS[turn.kind](turn.drop), sent));
  } catch {
    return { trouble: NO_LINE }; // no answer, or half of one: the same keys are sent again later
  }
}

async function read(response) {
  const { status } = response;
  if (response.redirected || status === 401) return { trouble: SIGNED_OUT };
  if (status === 500) return { trouble: FAILED };
  if (status > 500 || LATER.has(status)) return { trouble: NO_LINE };
  const said = await response.json();
  return said.code === "csrf_failed" ? { trouble: SIGNED_OUT } : { status, said };
}

/** Return the records as they are after an answer. */
function outcome(store, turn, { status, said, opens }) {
  return status >= 400 ? refused(turn, { said, opens, store }) : AFTER[turn.kind]({ ...turn, said, opens, store });
}

async function refused({ records, drop }, { said, opens, store }) {
  const changed = records.map((record) => ({ ...record, state: REFUSED, detail: said.detail ?? "" }));
  if (said.code === "drop_over") changed.push(...opens.filter(({ answer }) => answer?.drop_id === drop).map(over));
  if (said.code !== "answer_expected") return changed;
  const scan = await store.byKey(records[0].body.key); // answered before, from elsewhere: ask what it came to
  return scan ? [...changed, { ...scan, state: SAVED }] : changed;
}

const AFTER = {
  open({ records: [record], said, opens }) {
    const before = opens.filter(({ id, state }) => id < record.id && state === SENT);
    return [...before.map(over), { ...record, state: SENT, answer: said }];
  },

  scan({ records, said, opens, drop }) {
    const answers = new Map(said.answers.map((answer) => [answer.key, answer]));
    const answered = records.filter(({ key }) => answers.has(key));
    const changed = answered.map((record) => answeredBy(record, answers.get(record.key), drop));
    const isOver = said.answers.some((answer) => answer.outcome === "finished");
    return isOver ? [...changed, over(current(opens))] : changed;
  },

  async consent({ records: [record], said, store }) {
    const scan = await store.byKey(record.body.key);
    return [{ ...record, state: SENT }, ...(scan ? [answeredBy(scan, said.answer, record.drop)] : [])];
  },

  finish({ records: [record], said, opens }) {
    return [{ ...record, state: SENT, answer: said.receipt }, over(current(opens))];
  },
};

function over(open) {
  return { ...open, ended: true };
}

/** A scan with what came of it. Its choices stay: whoever wanted to call first chooses once more. */
function answeredBy(record, answer, drop) {
  return { ...record, state: SENT, drop, answer, choices: answer.choices.length ? answer.choices : (record.choices ?? []) };
}
