// A page that waits for a payment: asks where it stands, and loads anew when that is no longer "asked".

const EVERY_MS = 2000; // ours: a provider's notice takes a second or two
const page = document.querySelector("[data-wait]");

async function look() {
  try {
    const answer = await fetch(page.dataset.wait, { headers: { Accept: "application/json" } });
    if (answer.ok && (await answer.json()).state !== "asked") return location.reload();
  } catch {
    // No network just now: the next look finds out.
  }
  setTimeout(look, EVERY_MS);
}

if (page) setTimeout(look, EVERY_MS);
