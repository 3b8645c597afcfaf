"""What the bars of a page show: which rates, how wide the picture is, and what is said of it in words. Pure."""

from dataclasses import dataclass

from station.quality.measures import Measure
from station.quality.rates import Tally
from station.quality.report import Line, Report

NARROWEST = 1 / 10_000  # the rate at the right edge where nobody has a fault: one in the unit that is shown


@dataclass(frozen=True, slots=True)
class Chart:
    """One measure of all carriers.

    `scale`: the rate at the right edge. `most`: who has the highest rate, None where no base says anything or nobody
    has a fault. `is_clear`: whether any base says something.
    """

    lines: list[Line]
    scale: float
    most: Line | None
    is_clear: bool
    total: Tally


def of_measure(found: Report, measure: Measure) -> Chart:
    """Return the chart of one measure; lines with the highest rates first, those that say nothing last."""

    def tally(line: Line) -> Tally:
        return line.measures[measure].now

    clear = sorted(
        (line for line in found.lines if tally(line).says_something), key=lambda line: -tally(line).share
    )
    vague = [line for line in found.lines if not tally(line).says_something]
    scale = max((tally(line).interval.high for line in clear), default=NARROWEST)
    most = clear[0] if clear and tally(clear[0]).count else None
    return Chart([*clear, *vague], scale, most, bool(clear), tally(found.total))


def scale_of(line: Line) -> float:
    """Return the highest rate of a carrier's measures in both periods, of those that say something."""
    tallies = [tally for compared in line.measures.values() for tally in (compared.now, compared.before)]
    return max((tally.share for tally in tallies if tally.says_something and tally.count), default=NARROWEST)
