"""A table on A4 as PDF: head, facts, columns that carry on over pages, sums that stay with their rows, page x of y.

What the station hands out on paper and is a list (statements, settlements, orders) is set here, once; the poster is a
picture of its own (group_buys/posters.py). Lengths are in points unless they say millimetres.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from station.core import letters
from station.core.i18n import gettext as _
from station.core.letters import BOLD, REGULAR, folded, least, width

WIDTH, HEIGHT = A4
MARGIN = 15 * mm  # cheap printers leave 5 to 10 mm white
ROOM = WIDTH - 2 * MARGIN
FOOT = MARGIN + 8 * mm  # what stands above the line with the page's number ends here
SIZE, TITLE, SMALL = 8.5, 18, 8  # of letters
LEADING = 1.4  # of a line, in its size: Chinese fills its square, so it needs more air than Latin's 1.2
PAD, GAP = 1.2 * mm, 3.5 * mm  # above and below a row; between columns
LABEL = 36 * mm  # the column of a fact's name
SIGNING = 24 * mm
ROUNDING = 0.1  # of sums of floats, so that a text fits the column that was made for it
TOGETHER = 2  # rows at least that stand above the sums
INK, SOFT, HAIR = 0x171B1A, 0x4B5250, 0x8A8577  # the tokens of app.css
# What Windows, the strictest of the systems people have, refuses in a file's name, and what would split ours.
_REFUSED = re.compile(r'[\x00-\x1f<>:"/\\|?*\s]+')
LONGEST_PART = 24  # characters: three such parts in Chinese stay below the 255 bytes that Linux allows a name


@dataclass(frozen=True, slots=True)
class Column:
    """A column: figures stand at its right edge, words at its left."""

    title: str
    is_figure: bool = False


def words(title: str) -> Column:
    """Return a column of words."""
    return Column(title)


def figures(title: str) -> Column:
    """Return a column of figures."""
    return Column(title, is_figure=True)


@dataclass(frozen=True, slots=True)
class Paper:
    """What a paper says. `sums` stand under column `sums_under`; each of `signers` gets a line to sign on."""

    station: str
    title: str
    about: Sequence[tuple[str, str]]
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    sums: Sequence[tuple[str, str]]
    sums_under: int = -1
    signers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    """A row's cells, each in lines."""

    cells: list[list[str]]

    @property
    def height(self) -> float:
        return max(len(cell) for cell in self.cells) * SIZE * LEADING + 2 * PAD


@dataclass(slots=True)
class _Page:
    """The rows of a page, and whether sums and signatures follow them."""

    room: float
    rows: list[_Row] = field(default_factory=list)
    is_last: bool = False

    def fits(self, height: float) -> bool:
        return height <= self.room

    def add(self, row: _Row) -> None:
        self.rows.append(row)
        self.room -= row.height


def file_name(*parts: str, suffix: str) -> str:
    """Return the parts, the most telling first, as the name of a file: 结算单-山里果园-2026-10-01.pdf."""
    clean = (_REFUSED.sub("_", part.strip())[:LONGEST_PART].strip("._") for part in parts)
    return f"{'-'.join(part for part in clean if part)}.{suffix}"


def as_pdf(paper: Paper) -> bytes:
    """Return `paper` on A4, in the language spoken now."""
    out = io.BytesIO()
    canvas = letters.canvas(out, title=paper.title, author=paper.station)
    _Setter(canvas, paper).set()
    canvas.save()
    return out.getvalue()


