// The stream of screens. Silence means that the program is away: then people are sent to the counter.

const SILENT_AFTER_MS = 5000; // UI.md 4 (c); a beat comes every 1.5 s (kiosk/web/streams.py)
const LOOK_EVERY_MS = 500;
const AGAIN_AFTER_MS = 1000;

let heardAt = performance.now();

/** Call `onScreen` with every screen, over and over, whatever happens to the connection. */
export function listen(onScreen) {
  connect(onScreen);
  setInterval(() => {
    document.getElementById("away").hidden = performance.now() - heardAt < SILENT_AFTER_MS;
  }, LOOK_EVERY_MS);
}

// EventSource gives up after some answers (a 403, a 500); we never do. It sends Last-Event-ID by itself as long as it lives.
function connect(onScreen) {
  const source = new EventSource("/events");
  const heard = (event) => {
    heardAt = performance.now();
    document.getElementById("away").hidden = true;
    return JSON.parse(event.data);
  };
  source.addEventListener("start", (event) => {
    if (JSON.parse(event.data).start === document.documentElement.dataset.start) return void heard(event);
    source.close(); // another program: its page comes anew, and until then nobody touches this one
    location.reload();
  });
  source.addEventListener("screen", (event) => onScreen(heard(event)));
  source.addEventListener("beat", heard);
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => connect(onScreen), AGAIN_AFTER_MS);
  });
}
