// A press is a finger that goes down and comes up on one button: that button is not drawn anew in between.

const LONGEST_HOLD_MS = 1000; // ours: a hand that rests on the screen must not stop it

let isDown = false;
let waiting = null;
let giveUp = null;

/** Watch for fingers on the screen. */
export function watchPresses() {
  document.addEventListener("pointerdown", () => {
    isDown = true;
    clearTimeout(giveUp);
    giveUp = setTimeout(free, LONGEST_HOLD_MS);
  }, true);
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => setTimeout(free), true); // behind the click that follows
  }
}

/** Draw now, or, while a button of this screen is being pressed, right after; only the newest drawing counts. */
export function draw(drawing, { isOther }) {
  waiting = isDown && !isOther ? drawing : null;
  if (!waiting) drawing();
}

function free() {
  clearTimeout(giveUp);
  isDown = false;
  const drawing = waiting;
  waiting = null;
  drawing?.();
}
