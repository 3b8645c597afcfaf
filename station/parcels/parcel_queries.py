"""One parcel as its page shows it, and what the hand-over desk needs to know of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, select

from station.core import clock
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.ids import EPOCH
from station.core.statements import Statement
from station.parcels.models import CheckInBatch, HandOver, OpenQuestion, Parcel, PickupCode
from station.residents.models import ConsentRecord, Recipient
from station.shelves.models import Layer, Shelf

RECENT = 12  # hand-overs beside the desk, as many as fit without scrolling
ID_STEP = 22  # bits of an id below its milliseconds (ids.py)


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything a parcel's own row says, and whom it is for: masked."""

    id: int
    waybill: str
    state: str
    carrier: str | None
    pickup_code: str | None
    needs_sticker: bool
    size_class: str
    consent_basis: str
    problem: str | None
    hold_reason: str | None
    level: str
    extended_h: int
    announced_at: datetime | None
    stored_at: datetime | None
    left_at: datetime | None
    write_off_reason: str | None
    write_off_by: str | None
    storage: str | None  # how cold it has to be kept, where anybody said
    layer_id: int | None
    recipient_id: int | None
    name_masked: str | None
    phone_tail: str | None
    phone_kind: str | None
    shelf_code: str | None
    layer_number: int | None
    is_set_aside: bool | None
    shelf_storage: str | None


_SAME_PERSON = and_(Recipient.station_id == Parcel.station_id, Recipient.id == Parcel.recipient_id)
_SAME_LAYER = and_(Layer.station_id == Parcel.station_id, Layer.id == Parcel.layer_id)
_SAME_SHELF = and_(Shelf.station_id == Layer.station_id, Shelf.id == Layer.shelf_id)
_OWN = tuple(getattr(Parcel, name) for name in Detail.__slots__[: Detail.__slots__.index("name_masked")])
_DETAIL = Statement(
    select(
        *_OWN,
        Recipient.name_masked,
        Recipient.phone_tail,
        Recipient.phone_kind,
        Shelf.code.label("shelf_code"),
        Layer.number.label("layer_number"),
        Shelf.is_set_aside,
        Shelf.storage.label("shelf_storage"),
    )
    .outerjoin(Recipient, _SAME_PERSON)
    .outerjoin(Layer, _SAME_LAYER)
    .outerjoin(Shelf, _SAME_SHELF)
    .where(Parcel.station_id == bindparam("station_id"), Parcel.id == bindparam("parcel_id"))
)


def detail(station_id: int, parcel_id: int) -> Detail:
    """Return a parcel of the station. Raises StationError `not_found`."""
    row = _DETAIL.first(station_id=station_id, parcel_id=parcel_id)
    if row is None:
        raise StationError("not_found", _("This parcel does not exist at your station."))
    return Detail(*row)


@dataclass(frozen=True, slots=True)
class CodeUse:
    """A pickup code a parcel has or had, and the rule that chose it."""

    code: str
    rule: str
    given_at: datetime
    released_at: datetime | None


def codes_of(station_id: int, parcel_id: int) -> list[CodeUse]:
    """Return a parcel's codes, the newest first."""
    query = (
        select(PickupCode.code, PickupCode.rule, PickupCode.given_at, PickupCode.released_at)
        .where(PickupCode.station_id == station_id, PickupCode.parcel_id == parcel_id)
        .order_by(PickupCode.id.desc())
    )
    return [CodeUse(*row) for row in connection().execute(query)]


@dataclass(frozen=True, slots=True)
class Said:
    """What a recipient said of a parcel."""

    choice: str
    how: str
    recorded_by: str
    recorded_at: datetime


def consents_of(station_id: int, parcel_id: int) -> list[Said]:
    """Return what was said of one parcel, the newest first."""
    query = (
        select(ConsentRecord.choice, ConsentRecord.how, ConsentRecord.recorded_by, ConsentRecord.recorded_at)
        .where(ConsentRecord.station_id == station_id, ConsentRecord.parcel_id == parcel_id)
        .order_by(ConsentRecord.id.desc())
    )
    return [Said(*row) for row in connection().execute(query)]


@dataclass(frozen=True, slots=True)
class Left:
    """A hand-over that holds: which parcel left, when and to whom."""

    parcel_id: int
    pickup_code: str | None
    waybill: str
    recipient_id: int | None
    name_masked: str | None
    phone_tail: str | None
    phone_kind: str | None
    at: datetime
    method: str
    taken_by: str
    handed_by: str


_LEFT = (
    select(
        Parcel.id,
        Parcel.pickup_code,
        Parcel.waybill,
        Parcel.recipient_id,
        Recipient.name_masked,
        Recipient.phone_tail,
        Recipient.phone_kind,
        HandOver.at,
        HandOver.method,
        HandOver.taken_by,
        HandOver.handed_by,
    )
    .join(HandOver, and_(HandOver.station_id == Parcel.station_id, HandOver.parcel_id == Parcel.id))
    .outerjoin(Recipient, _SAME_PERSON)
    .where(HandOver.undone_at.is_(None))
)


def handed_lately(station_id: int, actor_key: str, *, within: timedelta) -> list[Left]:
    """Return what somebody handed over lately and was not taken back, the newest first, at most RECENT."""
    since = (clock.now() - within - EPOCH) // timedelta(milliseconds=1) << ID_STEP
    query = (
        _LEFT.where(HandOver.station_id == station_id, HandOver.handed_by == actor_key, HandOver.id >= since)
        .order_by(HandOver.id.desc())
        .limit(RECENT)
    )
    return [Left(*row) for row in connection().execute(query)]


def left_of(station_id: int, parcel_ids: Sequence[int]) -> list[Left]:
    """Return how those of the parcels that were handed over left, the newest first, at most RECENT."""
    query = (
        _LEFT.where(HandOver.station_id == station_id, HandOver.parcel_id.in_(parcel_ids))
        .order_by(HandOver.id.desc())
        .limit(RECENT)
    )
    return [Left(*row) for row in connection().execute(query)]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A parcel under the scanner that waits for an answer, in whose batch."""

    waybill: str
    kind: str
    carrier: str | None
    asked_at: datetime
    asked_by: str


def open_questions(station_id: int) -> list[Waiting]:
    """Return the questions left open in batches, the oldest first; each person has one at most in a batch."""
    query = (
        select(
            OpenQuestion.waybill,
            OpenQuestion.kind,
            OpenQuestion.carrier,
            OpenQuestion.asked_at,
            CheckInBatch.opened_by,
        )
        .join(
            CheckInBatch,
            and_(
                CheckInBatch.station_id == OpenQuestion.station_id, CheckInBatch.id == OpenQuestion.batch_id
            ),
        )
        .where(OpenQuestion.station_id == station_id)
        .order_by(OpenQuestion.asked_at)
    )
    return [Waiting(*row) for row in connection().execute(query)]
