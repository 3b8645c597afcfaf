"""JSON between carriers' systems and the station about disputes: bounded, nothing unknown, no name of anybody."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from station.disputes.lifecycle import Claim, DisputeState
from station.disputes.service import WORDS_LIMIT
from station.returns.manifests import MOST
from station.web.api import Id, Schema

WAYBILL = 40  # characters before it is read: longer than any carrier's number


class NewDispute(Schema):
    """What is claimed of which parcels of a signed return manifest."""

    manifest_id: Id
    waybills: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=WAYBILL, examples=["SF1234567890123"])]],
        Field(min_length=1, max_length=MOST),
    ]
    claim: Annotated[Claim, Field(strict=False)]
    words: Annotated[str, Field(max_length=WORDS_LIMIT)] = ""


class DisputeAnswer(Schema):
    """A dispute as it stands. `words` and `answer` are null where nobody wrote any, and once they were erased."""

    id: Id
    manifest_id: Id
    waybills: list[str]
    claim: Claim
    state: DisputeState
    opened_at: datetime
    words: str | None
    answer: str | None
    answered_at: datetime | None
    ended_at: datetime | None
    log_sha256: str


class DisputeLog(Schema):
    """The log attached to a dispute: `log` is a JSON document as a text (docs/disputes.md), `sha256` of its UTF-8."""

    log: str
    sha256: str
