// What the drop page shows: how many, what waits, what stopped, every scan, the receipt. It draws what it is given.

import { REFUSED } from "./drop-store.js";

const LISTED = 100; // scans in the list: as many as a thumb scrolls; what stopped or failed stands above, all of it
const WHEN = { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" };
const find = (selector) => document.querySelector(selector);

/** Show a list: one item for each record, the same element as long as the record is the same. */
class Keyed {
  constructor(place, draw) {
    Object.assign(this, { place, draw, drawn: new Map() });
  }

  show(records) {
    const items = new Map();
    for (const record of records) {
      const sign = JSON.stringify(record);
      const before = this.drawn.get(record.key);
      items.set(record.key, before?.sign === sign ? before : { sign, item: this.draw(record) });
    }
    for (const [key, { item }] of this.drawn) if (items.get(key)?.item !== item) item.remove();
    this.drawn = items;
    [...items.values()].forEach(({ item }, at) => {
      if (this.place.children[at] !== item) this.place.insertBefore(item, this.place.children[at] ?? null);
    });
  }
}

function copy(id) {
  return find(id).content.firstElementChild.cloneNode(true);
}

/** Put texts where they belong; what has none is taken away. */
function fill(item, texts) {
  for (const [name, text] of Object.entries(texts)) {
    const place = item.querySelector(`[data-put="${name}"]`);
    if (text && place) place.textContent = text;
    else place?.remove();
  }
  return item;
}

/** Keep the parts that are for this state only. */
function only(item, state) {
  for (const part of item.querySelectorAll("[data-when]")) if (!part.dataset.when.split(" ").includes(state)) part.remove();
  return item;
}

function tone(item, sound) {
  if (sound === "warn" || sound === "bad") item.classList.add(sound);
}

export class DropView {
  /** on: {again(record), choose(record, choice, how)}, what the buttons do. */
  constructor(root, on) {
    Object.assign(this, { root, on });
    this.texts = root.dataset;
    this.list = new Keyed(find("#drop-list"), (record) => this.#row(record));
    this.stops = new Keyed(find("#drop-stops-list"), (record) => this.#stop(record));
    this.receipts = new Keyed(find("#drop-receipts-list"), (record) => this.#receipt(record));
  }

  /** Draw the page. standing: {isOpen, isBegun, refusal, scans, stops, receipts, waiting, others, trouble}. */
  show(standing) {
    const { isOpen, isBegun, refusal, scans, stops, receipts } = standing;
    find("#drop-begin").hidden = isOpen;
    find("#drop-begin-refused").textContent = refusal;
    find("#drop-end").hidden = !isBegun;
    find("#drop-count").textContent = String(scans.length);
    this.#sums(scans, stops);
    this.#badge(standing);
    this.stops.show(stops);
    find("#drop-stops").hidden = stops.length === 0;
    this.list.show(scans.slice(-LISTED).reverse());
    find("#drop-more").textContent = scans.length > LISTED ? this.texts.more.replace("{n}", scans.length - LISTED) : "";
    this.receipts.show(receipts.toReversed());
    find("#drop-receipts").hidden = receipts.length === 0;
  }

  #sums(scans, stops) {
    const accepted = scans.filter(({ answer }) => answer?.outcome === "accepted").length;
    const answered = scans.filter(({ answer, state }) => answer || state === REFUSED).length;
    find("#drop-accepted").textContent = String(accepted);
    find("#drop-stopped").textContent = String(answered - accepted);
    find("#drop-asking").textContent = String(stops.filter(({ answer }) => answer?.outcome === "consent").length);
  }

  #badge({ waiting, trouble, others }) {
    const badge = find("#drop-badge");
    badge.dataset.state = trouble && waiting ? "stuck" : waiting ? "waiting" : "sent";
    const text = waiting ? this.texts.waiting.replace("{n}", waiting) : this.texts.sent;
    if (badge.textContent !== text) badge.textContent = text;
    for (const line of document.querySelectorAll("[data-trouble]")) line.hidden = line.dataset.trouble !== trouble;
    const foreign = find("#drop-others");
    foreign.hidden = others === 0;
    foreign.querySelector("span").textContent = this.texts.others.replace("{n}", others);
  }

  #row(record) {
    const { answer, body, state, detail } = record;
    const row = only(copy("#drop-row"), state);
    tone(row, state === REFUSED ? "bad" : answer?.sound);
    row.querySelector("[data-again]")?.addEventListener("click", () => this.on.again(record));
    return fill(row, {
      code: answer?.waybill ?? body.raw,
      place: answer?.place?.pickup_code,
      title: answer?.title,
      sentence: answer?.sentence ?? detail,
    });
  }

  /** A parcel that stopped for its recipient's word: big choices, then how the courier knows. */
  #stop(record) {
    const { answer, body, asked } = record;
    const item = only(copy("#drop-stop"), asked?.state ?? "free");
    const detail = asked?.state === REFUSED ? asked.detail : "";
    fill(item, { code: answer.waybill ?? body.raw, title: answer.title, sentence: answer.sentence, hint: answer.hint, detail });
    const place = item.querySelector("[data-choices]");
    if (place) this.#choices(place, record);
    return item;
  }

  #choices(place, record) {
    const wanted = record.choices.filter(({ choice }) => choice !== "call" || record.answer.outcome === "consent");
    const buttons = wanted.map(({ choice, label, hows }) =>
      button(label, () => (hows.length ? this.#hows(place, record, { choice, label, hows }) : this.on.choose(record, choice))),
    );
    place.replaceChildren(...buttons);
  }

  #hows(place, record, { choice, label, hows }) {
    const said = document.createElement("p");
    said.textContent = label;
    const buttons = hows.map(({ how, label: name }) => button(name, () => this.on.choose(record, choice, how)));
    const back = button(this.texts.back, () => this.#choices(place, record));
    back.classList.add("btn-ghost");
    place.replaceChildren(said, ...buttons, back);
    buttons[0].focus();
  }

  /** Show what came of the newest scan, large; one that stopped for a choice stands below already. */
  said({ key, state, answer, body, detail }) {
    const sign = JSON.stringify([key, state, answer]);
    if (sign === this.sign) return; // read aloud once
    this.sign = sign;
    if (answer?.outcome === "consent") {
      find("#drop-said").replaceChildren();
      return;
    }
    const box = only(copy("#drop-said-box"), answer ? "answered" : state);
    tone(box, state === REFUSED ? "bad" : (answer?.sound ?? ""));
    if (answer?.sound === "ok") box.classList.add("ok");
    fill(box, {
      code: answer?.waybill ?? body.raw,
      title: answer?.title,
      place: answer?.place?.pickup_code,
      sentence: answer?.sentence ?? detail,
    });
    find("#drop-said").replaceChildren(box);
  }

  /** Show a sentence about a code that was not kept. */
  warn(text) {
    const box = only(copy("#drop-said-box"), "none");
    box.classList.add("bad");
    find("#drop-said").replaceChildren(fill(box, { code: "", title: text, place: "", sentence: "" }));
  }

  /** The end of a drop: saved, refused, or with the receipt that the station signed. */
  #receipt({ answer, state, detail, body }) {
    const item = only(copy("#drop-receipt"), state);
    if (!answer) return fill(item, { told: String(body.count), detail });
    const { counts, told, station, finished_at: at, signature, exceptions, url } = answer;
    const when = new Date(at).toLocaleString(document.documentElement.lang, { timeZone: this.texts.zone, ...WHEN });
    fill(item, { told: String(told), station, when, accepted: String(counts.accepted), signature });
    item.querySelector("a").href = url;
    const lines = exceptions.map(({ waybill, title }) => {
      const line = document.createElement("li");
      line.textContent = `${waybill ?? "–"} ${title}`;
      return line;
    });
    item.querySelector("[data-exceptions]").replaceChildren(...lines);
    return item;
  }
}

function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}
