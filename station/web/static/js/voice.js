// Sounds of the counter: three signals that differ in rhythm, and our own clips joined to say a pickup code.

const SPEECH_AFTER_S = { tag: 0.15, prompt: 0.4 }; // a prompt waits for the two tones of its warning
const SAMPLE_HZ = 22050; // only a decoder's own rate; playing converts it

let context = null;
let clips = null;
let buffer = null;

// A browser lets a page sound only after a key or a click, and complains about a page that tries before.
function arm() {
  context ??= typeof AudioContext === "undefined" ? null : new AudioContext();
}
for (const gesture of ["keydown", "pointerdown"]) window.addEventListener(gesture, arm, { once: true, capture: true });

function beep(at, hertz, seconds) {
  const tone = context.createOscillator();
  const level = context.createGain();
  tone.frequency.value = hertz;
  level.gain.setValueAtTime(0.18, at);
  level.gain.setTargetAtTime(0, at + seconds, 0.012);
  tone.connect(level).connect(context.destination);
  tone.start(at);
  tone.stop(at + seconds + 0.1);
}

const SIGNALS = {
  ok: [[0, 1320, 0.09]],
  warn: [
    [0, 740, 0.12],
    [0.2, 740, 0.12],
  ],
  bad: [[0, 196, 0.7]],
};

/** Sound `ok` (one high), `warn` (two middle) or `bad` (one long low). */
export function signal(name) {
  if (!context) return;
  for (const [after, hertz, seconds] of SIGNALS[name] ?? []) beep(context.currentTime + after, hertz, seconds);
}

/** Load the clips of one language. A machine without sound still shows everything on screen. */
export async function load(index, sound) {
  try {
    const [words, bytes] = await Promise.all([fetch(index), fetch(sound)]);
    clips = await words.json();
    buffer = await new OfflineAudioContext(1, 1, SAMPLE_HZ).decodeAudioData(await bytes.arrayBuffer());
  } catch {
    clips = null;
  }
}

function play(keys, after) {
  if (!context || !clips || !buffer) return;
  let at = context.currentTime + after;
  for (const key of keys) {
    const clip = clips.clips[key];
    if (!clip) continue;
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.start(at, clip.start_s, clip.duration_s);
    at += clip.duration_s;
  }
}

/** Say shelf, layer and number of a parcel after its signal. */
export function sayTag({ shelf, layer, number }) {
  const values = { "{shelf}": shelf, "{layer}": layer, "{number}": number };
  const said = (word) => (word in values ? [...String(values[word]).toUpperCase()] : [word]);
  play((clips?.tag ?? []).flatMap(said), SPEECH_AFTER_S.tag);
}

/** Say one prompt by its key. */
export function sayPrompt(key) {
  play([key], SPEECH_AFTER_S.prompt);
}
