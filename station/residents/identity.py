"""Identity codes: signing them for a resident's phone, and letting a code name its owner once.

The keys belong to the network: made on first use, rotated monthly. A retired key signs nothing more (its private half
is erased) and counts only for codes that may still be on a screen. The code's bytes are identity_codes.py's.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from station.core import clock, crypto
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.residents import identity_codes, service
from station.residents.identity_codes import PREFETCHED, STEP, Payload, Signed
from station.residents.models import IdentityKey, UsedIdentityCode

ROTATED_AFTER = timedelta(days=30)  # ours: a key that leaked signs for a month at most
# How long after its end a key may have codes on screens: those of a phone that prefetched at the last moment.
ON_SCREENS = PREFETCHED * STEP
# A kiosk without network may tell only so much later that it took a code (DESIGN.md 2: offline devices may be away 14).
USES_KEPT = timedelta(days=14)
SIGNERS_KEPT = 2  # the key in use, and the one before while requests overlap

_CURRENT = Statement(
    select(IdentityKey.id, IdentityKey.private)
    .where(IdentityKey.retired_at.is_(None))
    .order_by(IdentityKey.id.desc())
    .limit(1)
)
_PUBLIC = Statement(
    select(IdentityKey.public, IdentityKey.retired_at).where(IdentityKey.id == bindparam("key_id"))
)
_USE = {
    "sqlite": Statement(sqlite.insert(UsedIdentityCode).on_conflict_do_nothing()),
    "postgresql": Statement(postgresql.insert(UsedIdentityCode).on_conflict_do_nothing()),
}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What checks codes. One with `retired_at` signs no more, and counts for codes still on screens."""

    id: int
    public: bytes
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class Code:
    """A code for the phone's screen, to be shown during the step (identity_codes.step_of) it is made for."""

    step: int
    text: str


def is_ready() -> bool:
    """Tell whether there is a key to sign with."""
    return _CURRENT.first() is not None


def prepare() -> None:
    """Make the first key if there is none. Idempotent."""
    if not is_ready():
        _make_key()


def rotate() -> bool:
    """Put a new key in the place of one that has signed for ROTATED_AFTER; tell whether that was due."""
    now = clock.now()
    is_old = (IdentityKey.retired_at.is_(None), IdentityKey.made_at <= now - ROTATED_AFTER)
    retired = connection().execute(update(IdentityKey).where(*is_old).values(retired_at=now, private=None))
    if retired.rowcount:
        _make_key()
    return retired.rowcount > 0


def _make_key() -> None:
    signer = Ed25519PrivateKey.generate()
    newest = connection().scalar(select(func.max(IdentityKey.id))) or 0
    build = postgresql.insert if connection().dialect.name == "postgresql" else sqlite.insert
    added = build(IdentityKey).values(
        id=newest + 1,
        public=signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
        private=signer.private_bytes_raw().hex(),
        made_at=clock.now(),
        retired_at=None,
    )
    connection().execute(added.on_conflict_do_nothing())  # two who make the first key at once: one is enough


def public_keys(now: datetime) -> list[PublicKey]:
    """Return the keys whose codes may be shown now, the newest first."""
    shown = or_(IdentityKey.retired_at.is_(None), IdentityKey.retired_at > now - ON_SCREENS)
    query = select(IdentityKey.id, IdentityKey.public, IdentityKey.retired_at).where(shown)
    rows = connection().execute(query.order_by(IdentityKey.id.desc()))
    return [PublicKey(row.id, bytes(row.public), row.retired_at) for row in rows]


def codes(station_id: int, recipient_id: int, *, after: int = 0) -> list[Code]:
    """Sign the codes of the PREFETCHED steps from now on, those behind step `after` only; `prepare` came before."""
    key = _CURRENT.first()
    signer = _signer(key.private)
    now = identity_codes.step_of(clock.now())
    return [
        Code(step, _sign(signer, Payload(key.id, recipient_id, station_id, begin, nonce)))
        for step in range(max(now, after + 1), now + PREFETCHED)
        for begin, nonce in [(identity_codes.begin_of(step), secrets.token_bytes(identity_codes.NONCE_BYTES))]
    ]


def _sign(signer: Ed25519PrivateKey, payload: Payload) -> str:
    message = identity_codes.pack(payload)
    return identity_codes.write(message, signer.sign(message))


@lru_cache(SIGNERS_KEPT)
def _signer(private: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private))


def read(actor: Actor, text: str, *, now: datetime) -> int:
    """Return the recipient whose code this is, at the actor's station; the code is used up.

    Raises StationError as `verify` and `use_up` do.
    """
    payload = verify(actor, text, now=now)
    recipient = service.get(actor.station_id, payload.recipient)
    use_up(actor.station_id, payload)
    return recipient.id


def verify(actor: Actor, text: str, *, now: datetime) -> Payload:
    """Return what a code says that counts at the actor's station at a moment; it is not used up.

    Raises StationError `identity_code_invalid`, `identity_code_expired`, `other_station`, and `not_found` when the
    station knows the recipient no more.
    """
    signed = identity_codes.read(text)
    if signed is None or not is_ours(signed):
        message = _(
            "This identity code cannot be read. Let the resident's page load again, then scan once more."
        )
        raise StationError("identity_code_invalid", message)
    payload = signed.payload
    if payload.station != actor.station_id:
        message = _("This code is for another station. The resident can choose your station above the code.")
        raise StationError("other_station", message)
    if not payload.is_valid_at(now):
        message = _("This identity code is too old. Scan the one that is on the phone now.")
        raise StationError("identity_code_expired", message)
    service.get(actor.station_id, payload.recipient)
    return payload


def is_ours(signed: Signed) -> bool:
    """Tell whether a key of the network signed this, and one that may have when the code was made."""
    key = _PUBLIC.first(key_id=signed.payload.key_id)
    if key is None or (key.retired_at and signed.payload.begins_at > key.retired_at + ON_SCREENS):
        return False
    return crypto.verify(signed.message, signed.signature, bytes(key.public))


def use_up(station_id: int, payload: Payload) -> None:
    """Use a code up. Raises StationError `identity_code_used`."""
    is_new = _USE[connection().dialect.name].run(
        station_id=station_id, nonce=payload.nonce, expires_at=payload.expires_at
    )
    if not is_new:
        message = _("This identity code was used already. Wait for the next one on the phone.")
        raise StationError("identity_code_used", message)


def forget_used(station_id: int) -> int:
    """Delete a station's used codes that expired USES_KEPT ago; return how many."""
    old = delete(UsedIdentityCode).where(
        UsedIdentityCode.station_id == station_id, UsedIdentityCode.expires_at <= clock.now() - USES_KEPT
    )
    return connection().execute(old).rowcount
