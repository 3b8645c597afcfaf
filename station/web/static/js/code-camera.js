// Reading codes with a phone's camera: every code in the picture is boxed, and told as soon as two frames in a row agree,
// again and again while it is seen. What becomes of it is the page's matter.

const BETWEEN_MS = 120; // a frame takes 40 to 62 ms to read (UI.md 7): the phone keeps half its time for the page
const AGREEING = 2; // frames that must show the same code: one that is read wrongly is not read wrongly twice alike
const FORMATS = ["code_128", "qr_code"]; // what labels, shelf cards and the station's screen carry; all formats take ten times as long
const SIZE = { width: { ideal: 1920 }, height: { ideal: 1080 } };
const TAKEN = "#6FD596";
const SEEN = "#FFC931";

/** The camera of one section of the page, which holds a video, a canvas over it, and a line that says how it stands.
 *  onCode(text, format): a code was read. isTaken(text): whether its box is green.
 *  order(one, other): which of two codes in one picture is told first. */
export class CodeCamera {
  constructor(section, { onCode, isTaken, order = () => 0 }) {
    Object.assign(this, { section, onCode, isTaken, order });
    this.video = section.querySelector("video");
    this.canvas = section.querySelector("canvas");
    this.line = section.querySelector("[role=status]");
    this.seen = new Map(); // code: frames in a row that showed it
    this.detector = null;
    this.isOn = false;
  }

  async start() {
    if (this.isOn) return;
    this.isOn = true;
    this.#say("starting");
    if (!(await this.#open())) {
      this.#say("none");
      return;
    }
    this.detector ??= await loadDetector(this.section.dataset.wasm);
    if (!this.detector) {
      this.#say("broken");
      return;
    }
    this.#say("looking");
    stayAwake();
    this.#look();
  }

  stop() {
    this.isOn = false;
    for (const track of this.video.srcObject?.getTracks() ?? []) track.stop();
    this.video.srcObject = null;
  }

  #say(name) {
    this.section.dataset.state = name;
    if (this.line.textContent !== this.section.dataset[name]) this.line.textContent = this.section.dataset[name];
  }

  async #open() {
    if (!navigator.mediaDevices?.getUserMedia) return false;
    try {
      this.video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", ...SIZE } });
      await this.video.play();
      return true;
    } catch {
      return false;
    }
  }

  async #look() {
    if (!this.isOn) return;
    if (this.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !document.hidden) {
      const found = await this.detector.detect(this.video).catch(() => null);
      if (!found) {
        this.#say("broken");
        return;
      }
      this.#read(found);
      this.#box(found);
    }
    setTimeout(() => this.#look(), BETWEEN_MS);
  }

  #read(found) {
    const now = new Map(found.map(({ rawValue, format }) => [rawValue, format]));
    for (const code of this.seen.keys()) if (!now.has(code)) this.seen.delete(code);
    for (const [code, format] of [...now].sort(([one], [other]) => this.order(one, other))) {
      const count = (this.seen.get(code) ?? 0) + 1;
      this.seen.set(code, count);
      if (count >= AGREEING) this.onCode(code, format);
    }
  }

  #box(found) {
    const { canvas, video } = this;
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    const pen = canvas.getContext("2d");
    pen.lineWidth = Math.max(4, canvas.width / 200);
    for (const { rawValue, cornerPoints } of found) {
      pen.strokeStyle = this.isTaken(rawValue) ? TAKEN : SEEN;
      pen.beginPath();
      for (const { x, y } of cornerPoints) pen.lineTo(x, y);
      pen.closePath();
      pen.stroke();
    }
  }
}

/** The screen stays on while the camera looks. */
async function stayAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // low battery, or the browser does not want to: scanning goes on all the same
  }
}

/** The detector, its WebAssembly from our own origin; null where it cannot be loaded. */
async function loadDetector(wasm) {
  const { BarcodeDetector, prepareZXingModule } = window.BarcodeDetectionAPI ?? {};
  if (!BarcodeDetector) return null;
  try {
    const overrides = { locateFile: () => new URL(wasm, location.href).href };
    await prepareZXingModule({ overrides, fireImmediately: true });
    return new BarcodeDetector({ formats: FORMATS });
  } catch {
    return null;
  }
}
