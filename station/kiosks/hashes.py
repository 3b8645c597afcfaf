"""What a kiosk's waiting list says in place of phones and tails, so that it can check what is typed while offline.

Keyed by a salt that differs for each kiosk and day: what one list says means nothing in another. A tail has ten
thousand values, so who holds list and salt can try them all; the hashes keep tails out of logs and sight, no more.
Source: DESIGN.md section 6 (salted keyed hash per list version); HMAC-SHA256 (RFC 2104), 16 bytes, base64 (RFC 4648).
"""

import base64
import hashlib
import hmac
from datetime import date

from station.core import crypto
from station.core.actor import Actor

BYTES = 16


def salt(kiosk: Actor, day: date) -> bytes:
    """Return the 32 bytes that key a kiosk's list of one local day."""
    name = f"{kiosk.station_id}:{kiosk.id}:{day.isoformat()}"
    return b"".join(crypto.keyed_hash(f"kiosk-list-{half}", name) for half in (1, 2))


def owner_word(station_id: int, phone_hash: bytes) -> str:
    """Return the opaque word for whoever uses a phone, the same on every day and kiosk of the station."""
    return _text(crypto.keyed_hash("kiosk-owner", f"{station_id}:{phone_hash.hex()}"))


def nobody(station_id: int, parcel_id: int) -> str:
    """Return the owner's word of a parcel whose recipient is not known."""
    return _text(crypto.keyed_hash("kiosk-nobody", f"{station_id}:{parcel_id}"))


def weak(key: bytes, code: str, tail: str) -> str:
    """Return what shows that somebody knows a pickup code (canonical) and the phone tail of its owner."""
    return _keyed(key, f"{code}|{tail}")


def tail(key: bytes, owner: str, digits: str) -> str:
    """Return what shows that somebody knows an owner's phone tail."""
    return _keyed(key, f"{owner}|{digits}")


def _keyed(key: bytes, text: str) -> str:
    return _text(hmac.digest(key, text.encode(), hashlib.sha256)[:BYTES])


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
