// The station's time of day and the seconds that are left, between two screens.

/** Keep both going; returns what has to be told of every screen. */
export function keepTime() {
  let ahead = null; // how far the program's clock is ahead of this page's, in ms
  let endsAt = null;

  function tick() {
    const clock = document.querySelector("[data-clock]");
    if (clock && ahead !== null) {
      const form = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: clock.dataset.clock };
      const time = new Intl.DateTimeFormat("en-GB", form).format(Date.now() + ahead);
      if (clock.textContent !== time) clock.textContent = time;
    }
    const countdown = document.querySelector("[data-countdown]");
    if (countdown && endsAt !== null) {
      const left = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
      countdown.textContent = countdown.dataset.countdown.replace("{}", left);
    }
  }
  setInterval(tick, 250);
  return {
    show({ now_ms: now, closes_in_s: left }) {
      ahead = now - Date.now();
      endsAt = left === null ? null : performance.now() + left * 1000;
      tick();
    },
  };
}
