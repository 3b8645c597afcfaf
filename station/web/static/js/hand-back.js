// A courier checks off what is loaded: kept on the phone only, so that a reload loses no tick. Nothing of it is sent.

const list = document.querySelector("[data-ticks]");
const key = `hand-back-${list?.dataset.ticks}`;

function boxes() {
  return [...list.querySelectorAll('input[type="checkbox"]')];
}

function show() {
  const told = list.querySelector("[data-loaded]");
  told.textContent = told.dataset.loaded.replace("{count}", `${boxes().filter((box) => box.checked).length}/${boxes().length}`);
}

function keep() {
  const ticked = boxes().filter((box) => box.checked).map((box) => box.value);
  try {
    localStorage.setItem(key, JSON.stringify(ticked));
  } catch {
    // A phone that keeps nothing still shows the ticks until the page is left.
  }
  show();
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "[]");
  } catch {
    return [];
  }
}

if (list) {
  const ticked = new Set(kept());
  for (const box of boxes()) box.checked ||= ticked.has(box.value); // one ticked before this ran stays ticked
  list.addEventListener("change", keep);
  keep();
}
