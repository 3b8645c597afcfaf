"""A table as a file: CSV (RFC 4180) and Excel, in which a text is never run as a formula and a number stays one."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from station.parcels.export import BOM, plain

Cell = str | int | Decimal


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its head."""

    title: str
    head: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def as_csv(sheet: Sheet) -> str:
    """Return a sheet as CSV."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in (sheet.head, *sheet.rows):
        writer.writerow([plain(one) if isinstance(one, str) else str(one) for one in row])
    return BOM + out.getvalue()


def as_xlsx(sheet: Sheet) -> bytes:
    """Return a sheet as an Excel workbook (ECMA-376)."""
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet.title[:31])  # as long as Excel lets the name of a sheet be
    for row in (sheet.head, *sheet.rows):
        cells = []
        for one in row:
            made = WriteOnlyCell(page, one)  # type: ignore[arg-type] # its stubs forget Decimal
            if isinstance(one, str):
                made.data_type = "s"  # else openpyxl takes a text that begins with = for a formula
            cells.append(made)
        page.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
