// Touches go to the program in the order they were made, one after the other.

let last = Promise.resolve();

async function post(path, body) {
  try {
    await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  } catch {
    // The program is away; the page says so when its events stop (events.js). An old touch must not act later.
  }
}

/** Tell the session that a button was pressed. */
export function touch(action, value = "") {
  last = last.then(() => post("/touch", { action, value }));
}

/** Listen to every button of every screen. */
export function touches() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.action) touch(button.dataset.action, button.dataset.value);
    if (button?.dataset.scene) last = last.then(() => post("/demo", { scene: button.dataset.scene }));
  });
  document.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press is a press
}
