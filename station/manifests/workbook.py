"""Reading the first sheet of an .xlsx workbook row by row, and refusing one that would unpack into a flood.

openpyxl reads with defusedxml, so no entity expands and nothing outside is fetched.
"""

import warnings
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from openpyxl import load_workbook

from station.manifests.cells import LONGEST, text_of

# Bytes when unpacked. 100,000 rows of eight filled columns make a sheet of 48 MB with its texts inside (openpyxl 3.1,
# 2026-11-21). Texts that a workbook keeps apart stay in memory while it is read, so their limit is what bounds that.
PART_LIMIT = 128 * 1024 * 1024
TEXTS_LIMIT = 32 * 1024 * 1024
OTHER_LIMIT = 8 * 1024 * 1024
PARTS = 500
WIDEST = 200  # columns that are looked at; a sheet may have 16,384 (ECMA-376)


class BrokenError(Exception):
    """The workbook cannot be read; `why` is a key of words.SHEETS."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def rows(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """Return the number and the cells of each row that holds anything, as text. Raises BrokenError."""
    _check_size(file)
    book = _opened(file)
    try:
        sheet = book.worksheets[0] if book.worksheets else None
        if sheet is None:
            raise BrokenError("empty")
        yield from _filled(sheet)
    finally:
        book.close()


def _check_size(file: BinaryIO) -> None:
    """Refuse a flood by the sizes its directory states; the zip module never unpacks more of a part than that."""
    file.seek(0)
    try:
        parts = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BrokenError("broken_workbook") from error
    if len(parts) > PARTS or any(part.file_size > _limit(part.filename) for part in parts):
        raise BrokenError("too_large_inside")
    if sum(part.file_size for part in parts) > PART_LIMIT + TEXTS_LIMIT:
        raise BrokenError("too_large_inside")


def _limit(name: str) -> int:
    if name.lower().endswith("sharedstrings.xml"):
        return TEXTS_LIMIT
    return PART_LIMIT if "/worksheets/" in name.lower() else OTHER_LIMIT


def _opened(file: BinaryIO) -> Any:
    file.seek(0)
    with warnings.catch_warnings():
        # Openpyxl warns of styles and extensions it leaves out; we want texts only.
        warnings.simplefilter("ignore")
        try:
            return load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except MemoryError:
            raise
        except Exception as error:
            raise BrokenError("broken_workbook") from error


def _filled(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    sheet.reset_dimensions()  # what a workbook says of its own size may be wrong
    found = sheet.iter_rows(max_col=WIDEST, values_only=True)
    number = 0
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                values = next(found)
            except StopIteration:
                return
            except Exception as error:
                raise BrokenError("broken_workbook") from error
        number += 1
        cells = [text_of(value)[: LONGEST + 1] for value in values]
        if any(cell.strip() for cell in cells):
            yield number, cells
