// Sounds of the kiosk: three signals that differ in rhythm, and the station's own clips joined to sentences.

const SAMPLE_HZ = 22050; // only a decoder's own rate; playing converts it
const SPEECH_AFTER_S = { ok: 0.2, warn: 0.45, bad: 0.85 }; // each signal's length and a breath
const PAUSE_S = 0.12; // between two sentences' parts

const SIGNALS = {
  ok: [[0, 1320, 0.09]],
  warn: [
    [0, 740, 0.12],
    [0.2, 740, 0.12],
  ],
  bad: [[0, 196, 0.7]],
};

let context = null;
let speaking = [];
let after = 0;
const voices = {};

/** Be ready to sound: at once where the browser was started for it (?sound), else from the first touch. */
export function arm({ atOnce }) {
  const begin = () => {
    context ??= typeof AudioContext === "undefined" ? null : new AudioContext();
  };
  if (atOnce) begin();
  for (const gesture of ["keydown", "pointerdown"]) addEventListener(gesture, begin, { once: true, capture: true });
}

/** Sound `ok` (one high), `warn` (two middle) or `bad` (one long low). */
export function sound(signals) {
  after = 0;
  if (!context) return;
  for (const name of signals) {
    for (const [wait, hertz, seconds] of SIGNALS[name] ?? []) beep(context.currentTime + wait, hertz, seconds);
    after = Math.max(after, SPEECH_AFTER_S[name] ?? 0);
  }
}

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

async function load(language) {
  try {
    const [index, bytes] = await Promise.all([`${language}.json`, `${language}.wav`].map((name) => fetch(`/shared/voice/${name}`)));
    const words = await index.json();
    const buffer = await new OfflineAudioContext(1, 1, SAMPLE_HZ).decodeAudioData(await bytes.arrayBuffer());
    return { words, buffer };
  } catch {
    delete voices[language]; // everything is on the screen too; the next sentence tries again
    return null;
  }
}

// `tag:12-3-3210` is said in the language's own order, digit by digit.
function parts(clip, { tag }) {
  if (!clip.startsWith("tag:")) return [clip];
  const [shelf, layer, number] = clip.slice("tag:".length).split("-");
  const values = { "{shelf}": shelf, "{layer}": layer, "{number}": number };
  return tag.flatMap((word) => (word in values ? [...(values[word] ?? "").toUpperCase()] : [word]));
}

/** Say clips in this language; what was being said before is cut off, since the screen has moved on. */
export async function say(clips, language) {
  if (!context || !clips.length) return;
  const begin = context.currentTime + after;
  const voice = await (voices[language] ??= load(language));
  if (!voice) return;
  for (const source of speaking) source.stop();
  speaking = [];
  let at = Math.max(begin, context.currentTime);
  for (const clip of clips) {
    for (const name of parts(clip, voice.words)) at = play(voice, name, at);
    at += PAUSE_S;
  }
}

function play({ words, buffer }, name, at) {
  const clip = words.clips[name];
  if (!clip) return at;
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(context.destination);
  source.start(at, clip.start_s, clip.duration_s);
  speaking.push(source);
  return at + clip.duration_s;
}
