// The desk where money is taken, under the scanner: a customer's payment code is sent wherever the focus is, the forms
// are sent in place (htmx), and what came of it sounds. A page that was left for another could not sound (voice.js).

import { Listener } from "./scanner.js";
import { signal } from "./voice.js";

const SOUNDS = { paid: "ok", confirm: "warn", back: "warn", silent: "warn", lost: "bad", expired: "bad", cancelled: "warn" };

const find = (selector) => document.querySelector(selector);
const field = () => find("#payer-code");
const nowhere = document.createElement("input"); // takes the keys while there is nothing to scan into
const listener = new Listener(nowhere, scanned);

function settle() {
  listener.home = field() ?? nowhere;
}

/** Send a code as soon as the listener has given back to the other fields what they held. */
function scanned(code) {
  queueMicrotask(() => {
    const home = field();
    if (!home) return;
    home.value = code;
    home.form.requestSubmit();
    home.value = "";
  });
}

// A page of another kind, such as a receipt or the sign-in, is opened as a whole.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if (target.id !== "main" || xhr.responseText.includes("data-pay-desk")) return;
  event.detail.shouldSwap = false;
  location.assign(xhr.responseURL);
});

document.addEventListener("htmx:afterSettle", () => {
  settle();
  signal(find("main .flash.bad:not([hidden])") ? "bad" : SOUNDS[find("#waiting")?.dataset.face]);
});

document.addEventListener("invalid", () => signal("bad"), { capture: true }); // scanned before there is an amount

document.addEventListener("htmx:sendError", (event) => {
  if (event.detail.requestConfig.verb !== "post") return; // the next question gets through
  find("#no-line").hidden = false;
  signal("bad");
});

settle();
