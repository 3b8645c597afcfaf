"""The first rows of an uploaded file as they are shown before the import, people's data masked, and what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from station.core import names, phones
from station.core.i18n import gettext as _
from station.core.text import printable
from station.manifests import rows, spool, words
from station.manifests.cells import Fault, tidy
from station.manifests.columns import Field, Mapping, propose
from station.manifests.rows import Rules
from station.manifests.spool import Placed

SHOWN = 10  # rows
CELL = 32  # characters


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it is shown; `fault` is a sentence, empty for a row in order."""

    number: int
    cells: list[str]
    fault: str


@dataclass(frozen=True, slots=True)
class Found:
    """The beginning of a file: its headers, which may be numbers only, and the columns they propose."""

    head: list[Placed]
    headers: list[str]
    mapping: Mapping
    first_row: int


def found(path: Path, layout: dict[str, Any]) -> Found:
    """Return what the first rows of a file tell. Raises spool.SpoolError when it is gone."""
    head = list(islice(spool.read(path), 20))
    width = max((len(one.cells) for one in head), default=0)
    place = layout.get("headers")
    if place is None or place >= len(head):
        return Found(head, [""] * width, {}, head[0].number if head else 1)
    cells = [tidy(cell) for cell in head[place].cells]
    headers = cells + [""] * (width - len(cells))
    return Found(head, headers, propose(headers), head[place].number + 1)


def lines(head: Sequence[Placed], mapping: Mapping, rules: Rules, *, first_row: int) -> list[Line]:
    """Return the first rows with a parcel, checked by the columns as they are chosen now."""
    of_column = {place: field for field, place in mapping.items()}
    return [
        Line(
            one.number,
            [shown(tidy(cell), of_column.get(place)) for place, cell in enumerate(one.cells)],
            _fault(one, mapping, rules),
        )
        for one in head
        if one.number >= first_row
    ][:SHOWN]


def _fault(one: Placed, mapping: Mapping, rules: Rules) -> str:
    read = rows.read(one.cells, mapping, rules)
    return _(words.FAULTS[read.why]) if isinstance(read, Fault) else ""


def shown(cell: str, field: Field | None) -> str:
    """Return a cell, masked where it holds a phone number or a name."""
    phone = None if field is Field.WAYBILL else phones.parse(cell)
    if phone is not None:
        return phone.display_masked
    if field is Field.NAME:
        return names.masked(cell)
    return printable(cell, limit=CELL)
