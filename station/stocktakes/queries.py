"""Reads of stocktakes: which there are, what was scanned, and how it compares with the books."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.models import CustodyEvent
from station.parcels.lifecycle import ACTIVE, ON_SHELF
from station.parcels.models import Parcel
from station.stocktakes.compare import Booked, Comparison, Difference, Sighting, compare
from station.stocktakes.lifecycle import StocktakeState
from station.stocktakes.models import Stocktake, StocktakeScan

RECENT = 20  # stocktakes in the list: a year and a half of one a month
FEED = 12  # scans beside the field, as many as fit without scrolling
# Events after which a parcel is somewhere else than before, or nowhere.
PLACING = (
    "checked_in",
    "check_in_undone",
    "found_again",
    "hand_over_undone",
    "handed_over",
    "lost",
    "moved",
    "return_undone",
    "returned",
    "written_off",
)


@dataclass(frozen=True, slots=True)
class StocktakeFacts:
    """A stocktake."""

    id: int
    state: str
    opened_at: datetime
    opened_by: str
    ended_at: datetime | None
    ended_by: str | None

    @property
    def is_open(self) -> bool:
        """Whether people may still scan."""
        return self.state == StocktakeState.OPEN


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan as the list shows it; no waybill: a shelf card, no row: taken off the shelves."""

    layer_id: int | None
    waybill: str | None
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class RowCount:
    """How far a row is counted: since when, until when, by whom, and how many parcels were scanned in it."""

    layer_id: int
    began_at: datetime
    last_at: datetime
    actors: tuple[str, ...]
    scanned: int


def _stocktakes(station_id: int) -> Select[tuple[int, str, datetime, str, datetime | None, str | None]]:
    return select(
        Stocktake.id,
        Stocktake.state,
        Stocktake.opened_at,
        Stocktake.opened_by,
        Stocktake.ended_at,
        Stocktake.ended_by,
    ).where(Stocktake.station_id == station_id)


def current(station_id: int) -> StocktakeFacts | None:
    """Return the open stocktake of a station."""
    row = connection().execute(_stocktakes(station_id).where(Stocktake.state == StocktakeState.OPEN)).first()
    return StocktakeFacts(*row) if row else None


def get(station_id: int, stocktake_id: int) -> StocktakeFacts:
    """Return a stocktake. Raises StationError `not_found`."""
    row = connection().execute(_stocktakes(station_id).where(Stocktake.id == stocktake_id)).first()
    if row is None:
        raise StationError("not_found", _("This stocktake does not exist at your station."))
    return StocktakeFacts(*row)


def recent(station_id: int) -> list[StocktakeFacts]:
    """Return the latest stocktakes, newest first, at most RECENT."""
    rows = connection().execute(_stocktakes(station_id).order_by(Stocktake.id.desc()).limit(RECENT))
    return [StocktakeFacts(*row) for row in rows]


def feed(station_id: int, stocktake_id: int) -> list[Scanned]:
    """Return the newest scans of everybody, at most FEED."""
    newest = select(
        StocktakeScan.layer_id, StocktakeScan.waybill, StocktakeScan.at, StocktakeScan.actor
    ).where(*_scans_of(station_id, stocktake_id))
    rows = connection().execute(newest.order_by(StocktakeScan.id.desc()).limit(FEED))
    return [Scanned(*row) for row in rows]


def row_of(station_id: int, stocktake_id: int, actor_key: str) -> int | None:
    """Return the row whose card somebody scanned last."""
    cards = select(StocktakeScan.layer_id).where(
        *_scans_of(station_id, stocktake_id),
        StocktakeScan.waybill.is_(None),
        StocktakeScan.actor == actor_key,
    )
    return connection().execute(cards.order_by(StocktakeScan.id.desc()).limit(1)).scalar()


def counted(station_id: int, stocktake_id: int) -> dict[int, datetime]:
    """Return the rows whose card was scanned, with when that was first."""
    cards = (
        select(StocktakeScan.layer_id, func.min(StocktakeScan.at))
        .where(*_scans_of(station_id, stocktake_id), StocktakeScan.waybill.is_(None))
        .group_by(StocktakeScan.layer_id)
    )
    return {row[0]: row[1] for row in connection().execute(cards) if row[0] is not None}


def row_counts(station_id: int, stocktake_id: int) -> list[RowCount]:
    """Return how far each counted row is."""
    found: dict[int, list[Scanned]] = {}
    for scan in _scans(station_id, stocktake_id):
        if scan.layer_id is not None:
            found.setdefault(scan.layer_id, []).append(scan)
    return [_row_count(layer_id, scans) for layer_id, scans in found.items()]


def _row_count(layer_id: int, scans: list[Scanned]) -> RowCount:
    moments = [one.at for one in scans]
    people = tuple(dict.fromkeys(one.actor for one in scans))
    waybills = {one.waybill for one in scans if one.waybill}
    return RowCount(layer_id, min(moments), max(moments), people, len(waybills))


