// A text that is longer than its place is read page by page: nothing on the kiosk scrolls.

let page = 0;

/** Stay on the page that was open, when the same screen is drawn again; offer the next one where there is any. */
export function keepPage({ isOther }) {
  if (isOther) page = 0;
  const text = document.querySelector(".agreement-text");
  if (!text) return;
  const step = text.clientWidth + parseFloat(getComputedStyle(text).columnGap);
  const pages = Math.ceil(text.scrollWidth / step);
  page %= pages;
  text.scrollLeft = page * step;
  document.querySelector("[data-read-on]").hidden = pages < 2;
}

/** Turn the page at a touch; after the last one comes the first. */
export function turnPages() {
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-read-on]")) return;
    page += 1;
    keepPage({ isOther: false });
  });
  addEventListener("resize", () => keepPage({ isOther: false }));
}
