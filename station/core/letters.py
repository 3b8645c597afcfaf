"""The letters PDFs are set in: Noto Sans SC, of which every file embeds what it uses, so any viewer and printer has it.

`make assets` fetches the two faces (station/web/assets.py); docs/architecture.md says why these. Everything is measured
in points. Pages are not set here: browsers bring letters of their own.
"""

import unicodedata
from functools import cache
from pathlib import Path
from typing import BinaryIO

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from station.core.i18n import HTML_LANG, language

FOLDER = Path(__file__).parents[1] / "web" / "static" / "vendor" / "fonts"
REGULAR, BOLD = "Noto Sans SC", "Noto Sans SC Bold"
FILES = {REGULAR: "noto-sans-sc-400.ttf", BOLD: "noto-sans-sc-700.ttf"}
MISSING = "〓"  # the printers' sign for a letter they have not (U+3013, geta mark)
ELLIPSIS = "…"
# Chinese line breaking (GB/T 15834-2011, 5.1): these never begin a line, and those never end one.
NEVER_FIRST = frozenset("，。、；：？！）》」』】〕”’…—·,.;:?!)]}%")
NEVER_LAST = frozenset("（《「『【〔“‘([{¥$€£")


@cache
def ready() -> frozenset[int]:
    """Let reportlab know the faces; return the code points they have.

    Reading both takes 0.3 s and 30 MB, once for each process (measured 2026-11-22).
    """
    faces = [TTFont(name, str(FOLDER / file)) for name, file in FILES.items()]
    for face in faces:
        pdfmetrics.registerFont(face)
    return frozenset(faces[0].face.charToGlyph)


def canvas(file: BinaryIO, *, title: str, author: str) -> Canvas:
    """Return an empty A4 to draw on: the same drawing makes the same bytes; it says which language it speaks."""
    ready()
    made = Canvas(file, pagesize=A4, invariant=1, initialFontName=REGULAR, lang=HTML_LANG[language()])  # type: ignore[arg-type]  # the stubs take the name for a number
    made.setTitle(title)
    made.setAuthor(author)
    return made


def shown(text: str) -> str:
    """Return `text` with what the faces lack left out when it is a picture or a mark, and 〓 when it is a letter."""
    known = ready()
    letters = (char if ord(char) in known else _stand_in(char) for char in unicodedata.normalize("NFC", text))
    return " ".join("".join(letters).split())


def _stand_in(char: str) -> str:
    """Return a space for white space, 〓 for letters, digits and what this Python does not know, nothing else."""
    if char.isspace():
        return " "
    return MISSING if unicodedata.category(char)[0] in "LN" or unicodedata.category(char) == "Cn" else ""


def width(text: str, size: float, face: str = REGULAR) -> float:
    """Return how wide `text` is, which `shown` has cleaned."""
    ready()
    return float(pdfmetrics.stringWidth(text, face, size))


def folded(text: str, size: float, room: float, face: str = REGULAR) -> list[str]:
    """Return `text` in lines of at most `room`, broken at spaces and between Chinese letters; one line at least."""
    rest, lines = shown(text), []
    while rest:
        cut = _fits(rest, size, room, face)
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return lines or [""]


def least(text: str, size: float, face: str = REGULAR) -> float:
    """Return how wide the longest part of `text` is that no line ends in."""
    rest, begins, widest = shown(text), 0, 0.0
    for place in range(1, len(rest) + 1):
        if place == len(rest) or _may_break(rest, place):
            widest = max(widest, width(rest[begins:place].rstrip(), size, face))
            begins = place
    return widest


def cut(lines: list[str], most: int) -> list[str]:
    """Return the first `most` lines; the last one tells by three dots that something is left out."""
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], f"{lines[most - 1][:-1].rstrip()}{ELLIPSIS}"]


def _fits(text: str, size: float, room: float, face: str) -> int:
    """Return where the first line of `text` ends."""
    if width(text, size, face) <= room:
        return len(text)
    wide = 0.0
    for place, char in enumerate(text):
        wide += width(char, size, face)
        if wide > room:
            return next((cut for cut in range(place, 0, -1) if _may_break(text, cut)), max(1, place))
    return len(text)


def _may_break(text: str, cut: int) -> bool:
    """Whether a line may end before the letter at `cut`."""
    before, after = text[cut - 1], text[cut]
    if after == " " or before == " ":
        return True
    if after in NEVER_FIRST or before in NEVER_LAST:
        return False
    return _is_wide(before) or _is_wide(after) or before in "-/:_"


def _is_wide(char: str) -> bool:
    """Whether a letter is a Chinese one (Unicode Standard Annex 11: wide or full-width)."""
    return unicodedata.east_asian_width(char) in "WF"
