"""A stocktake's report: every difference with what came of it, and as CSV (RFC 4180) for a spreadsheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from station.core.i18n import gettext as _
from station.parcels import words as parcel_words
from station.parcels.export import BOM, line
from station.parcels.lifecycle import ParcelState
from station.stocktakes import finding_queries, queries, words
from station.stocktakes.compare import Comparison, Difference, Kind
from station.stocktakes.finding_queries import Kept
from station.stocktakes.queries import StocktakeFacts
from station.stocktakes.resolutions import Resolution


@dataclass(frozen=True, slots=True)
class Report:
    """What a stocktake found: the differences, open ones first, and how many parcels stood where they should."""

    lines: tuple[Kept, ...]
    present: int | None  # None once the stocktake has ended: the books went on since

    def count(self, kind: str) -> int:
        """Return how many differences of one kind there were."""
        return sum(one.kind == kind for one in self.lines)

    @property
    def open(self) -> int:
        """Return how many differences nobody settled."""
        return sum(one.resolution is None for one in self.lines)


def of(station_id: int, stocktake: StocktakeFacts) -> Report:
    """Return the report as it stands; of one that has ended, as it was kept then."""
    kept = finding_queries.kept(station_id, stocktake.id)
    if not stocktake.is_open:
        return Report(_ordered(kept), None)
    now: Comparison = queries.comparison(station_id, stocktake)
    still_open = {(one.kind.value, one.waybill) for one in now.differences}
    settled = [one for one in kept if (one.kind, one.waybill) not in still_open]
    return Report(_ordered([*map(_as_open, now.differences), *settled]), len(now.present))


def _ordered(lines: Sequence[Kept]) -> tuple[Kept, ...]:
    places = {kind.value: place for place, kind in enumerate(Kind)}
    return tuple(sorted(lines, key=lambda one: (one.resolution is not None, places[one.kind], one.waybill)))


def _as_open(found: Difference) -> Kept:
    one = found.booked
    return Kept(
        found.kind.value,
        found.waybill,
        one.parcel_id if one else None,
        one.state if one else None,
        one.pickup_code if one else None,
        one.layer_id if one else None,
        found.seen_layer_id,
        None,
        None,
        None,
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """Writes a report in one language and one time zone: `tags` names the rows, `names` the people."""

    zone: str
    tags: Mapping[int, str]
    names: Mapping[str, str]

    def text(self, report: Report) -> str:
        """Return the whole file."""
        head = line(
            _("Difference"),
            _("Pickup code"),
            _("Waybill"),
            _("By the books"),
            _("Row by the books"),
            _("Scanned in row"),
            _("Settled"),
            _("By"),
            _("When"),
        )
        return BOM + head + "".join(map(self._line, report.lines))

    def _line(self, one: Kept) -> str:
        return line(
            _(words.KINDS[Kind(one.kind)]),
            one.pickup_code,
            one.waybill,
            state_of(one.state),
            self._row(one.layer_id),
            self._row(one.seen_layer_id),
            _(words.DONE[Resolution(one.resolution)]) if one.resolution else _("open"),
            self.names.get(one.resolved_by, _("somebody")) if one.resolved_by else None,
            self._moment(one.resolved_at),
        )

    def _row(self, layer_id: int | None) -> str | None:
        return self.tags.get(layer_id) if layer_id else None

    def _moment(self, at: datetime | None) -> str | None:
        return at.astimezone(ZoneInfo(self.zone)).strftime("%Y-%m-%d %H:%M") if at else None


def state_of(state: str | None) -> str:
    """Return a parcel's state in words, of one nobody knows too."""
    return _(parcel_words.STATES[ParcelState(state)]) if state else _("Not in the books")
