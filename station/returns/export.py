"""A manifest as CSV (RFC 4180), safe to open in a spreadsheet; it names parcels and no recipient. Pure."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from station.core.i18n import gettext as _
from station.parcels.export import BOM, line
from station.returns.queries import Item, Manifest


def as_csv(manifest: Manifest, items: Sequence[Item], *, zone: str) -> str:
    """Return the manifest's parcels, one a line, in the order in which they were scanned."""
    head = line(
        _("Manifest"), _("Carrier"), _("Number"), _("Waybill"), _("Pickup code"), _("Scanned"), _("Came back")
    )
    local = ZoneInfo(zone)
    rows = [
        line(
            str(manifest.id),
            manifest.carrier,
            str(number),
            item.waybill,
            item.pickup_code,
            item.added_at.astimezone(local).strftime("%Y-%m-%d %H:%M"),
            _("yes") if item.is_undone else "",
        )
        for number, item in enumerate(items, 1)
    ]
    return BOM + head + "".join(rows)