class _Setter:
    """Sets one paper: first what goes on which page, then page after page."""

    def __init__(self, canvas: Canvas, paper: Paper) -> None:
        self.canvas, self.paper = canvas, paper
        self.widths = _widths(paper)
        self.head = self._row([column.title for column in paper.columns], BOLD)
        self.y = 0.0

    def set(self) -> None:
        """Set every page."""
        pages = self._pages()
        for number, page in enumerate(pages, 1):
            self.y = HEIGHT - MARGIN
            if number == 1:
                self._opening()
            self._table(page)
            if page.is_last:
                self._closing()
            self._foot(number, len(pages))
            self.canvas.showPage()

    def _row(self, cells: Sequence[str], face: str = REGULAR) -> _Row:
        return _Row([folded(cell, SIZE, room, face) for cell, room in zip(cells, self.widths, strict=True)])

    def _pages(self) -> list[_Page]:
        """Part the rows into pages; the last one has sums and signatures below some rows, never alone."""
        whole = HEIGHT - MARGIN - FOOT - self.head.height
        pages = [_Page(whole - self._opening_height())]
        for row in (self._row(cells) for cells in self.paper.rows):
            if pages[-1].rows and not pages[-1].fits(row.height):
                pages.append(_Page(whole))
            pages[-1].add(row)
        if not pages[-1].fits(self._closing_height()):
            pages.append(_Page(whole))
        missing = TOGETHER - len(pages[-1].rows)
        if len(pages) > 1 and missing > 0:
            before = pages[-2].rows
            pages[-1].rows[:0], before[-missing:] = before[-missing:], []
        pages[-1].is_last = True
        return pages

    def _facts(self) -> list[list[str]]:
        return [folded(value, SIZE + 1, ROOM - LABEL) for _label, value in self.paper.about]

    def _opening_height(self) -> float:
        lines = len(folded(self.paper.title, TITLE, ROOM, BOLD)) * TITLE * LEADING
        facts = sum(len(value) * (SIZE + 1) * LEADING for value in self._facts())
        return (SIZE + 1) * LEADING + lines + facts + 9 * mm

    def _opening(self) -> None:
        """Write whose paper it is, what it is, and the facts."""
        self._line(self.paper.station, MARGIN, SIZE + 1, colour=SOFT)
        for part in folded(self.paper.title, TITLE, ROOM, BOLD):
            self._line(part, MARGIN, TITLE, face=BOLD)
        self.y -= 3 * mm
        for (label, _value), parts in zip(self.paper.about, self._facts(), strict=True):
            self._write(letters.shown(label), MARGIN, SIZE + 1, colour=SOFT)
            for part in parts:
                self._line(part, MARGIN + LABEL, SIZE + 1)
        self.y -= 6 * mm

    def _table(self, page: _Page) -> None:
        self._cells(self.head, BOLD)
        self._rule(0.8, INK)
        for row in page.rows:
            self._cells(row)
            self._rule(0.25, HAIR)

    def _cells(self, row: _Row, face: str = REGULAR) -> None:
        top, left = self.y - PAD, MARGIN
        for cell, column, room in zip(row.cells, self.paper.columns, self.widths, strict=True):
            self.y = top
            for part in cell:
                indent = room - width(part, SIZE, face) if column.is_figure else 0
                self._line(part, left + indent, SIZE, face=face)
            left += room + GAP
        self.y = top + PAD - row.height

    def _closing_height(self) -> float:
        sums = len(self.paper.sums) * (SIZE + 1) * LEADING + 4 * mm
        return sums + (SIGNING if self.paper.signers else 0)

    def _closing(self) -> None:
        """Write the sums below their column, the last one strong, then the lines to sign on."""
        at = range(len(self.paper.columns))[self.paper.sums_under]
        right = MARGIN + sum(self.widths[: at + 1]) + GAP * at
        self.y -= 2 * mm
        wide = max((width(amount, SIZE + 1, BOLD) for _label, amount in self.paper.sums), default=0.0)
        labels = right - max(wide, self.widths[at]) - GAP
        for place, (label, amount) in enumerate(self.paper.sums, 1):
            face = BOLD if place == len(self.paper.sums) else REGULAR
            name, figure = letters.shown(label), letters.shown(amount)
            self._write(name, labels - width(name, SIZE + 1, face), SIZE + 1, face=face)
            self._line(figure, right - width(figure, SIZE + 1, face), SIZE + 1, face=face)
        self._signatures()

    def _signatures(self) -> None:
        self.y -= SIGNING - 4 * mm
        each = ROOM / max(2, len(self.paper.signers))
        for place, signer in enumerate(self.paper.signers):
            left = MARGIN + place * each
            self.canvas.line(left, self.y + 5 * mm, left + each - 10 * mm, self.y + 5 * mm)
            self._write(letters.shown(signer), left, SMALL, colour=SOFT)

    def _foot(self, number: int, pages: int) -> None:
        """Write on every page which paper it belongs to, and its place."""
        counted = _("Page %(number)s of %(pages)s", number=number, pages=pages)
        wide = width(counted, SMALL)
        whose = " · ".join(
            [self.paper.station, self.paper.title, *(value for _label, value in self.paper.about[:3])]
        )
        self.y = MARGIN + SMALL * LEADING
        self._write(letters.cut(folded(whose, SMALL, ROOM - wide - GAP), 1)[0], MARGIN, SMALL, colour=SOFT)
        self._write(counted, WIDTH - MARGIN - wide, SMALL, colour=SOFT)

    def _rule(self, thickness: float, colour: int) -> None:
        self.canvas.setLineWidth(thickness)
        self.canvas.setStrokeColor(HexColor(colour))
        self.canvas.line(MARGIN, self.y, WIDTH - MARGIN, self.y)

    def _line(self, text: str, left: float, size: float, *, face: str = REGULAR, colour: int = INK) -> None:
        """Write a line and go on below it."""
        self._write(text, left, size, face=face, colour=colour)
        self.y -= size * LEADING

    def _write(self, text: str, left: float, size: float, *, face: str = REGULAR, colour: int = INK) -> None:
        self.canvas.setFont(face, size)
        self.canvas.setFillColor(HexColor(colour))
        self.canvas.drawString(left, self.y - size, text)


def _widths(paper: Paper) -> list[float]:
    """Return how wide the columns are: figures whole, words at least unbroken, the rest as titles and words need."""
    whole, unbroken = [], []
    for place, column in enumerate(paper.columns):
        cells = {letters.shown(row[place]) for row in paper.rows}
        needs = width if column.is_figure else least
        whole.append(
            max([width(column.title, SIZE, BOLD), *(width(cell, SIZE) for cell in cells)]) + ROUNDING
        )
        narrowest = max([least(column.title, SIZE, BOLD), *(needs(cell, SIZE) for cell in cells)])
        unbroken.append(narrowest + ROUNDING)
    rest = ROOM - GAP * (len(whole) - 1)
    if sum(unbroken) > rest:  # figures too long for any paper: every column gives up the same part
        return [wide * rest / sum(unbroken) for wide in unbroken]
    return _shared(whole, unbroken, rest)


def _shared(whole: list[float], given: list[float], rest: float) -> list[float]:
    """Return `given` with what is left of `rest` shared by the columns that want more; the widest takes the end."""
    given, left = list(given), rest - sum(given)
    hungry = sorted(range(len(whole)), key=lambda place: whole[place] - given[place])
    for done, place in enumerate(hungry):
        more = min(whole[place] - given[place], left / (len(hungry) - done))
        given[place] += more
        left -= more
    given[hungry[-1]] += left
    return given
