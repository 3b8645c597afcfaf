// Counting the drawer: what the notes and coins come to is shown while they are typed, and stands in the amount.
// Works without: the server sums the pieces itself, and its sum is what counts.

const form = document.querySelector("[data-drawer]");
const amount = form.elements.namedItem("amount");
const digits = Number(form.dataset.digits);
const pieces = [...form.querySelectorAll("[data-worth]")];

/** Return a typed whole number, null for anything else (web/forms.py, whole). */
function whole(text) {
  const plain = text.normalize("NFKC").trim();
  return /^\d{1,6}$/.test(plain) ? Number(plain) : null;
}

/** Write minor units as digits and a point (core/money.py, plain_money). */
function plain(minor) {
  return (minor / 10 ** digits).toFixed(digits);
}

/** Show what each kind comes to; the amount is theirs as long as something is typed, and free when nothing is. */
function sum() {
  let total = 0;
  for (const piece of pieces) {
    const number = piece.value.trim() ? whole(piece.value) : 0;
    const minor = number === null ? NaN : number * Number(piece.dataset.worth);
    piece.nextElementSibling.value = minor > 0 ? plain(minor) : "";
    total += minor;
  }
  const isCounted = pieces.some((piece) => piece.value.trim());
  if (isCounted) amount.value = Number.isNaN(total) ? "" : plain(total);
  else if (amount.readOnly) amount.value = "";
  amount.readOnly = isCounted;
}

form.addEventListener("input", (event) => {
  if (pieces.includes(event.target)) sum();
});

// Enter goes on to the next kind, as at a calculator; the button writes the count down.
form.addEventListener("keydown", (event) => {
  const place = pieces.indexOf(event.target);
  if (event.key !== "Enter" || event.isComposing || place < 0) return;
  event.preventDefault();
  (pieces[place + 1] ?? form.querySelector("button")).focus();
});

sum();
