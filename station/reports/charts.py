"""Bars of a report, drawn by the server: where each stands and how high it is. Pure; the numbers stand in the table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from station.reports.queries import Day, Report

WIDTH, HEIGHT = 600, 120  # units of the drawing, which is stretched over its card
MOST_BARS = 62  # two months by the day; a longer period is drawn by the week
GAP = 0.2  # of a bar's place


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its corner and size in units of the drawing, and which series it is of."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars around a base line at height `zero`. `best`: the first day of the highest bar of the first series."""

    bars: tuple[Bar, ...]
    zero: float
    best: date | None
    best_value: int
    is_weekly: bool


Reader = Callable[[Day], int]


def money(report: Report) -> Chart:
    """Return bars of income above the line and of expenses below it."""
    return _chart(report, (lambda day: day.income_minor, lambda day: -day.expense_minor))


def parcels(report: Report) -> Chart:
    """Return bars of parcels checked in above the line, and of those that left below it."""
    left: Reader = lambda day: -(day.parcels["handed_over"] + day.parcels["returned"])  # noqa: E731 - as its pair
    return _chart(report, (lambda day: day.parcels["in"], left))


def _chart(report: Report, readers: Sequence[Reader]) -> Chart:
    days = list(report.days.items())
    is_weekly = len(days) > MOST_BARS
    size = 7 if is_weekly else 1
    parts = [days[start : start + size] for start in range(0, len(days), size)]
    values = [[sum(read(day) for _date, day in part) for read in readers] for part in parts]
    highest = max(0, *(one for row in values for one in row))
    lowest = min(0, *(one for row in values for one in row))
    scale = HEIGHT / (highest - lowest or 1)
    zero, place = highest * scale, WIDTH / len(parts)
    bars = tuple(
        Bar(
            round((number + GAP / 2) * place, 2),
            round(zero - max(value, 0) * scale, 2),
            round((1 - GAP) * place, 2),
            round(abs(value) * scale, 2),
            series,
        )
        for number, row in enumerate(values)
        for series, value in enumerate(row, 1)
        if value
    )
    best = max(range(len(parts)), key=lambda number: values[number][0])
    top = values[best][0]
    return Chart(bars, round(zero, 2), parts[best][0][0] if top > 0 else None, top, is_weekly)
