"""Where to look for a missing parcel, the likeliest place first. Pure.

The rank is a rule, not a guess of ours dressed up as a number:
1. where it was scanned last, in this stocktake or an earlier one, if nobody moved it since;
2. where its pickup code says;
3. the rows beside that: the layers above and below, then the same layer of the shelves left and right;
4. the set-aside shelves;
5. the rows where it was before, the latest first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a row is worth a look."""

    SCANNED = "scanned"
    CODE = "code"
    BESIDE = "beside"
    SET_ASIDE = "set_aside"
    BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a shelf in use; `shelf` counts the shelves as they stand."""

    id: int
    shelf: int
    layer: int
    is_set_aside: bool


@dataclass(frozen=True, slots=True)
class Hint:
    """A row to look in, and why."""

    layer_id: int
    reason: Reason


def ranked(
    rows: Sequence[Row], booked: int | None, *, scanned: int | None, before: Sequence[int]
) -> tuple[Hint, ...]:
    """Return the rows to look in, each once, under its best reason.

    `booked`: the row of the pickup code; `scanned`: of the last scan that still counts; `before`: earlier rows, the
    latest first. Rows that are not in use any more are left out.
    """
    in_use = {row.id for row in rows}
    found: dict[int, Reason] = {}
    for layer_id, reason in _candidates(rows, booked, scanned, before):
        if layer_id in in_use:
            found.setdefault(layer_id, reason)
    return tuple(Hint(layer_id, reason) for layer_id, reason in found.items())


def _candidates(
    rows: Sequence[Row], booked: int | None, scanned: int | None, before: Sequence[int]
) -> Iterator[tuple[int, Reason]]:
    if scanned is not None:
        yield scanned, Reason.SCANNED
    if booked is not None:
        yield booked, Reason.CODE
    home = next((row for row in rows if row.id == booked), None)
    if home:
        yield from ((row.id, Reason.BESIDE) for row in rows if _is_above_or_below(row, home))
        yield from ((row.id, Reason.BESIDE) for row in rows if _is_left_or_right(row, home))
    yield from ((row.id, Reason.SET_ASIDE) for row in rows if row.is_set_aside)
    yield from ((layer_id, Reason.BEFORE) for layer_id in before)


def _is_above_or_below(row: Row, home: Row) -> bool:
    return row.shelf == home.shelf and abs(row.layer - home.layer) == 1


def _is_left_or_right(row: Row, home: Row) -> bool:
    return row.layer == home.layer and abs(row.shelf - home.shelf) == 1
