"""All carriers' figures of a period beside those of the period before, and their sum: what pages and files show."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add
from zoneinfo import ZoneInfo

from station.quality import queries
from station.quality.measures import Measure
from station.quality.periods import Choice, Period, before
from station.quality.queries import Figures
from station.quality.rates import Compared, Tally

NOTHING = Figures(0, dict.fromkeys(Measure, Tally()))


@dataclass(frozen=True, slots=True)
class Line:
    """A carrier's figures; `carrier` is its code, None in the line of all together."""

    carrier: str | None
    parcels: int
    parcels_before: int
    measures: dict[Measure, Compared]


@dataclass(frozen=True, slots=True)
class Report:
    """The carriers with the most parcels first, and the sum of all; `days` compared with `days_before`."""

    days: Period
    days_before: Period
    lines: list[Line]
    total: Line


def report(station_id: int, choice: Choice, period: Period, *, zone: ZoneInfo) -> Report:
    """Return the figures of a period: four statements for each of the two."""
    earlier = before(choice, period)
    now = queries.figures(station_id, period, zone=zone)
    then = queries.figures(station_id, earlier, zone=zone)
    lines = [
        _line(carrier, now.get(carrier, NOTHING), then.get(carrier, NOTHING)) for carrier in {*now, *then}
    ]
    total = _line(None, _sum(now.values()), _sum(then.values()))
    return Report(period, earlier, sorted(lines, key=lambda one: (-one.parcels, str(one.carrier))), total)


def of_carrier(found: Report, carrier: str) -> Line:
    """Return a carrier's line, an empty one where it brought nothing."""
    return next((line for line in found.lines if line.carrier == carrier), _line(carrier, NOTHING, NOTHING))


def _line(carrier: str | None, now: Figures, then: Figures) -> Line:
    compared = {measure: Compared(now.tallies[measure], then.tallies[measure]) for measure in Measure}
    return Line(carrier, now.parcels, then.parcels, compared)


def _sum(figures: Iterable[Figures]) -> Figures:
    found = list(figures)
    tallies = {measure: reduce(add, (one.tallies[measure] for one in found), Tally()) for measure in Measure}
    return Figures(sum(one.parcels for one in found), tallies)
