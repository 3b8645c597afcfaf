"""Links in messages: a page without sign-in that is about the parcels of one message and nothing else.

The token is letters only, so that a phone's reader of pickup codes finds no number in it; no vowels, so that it spells
no word. It is made from the message and a key: a message that is sent again carries the same link.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from station.core import clock, crypto
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.residents.models import MessageLink

LETTERS = "bcdfghjkmnpqrstvwxz"
LENGTH = 15  # 15 of 19 letters: 63 bits, beyond guessing over a network
VALID = timedelta(days=14)  # ours: twice as long as a parcel waits by default
_ADD = {
    "sqlite": Statement(sqlite.insert(MessageLink).on_conflict_do_nothing()),
    "postgresql": Statement(postgresql.insert(MessageLink).on_conflict_do_nothing()),
}
_public_url = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Which message a link stands in."""

    station_id: int
    recipient_id: int
    message_id: int


def configure(public_url: str) -> None:
    """Set where people reach this installation; called once when the application is made. Empty: no links."""
    global _public_url  # noqa: PLW0603 - one process serves one installation
    _public_url = public_url


def public(path: str) -> str | None:
    """Return the whole address of a page that everybody may see; None when the installation has no public address."""
    return f"{_public_url}{path}" if _public_url else None


def url(station_id: int, recipient_id: int, *, message_id: int) -> str | None:
    """Return the link of a message to a recipient, kept for VALID; None when the installation has no public address.

    Idempotent. Writes, so it needs the transaction in which the message is put into words.
    """
    if not _public_url:
        return None
    token = _token(station_id, message_id)
    _ADD[connection().dialect.name].run(
        token_hash=_hash(token),
        station_id=station_id,
        recipient_id=recipient_id,
        message_id=message_id,
        expires_at=clock.now() + VALID,
    )
    return f"{_public_url}/t/{token}"


def read(token: str) -> Link:
    """Return what a token leads to. Raises StationError `link_over` when it is too old or none."""
    query = select(
        MessageLink.station_id, MessageLink.recipient_id, MessageLink.message_id, MessageLink.expires_at
    )
    row = connection().execute(query.where(MessageLink.token_hash == _hash(token))).one_or_none()
    if row is None or row.expires_at <= clock.now():
        raise over()
    return Link(row.station_id, row.recipient_id, row.message_id)


def over() -> StationError:
    """Return the refusal of a link that leads nowhere any more; the same for one that never led anywhere."""
    message = _("This link does not work any more: the parcels have left, or it is too old.")
    return StationError("link_over", message)


def forget_old(now: datetime) -> int:
    """Delete links that are too old; return how many."""
    return connection().execute(delete(MessageLink).where(MessageLink.expires_at <= now)).rowcount


def _token(station_id: int, message_id: int) -> str:
    number = int.from_bytes(crypto.keyed_hash("message-link", f"{station_id}:{message_id}"))
    letters = []
    for _place in range(LENGTH):
        number, letter = divmod(number, len(LETTERS))
        letters.append(LETTERS[letter])
    return "".join(letters)


def _hash(token: str) -> bytes:
    return crypto.keyed_hash("message-link-token", token)
