"""JSON of the residents room: who a kiosk may be told is there, and what waits for them. Every field is bounded."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from station.core.i18n import lazy as _l
from station.web.api import Id, Schema, unfit

CODE = 300  # characters: twice an identity code, so that two glued scans are refused as such, in words


class Shown(Schema):
    """What somebody shows: `code`, as the scanner read it; or `tail` (of their phone number) and `digits`."""

    code: Annotated[str, Field(min_length=1, max_length=CODE)] | None = None
    tail: Annotated[str, Field(pattern=r"^[0-9]{4}$", examples=["4068"])] | None = None
    digits: Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["883046"])] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        digits = self.tail is not None and self.digits is not None
        none = self.tail is None and self.digits is None
        if not (digits if self.code is None else none):
            raise unfit(_l("Send code, or tail and digits."))
        return self


class Person(Schema):
    """Whose code it is, masked. `id` names them in requests."""

    id: Id
    phone_tail: str
    name_masked: str


class WaitingParcel(Schema):
    """A parcel on a shelf for whoever uses that phone. `level` is the storage level by the clock."""

    parcel_id: Id
    waybill: str
    carrier: str | None
    pickup_code: str | None
    state: str
    is_held: bool
    level: str
    stored_at: datetime
    name_masked: str


class Identified(Schema):
    """Who was recognised; `parcels` in the order of the shelves."""

    recipient: Person
    parcels: list[WaitingParcel]
