// Says whether a page under the scanner listens: ready, busy with scans on their way, stuck, or without the keyboard.

const find = (selector) => document.querySelector(selector);

/** Show in `place` (its data-* hold the words) how the page stands. onFocus(): the window has the keyboard again. */
export class Readiness {
  constructor(place, onFocus = () => {}) {
    Object.assign(this, { place, isAway: !document.hasFocus(), waiting: 0, trouble: "" });
    window.addEventListener("blur", () => this.#turn(true));
    window.addEventListener("focus", () => {
      this.#turn(false);
      onFocus();
    });
    this.#show();
  }

  /** Take what the queue tells: how many scans wait, and why. */
  stand(waiting, { trouble, isSafe }) {
    Object.assign(this, { waiting, trouble });
    find('[data-trouble="signed_out"]').hidden = trouble !== "signed_out";
    find('[data-trouble="unsafe"]').hidden = isSafe;
    this.#show();
  }

  #turn(isAway) {
    this.isAway = isAway;
    this.#show();
  }

  #show() {
    const { place, isAway, trouble, waiting } = this;
    const state = isAway ? "away" : trouble ? "stuck" : waiting ? "busy" : "ready";
    const text = place.dataset[state].replace("{count}", waiting);
    if (place.textContent !== text) place.textContent = text;
    place.dataset.state = state;
  }
}
