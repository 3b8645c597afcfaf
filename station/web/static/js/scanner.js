// Telling a scanner from a person: a keyboard wedge types a whole code in a burst and ends it with Enter, Tab or nothing.

export const BURST_MS = 35; // keys of a scanner come closer than this (UI.md 4a; check per scanner), a person's never all do
const PAUSE_MS = 120; // a scanner without a suffix is done after this pause
const SHORTEST = 6; // characters: a shorter burst is a person drumming on the keys

/** Keys that came without a pause. Their mean pace decides, so one late key of a busy machine does not break a scan. */
class Run {
  text = "";
  first = 0;
  last = 0;

  /** Add a key; return whether it began a new run. */
  add(key, time) {
    const begins = this.text === "" || time - this.last > PAUSE_MS;
    if (begins) this.clear(time);
    this.text += key;
    this.last = time;
    return begins;
  }

  clear(time = 0) {
    this.text = "";
    this.first = this.last = time;
  }

  get isScan() {
    return this.text.length >= SHORTEST && (this.last - this.first) / (this.text.length - 1) < BURST_MS;
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

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const isTab = event.key === "Tab" && !event.shiftKey && field.value.trim() && run.isScan;
    if (event.key !== "Enter" && !isTab) return;
    event.preventDefault();
    finish();
  });

  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    run.add(".", event.timeStamp);
    if (run.isScan) timer = setTimeout(finish, PAUSE_MS);
  });
}

const TEXT = "input:not([type=checkbox], [type=radio], [type=file]), textarea";

/** Listen on the whole page, so that a scan is taken wherever the focus is.
 *  home: the field scans belong to. Keys that go nowhere land in it, and a code may be typed there and ended by Enter.
 *  onScan(text) is called before the code leaves the field; any other field gets back what it held before the burst. */
export function listen(home, onScan) {
  const run = new Run();
  let field = null;
  let before = "";
  let timer = 0;

  function begin() {
    field = document.activeElement?.matches(TEXT) ? document.activeElement : null;
    before = field?.value ?? "";
  }

  /** End the run; return whether it was a scan. */
  function end() {
    clearTimeout(timer);
    const { text, isScan } = run;
    run.clear();
    if (!isScan) return false;
    if (field === home) return takeHome();
    if (field) field.value = before;
    onScan(text);
    return true;
  }

  function takeHome() {
    const text = home.value.trim();
    if (text) onScan(text);
    home.value = "";
    return true;
  }

  function onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Enter" || event.key === "Tab") {
      const isScan = end() || (event.key === "Enter" && event.target === home && takeHome());
      if (isScan) stop(event);
    } else if (event.key.length === 1) {
      if (!event.target.closest(TEXT) && !isPress(event)) home.focus({ preventScroll: true });
      if (run.add(event.key, event.timeStamp)) begin();
      clearTimeout(timer);
      timer = setTimeout(end, PAUSE_MS);
    }
  }

  window.addEventListener("keydown", onKey, { capture: true });
}

/** The space bar presses a button, opens a menu and ticks a box. */
function isPress(event) {
  return event.key === " " && event.target.closest("button, a, summary, input");
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
