"""JSON of the manifests room: what carriers' systems send and what they are answered. Every field is bounded."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    WrapValidator,
    model_validator,
)

from station.core import names, phones
from station.core.i18n import lazy as _l
from station.manifests.rows import is_masked
from station.residents.service import HOW
from station.shelves.placing import SizeClass
from station.web.api import Id, Refusal, Schema, unfit

ROWS = 1000  # of a request: with every field at its longest ordinary length 400 KB, within web.api.BODY_LIMIT


def _phone(text: str) -> str:
    if phones.parse(text) is None and not is_masked(text):
        raise unfit(_l("This is not a phone number, a privacy number or a masked number."))
    return text


def _name(text: str) -> str:
    name = names.clean(text)
    if name is None:
        raise unfit(_l("This cannot be a name."))
    return name


def _day(value: Any) -> Any:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else value
    except ValueError:
        raise unfit(_l("Write the day as 2026-11-21.")) from None


Waybill = Annotated[str, Field(min_length=1, max_length=80, examples=["776012345678901"])]
Name = Annotated[str, AfterValidator(_name), Field(max_length=4 * names.LONGEST)]
How = Annotated[str, Field(json_schema_extra={"enum": list(HOW)}, pattern=f"^({'|'.join(HOW)})$")]
AnyPhone = Annotated[
    str,
    AfterValidator(_phone),
    Field(max_length=phones.LONGEST, examples=["13812344068", "17012345678,8462", "138****4068"]),
]
Day = Annotated[date, BeforeValidator(_day), Field(examples=["2026-11-21"])]


class AnnouncedRow(Schema):
    """A parcel under way.

    `phone`: whole, a privacy number with its extension, or masked (`138****4068`), which stays masked until somebody
    knows whom it means. `consent` other than unknown needs the whole number and `consent_how`: `courier` with
    `declared_by_courier`, `phone_call` or `in_person` with `this_parcel`.
    """

    waybill: Waybill
    phone: AnyPhone | None = None
    name: Name | None = None
    size_class: SizeClass = "medium"
    consent: Literal["this_parcel", "declared_by_courier", "unknown"] = "unknown"
    consent_how: How | None = None
    expected_on: Day | None = None

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if (self.consent == "unknown") != (self.consent_how is None):
            raise unfit(_l("Say with a consent, and only then, by consent_how how you know of it."))
        return self


class UnreadableRow:
    """A row that fits no description; the others are taken."""

    def __init__(self, value: Any, error: ValidationError) -> None:
        self.raw = str(value.get("waybill", ""))[:80] if isinstance(value, dict) else ""
        self.error = error


def _readable(value: Any, handler: ModelWrapValidatorHandler[AnnouncedRow]) -> AnnouncedRow | UnreadableRow:
    try:
        return handler(value)
    except ValidationError as error:
        return UnreadableRow(value, error)


class Announce(Schema):
    """Parcels of one carrier on their way; each is taken or refused for itself. `expected_on`: today if not said."""

    expected_on: Day | None = None
    rows: Annotated[
        list[Annotated[AnnouncedRow, WrapValidator(_readable)]], Field(min_length=1, max_length=ROWS)
    ]


class RowResult(Schema):
    """What became of one row: `announced`, `known` (announced before, or here already) or `refused`."""

    waybill: str
    outcome: Literal["announced", "known", "refused"]
    parcel_id: Id | None = None
    refused: Refusal | None = None


class Announcements(Schema):
    """What became of a manifest; `rows` in the order of the request."""

    manifest_id: Id
    announced: int
    known: int
    refused: int
    rows: list[RowResult]
