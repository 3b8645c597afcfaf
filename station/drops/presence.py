"""The station's rotating code: who scans it stands at the counter now.

`STATION:` and base32 (RFC 4648, no padding) of 29 bytes: version 1, station 8, step 4 and a keyed hash of 16, all of
QR's small alphabet. A step is STEP_S of Unix time. Only the holder of the network's hash key can make one, so a code
that fits the time told with it was seen at that time, even when the phone had no network then.
"""

import base64
import binascii
import struct
from dataclasses import dataclass
from datetime import datetime

from station.core import crypto
from station.core.errors import StationError
from station.core.i18n import gettext as _

PREFIX = "STATION:"
VERSION = 1
STEP_S = 45  # ours: a picture sent to somebody elsewhere is soon too old, and a slow camera still has time
TOLERANCE = 1  # steps: the screen may lag behind one change of the code
_LAYOUT = struct.Struct(">BQI")
_LENGTH = _LAYOUT.size + crypto.HASH_BYTES
_LONGEST = 100  # characters; a code has 55


@dataclass(frozen=True, slots=True)
class Presence:
    """A genuine code: of which station, and from which step of time."""

    station_id: int
    step: int

    def fits(self, moment: datetime) -> bool:
        """Tell whether the code could be seen on the counter's screen at `moment`."""
        return abs(step_of(moment) - self.step) <= TOLERANCE


def step_of(moment: datetime) -> int:
    """Return the step of time that a moment lies in."""
    return int(moment.timestamp()) // STEP_S


def left_s(moment: datetime) -> int:
    """Return for how many seconds yet the code of `moment` is shown; at least 1."""
    return STEP_S - int(moment.timestamp()) % STEP_S


def code(station_id: int, moment: datetime) -> str:
    """Return the code that the station shows at `moment`."""
    step = step_of(moment)
    payload = _LAYOUT.pack(VERSION, station_id, step) + _proof(station_id, step)
    return PREFIX + base64.b32encode(payload).decode().rstrip("=")


def read(text: str) -> Presence:
    """Read a scanned code, in any case. Raises StationError `presence_unknown` for one that no station of ours made."""
    found = _genuine(text.strip().upper())
    if found is None:
        raise StationError(
            "presence_unknown",
            _("This is not the station's code. Scan the large code on the counter's screen."),
        )
    return found


def _genuine(text: str) -> Presence | None:
    body = text.removeprefix(PREFIX)
    if body == text or len(text) > _LONGEST or not text.isascii():
        return None
    try:
        payload = base64.b32decode(body + "=" * (-len(body) % 8))
    except binascii.Error:
        return None
    if len(payload) != _LENGTH:
        return None
    version, station_id, step = _LAYOUT.unpack_from(payload)
    is_ours = version == VERSION and crypto.same(payload[_LAYOUT.size :], _proof(station_id, step))
    return Presence(station_id, step) if is_ours else None


def _proof(station_id: int, step: int) -> bytes:
    return crypto.keyed_hash("drop-presence", f"{VERSION}.{station_id}.{step}")
