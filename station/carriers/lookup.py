"""Whose number is this? The candidates for a number as somebody typed it, for the command and the carriers' page."""

from station.carriers.detection import Candidate, canonical_waybill, detect, is_s10

# Any postal item is one by its check digit, whoever brings it: said first, before the guess at who does.
POSTAL = Candidate("s10", 1.0, "s10")


def candidates(number: str, prior: str | None = None) -> tuple[Candidate, ...]:
    """Return the carriers that a number as it was typed may belong to; none for a text that is no number.

    `prior`: code of the batch's carrier. Ordering: best first, as `detect`.
    """
    waybill = canonical_waybill(number)
    if waybill is None:
        return ()
    found = detect(waybill, prior=prior)
    is_named = any(one.carrier == POSTAL.carrier for one in found)
    return (POSTAL, *found) if is_s10(waybill) and not is_named else found
