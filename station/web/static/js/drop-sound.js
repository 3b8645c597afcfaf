// What a courier hears and feels: a short tick when a code is kept, a place in words, and two kinds of stop.

import { load, sayPrompt, sayTag, signal } from "./voice.js";

const TICK_MS = 40;
const SHAKE = { ok: TICK_MS, warn: [120, 80, 120], bad: 500 }; // ours: told apart by rhythm, as the sounds are
const WORSE = ["ok", "warn", "bad"];
const SAID = {
  consent: "consent_missing",
  duplicate: "already_checked_in",
  full: "shelf_full",
};

export class DropSound {
  constructor(button, { voice, clips }) {
    this.button = button;
    this.isOn = remembered("drop-voice") !== "off";
    button.setAttribute("aria-pressed", String(this.isOn));
    button.addEventListener("click", () => this.#turn());
    load(voice, clips);
  }

  #turn() {
    this.isOn = !this.isOn;
    this.button.setAttribute("aria-pressed", String(this.isOn));
    remember("drop-voice", this.isOn ? "on" : "off");
  }

  /** A code was kept on the phone (`ok`), or could not be (`bad`). */
  mark(name) {
    if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.(SHAKE[name]); // refused before a first touch
    signal(name);
  }

  /** Tell what came of scans that were answered together: the worst by its signal, a single one in words too. */
  tell(answers) {
    const worst = answers.reduce((one, { sound }) => (WORSE.indexOf(sound) > WORSE.indexOf(one) ? sound : one), "ok");
    if (worst !== "ok") this.mark(worst);
    if (!this.isOn) return;
    const said = answers.find(({ sound }) => sound === worst);
    if (worst === "ok" && answers.length === 1) sayPlace(said);
    else if (worst !== "ok") sayPrompt(SAID[said.outcome] ?? (said.place ? "set_aside" : "look_at_screen"));
  }
}

function sayPlace({ place }) {
  if (!place) return;
  sayTag({ shelf: place.shelf, layer: place.layer, number: place.pickup_code.split("-").at(-1) });
}

/** Read what this phone remembers; null where it may not. */
export function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // it is asked for again next time
  }
}
