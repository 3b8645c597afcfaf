"""Reads of disputes: one with its lines, those that stand, those of a manifest, a parcel or a carrier."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select

from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.disputes.lifecycle import STANDING, DisputeAction, DisputeState, possible
from station.disputes.models import Dispute, DisputeParcel
from station.parcels.models import Parcel
from station.returns import queries as returns
from station.returns.lifecycle import ItemState
from station.returns.models import ReturnItem
from station.returns.queries import Item

PAGE = 50  # disputes that have ended shown at once
LATELY = 20  # disputes on a courier's phone, the newest first


@dataclass(frozen=True, slots=True)
class Case:
    """A dispute. `sha256` names its log; `parcels` counts the lines it is about."""

    id: int
    manifest_id: int
    carrier: str
    claim: str
    state: str
    opened_by: str
    opened_at: datetime
    words: str | None
    sha256: bytes
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    parcels: int

    @property
    def is_standing(self) -> bool:
        """Whether it has not ended."""
        return self.state in STANDING

    @property
    def is_of_station(self) -> bool:
        """Whether staff opened it; else the carrier's side did, by a courier or its system."""
        return self.opened_by.startswith("staff:")

    @property
    def possible(self) -> frozenset[DisputeAction]:
        """What can be done with it as it stands."""
        return possible(DisputeState(self.state))


_OWN = tuple(getattr(Dispute, name) for name in Case.__slots__[:-1])


def _cases(station_id: int) -> Select[Any]:
    counted = (
        select(func.count())
        .where(DisputeParcel.station_id == Dispute.station_id, DisputeParcel.dispute_id == Dispute.id)
        .correlate(Dispute)
        .scalar_subquery()
    )
    return select(*_OWN, counted).where(Dispute.station_id == station_id)


def case(station_id: int, dispute_id: int) -> Case:
    """Return a dispute of the station. Raises StationError `not_found`."""
    row = connection().execute(_cases(station_id).where(Dispute.id == dispute_id)).first()
    if row is None:
        raise StationError("not_found", _("There is no such dispute at your station."))
    return Case(*row)


def standing(station_id: int) -> list[Case]:
    """Return the disputes that have not ended, the oldest first."""
    query = _cases(station_id).where(Dispute.state.in_(sorted(STANDING))).order_by(Dispute.id)
    return [Case(*row) for row in connection().execute(query)]


def how_many_stand(station_id: int) -> int:
    """Return how many disputes have not ended."""
    query = select(func.count()).where(Dispute.station_id == station_id, Dispute.state.in_(sorted(STANDING)))
    return int(connection().scalar(query) or 0)


def ended(station_id: int, *, before: int | None = None) -> list[Case]:
    """Return disputes that have ended, the newest first, those opened before the one called `before`."""
    query = _cases(station_id).where(Dispute.state.not_in(sorted(STANDING)))
    if before is not None:
        query = query.where(Dispute.id < before)
    return [Case(*row) for row in connection().execute(query.order_by(Dispute.id.desc()).limit(PAGE))]


def of_carriers(station_id: int, carriers: Collection[str]) -> list[Case]:
    """Return the newest disputes of these carriers, at most LATELY."""
    query = _cases(station_id).where(Dispute.carrier.in_(carriers))
    return [Case(*row) for row in connection().execute(query.order_by(Dispute.id.desc()).limit(LATELY))]


def of_parcel(station_id: int, parcel_id: int) -> list[Case]:
    """Return the disputes about a parcel, the newest first."""
    about = select(DisputeParcel.dispute_id).where(
        DisputeParcel.station_id == station_id, DisputeParcel.parcel_id == parcel_id
    )
    query = _cases(station_id).where(Dispute.id.in_(about)).order_by(Dispute.id.desc())
    return [Case(*row) for row in connection().execute(query)]


