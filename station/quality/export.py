"""A carrier's faulty parcels as CSV (RFC 4180) and as a workbook, safe to open in a spreadsheet. Pure.

They are for a talk with the carrier: waybill, what was wrong, when and by whom it was recorded; nothing of a recipient.
"""

import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from station.core.i18n import gettext as _
from station.parcels.export import BOM, line
from station.quality import words
from station.quality.measures import Measure
from station.quality.parcel_queries import Behind
from station.quality.rates import Tally
from station.quality.report import Line

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"  # ECMA-376, registered with IANA
SHEET_NAME = 31  # characters, all that a spreadsheet takes

Cells = tuple[str, ...]


def head() -> Cells:
    """Return the names of the columns."""
    return (
        _("Waybill"),
        _("What was wrong"),
        _("Recorded"),
        _("Recorded by"),
        _("Announced for"),
        _("Arrived"),
    )


def row(measure: Measure, one: Behind, names: Mapping[str, str], *, zone: ZoneInfo) -> Cells:
    """Return the cells of a parcel."""
    return (
        one.waybill,
        _(words.MEASURES[measure]),
        _moment(one.recorded_at, zone),
        names.get(one.recorded_by, _("somebody")) if one.recorded_by else _("not here yet"),
        one.expected_on.isoformat() if one.expected_on else "",
        _moment(one.stored_at, zone),
    )


def figures(of_carrier: Line) -> list[Cells]:
    """Return a carrier's figures with the names of their columns."""
    titles: Cells = (
        _("What was wrong"),
        _("Parcels"),
        _("Of"),
        _("Per 10,000"),
        _("At least"),
        _("At most"),
        _("Before"),
        _("Before, of"),
        _("Comparison"),
    )
    return [titles] + [
        (
            _(words.MEASURES[measure]),
            *_tally(one.now),
            *_rates(one.now),
            *_tally(one.before),
            _(words.TRENDS[one.trend]),
        )
        for measure, one in of_carrier.measures.items()
    ]


def as_csv(rows: Iterable[Cells]) -> str:
    """Return the rows below their columns' names."""
    return BOM + line(*head()) + "".join(line(*cells) for cells in rows)


def as_workbook(rows: Iterable[Cells], summary: list[Cells]) -> bytes:
    """Return a workbook: a sheet of parcels, and one of the carrier's figures."""
    book = Workbook(write_only=True)
    _fill(book, _("Parcels"), [head(), *rows])
    _fill(book, _("Figures"), summary)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(book: Workbook, title: str, rows: Iterable[Cells]) -> None:
    sheet = book.create_sheet(title[:SHEET_NAME])
    for cells in rows:
        sheet.append([_text(sheet, cell) for cell in cells])


def _text(sheet: Any, cell: str) -> Any:
    """Return a cell that is a text whatever it begins with: no spreadsheet computes it."""
    made = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", cell))
    made.data_type = "s"
    return made


def _tally(tally: Tally) -> tuple[str, str]:
    return str(tally.count), str(tally.base)


def _rates(tally: Tally) -> tuple[str, str, str]:
    if not tally.says_something:
        return (_("too few"), "", "")
    inside = tally.interval
    return f"{tally.per_10_000:.0f}", f"{inside.low * 10_000:.0f}", f"{inside.high * 10_000:.0f}"


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else ""