def _scans(station_id: int, stocktake_id: int) -> list[Scanned]:
    """Return all scans in the order of their times."""
    scans = (
        select(StocktakeScan.layer_id, StocktakeScan.waybill, StocktakeScan.at, StocktakeScan.actor)
        .where(*_scans_of(station_id, stocktake_id))
        .order_by(StocktakeScan.at, StocktakeScan.id)
    )
    return [Scanned(*row) for row in connection().execute(scans)]


def newest_sighting(station_id: int, stocktake_id: int, waybill: str) -> Sighting | None:
    """Return where a waybill was scanned last in a stocktake."""
    scans = select(StocktakeScan.waybill, StocktakeScan.layer_id, StocktakeScan.at).where(
        *_scans_of(station_id, stocktake_id), StocktakeScan.waybill == waybill
    )
    newest = scans.order_by(StocktakeScan.at.desc(), StocktakeScan.id.desc()).limit(1)
    row = connection().execute(newest).first()
    return Sighting(waybill, row.layer_id, row.at) if row else None


def comparison(station_id: int, stocktake: StocktakeFacts) -> Comparison:
    """Compare everything scanned in a stocktake with the books as they are now."""
    sightings = {
        one.waybill: Sighting(one.waybill, one.layer_id, one.at)
        for one in _scans(station_id, stocktake.id)
        if one.waybill is not None
    }
    return compare(counted(station_id, stocktake.id), books(station_id, stocktake), sightings.values())


def difference(station_id: int, stocktake: StocktakeFacts, waybill: str) -> Difference | None:
    """Return how one waybill differs from the books now, None when it does not."""
    seen = newest_sighting(station_id, stocktake.id, waybill)
    booked = book_of(station_id, stocktake, waybill)
    found = compare(counted(station_id, stocktake.id), [booked] if booked else [], [seen] if seen else [])
    return found.differences[0] if found.differences else None


def books(station_id: int, stocktake: StocktakeFacts) -> list[Booked]:
    """Return what the books say of every parcel in a counted row and of every waybill scanned."""
    scanned = select(StocktakeScan.waybill).where(
        *_scans_of(station_id, stocktake.id), StocktakeScan.waybill.is_not(None)
    )
    rows = select(StocktakeScan.layer_id).where(
        *_scans_of(station_id, stocktake.id), StocktakeScan.waybill.is_(None)
    )
    on_shelf = and_(Parcel.state.in_(ON_SHELF), Parcel.layer_id.in_(rows))
    parcels = _parcels(station_id).where(or_(on_shelf, Parcel.waybill.in_(scanned)))
    return _booked(parcels, _placed_since(station_id, stocktake.opened_at))


def book_of(station_id: int, stocktake: StocktakeFacts, waybill: str) -> Booked | None:
    """Return what the books say of one waybill."""
    same = _parcels(station_id).where(Parcel.waybill == waybill)
    mine = select(Parcel.id).where(Parcel.station_id == station_id, Parcel.waybill == waybill)
    since = _placed_since(station_id, stocktake.opened_at, CustodyEvent.parcel_id.in_(mine))
    found = _booked(same, since)
    return found[0] if found else None


def _parcels(station_id: int) -> Select[tuple[int, str, str, int | None, str | None]]:
    return (
        select(Parcel.id, Parcel.waybill, Parcel.state, Parcel.layer_id, Parcel.pickup_code)
        .where(Parcel.station_id == station_id)
        .order_by(Parcel.id)
    )


def _booked(
    parcels: Select[tuple[int, str, str, int | None, str | None]], since: Mapping[int, datetime]
) -> list[Booked]:
    """Return one entry for each waybill: its active parcel, else the one that had it last."""
    found: dict[str, Booked] = {}
    for row in connection().execute(parcels):
        known = found.get(row.waybill)
        if known is None or known.state not in ACTIVE:
            found[row.waybill] = Booked(
                row.id, row.waybill, row.state, row.layer_id, row.pickup_code, since.get(row.id)
            )
    return list(found.values())


def _placed_since(station_id: int, moment: datetime, *where: ColumnElement[bool]) -> Mapping[int, datetime]:
    """Return the parcels whose place changed since a moment, with when that was last."""
    changes = (
        select(CustodyEvent.parcel_id, func.max(CustodyEvent.at))
        .where(
            CustodyEvent.station_id == station_id,
            CustodyEvent.at >= moment,
            CustodyEvent.kind.in_(PLACING),
            CustodyEvent.parcel_id.is_not(None),
            *where,
        )
        .group_by(CustodyEvent.parcel_id)
    )
    return {row[0]: row[1] for row in connection().execute(changes)}


def _scans_of(station_id: int, stocktake_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return StocktakeScan.station_id == station_id, StocktakeScan.stocktake_id == stocktake_id
