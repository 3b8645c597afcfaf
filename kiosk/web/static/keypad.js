// The keypad's second board, and a keyboard that types as the keypad does.

import { touch } from "./touch.js";

const KEYS = { digits: /^\d$/, code: /^[\dA-Z-]$/, letters: /^[2-9A-HJKMNP-Z]$/ };
const NAMED = { Backspace: "erase", Enter: "enter", Escape: "back" };

let board = "digits";

/** Show the board that was chosen, also after the screen was drawn again; another screen begins with digits. */
export function keepKeys({ isOther }) {
  if (isOther) board = "digits";
  const letters = document.querySelector(".kpad-letters");
  if (!letters) return;
  letters.hidden = board !== "letters";
  document.querySelector(".kpad-digits").hidden = board === "letters";
}

/** Let a keyboard type, and the two keys between the boards change them. */
export function keyBoard() {
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-board]")?.dataset.board;
    if (!chosen) return;
    board = chosen;
    keepKeys({ isOther: false });
  });
  document.addEventListener("keydown", (event) => {
    const kind = document.querySelector("[data-keypad]")?.dataset.keypad;
    if (!kind || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Enter" && event.target.closest("button")) return; // the button's own press
    const key = event.key.toUpperCase();
    if (event.key in NAMED) touch(NAMED[event.key]);
    else if (KEYS[kind].test(key)) touch("key", key);
    else return;
    event.preventDefault();
  });
}
