"""JSON of a courier's drop: what the phone sends. Every field is bounded; one scan that fits none spoils no other."""

from typing import Annotated, Any

from pydantic import AwareDatetime, Field, ModelWrapValidatorHandler, ValidationError, WrapValidator

from station.core.idempotency import KEY
from station.drops.scans import BATCH
from station.drops.service import MOST
from station.shelves.placing import SizeClass
from station.web.api import Schema

RAW = 1000  # characters of a scan taken in, so that a pasted novel is kept (cut) as a refused scan
LARGEST_SEQ = 10**9  # ours; a phone that scans every second counts for thirty years

Key = Annotated[str, Field(pattern=f"^{KEY.pattern}$")]


class Open(Schema):
    """The code on the counter's screen, and when it was read if that was not now."""

    presence: Annotated[str, Field(min_length=1, max_length=RAW)]
    scanned_at: AwareDatetime | None = None


class Scan(Schema):
    """One scan as the phone kept it."""

    key: Key
    seq: Annotated[int, Field(ge=0, le=LARGEST_SEQ)]
    raw: Annotated[str, Field(max_length=RAW)]
    scanned_at: Annotated[AwareDatetime, Field(strict=False)]  # strict, text would be none inside a list
    size: SizeClass | None = None


class Unreadable:
    """A scan that fits no description; the others are taken."""

    def __init__(self, value: Any) -> None:
        said = value if isinstance(value, dict) else {}
        self.key, self.raw = (str(said.get(name, ""))[:80] for name in ("key", "raw"))


def _readable(value: Any, handler: ModelWrapValidatorHandler[Scan]) -> Scan | Unreadable:
    try:
        return handler(value)
    except ValidationError:
        return Unreadable(value)


class Scans(Schema):
    """Scans of one drop; each is answered for itself."""

    scans: Annotated[list[Annotated[Scan, WrapValidator(_readable)]], Field(min_length=1, max_length=BATCH)]


class Consent(Schema):
    """What the recipient of a stopped parcel said, and how the courier knows."""

    key: Key
    choice: Annotated[str, Field(max_length=10)]
    how: Annotated[str, Field(max_length=20)] | None = None


class Finish(Schema):
    """How many parcels the courier says they leave."""

    count: Annotated[int, Field(ge=0, le=MOST)]
