// Puts a screen's markup on the page. The camera's picture is one element that moves along, so that it never starts anew.

const screen = document.getElementById("screen");
const said = document.getElementById("said");
const picture = new Image();
const KEPT_MS = 3000; // a short screen in between is no reason to begin the picture anew

let ending = null;

/** Tell whether this screen is the one that is shown, maybe with other words on it. */
export function isShown({ screen: name }) {
  return screen.dataset.screen === name;
}

/** Show a screen. Returns whether it is another one than before, and what brings the keyboard's focus back to its place. */
export function show({ screen: name, html, language, is_large: isLarge, has_contrast: hasContrast }) {
  const isOther = !isShown({ screen: name });
  const focused = isOther ? null : label(document.activeElement);
  const root = document.documentElement;
  root.lang = language;
  root.toggleAttribute("data-large", isLarge);
  hasContrast ? root.setAttribute("data-contrast", "more") : root.removeAttribute("data-contrast");
  picture.remove();
  screen.innerHTML = html;
  screen.dataset.screen = name;
  look();
  tell();
  return { isOther, refocus: () => refocus(focused) };
}

// One picture at a time, and none where a screen shows none: the camera's stream ends soon after.
function look() {
  const place = screen.querySelector("[data-preview]");
  clearTimeout(ending);
  if (!place) {
    ending = setTimeout(() => picture.removeAttribute("src"), KEPT_MS);
    return;
  }
  picture.alt = place.dataset.preview;
  if (!picture.hasAttribute("src")) picture.src = "/preview.mjpeg";
  place.append(picture);
}
picture.addEventListener("error", () => {
  picture.removeAttribute("src");
  setTimeout(look, 1000);
});
look();

function label(element) {
  const { action, value, board, scene } = element?.dataset ?? {};
  return action || board || scene ? JSON.stringify([action, value, board, scene]) : null;
}

// A keyboard's focus stays on its button when a screen is drawn again; on a new screen it begins at the title.
function refocus(focused) {
  const same = focused && [...screen.querySelectorAll("button")].find((button) => label(button) === focused);
  (same || screen.querySelector("h1"))?.focus({ preventScroll: true });
}

function tell() {
  const title = screen.querySelector("h1")?.textContent ?? "";
  const text = [title, ...[...screen.querySelectorAll(".lead, .knote")].map((one) => one.textContent)].join(" ").trim();
  document.title = title || document.title;
  if (said.textContent !== text) said.textContent = text;
}
