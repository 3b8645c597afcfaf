"""Text that people and scanners put in: cleaned for storing or made harmless for showing."""

import re
import unicodedata

# Marks that turn the direction of the text around them (Unicode Standard Annex 9, section 2): a name or
# note with one of them can show as something else than it says.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters and marks that show as nothing (Unicode property Default_Ignorable_Code_Point), and the empty
# Braille cell.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_JOINERS = frozenset("\u200c\u200d")  # wanted in Persian, in Indic scripts and inside emoji

# Cc control, Cf invisible, Cs half a character, Co private use, Zl and Zp line ends of their own. Not Cn:
# what this Python does not know yet may be a newer emoji or a rare Han character.
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})

_LINE_END = re.compile(r"\r\n?")


def is_harmless(char: str) -> bool:
    """Say whether a character shows as itself: no control, no invisible mark, no turner of direction."""
    if char in _BIDI or char in _BLANK:
        return False
    return char in _JOINERS or unicodedata.category(char) not in _UNWANTED


def clean_line(text: str, *, limit: int) -> str | None:
    """Return a one-line field as it is stored (NFC, trimmed), or None when it is refused.

    `limit`: characters after cleaning. Refused: longer text, control characters (a tab or line end inside
    too), invisible marks, turners of direction. Blank text gives "".
    """
    return _bounded(text.strip(), limit)


def clean_block(text: str, *, limit: int) -> str | None:
    r"""Return a note as it is stored, or None when it is refused.

    As clean_line, but line ends stay (as `\n`), tabs become spaces, and the ends of lines are trimmed.
    """
    if len(text) > 8 * limit:  # four characters of which one is composed, each with a line end of two at most
        return None
    lines = _LINE_END.sub("\n", text).replace("\t", " ").split("\n")
    cleaned = [_bounded(line.rstrip(), limit) for line in lines]
    if None in cleaned:
        return None
    block = "\n".join(line for line in cleaned if line is not None).strip()
    return block if len(block) <= limit else None


def _bounded(line: str, limit: int) -> str | None:
    # Composing makes one character of four at most (U+1F82), so a pasted novel is refused without reading it.
    if len(line) > 4 * limit:
        return None
    composed = unicodedata.normalize("NFC", line)
    return composed if len(composed) <= limit and all(map(is_harmless, composed)) else None


def printable(raw: str, limit: int = 64) -> str:
    r"""Return refused input in a form that is safe to show and to log: one line, at most `limit` characters.

    Unseen characters appear as escapes (`\x1b`); what was cut ends in `…`. Not for what may not be logged
    at all: pickup codes, tokens, phone numbers.
    """
    shown = "".join(char if is_harmless(char) else _escaped(char) for char in raw[: limit + 1])
    return shown if len(shown) <= limit else shown[: max(limit - 1, 0)] + "…"


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
