"""The parcels list as CSV (RFC 4180), masked, safe to open in a spreadsheet. Pure: the rows come from the edge."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from station.carriers.catalogue import CARRIERS
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.parcels import words
from station.parcels.lifecycle import ParcelState, Problem
from station.parcels.queries import Listed

BOM = "\ufeff"  # tells a spreadsheet that the text is UTF-8
# A cell that begins so is run as a formula. Source: OWASP, "CSV Injection"; the full-width forms are read alike.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Sheet:
    """Writes rows in one language and one time zone, chosen once: an export outlives its request's context."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._language = language()
        self._states = {state: _(text) for state, text in words.STATES.items()}
        self._problems = {problem: _(text) for problem, text in words.PROBLEMS.items()}
        self._levels = {level: _(text) for level, text in words.LEVELS.items()}
        self._reasons = {code: _(text) for code, text in words.REASONS.items()}

    def head(self) -> str:
        """Return the byte order mark and the line of column names."""
        return BOM + line(
            _("Pickup code"),
            _("State"),
            _("Carrier"),
            _("Waybill"),
            _("For"),
            _("Last 4 digits"),
            _("Arrived"),
            _("Left"),
            _("Days"),
            _("Storage time"),
            _("Problem"),
            _("On hold"),
        )

    def lines(self, rows: Sequence[Listed]) -> str:
        """Return the lines of `rows`."""
        return "".join(map(self._line, rows))

    def _line(self, row: Listed) -> str:
        return line(
            row.pickup_code,
            self._states[ParcelState(row.state)],
            CARRIERS[row.carrier].short_name(self._language) if row.carrier in CARRIERS else None,
            row.waybill,
            row.name_masked,
            row.phone_tail,
            self._moment(row.stored_at),
            self._moment(row.left_at),
            str(row.waited),
            self._levels[row.level],
            self._problems[Problem(row.problem)] if row.problem else None,
            self._reasons.get(row.hold_reason, row.hold_reason) if row.hold_reason else None,
        )

    def _moment(self, at: datetime | None) -> str | None:
        return at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M") if at else None


def line(*cells: str | None) -> str:
    """Return one line of CSV; a cell that a spreadsheet would run is made plain text by an apostrophe."""
    out = io.StringIO()
    csv.writer(out).writerow([plain(cell or "") for cell in cells])
    return out.getvalue()


def plain(cell: str) -> str:
    """Return a text that a spreadsheet does not run: an apostrophe stands before one that it would."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
