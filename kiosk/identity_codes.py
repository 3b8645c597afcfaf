"""Checks an identity code without the station: its form, its signature and its times. Pure.

`ID:` and base45 (RFC 9285) of a payload of 28 bytes and its Ed25519 signature (RFC 8032) of 64. The kiosk holds public
keys only, so it can verify and never mint. Using a code once is the spool's.
"""

import struct
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kiosk.model import PublicKey

# Source of all numbers: DESIGN.md 6.
PREFIX = "ID:"
VERSION = 1
NONCE_BYTES = 5
SIGNATURE_BYTES = 64
STEP = timedelta(seconds=30)  # how long a code is on the screen
TOLERANCE = timedelta(seconds=30)  # how far clocks may be apart
ON_SCREENS = 20 * STEP  # a phone prefetched 20 codes at the last moment of a key

# version 1, key id 2, recipient reference 8, station 8, not-before 4, nonce 5; big-endian
_PAYLOAD = struct.Struct(f">BHQQI{NONCE_BYTES}s")
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # RFC 9285, table 1
_DIGIT = {char: digit for digit, char in enumerate(_ALPHABET)}
_TRIPLE = 3  # characters that write two bytes
LENGTH = len(PREFIX) + (_PAYLOAD.size + SIGNATURE_BYTES) // 2 * _TRIPLE


class Fault(StrEnum):
    """Why a code proves nobody; the station's error codes of the same meaning."""

    INVALID = "identity_code_invalid"
    OTHER_STATION = "other_station"
    EXPIRED = "identity_code_expired"
    USED = "identity_code_used"
    UNKNOWN_KEY = "identity_key_unknown"  # ours: a key newer than the set-up, or nobody's


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a verified code names, and until when its nonce must be remembered."""

    recipient_id: str
    nonce: bytes
    expires_at: datetime


def verify(text: str, keys: Iterable[PublicKey], *, station_id: str, now: datetime) -> Identity | Fault:
    """Return whom the code names at this station and moment, or why it names nobody. Used or not is not asked."""
    content = _content(text)
    if content is None or content[0] != VERSION:
        return Fault.INVALID
    message, signature = content[: _PAYLOAD.size], content[_PAYLOAD.size :]
    _, key_id, recipient, station, seconds, nonce = _PAYLOAD.unpack(message)
    begins_at = datetime.fromtimestamp(seconds, UTC)
    key = next((key for key in keys if key.id == key_id), None)
    if key is None:
        return Fault.UNKNOWN_KEY
    if not (_signs_at(key, begins_at) and _is_signed(message, signature, key)):
        return Fault.INVALID
    if str(station) != station_id:
        return Fault.OTHER_STATION
    expires_at = begins_at + STEP + TOLERANCE
    if not begins_at - TOLERANCE <= now < expires_at:
        return Fault.EXPIRED
    return Identity(str(recipient), nonce, expires_at)


def _signs_at(key: PublicKey, begins_at: datetime) -> bool:
    """Tell whether the key may have signed a code for this moment."""
    return key.retired_at is None or begins_at <= key.retired_at + ON_SCREENS


def _content(text: str) -> bytes | None:
    """Return the bytes of a code in any letter case and width, None for whatever has not its form."""
    plain = unicodedata.normalize("NFKC", text[: 2 * LENGTH]).strip().upper()
    if len(plain) != LENGTH or not plain.startswith(PREFIX):
        return None
    return from_base45(plain.removeprefix(PREFIX))


def from_base45(text: str) -> bytes | None:
    """Read base45 of an even number of bytes (RFC 9285, section 4); None for what it never writes."""
    if len(text) % _TRIPLE or any(char not in _DIGIT for char in text):
        return None
    content = bytearray()
    for at in range(0, len(text), _TRIPLE):
        low, middle, high = (_DIGIT[char] for char in text[at : at + _TRIPLE])
        pair = low + middle * len(_ALPHABET) + high * len(_ALPHABET) ** 2
        if pair > 0xFFFF:
            return None
        content += pair.to_bytes(2)
    return bytes(content)


def _is_signed(message: bytes, signature: bytes, key: PublicKey) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
