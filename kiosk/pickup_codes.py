"""The one spelling of a pickup code that salted hashes are made of. Pure.

`shelf-layer-number` as people type it, with any separator and width; which parcel it names is the waiting list's.
"""

import re
import unicodedata

MAX_TEXT = 40  # longer than any code with generous white space
_SEPARATORS = re.compile(r"[-–—./ ]+")  # DESIGN.md 5: any of these separates
_SHELF = re.compile(r"[^\W_]{1,8}")
_NUMBER = re.compile(r"[0-9]{1,10}")


def canonical(text: str) -> str | None:
    """Return the code in upper case, layer and number as integers: `15 – 1 – 01` is `15-1-1`. None for no code."""
    if len(text) > MAX_TEXT:
        return None
    # Upper-casing can leave a form that NFKC would change again, hence twice.
    upper = unicodedata.normalize("NFKC", text).upper()
    parts = _SEPARATORS.split(unicodedata.normalize("NFKC", upper).strip())
    if len(parts) != 3:
        return None
    shelf, layer, number = parts
    if not (_SHELF.fullmatch(shelf) and _NUMBER.fullmatch(layer) and _NUMBER.fullmatch(number)):
        return None
    return f"{shelf}-{int(layer)}-{int(number)}"
