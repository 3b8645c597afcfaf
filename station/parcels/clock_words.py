"""Why a deadline is what it is, in words: the facts of clock_rules.explain in the language spoken now.

One sentence for counter, phone and messages. Not responsible for the facts, nor for saying when the deadline is.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from babel.lists import format_list

from station.core.i18n import gettext as _
from station.core.i18n import language, ngettext
from station.core.moments import LOCALES, moment, whole_day
from station.parcels.clock_rules import Explanation

HOURS_OF_A_DAY = 24
_ONE_DAY = timedelta(days=1)


def why(explanation: Explanation, zone: str) -> str:
    """Return how a deadline came about, such as `2 days, not counting Monday 23 Nov (closed)`; no full stop."""
    text = _length(explanation.hours)
    if explanation.extension:
        text = _("%(time)s and %(more)s of extension", time=text, more=_length(_hours(explanation.extension)))
    if explanation.skipped:
        days = _days([skipped.day for skipped in explanation.skipped])
        text = _("%(time)s, not counting %(days)s (closed)", time=text, days=days)
    if explanation.moved_to_opening:
        text = _(
            "%(time)s; they end while the station is closed, so it is %(at)s, an hour after it opens",
            time=text,
            at=moment(explanation.at, zone),
        )
    return text


def _hours(length: timedelta) -> int:
    return length // timedelta(hours=1)


def _length(hours: int) -> str:
    days, rest = divmod(hours, HOURS_OF_A_DAY)
    if rest:
        return ngettext("%(num)s hour", "%(num)s hours", hours)
    return ngettext("%(num)s day", "%(num)s days", days)


def _days(days: Sequence[date]) -> str:
    """Return days in their order, those that follow each other as one span."""
    spans: list[tuple[date, date]] = []
    for day in days:
        if spans and spans[-1][1] + _ONE_DAY == day:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return str(format_list([_span(*span) for span in spans], locale=LOCALES[language()]))


def _span(first: date, last: date) -> str:
    if first == last:
        return whole_day(first)
    return _("%(first)s to %(last)s", first=whole_day(first), last=whole_day(last))
