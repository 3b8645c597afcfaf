"""A statement as files: CSV (RFC 4180) that a spreadsheet opens without running anything, and a PDF to sign.

The PDF speaks Chinese with the reader's own Song face (the CID font STSong-Light), Latin with Helvetica: nothing is
embedded, so that a year's statement stays small.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from station.parcels.export import BOM, line

LATIN, HAN = "Helvetica", "STSong-Light"


@dataclass(frozen=True, slots=True)
class Paper:
    """What a printed statement says: a title, lines about it, a table, and lines of sums below it."""

    title: str
    about: Sequence[tuple[str, str]]
    head: Sequence[str]
    rows: Iterable[Sequence[str]]
    sums: Sequence[tuple[str, str]]


def as_csv(paper: Paper) -> str:
    """Return the table of `paper` with its sums, one a line, for a spreadsheet."""
    return "".join(
        [
            BOM,
            line(*paper.head),
            *(line(*row) for row in paper.rows),
            *(line(label, amount) for label, amount in paper.sums),
        ]
    )


def as_pdf(paper: Paper) -> bytes:
    """Return `paper` on A4."""
    pdfmetrics.registerFont(UnicodeCIDFont(HAN))
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        title=paper.title,
        author="",
        leftMargin=15 * mm,
        rightMargin=15 * mm,
    )
    small, large = _style(9), _style(15)
    rule = TableStyle(
        [
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, "black"),
            ("LINEBELOW", (0, 1), (-1, -1), 0.2, "grey"),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
    )
    cells = [[Paragraph(_mixed(text), small) for text in row] for row in (paper.head, *paper.rows)]
    sums = [[Paragraph(_mixed(text), small) for text in row] for row in paper.sums]
    about = [[Paragraph(_mixed(text), small) for text in row] for row in paper.about]
    document.build(
        [
            Paragraph(_mixed(paper.title), large),
            Spacer(1, 4 * mm),
            Table(about, colWidths=[40 * mm, None], hAlign="LEFT"),
            Spacer(1, 4 * mm),
            Table(cells, style=rule, repeatRows=1, hAlign="LEFT"),
            Spacer(1, 4 * mm),
            Table(sums, colWidths=[60 * mm, None], hAlign="LEFT"),
        ]
    )
    return out.getvalue()


def _style(size: int) -> ParagraphStyle:
    return ParagraphStyle("text", fontName=LATIN, fontSize=size, leading=size * 1.3, wordWrap="CJK")


def _mixed(text: str) -> str:
    """Return `text` as reportlab's markup, what Helvetica cannot write set in the Chinese face."""
    parts: list[tuple[bool, str]] = []
    for char in text:
        is_han = not _is_latin(char)
        if parts and parts[-1][0] == is_han:
            parts[-1] = (is_han, parts[-1][1] + char)
        else:
            parts.append((is_han, char))
    return "".join(
        f'<font name="{HAN}">{escape(part)}</font>' if is_han else escape(part) for is_han, part in parts
    )


def _is_latin(char: str) -> bool:
    """Whether Helvetica's standard encoding has the character (WinAnsiEncoding, ISO 32000-1, annex D)."""
    try:
        char.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
