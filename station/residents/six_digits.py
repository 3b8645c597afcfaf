"""The six digits beside the identity code, for who cannot show a QR code: accepted online only, with the phone's tail.

Time-based one-time passwords (RFC 6238) of a secret that each recipient has. Whose guesses are counted, and for how
long, stands here; what a recipient may do with them does not.
"""

import hmac
import secrets
from datetime import timedelta

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from station.core import clock, crypto, throttle
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import CountedError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.residents import identity_codes
from station.residents.models import DigitSecret, Recipient

DIGITS = 6
SECRET_BYTES = (
    32  # RFC 4226, section 4, R6 recommends 20; as long as SHA-256's output by RFC 6238, section 5.1
)
AROUND = (-1, 0, 1)  # steps: RFC 6238, section 5.2, for clocks that differ and people who read slowly
# Source: DESIGN.md 6: five tries, then 15 minutes. A guess hits one of 3 steps: 15 in a million for each target.
TRIES = 5
# Ours: people mistype at a busy counter; somebody who goes from tail to tail is stopped after twenty.
TRIES_PER_DEVICE = 20
WINDOW = timedelta(minutes=15)

_WITH_TAIL = Statement(
    select(DigitSecret.recipient_id, DigitSecret.secret, DigitSecret.last_step)
    .join(
        Recipient,
        and_(Recipient.station_id == DigitSecret.station_id, Recipient.id == DigitSecret.recipient_id),
    )
    .where(DigitSecret.station_id == bindparam("station_id"), Recipient.phone_tail == bindparam("tail"))
)
_SECRET = Statement(
    select(DigitSecret.secret).where(
        DigitSecret.station_id == bindparam("station_id"),
        DigitSecret.recipient_id == bindparam("recipient_id"),
    )
)
_ACCEPT = Statement(
    update(DigitSecret)
    .where(
        DigitSecret.station_id == bindparam("station"),
        DigitSecret.recipient_id == bindparam("recipient"),
        DigitSecret.last_step < bindparam("step"),
    )
    .values(last_step=bindparam("step"))
)


def at_step(secret: bytes, step: int) -> str:
    """Return the digits of a step (RFC 6238 over HMAC-SHA-256, truncated by RFC 4226, section 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8), "sha256")
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def is_ready(station_id: int, recipient_id: int) -> bool:
    """Tell whether a recipient has a secret."""
    return _SECRET.first(station_id=station_id, recipient_id=recipient_id) is not None


def prepare(station_id: int, recipient_id: int) -> None:
    """Give a recipient a secret if there is none. Idempotent."""
    build = postgresql.insert if connection().dialect.name == "postgresql" else sqlite.insert
    added = build(DigitSecret).values(
        station_id=station_id,
        recipient_id=recipient_id,
        secret=secrets.token_hex(SECRET_BYTES),
        last_step=0,
    )
    connection().execute(added.on_conflict_do_nothing())


def shown(station_id: int, recipient_id: int, steps: list[int]) -> list[str]:
    """Return a recipient's digits of each step; `prepare` came before."""
    secret = bytes.fromhex(_SECRET.first(station_id=station_id, recipient_id=recipient_id).secret)
    return [at_step(secret, step) for step in steps]


def prove(actor: Actor, tail: str, digits: str) -> int:
    """Return the recipient with this phone tail whose digits these are; they are used up.

    The caller has taken the station's turn, and commits a CountedError: a wrong try counts.
    Raises CountedError `six_digits_wrong`, StationError `too_many_attempts`.
    """
    target, device = f"digits:{actor.station_id}:{tail}", f"digits-by:{actor.station_id}:{actor.key}"
    throttle.check(target, limit=TRIES, window=WINDOW)
    throttle.check(device, limit=TRIES_PER_DEVICE, window=WINDOW)
    matches = _matches(actor.station_id, tail, digits)
    # Two people with one tail and by chance the same digits: nobody is let in, the next digits differ.
    if len(matches) != 1 or not _ACCEPT.run(station=actor.station_id, **matches[0]):
        throttle.count(target, window=WINDOW)
        throttle.count(device, window=WINDOW)
        raise CountedError(
            "six_digits_wrong",
            _("The last 4 digits of the phone and the six digits do not fit together. Type those shown now."),
        )
    throttle.forgive(target)
    return matches[0]["recipient"]


def _matches(station_id: int, tail: str, digits: str) -> list[dict[str, int]]:
    """Return who may mean these digits, and the step they are of."""
    now = identity_codes.step_of(clock.now())
    return [
        {"recipient": row.recipient_id, "step": now + around}
        for row in _WITH_TAIL.all(station_id=station_id, tail=tail)
        for around in AROUND
        if now + around > row.last_step
        and crypto.same(at_step(bytes.fromhex(row.secret), now + around).encode(), digits.encode())
    ]
