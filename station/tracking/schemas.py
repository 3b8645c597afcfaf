"""JSON between carriers' systems and the station: bounded, nothing unknown, nothing personal."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from station.core.i18n import lazy as _l
from station.core.ids import LARGEST_ID
from station.tracking.queries import PAGE
from station.tracking.webhooks import URL_LIMIT
from station.web.api import Id, Schema, unfit


def _fits(text: str) -> str:
    if int(text) > LARGEST_ID:
        raise unfit(_l("This is larger than any cursor."))
    return text


Cursor = Annotated[str, Field(pattern=r"^[0-9]{1,19}$", examples=["0"]), AfterValidator(_fits)]


class TrackingQuery(Schema):
    """Where in the log to go on, and how many events are wanted at most."""

    after: Cursor = "0"
    # From an address, so a number in words is one here.
    limit: Annotated[int, Field(ge=1, le=PAGE, strict=False)] = PAGE


class TrackingEvent(Schema):
    """One thing that happened to a parcel of the carrier; `codes` by vocabulary (docs/tracking.md).

    `manifest_id` with `returned`: the return manifest that the courier signed for it.
    """

    cursor: Cursor
    at: datetime
    status: str
    codes: dict[str, str]
    parcel_id: Id
    waybill: str
    manifest_id: Id | None


class TrackingEvents(Schema):
    """A part of the stream. It may be empty though `has_more`: go on from `next_cursor`."""

    events: list[TrackingEvent]
    next_cursor: Cursor
    has_more: bool


class NewCarrierWebhook(Schema):
    """Where a carrier wants to be told."""

    url: Annotated[
        str, Field(min_length=1, max_length=URL_LIMIT, examples=["https://carrier.example/events"])
    ]


class CarrierWebhookSecret(Schema):
    """A webhook just made. The secret is told this once."""

    id: Id
    secret: str
    cursor: Cursor


class CarrierWebhook(Schema):
    """A webhook: what it was told up to now, and how many events it is owed or could not be told."""

    id: Id
    url: str
    cursor: Cursor
    made_at: datetime
    ended_at: datetime | None
    waiting: int
    dead: int


class CarrierWebhooks(Schema):
    """The carrier's webhooks, those in use first."""

    webhooks: list[CarrierWebhook]


class WebhookReplay(Schema):
    """From where on to tell everything again."""

    after: Cursor


class WebhookResend(Schema):
    """Which dead letter to try again."""

    delivery_id: Id


class WebhookDeadLetter(Schema):
    """A delivery that was given up, and why."""

    delivery_id: Id
    cursor: Cursor
    waybill: str
    attempts: int
    failure: str
    given_up_at: datetime


class WebhookDeadLetters(Schema):
    """A webhook's dead letters, oldest first; the first hundred."""

    dead_letters: list[WebhookDeadLetter]


class Done(Schema):
    """Takes no field: it is done."""
