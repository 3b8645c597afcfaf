"""The one-time code by which somebody shows that they collect for another: eight characters, or `PROXY:` before them.

Pure but for chance. Whether a code is any good is said by proxies.py.
"""

import re
import secrets
import unicodedata

from station.core import shown_codes

PREFIX = shown_codes.PROXY
LENGTH = 8
# Ours: what is read aloud and typed; without 0 O, 1 I L, which people take for each other. 31 characters: with LENGTH
# of them 39 bits, far beyond what the limit on guesses (proxies.WRONG_CODES) leaves anybody.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_TYPED = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")
_BLANKS = re.compile(r"[\s-]+")


def new() -> str:
    """Return a new code. It has letters and digits, so that it is no name and no number."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if is_mixed(code):
            return code


def is_mixed(code: str) -> bool:
    """Tell whether text holds both letters and digits."""
    return any(char.isdigit() for char in code) and any(char.isalpha() for char in code)


def read(text: str) -> str | None:
    """Return the code that a box's text is, in any case and width; None for text that is none.

    What stands behind PREFIX is meant as a code whatever it looks like: it comes back as it is, to be refused as wrong.
    """
    plain = _BLANKS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if plain.startswith(PREFIX):
        return plain.removeprefix(PREFIX)
    return plain if _TYPED.fullmatch(plain) and is_mixed(plain) else None


def is_marked(text: str) -> bool:
    """Tell whether a box's text says itself that it is a proxy's code."""
    return unicodedata.normalize("NFKC", text).strip().upper().startswith(PREFIX)


def drawn(code: str) -> str:
    """Return what the QR code of a code says."""
    return PREFIX + code


def spaced(code: str) -> str:
    """Return a code as people read it: `ABCD 2345`."""
    return f"{code[:4]} {code[4:]}"
