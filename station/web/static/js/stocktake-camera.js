// Counting with a phone's camera: every label in the picture is read, boxed, and taken once. The codes go the way of
// scanned ones (stocktake.js), so that a shelf card in the picture is taken before the parcels beside it.

import { entered } from "./stocktake.js";

const BETWEEN_MS = 120; // a frame takes 40 to 62 ms to read (UI.md 7): the phone keeps half its time for the page
const AGREEING = 2; // frames that must show the same code: one that is read wrongly is not read wrongly twice alike
const LISTED = 40; // codes in the list: more than a shelf's layer holds
const FORMATS = ["code_128", "qr_code"]; // what labels and shelf cards carry; all formats take ten times as long
const SHELF = "SHELF:";
const SIZE = { width: { ideal: 1920 }, height: { ideal: 1080 } };

const camera = document.querySelector("#camera");
const video = document.querySelector("#video");
const canvas = document.querySelector("#boxes");
const state = document.querySelector("#camera-state");
const codes = document.querySelector("#codes");

const seen = new Map(); // code: frames it was read in since it was taken
const taken = new Set(); // parcels of the row being counted; a shelf card only while it is the newest
let shelf = "";

function say(name) {
  if (state.textContent !== camera.dataset[name]) state.textContent = camera.dataset[name];
}

/** Take a code once it was read in enough frames; a parcel once in a row, a shelf card when it is another one. */
function read(code) {
  const count = (seen.get(code) ?? 0) + 1;
  seen.set(code, count);
  if (count < AGREEING || taken.has(code) || code === shelf) return;
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

function list(code) {
  const item = document.createElement("li");
  item.textContent = code;
  codes.prepend(item);
  while (codes.children.length > LISTED) codes.lastChild.remove();
}

/** Shelf cards first: the parcels of the same picture stand on that shelf. */
function inOrder(found) {
  return [...new Set(found.map((one) => one.rawValue))].sort(
    (one, other) => Number(other.startsWith(SHELF)) - Number(one.startsWith(SHELF)),
  );
}

function box(found) {
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const pen = canvas.getContext("2d");
  pen.lineWidth = Math.max(4, canvas.width / 200);
  for (const { rawValue, cornerPoints } of found) {
    pen.strokeStyle = taken.has(rawValue) || rawValue === shelf ? "#6FD596" : "#FFC931";
    pen.beginPath();
    for (const { x, y } of cornerPoints) pen.lineTo(x, y);
    pen.closePath();
    pen.stroke();
  }
}

async function look(detector) {
  if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !document.hidden) {
    const found = await detector.detect(video).catch(() => null);
    if (!found) {
      say("broken");
      return;
    }
    const now = inOrder(found);
    for (const code of seen.keys()) if (!now.includes(code)) seen.delete(code);
    now.forEach(read);
    box(found);
  }
  setTimeout(() => look(detector), BETWEEN_MS);
}

/** The detector, its WebAssembly from our own origin; null where it cannot be loaded. */
async function loadDetector() {
  const { BarcodeDetector, prepareZXingModule } = window.BarcodeDetectionAPI ?? {};
  if (!BarcodeDetector) return null;
  try {
    const overrides = { locateFile: () => new URL(camera.dataset.wasm, location.href).href };
    await prepareZXingModule({ overrides, fireImmediately: true });
    return new BarcodeDetector({ formats: FORMATS });
  } catch {
    return null;
  }
}

async function openCamera() {
  if (!navigator.mediaDevices?.getUserMedia) return false;
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", ...SIZE } });
    await video.play();
    return true;
  } catch {
    return false;
  }
}

async function start() {
  say("starting");
  if (!(await openCamera())) {
    say("none");
    return;
  }
  const detector = await loadDetector();
  if (!detector) {
    say("broken");
    return;
  }
  say("looking");
  look(detector);
}

start();
