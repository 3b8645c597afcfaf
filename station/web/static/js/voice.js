// Sounds of the counter: three signals that differ in rhythm, and our own clips joined to say a pickup code.

let context = null;
let clips = null;
let buffer = null;

function audio() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
  return context;
}

function beep(at, hertz, seconds) {
  const out = audio();
  const tone = out.createOscillator();
  const level = out.createGain();
  tone.frequency.value = hertz;
  level.gain.setValueAtTime(0.18, at);
  level.gain.setTargetAtTime(0, at + seconds, 0.012);
  tone.connect(level).connect(out.destination);
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
  try {
    const start = audio().currentTime;
    for (const [after, hertz, seconds] of SIGNALS[name] ?? []) beep(start + after, hertz, seconds);
  } catch {
    // a machine without sound still shows everything on screen
  }
}

/** Load the clips of one language. */
export async function load(index, sound) {
  try {
    clips = await (await fetch(index)).json();
    buffer = await audio().decodeAudioData(await (await fetch(sound)).arrayBuffer());
  } catch {
    clips = null;
  }
}

function play(keys, start) {
  let at = start;
  for (const key of keys) {
    const clip = clips.clips[key];
    if (!clip) continue;
    const source = audio().createBufferSource();
    source.buffer = buffer;
    source.connect(audio().destination);
    source.start(at, clip.start_s, clip.duration_s);
    at += clip.duration_s;
  }
}

/** Say shelf, layer and number of a parcel after its signal. */
export function sayTag({ shelf, layer, number }) {
  if (!clips || !buffer) return;
  const values = { "{shelf}": shelf, "{layer}": layer, "{number}": number };
  const keys = clips.tag.flatMap((word) => (word in values ? [...String(values[word]).toUpperCase()] : [word]));
  play(keys, audio().currentTime + 0.15);
}

/** Say one prompt by its key. */
export function sayPrompt(key) {
  if (clips && buffer) play([key], audio().currentTime + 0.4);
}
