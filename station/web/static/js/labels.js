// The photo of a label: a chosen picture is sent at once, and a box in it fills its field. Works without, too: then a
// button sends the picture, and each field offers what was read.

const ask = document.querySelector('[data-label="ask"]');
ask?.querySelector('input[type="file"]').addEventListener("change", () => ask.requestSubmit());
ask?.addEventListener("submit", () => {
  ask.querySelector("[data-waiting]").hidden = false;
  ask.querySelector("button").disabled = true;
});
// Coming back to the page by the browser's button, another picture can be taken.
addEventListener("pageshow", () => {
  const button = ask?.querySelector("button");
  if (button) button.disabled = false;
});

const fields = document.querySelector('[data-label="confirm"]')?.elements;

/** Show which boxes say what the fields say now. */
function markChosen() {
  for (const mark of document.querySelectorAll(".mark")) {
    mark.toggleAttribute("data-chosen", fields[mark.dataset.field].value === mark.dataset.value);
  }
}

for (const mark of document.querySelectorAll(".mark")) {
  mark.addEventListener("click", (event) => {
    event.preventDefault();
    const field = fields[mark.dataset.field];
    field.value = mark.dataset.value;
    field.focus();
    markChosen();
  });
}
if (fields) {
  document.querySelector('[data-label="confirm"]').addEventListener("input", markChosen);
  markChosen();
}
