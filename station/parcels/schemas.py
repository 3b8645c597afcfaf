"""JSON of the parcels room: what the API takes and what it answers. Every field is bounded."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    WrapValidator,
    model_validator,
)

from station.carriers.catalogue import COMPANIES
from station.core import clock, names, phones
from station.core.i18n import lazy as _l
from station.parcels.codes import MAX_LAYER, parse_shelf
from station.parcels.search import BOX
from station.parcels.words import UNDO_REASONS
from station.residents.service import HOW
from station.shelves.placing import SizeClass
from station.web.api import Id, Refusal, Schema, unfit

BATCH = 500  # parcels: a courier's van load; one transaction keeps scanners waiting for about 0.1 s
MANY = 100  # parcels handed over at once; more than one person carries
PAGE = 50  # parcels on a page of search results, as many as a list shows
RAW = 1000  # characters of a scan taken in, so that a pasted novel is kept (cut) as a refused scan
CLOCK_SKEW = timedelta(minutes=5)  # ours: how far a device's clock may be ahead and still be believed


def _carrier(code: str) -> str:
    if code not in COMPANIES:
        raise unfit(_l("This carrier is not known."))
    return code


def _phone(text: str) -> str:
    if phones.parse(text) is None:
        raise unfit(_l("This is not a phone number."))
    return text


def _name(text: str) -> str:
    name = names.clean(text)
    if name is None:
        raise unfit(_l("This cannot be a name."))
    return name


def _shelf(text: str) -> str:
    shelf = parse_shelf(text)
    if shelf is None:
        raise unfit(_l("This is not a shelf."))
    return shelf


def _not_future(moment: datetime) -> datetime:
    if moment > clock.now() + CLOCK_SKEW:
        raise unfit(_l("This time is in the future. Set the device's clock."))
    return moment


Carrier = Annotated[str, AfterValidator(_carrier), Field(json_schema_extra={"enum": list(COMPANIES)})]
Phone = Annotated[str, AfterValidator(_phone), Field(max_length=phones.LONGEST, examples=["13812344068"])]
Name = Annotated[str, AfterValidator(_name), Field(max_length=4 * names.LONGEST)]
Shelf = Annotated[str, AfterValidator(_shelf), Field(max_length=20, examples=["12"])]
How = Annotated[str, Field(json_schema_extra={"enum": list(HOW)}, pattern=f"^({'|'.join(HOW)})$")]
Reason = Annotated[
    str, Field(json_schema_extra={"enum": list(UNDO_REASONS)}, pattern=f"^({'|'.join(UNDO_REASONS)})$")
]
Waybill = Annotated[str, Field(min_length=1, max_length=RAW, examples=["SF1234567890123"])]
# A little longer than a code, so that a scan of something else is refused as a wrong code, in words.
ProxyCode = Annotated[str, Field(min_length=1, max_length=40, examples=["PROXY:K7MWA2RD"])]


class CheckIn(Schema):
    """A parcel to be checked in: on a row named by `layer_id`, or by `shelf` and `layer`.

    Without a carrier the number tells it; without a phone the announcement does, else the parcel is set aside.
    `consent`: on what the parcel may be kept; `this_parcel` needs `consent_how`.
    """

    waybill: Waybill
    layer_id: Id | None = None
    shelf: Shelf | None = None
    layer: Annotated[int, Field(ge=1, le=MAX_LAYER)] | None = None
    carrier: Carrier | None = None
    phone: Phone | None = None
    name: Name | None = None
    size_class: SizeClass = "medium"
    consent: Literal["this_parcel", "declared_by_courier", "unknown"] = "unknown"
    consent_how: How | None = None
    silent: bool = False
    # Not strict: inside a list that skips what is unreadable, strict would refuse every time written as text.
    scanned_at: Annotated[AwareDatetime, Field(strict=False), AfterValidator(_not_future)] | None = None

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        named = self.shelf is not None and self.layer is not None
        if (self.layer_id is None) != named or (self.shelf is None) != (self.layer is None):
            raise unfit(_l("Name the row by layer_id, or by shelf and layer."))
        if self.name and not self.phone:
            raise unfit(_l("A name needs a phone number."))
        if (self.consent == "this_parcel") != (self.consent_how is not None):
            raise unfit(_l("Say with consent this_parcel, and only then, by consent_how how you know of it."))
        return self


class Unreadable:
    """An item of a batch that fits no description; the others are taken."""

    def __init__(self, value: Any, error: ValidationError) -> None:
        self.raw = str(value.get("waybill", "")) if isinstance(value, dict) else ""
        self.error = error


def _readable(value: Any, handler: ModelWrapValidatorHandler[CheckIn]) -> CheckIn | Unreadable:
    try:
        return handler(value)
    except ValidationError as error:
        return Unreadable(value, error)


class CheckInBatch(Schema):
    """Parcels to be checked in together; each is taken or refused for itself."""

    parcels: Annotated[
        list[Annotated[CheckIn, WrapValidator(_readable)]], Field(min_length=1, max_length=BATCH)
    ]


class Recipient(Schema):
    """Whom a parcel is for, masked."""

    id: Id
    phone_tail: str
    name_masked: str


class Stored(Schema):
    """A parcel that was checked in. `problem`: why it goes to the set-aside shelf, else null."""

    parcel_id: Id
    waybill: str
    pickup_code: str
    shelf: str
    layer: int
    needs_sticker: bool
    carrier: str | None
    problem: str | None
    consent_basis: str
    recipient: Recipient | None
    stored_at: datetime
    is_told: bool


class BatchItem(Schema):
    """What became of one item: `stored`, or `refused`."""

    waybill: str
    stored: Stored | None = None
    refused: Refusal | None = None


class BatchResult(Schema):
    """What became of a batch; `items` in the order of the request."""

    stored: int
    refused: int
    items: list[BatchItem]


class Take(Schema):
    """Who takes a parcel: the recipient, or somebody else by the name given or by the recipient's one-time code."""

    proxy_name: Name | None = None
    proxy_code: ProxyCode | None = None


