// The parcels list: ticking all, and a count of what is ticked. Without it every tick box and button works by itself.

const all = document.getElementById("all");
const chosen = document.getElementById("chosen");
const boxes = [...document.querySelectorAll('input[name="parcel"][form="bulk"]')];

function show() {
  const ticked = boxes.filter((box) => box.checked).length;
  all.checked = ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
  document.getElementById("bulk").hidden = ticked === 0;
  chosen.textContent = ticked === 1 ? chosen.dataset.one : chosen.dataset.many.replace("{n}", ticked);
}

if (all && chosen) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  for (const box of boxes) box.addEventListener("change", show);
  show();
}
