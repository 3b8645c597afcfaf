// Telling a scanner from a person: a keyboard wedge types a whole code in a burst and ends it with Enter, Tab or nothing.

export const BURST_MS = 35; // keys of a scanner come closer than this (UI.md 4a; check per scanner), a person's never all do
const PAUSE_MS = 120; // a scanner known to have no suffix is done after this pause
export const PATIENCE_MS = 600; // any other is waited for: a busy machine may hold keys back, and a cut scan is a wrong one
export const SHORTEST = 6; // characters: a shorter burst is a person drumming on the keys
const BARE = "scanner-bare"; // remembered: the scanner of this machine ends with no key

/** Keys that came without a pause. Their mean pace decides, so one late key does not break a scan. */
class Run {
  constructor() {
    this.pause = localStorage.getItem(BARE) ? PAUSE_MS : PATIENCE_MS;
    this.clear();
  }

  /** Add a key; return whether it began a new run. */
  add(key, time) {
    const begins = this.text === "" || time - this.last > this.patience;
    if (begins) this.clear(time);
    this.text += key;
    this.last = time;
    return begins;
  }

  clear(time = 0) {
    this.text = "";
    this.first = this.last = time;
  }

  /** Remember how a scan ended: by a key, or by a pause. */
  learn(hasSuffix) {
    this.pause = hasSuffix ? PATIENCE_MS : PAUSE_MS;
    if (hasSuffix) localStorage.removeItem(BARE);
    else localStorage.setItem(BARE, "yes");
  }

  /** How long the next key may take. Three fast keys look like a scan, which a busy machine must not cut in two. */
  get patience() {
    return this.#isFast(3) ? this.pause : PAUSE_MS;
  }

  get isScan() {
    return this.#isFast(SHORTEST);
  }

  #isFast(least) {
    return this.text.length >= least && (this.last - this.first) / (this.text.length - 1) < BURST_MS;
  }
}

/** Watch one field: onScan(text) for every code scanned into it, or typed and ended by Enter. It is cleared then. */
export function watch(field, onScan) {
  const run = new Run();
  let timer = 0;

  function finish() {
    clearTimeout(timer);
    run.clear();
    const text = field.value.trim();
    field.value = "";
    if (text) onScan(text);
  }

  function paused() {
    run.learn(false);
    finish();
  }

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const isTab = event.key === "Tab" && !event.shiftKey && field.value.trim() && run.isScan;
    if (event.key !== "Enter" && !isTab) return;
    event.preventDefault();
    if (run.isScan) run.learn(true);
    finish();
  });

  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    run.add(".", event.timeStamp);
    if (run.isScan) timer = setTimeout(paused, run.pause);
  });
}

const TEXT = "input:not([type=checkbox], [type=radio], [type=file]), textarea";

/** Listens on the whole page, so that a scan is taken wherever the focus is.
 *  home: the field scans belong to. Keys that go nowhere land in it, and a code may be typed there and ended by Enter.
 *  onScan(text) is called before the code leaves the field; any other field gets back what it held before the burst. */
export class Listener {
  constructor(home, onScan) {
    Object.assign(this, { home, onScan });
    this.run = new Run();
    this.before = new Map(); // what the fields held when the run began
    this.field = null; // the one that had the focus
    this.timer = 0;
    this.later = null;
    window.addEventListener("keydown", (event) => this.#key(event), { capture: true });
  }

  /** Do something that may move the focus, as soon as no key is on its way. */
  whenQuiet(act) {
    if (this.run.text === "") act();
    else this.later = act;
  }

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Enter" || event.key === "Tab") {
      const isTyped = event.key === "Enter" && event.target === this.home;
      if (this.#end(true) || (isTyped && this.#typed())) stop(event);
    } else if (event.key.length === 1) {
      if (!event.target.closest(TEXT) && !isPress(event)) this.home.focus({ preventScroll: true });
      if (this.run.add(event.key, event.timeStamp)) this.#begin();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#end(false), this.run.patience);
    }
  }

  #begin() {
    this.field = document.activeElement?.matches(TEXT) ? document.activeElement : null;
    this.before = new Map([this.home, this.field ?? this.home].map((field) => [field, field.value]));
  }

  /** End the run, by a key or by a pause; return whether it was a scan. */
  #end(hasSuffix) {
    clearTimeout(this.timer);
    const { text, isScan } = this.run;
    this.run.clear();
    if (isScan) {
      this.run.learn(hasSuffix);
      this.#scanned(text);
    }
    this.later?.();
    this.later = null;
    return isScan;
  }

  /** A code that began in the home field includes what stood there: better refused as a whole than cut in two. */
  #scanned(text) {
    this.onScan(this.field === this.home ? (this.before.get(this.home) + text).trim() : text);
    for (const [field, value] of this.before) field.value = field === this.home ? "" : value;
  }

  #typed() {
    const text = this.home.value.trim();
    if (text) this.onScan(text);
    this.home.value = "";
    return true;
  }
}

/** The space bar presses a button, opens a menu and ticks a box. */
function isPress(event) {
  return event.key === " " && event.target.closest("button, a, summary, input");
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
