// The kiosk's page: shows the screens that come, passes touches on, and says so when nothing comes any more.

import { listen } from "./events.js";
import { keepTime } from "./clock.js";
import { keepKeys, keyBoard } from "./keypad.js";
import { keepPage, turnPages } from "./reading.js";
import { draw, watchPresses } from "./pressing.js";
import { isShown, show } from "./screen.js";
import { touches } from "./touch.js";
import * as voice from "./voice.js";

voice.arm({ atOnce: "sound" in document.documentElement.dataset });
touches();
document.getElementById("screen").inert = false;
watchPresses();
keyBoard();
turnPages();
const clock = keepTime();

listen((shown) => {
  draw(() => redraw(shown), { isOther: !isShown(shown) });
  voice.sound(shown.signals);
  voice.say(shown.say, shown.voice);
});

function redraw(shown) {
  const { isOther, refocus } = show(shown);
  keepKeys({ isOther });
  keepPage({ isOther });
  refocus();
  clock.show(shown);
}

// While the program is away a reload would end at the browser's own error page; the worker shows ours instead.
navigator.serviceWorker?.register("/worker.js").catch(() => {});
