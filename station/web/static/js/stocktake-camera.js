// Counting with a phone's camera: every label in the picture is taken once. The codes go the way of scanned ones
// (stocktake.js), so that a shelf card in the picture is taken before the parcels beside it.

import { CodeCamera } from "./code-camera.js";
import { entered } from "./stocktake.js";

const LISTED = 40; // codes in the list: more than a shelf's layer holds
const SHELF = "SHELF:";

const codes = document.querySelector("#codes");
const taken = new Set(); // parcels of the row being counted; a shelf card only while it is the newest
let shelf = "";

/** Take a parcel once in a row, a shelf card when it is another one. */
function read(code) {
  if (isTaken(code)) return;
  if (code.startsWith(SHELF)) {
    shelf = code;
    taken.clear();
  } else if (shelf === "" && !document.querySelector("#layer").value) {
    return; // no shelf card was read yet: the parcel waits for one
  } else {
    taken.add(code);
  }
  list(code);
  entered(code);
}

function isTaken(code) {
  return taken.has(code) || code === shelf;
}

function list(code) {
  const item = document.createElement("li");
  item.textContent = code;
  codes.prepend(item);
  while (codes.children.length > LISTED) codes.lastChild.remove();
}

/** Shelf cards first: the parcels of the same picture stand on that shelf. */
function shelvesFirst(one, other) {
  return Number(other.startsWith(SHELF)) - Number(one.startsWith(SHELF));
}

new CodeCamera(document.querySelector("#camera"), { onCode: read, isTaken, order: shelvesFirst }).start();