class TakeMany(Schema):
    """Parcels that one person takes, named by their ids or by their scanned waybills."""

    parcel_ids: Annotated[list[Id], Field(max_length=MANY, default_factory=list)]
    waybills: Annotated[list[Waybill], Field(max_length=MANY, default_factory=list)]
    proxy_name: Name | None = None
    proxy_code: ProxyCode | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not 1 <= len(self.parcel_ids) + len(self.waybills) <= MANY:
            raise unfit(_l("Name between 1 and 100 parcels."))
        return self


class HandedOver(Schema):
    """A parcel that left."""

    parcel_id: Id
    hand_over_id: Id
    waybill: str
    pickup_code: str | None
    at: datetime


class TakenItem(Schema):
    """What became of one parcel: `handed_over`, or `refused`."""

    parcel_id: Id | None = None
    waybill: str | None = None
    handed_over: HandedOver | None = None
    refused: Refusal | None = None


class TakenMany(Schema):
    """What became of several parcels; `items` first those named by id, then those by waybill."""

    handed_over: int
    refused: int
    items: list[TakenItem]


class Undo(Schema):
    """Why a hand-over is taken back."""

    reason: Reason


class Restored(Schema):
    """A parcel that is back on its shelf; a new code is told to the recipient."""

    parcel_id: Id
    pickup_code: str
    is_same_code: bool


class Parcel(Schema):
    """A parcel as it stands now, masked. `level` is the storage level by the clock."""

    parcel_id: Id
    waybill: str
    state: str
    carrier: str | None
    pickup_code: str | None
    shelf: str | None
    layer: int | None
    needs_sticker: bool
    size_class: str
    consent_basis: str
    problem: str | None
    is_held: bool
    level: str
    due_at: datetime | None
    announced_at: datetime | None
    stored_at: datetime | None
    left_at: datetime | None
    recipient: Recipient | None


class Search(Schema):
    """A text as the one box takes it: pickup code, phone or its tail, waybill or its end, name."""

    query: Annotated[str, Field(min_length=1, max_length=BOX, examples=["4068"])]
    cursor: Id | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE)] = PAGE


class Found(Schema):
    """A parcel that a search means, masked."""

    parcel_id: Id
    waybill: str
    state: str
    carrier: str | None
    pickup_code: str | None
    problem: str | None
    is_held: bool
    level: str
    stored_at: datetime
    left_at: datetime | None
    recipient: Recipient | None


class FoundPage(Schema):
    """Parcels found, those here first; `next_cursor` null on the last page."""

    parcels: list[Found]
    next_cursor: str | None


class StoryQuery(Schema):
    """Where a story goes on: the `next_cursor` of the page before."""

    cursor: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] = "0"


class StoryEvent(Schema):
    """One event of the custody log. `hash` (hex) chains it to the event before (docs/custody-log.md)."""

    seq: str
    at: datetime
    kind: str
    actor: str
    data: dict[str, Any]
    hash: str


class Story(Schema):
    """A parcel's events, oldest first; `next_cursor` null on the last page."""

    events: list[StoryEvent]
    next_cursor: str | None
