// The one place that turns text into page: only for what our own server has drawn, never for what somebody typed.

/** Show a fragment the server has drawn. */
export function draw(place, html) {
  place.innerHTML = html;
}

/** Fetch a fragment; null when there is none to show: no line, signed out, refused.
 *
 *  What somebody typed goes as `said`, in the body: addresses are written down on the way. */
export async function fragment(address, said = null) {
  const sent = said && { method: "POST", body: new URLSearchParams(said) };
  try {
    const answer = await fetch(address, { ...sent, headers: { Accept: "text/html" } });
    return answer.ok && !answer.redirected ? await answer.text() : null;
  } catch {
    return null;
  }
}
