"""The identity code as bytes and as text: what the QR code on a resident's phone says. Pure.

`ID:` and base45 (RFC 9285) of a payload of 28 bytes and its Ed25519 signature (RFC 8032) of 64: 141 characters, all of
the QR code's alphanumeric set. Making and checking signatures, and using a code once, are identity.py's.
"""

import struct
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from station.core import shown_codes

# Source of all numbers: DESIGN.md 6.
PREFIX = shown_codes.IDENTITY
VERSION = 1
NONCE_BYTES = 5
SIGNATURE_BYTES = 64
STEP = timedelta(seconds=30)  # how long a code is on the screen
TOLERANCE = timedelta(seconds=30)  # how far clocks may be apart
PREFETCHED = 20  # codes: ten minutes without network
LARGEST_KEY_ID = 65_535

# version 1, key id 2, recipient reference 8, station 8, not-before 4, nonce 5; big-endian
_PAYLOAD = struct.Struct(f">BHQQI{NONCE_BYTES}s")
_SIGNED_BYTES = _PAYLOAD.size + SIGNATURE_BYTES
LENGTH = len(PREFIX) + _SIGNED_BYTES // 2 * 3

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # RFC 9285, table 1
_VALUES = {char: value for value, char in enumerate(_ALPHABET)}
_BASE = len(_ALPHABET)
_PAIR = 2**16  # values of two bytes, which three characters write


@dataclass(frozen=True, slots=True)
class Payload:
    """What a code says: `recipient` of `station` shows it. `not_before`: whole seconds since 1970 (UTC)."""

    key_id: int
    recipient: int
    station: int
    not_before: int
    nonce: bytes

    @property
    def begins_at(self) -> datetime:
        """The moment the code is made for."""
        return datetime.fromtimestamp(self.not_before, UTC)

    @property
    def expires_at(self) -> datetime:
        """The first moment at which the code counts no more, whatever the clocks."""
        return self.begins_at + STEP + TOLERANCE

    def is_valid_at(self, now: datetime) -> bool:
        """Tell whether the code counts at `now`."""
        return self.begins_at - TOLERANCE <= now < self.expires_at


@dataclass(frozen=True, slots=True)
class Signed:
    """A code that was read: its payload, the bytes that were signed, and a signature nobody has checked yet."""

    payload: Payload
    message: bytes
    signature: bytes


def step_of(moment: datetime) -> int:
    """Return the number of the step of STEP that `moment` is in, counted from 1970."""
    return int(moment.timestamp() // STEP.total_seconds())


def begin_of(step: int) -> int:
    """Return when a step begins, in whole seconds since 1970."""
    return step * int(STEP.total_seconds())


def pack(payload: Payload) -> bytes:
    """Return the bytes that are signed."""
    return _PAYLOAD.pack(
        VERSION, payload.key_id, payload.recipient, payload.station, payload.not_before, payload.nonce
    )


def write(message: bytes, signature: bytes) -> str:
    """Return the text of a code."""
    return PREFIX + base45(message + signature)


def read(text: str) -> Signed | None:
    """Read what a scanner sent, in any letter case and width; None for anything that is no code of this version."""
    plain = unicodedata.normalize("NFKC", text[: 2 * LENGTH]).strip().upper()
    if len(plain) != LENGTH or not plain.startswith(PREFIX):
        return None
    content = from_base45(plain.removeprefix(PREFIX))
    if content is None or content[0] != VERSION:
        return None
    message, signature = content[: _PAYLOAD.size], content[_PAYLOAD.size :]
    return Signed(Payload(*_PAYLOAD.unpack(message)[1:]), message, signature)


def base45(content: bytes) -> str:
    """Write an even number of bytes in base45 (RFC 9285, section 4): two bytes, three characters, low digit first."""
    pairs = (content[at] << 8 | content[at + 1] for at in range(0, len(content), 2))
    return "".join(
        _ALPHABET[pair % _BASE] + _ALPHABET[pair // _BASE % _BASE] + _ALPHABET[pair // _BASE**2]
        for pair in pairs
    )


def from_base45(text: str) -> bytes | None:
    """Return what `base45` wrote; None for characters outside the alphabet and for triples beyond two bytes.

    `text` has a multiple of three characters.
    """
    values = [_VALUES.get(char, _PAIR) for char in text]
    pairs = [
        values[at] + _BASE * values[at + 1] + _BASE**2 * values[at + 2] for at in range(0, len(values), 3)
    ]
    if max(pairs, default=0) >= _PAIR:
        return None
    return b"".join(pair.to_bytes(2) for pair in pairs)
