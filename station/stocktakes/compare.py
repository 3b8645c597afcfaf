"""Comparing what was scanned with what the books say. Pure.

A waybill is expected when the books have had it in a counted row since before that row's count began. What the books
learnt after a scan counts more than the scan: a parcel that came, was moved or left meanwhile is no difference.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """How a parcel differs from the books."""

    MISSING = "missing"  # in the books of a counted row, scanned nowhere
    MISPLACED = "misplaced"  # scanned in another row than the books say
    EXTRA = "extra"  # scanned, but not on any shelf by the books


@dataclass(frozen=True, slots=True)
class Booked:
    """What the books say of a waybill.

    `layer_id`: its row while it is on a shelf. `since`: when the books last changed its place, if during the stocktake.
    """

    parcel_id: int
    waybill: str
    state: str
    layer_id: int | None
    pickup_code: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A waybill's newest scan; `layer_id` None: somebody took it off the shelves."""

    waybill: str
    layer_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """A waybill for which scans and books do not agree; `booked` None for one that nobody knows."""

    kind: Kind
    waybill: str
    booked: Booked | None
    seen_layer_id: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every waybill that was expected or scanned, exactly once: as present or as a difference. Sorted by waybill."""

    present: tuple[str, ...]
    differences: tuple[Difference, ...]

    def of(self, kind: Kind) -> tuple[Difference, ...]:
        """Return the differences of one kind."""
        return tuple(one for one in self.differences if one.kind is kind)


def compare(
    counted: Mapping[int, datetime], books: Iterable[Booked], sightings: Iterable[Sighting]
) -> Comparison:
    """Compare the newest scan of each waybill with the books.

    `counted`: each counted row, with when its count began. `books`: one entry for each waybill at most.
    """
    booked = {one.waybill: one for one in books}
    seen = {one.waybill: one for one in sightings}
    expected = {one.waybill for one in booked.values() if is_expected(one, counted)}
    present: list[str] = []
    differences: list[Difference] = []
    for waybill in sorted(expected | seen.keys()):
        kind = kind_of(booked.get(waybill), seen.get(waybill), is_expected=waybill in expected)
        if kind is None:
            present.append(waybill)
            continue
        sighting = seen.get(waybill)
        row = sighting.layer_id if sighting and kind is not Kind.MISSING else None
        differences.append(Difference(kind, waybill, booked.get(waybill), row))
    return Comparison(tuple(present), tuple(differences))


def is_expected(booked: Booked, counted: Mapping[int, datetime]) -> bool:
    """Tell whether the books had the parcel in a counted row when its count began."""
    if booked.layer_id is None or booked.layer_id not in counted:
        return False
    return booked.since is None or booked.since <= counted[booked.layer_id]


def kind_of(booked: Booked | None, seen: Sighting | None, *, is_expected: bool) -> Kind | None:
    """Return how a waybill differs, None when it does not."""
    if seen is None or seen.layer_id is None or is_outdated(booked, seen):
        return Kind.MISSING if is_expected else None
    if booked is None or booked.layer_id is None:
        return Kind.EXTRA
    return None if seen.layer_id == booked.layer_id else Kind.MISPLACED


def is_outdated(booked: Booked | None, seen: Sighting) -> bool:
    """Tell whether the books learnt of another place after the scan."""
    return booked is not None and booked.since is not None and booked.since > seen.at