def about(station_id: int, recipient_ids: Collection[int]) -> list[int]:
    """Return the disputes about any parcel that these recipients ever had here."""
    query = (
        select(DisputeParcel.dispute_id)
        .join(
            Parcel,
            and_(Parcel.station_id == DisputeParcel.station_id, Parcel.id == DisputeParcel.parcel_id),
        )
        .where(DisputeParcel.station_id == station_id, Parcel.recipient_id.in_(recipient_ids))
        .distinct()
        .order_by(DisputeParcel.dispute_id)
    )
    return list(connection().scalars(query))


@dataclass(frozen=True, slots=True)
class LineCase:
    """The newest dispute about a line of a manifest."""

    dispute_id: int
    claim: str
    state: str

    @property
    def is_standing(self) -> bool:
        """Whether it has not ended."""
        return self.state in STANDING


def of_lines(station_id: int, manifest_id: int) -> dict[int, LineCase]:
    """Return the newest dispute of each line of a manifest that has one, by the line's id."""
    query = (
        select(DisputeParcel.item_id, Dispute.id, Dispute.claim, Dispute.state)
        .join(
            Dispute,
            and_(Dispute.station_id == DisputeParcel.station_id, Dispute.id == DisputeParcel.dispute_id),
        )
        .where(DisputeParcel.station_id == station_id, Dispute.manifest_id == manifest_id)
        .order_by(Dispute.id)
    )
    rows = connection().execute(query)
    return {row.item_id: LineCase(row.id, row.claim, row.state) for row in rows}


def manifest_of(station_id: int, parcel_id: int) -> int:
    """Return the signed manifest on which a parcel last went back, 0 when there is none."""
    query = (
        select(ReturnItem.manifest_id)
        .where(
            ReturnItem.station_id == station_id,
            ReturnItem.parcel_id == parcel_id,
            ReturnItem.state == ItemState.RETURNED,
        )
        .order_by(ReturnItem.id.desc())
        .limit(1)
    )
    return connection().scalar(query) or 0


def claimable(station_id: int, manifest_id: int) -> list[Item]:
    """Return the lines of a manifest that were signed for, in its order."""
    return [one for one in returns.items(station_id, manifest_id) if one.state == ItemState.RETURNED]


@dataclass(frozen=True, slots=True)
class Line:
    """A parcel that a dispute is about."""

    item_id: int
    parcel_id: int
    waybill: str
    pickup_code: str | None
    parcel_state: str


def lines(station_id: int, dispute_id: int) -> list[Line]:
    """Return the parcels of a dispute, in the order in which they stood on the manifest."""
    query = (
        select(
            DisputeParcel.item_id,
            DisputeParcel.parcel_id,
            Parcel.waybill,
            Parcel.pickup_code,
            Parcel.state.label("parcel_state"),
        )
        .join(
            Parcel,
            and_(Parcel.station_id == DisputeParcel.station_id, Parcel.id == DisputeParcel.parcel_id),
        )
        .where(DisputeParcel.station_id == station_id, DisputeParcel.dispute_id == dispute_id)
        .order_by(DisputeParcel.item_id)
    )
    return [Line(*row) for row in connection().execute(query)]


def document(station_id: int, dispute_id: int) -> bytes:
    """Return the log that was attached to a dispute, byte for byte. Raises StationError `not_found`."""
    query = select(Dispute.document).where(Dispute.station_id == station_id, Dispute.id == dispute_id)
    found = connection().scalar(query)
    if found is None:
        raise StationError("not_found", _("There is no such dispute at your station."))
    return bytes(found)


def words_by(account_key: str) -> list[tuple[datetime, str]]:
    """Return when and what an actor wrote in opening disputes, at all stations, the oldest first."""
    query = (
        select(Dispute.opened_at, Dispute.words)
        .where(Dispute.opened_by == account_key, Dispute.words.is_not(None))
        .order_by(Dispute.station_id, Dispute.id)
    )
    return [(row.opened_at, row.words or "") for row in connection().execute(query)]
