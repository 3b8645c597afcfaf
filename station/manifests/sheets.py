"""Reading an uploaded table, whatever wrote it: what kind of file it is, its encoding and delimiter, and its rows.

Reads from a file on disk in bounded memory. Pure but for that file: no database, no request.
"""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from station.manifests import workbook
from station.manifests.columns import header_row, propose

LARGEST = 24 * 1024 * 1024  # bytes: 100,000 rows with every field filled are 10 MB
ROWS = 100_000  # ours: a day of the largest station many times over
COLUMNS = 60  # ours: exports of carriers' systems have up to 40
HEAD = 20  # rows in which headers are looked for, and that a preview shows
LINE = 64 * 1024  # characters of a line; the csv module refuses a field of more than 128 Ki by itself
SAMPLE = 64 * 1024  # characters in which the delimiter is looked for
BLOCK = 256 * 1024
GARBLED = 100  # one broken character in so many is a broken file, fewer are broken rows; ours

_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
ENCODINGS = ("utf-8", "gb18030")  # tried in this order: Chinese text in GB18030 is never valid UTF-8 for long
DELIMITERS = (",", "\t", ";", "|")


class SheetError(Exception):
    """The file cannot be read as a table. `why` is a key of words.SHEETS; `row` where it broke, if known."""

    def __init__(self, why: str, row: int | None = None) -> None:
        super().__init__(why)
        self.why, self.row = why, row


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written. `encoding` and `delimiter` are empty for a workbook."""

    kind: str
    encoding: str = ""
    delimiter: str = ""


Row = tuple[int, list[str]]
"""The number of a row as a spreadsheet shows it, from 1, and its cells; rows without any text are left out."""


def layout_of(file: BinaryIO) -> Layout:
    """Find out how a file is written. Raises SheetError."""
    file.seek(0)
    start = file.read(8)
    if not start:
        raise SheetError("empty")
    if start.startswith(b"PK\x03\x04"):
        return Layout("xlsx")
    if start.startswith(b"\xd0\xcf\x11\xe0"):  # the container of Excel 97-2003 (MS-CFB, section 2.2)
        raise SheetError("old_excel")
    encoding = _encoding(file, start)
    return Layout("csv", encoding, _delimiter(file, encoding))


def rows(file: BinaryIO, layout: Layout) -> Iterator[Row]:
    """Return the rows that hold anything. Raises SheetError, also on the way."""
    for count, (number, cells) in enumerate(_all(file, layout)):
        if count >= ROWS + HEAD:
            raise SheetError("too_many_rows", number)
        if len(cells) > COLUMNS and any(cells[COLUMNS:]):
            raise SheetError("too_many_columns", number)
        yield number, cells[:COLUMNS]


def _all(file: BinaryIO, layout: Layout) -> Iterator[Row]:
    if layout.kind == "xlsx":
        try:
            yield from workbook.rows(file)
        except workbook.BrokenError as error:
            raise SheetError(error.why) from error
        return
    reader = csv.reader(_lines(file, layout.encoding), delimiter=layout.delimiter)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise SheetError("quote_open", number) from error
        if any(cell.strip() for cell in cells):
            yield number, cells


def _lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Return the lines of the text; what cannot be decoded is marked U+FFFD, so that its row can be refused."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    try:
        while line := text.readline(LINE):
            if len(line) >= LINE:
                raise SheetError("line_too_long")
            if "\0" in line:
                raise SheetError("not_a_table")
            yield line
    finally:
        text.detach()  # else it would close the file


def _encoding(file: BinaryIO, start: bytes) -> str:
    for mark, encoding in _BOMS.items():
        if start.startswith(mark):
            return encoding
    broken = {encoding: _broken(file, encoding) for encoding in ENCODINGS}
    best = min(ENCODINGS, key=lambda encoding: broken[encoding][0])
    bad, characters = broken[best]
    if bad * GARBLED > characters:
        raise SheetError("not_a_table")
    return best


def _broken(file: BinaryIO, encoding: str) -> tuple[int, int]:
    """Return how many characters of a file are broken in an encoding, and how many there are."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    bad = characters = 0
    file.seek(0)
    while block := file.read(BLOCK):
        text = decoder.decode(block)
        bad += text.count("\ufffd")
        characters += len(text)
    return bad + decoder.decode(b"", final=True).count("\ufffd"), max(characters, 1)


def _delimiter(file: BinaryIO, encoding: str) -> str:
    """Return the delimiter by which the first rows name most fields, else are most alike."""
    sample = _sample(file, encoding)
    return max(DELIMITERS, key=lambda delimiter: _fit(sample, delimiter))


def _sample(file: BinaryIO, encoding: str) -> list[str]:
    taken, size = [], 0
    for line in _lines(file, encoding):
        taken.append(line)
        size += len(line)
        if len(taken) >= HEAD or size >= SAMPLE:
            break
    return taken


def _fit(sample: Sequence[str], delimiter: str) -> tuple[int, int]:
    try:
        found = [row for row in csv.reader(sample, delimiter=delimiter) if row]
    except csv.Error:
        return 0, 0
    head = header_row(found)
    named = len(propose(found[head])) if head is not None else 0
    widths = Counter(len(row) for row in found)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
    return named, count if width > 1 else 0
