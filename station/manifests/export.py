"""Refused rows, and parcels that never came, as CSV (RFC 4180), safe to open in a spreadsheet. Pure."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from station.core.i18n import gettext as _
from station.manifests import words
from station.manifests.missed_queries import Missing
from station.manifests.queries import RowFault
from station.parcels.export import BOM, line
from station.parcels.lifecycle import ParcelState
from station.parcels.words import STATES


def faults_head() -> str:
    """Return the byte order mark and the line of column names of a report on rows."""
    return BOM + line(_("Row number"), _("Column"), _("What is wrong"), _("What stands there"))


def faults(rows: Sequence[RowFault]) -> str:
    """Return the lines of refused rows."""
    return "".join(
        line(
            str(one.row),
            _(words.FIELDS[one.column]) if one.column in words.FIELDS else "",
            _(words.FAULTS[one.reason]),
            one.value,
        )
        for one in rows
    )


def missing_head() -> str:
    """Return the byte order mark and the line of column names of parcels that never came."""
    return BOM + line(
        _("Expected day"), _("Carrier"), _("Waybill"), _("Last 4 digits"), _("State"), _("Arrived")
    )


def missing(rows: Sequence[Missing], *, zone: str) -> str:
    """Return the lines of parcels that had not come when their day was over."""
    local = ZoneInfo(zone)
    return "".join(
        line(
            one.day.isoformat(),
            one.carrier,
            one.waybill,
            one.phone_tail,
            _(STATES[ParcelState(one.state)]),
            one.stored_at.astimezone(local).strftime("%Y-%m-%d %H:%M") if one.stored_at else None,
        )
        for one in rows
    )
