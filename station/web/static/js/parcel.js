// The parcel page: an address with a # opens its part, and a signature may be drawn.

import { arm } from "./signature.js";

function open() {
  const part = location.hash && document.getElementById(location.hash.slice(1));
  if (!part) return;
  if (part.tagName === "DETAILS") part.open = true;
  part.scrollIntoView({ block: "center" });
  part.querySelector("input:not([type=hidden]), select, button")?.focus({ preventScroll: true });
}

addEventListener("hashchange", open);
open();
arm(document);
