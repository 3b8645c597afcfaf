"""What people show or say at the counter to be known by: how such text looks, and what may be kept of it.

Whose it is, and whether it is any good, is said by the room of the people.
"""

import re
import unicodedata

IDENTITY = "ID:"  # before an identity code
PROXY = "PROXY:"  # before the code of somebody who collects for another
HIDDEN = "…"  # stands for what could still open something

_TAIL_AND_DIGITS = re.compile(r"(\d{4})\s+(\d{3}\s?\d{3}|\d{4}\s\d{2})", re.ASCII)
# Anywhere, not only in front: two scans may have run together.
_MARKED = re.compile(r"(ID|PROXY)[\s-]*:", re.ASCII | re.IGNORECASE)


def tail_and_digits(text: str) -> tuple[str, str] | None:
    """Return phone tail and digits of a text like `4068 883046`; None for any other."""
    found = _TAIL_AND_DIGITS.fullmatch(text.strip())
    return (found[1], "".join(found[2].split())) if found else None


def to_keep(text: str) -> str:
    """Return what may be kept of a text that was read: what was shown, in any case and width, not the secret in it."""
    plain = unicodedata.normalize("NFKC", text)
    typed = tail_and_digits(plain)
    if typed:
        return f"{typed[0]} {HIDDEN}"
    marked = _MARKED.search(plain)
    return f"{plain[: marked.start()].strip()}{marked[1].upper()}:{HIDDEN}" if marked else text
