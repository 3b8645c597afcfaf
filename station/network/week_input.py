"""A week of opening hours as people type it: read from a posted form, and written back into one."""

from collections.abc import Mapping
from dataclasses import dataclass

from station.core.i18n import gettext as _
from station.network.calendar import MOST_SPANS, WEEKDAYS, Span, Week, are_valid, parse_clock

CLOCK_LIMIT = 5  # characters: `09:00`


@dataclass(frozen=True, slots=True)
class WeekInput:
    """The opening hours as typed: seven days of three pairs of texts, and what is wrong with a day."""

    cells: tuple[tuple[tuple[str, str], ...], ...]
    problems: Mapping[int, str]

    @property
    def week(self) -> Week:
        """The hours; only when there is no problem."""
        return tuple(_spans(day) or () for day in self.cells)


def read(texts: Mapping[str, str]) -> WeekInput:
    """Read the fields `opens-0-0` to `closes-6-2` (weekday from Monday, then the opening) of a posted form."""
    cells = tuple(
        tuple(
            (
                texts.get(f"opens-{day}-{place}", "")[: CLOCK_LIMIT + 1].strip(),
                texts.get(f"closes-{day}-{place}", "")[: CLOCK_LIMIT + 1].strip(),
            )
            for place in range(MOST_SPANS)
        )
        for day in range(WEEKDAYS)
    )
    problems = {
        day: _("Type pairs such as 09:00 and 21:00, in order and without overlap.")
        for day, pairs in enumerate(cells)
        if _spans(pairs) is None
    }
    return WeekInput(cells, problems)


def as_typed(week: Week) -> WeekInput:
    """Return stored opening hours as the form shows them."""
    return WeekInput(
        tuple(
            tuple(
                (f"{day[place].opens:%H:%M}", f"{day[place].closes:%H:%M}") if place < len(day) else ("", "")
                for place in range(MOST_SPANS)
            )
            for day in week
        ),
        {},
    )


def copied_from(typed: WeekInput, day: int) -> WeekInput:
    """Return the week with every day like `day`."""
    return WeekInput((typed.cells[day],) * WEEKDAYS, {})


def _spans(pairs: tuple[tuple[str, str], ...]) -> tuple[Span, ...] | None:
    """Return the openings of one day, None when something typed is no time or the times make no sense."""
    spans: list[Span] = []
    for opens_text, closes_text in pairs:
        if not opens_text and not closes_text:
            continue
        opens, closes = parse_clock(opens_text), parse_clock(closes_text)
        if opens is None or closes is None:
            return None
        spans.append(Span(opens, closes))
    return tuple(spans) if are_valid(spans) else None
