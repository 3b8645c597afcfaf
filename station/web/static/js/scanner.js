// Telling a scanner from a person: a keyboard wedge types a whole code in a burst and ends it with Enter, Tab or nothing.

const BURST_MS = 35; // keys of a scanner come closer than this (UI.md 4a; check per scanner), a person's never all do
const PAUSE_MS = 120; // a scanner without a suffix is done after this pause
const SHORTEST = 6; // characters: a shorter burst is a person drumming on the keys

/** Watch a field: onScan(text) for every code scanned into it or typed and ended by Enter.
 *  The field is cleared by the caller once the code is safe. */
export function watch(field, onScan) {
  let last = 0;
  let burst = 0;
  let timer = 0;

  function finish() {
    clearTimeout(timer);
    burst = 0;
    const text = field.value.trim();
    field.value = "";
    if (text) onScan(text);
  }

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const isTab = event.key === "Tab" && !event.shiftKey && field.value.trim() && burst >= SHORTEST - 1;
    if (event.key !== "Enter" && !isTab) return;
    event.preventDefault();
    finish();
  });

  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    const now = event.timeStamp;
    burst = now - last < BURST_MS ? burst + 1 : 0;
    last = now;
    if (burst >= SHORTEST - 1) timer = setTimeout(finish, PAUSE_MS);
  });
}

/** Collects keys pressed outside text fields: a burst is a scan, a slow digit a choice. */
export function sorted(onDigit, onText) {
  let held = "";
  let timer = 0;

  function settle() {
    const text = held;
    held = "";
    if (text.length === 1 && /\d/.test(text)) onDigit(text);
    else if (text) onText(text);
  }

  return (event) => {
    clearTimeout(timer);
    held += event.key;
    if (held.length > 1) settle();
    else timer = setTimeout(settle, BURST_MS * 2);
  };
}
