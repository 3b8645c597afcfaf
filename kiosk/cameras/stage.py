"""What the demo camera is given to show, read from a small file that the demo station writes again and again.

The file is JSON, named by KIOSK_SCENE (else `scene.json` in the kiosk's folder):

    {"identity_codes": [{"text": "ID:…", "from": "2026-11-21T18:00:00Z", "until": "2026-11-21T18:00:30Z"}, …],
     "parcels": [{"waybill": "SF1234567890123", "carrier": "sf", "pickup_code": "12-3-3210"}, …],
     "other": {"waybill": "YT1234567890123", "carrier": "yto", "pickup_code": "5-2-9917"}}

`from` and `until` (ISO 8601 with offset) say when a phone shows the code, which is until the next one begins;
`parcels` are those of the phone's owner; `other` is somebody else's. Whatever is missing is simply not shown.
"""

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiosk.cameras.drawing import ShownParcel

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShownCode:
    """An identity code and from when on a phone shows it."""

    text: str
    begins_at: datetime


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that can be shown."""

    identity_codes: tuple[ShownCode, ...] = ()
    parcels: tuple[ShownParcel, ...] = ()
    other: ShownParcel | None = None

    def code_at(self, now: datetime) -> str | None:
        """Return the code a phone shows now; past the last one, the last, which is then refused as too old."""
        begun = [code for code in self.identity_codes if code.begins_at <= now]
        return max(begun, key=lambda code: code.begins_at).text if begun else None


def parse_stage(text: str) -> Stage:
    """Return what a scene file says. Raises ValueError, KeyError or TypeError when it is none."""
    said = json.loads(text)
    if not isinstance(said, dict):
        raise TypeError("a scene is an object")
    codes = tuple(ShownCode(one["text"], _time(one["from"])) for one in said.get("identity_codes", ()))
    parcels = tuple(_parcel(one) for one in said.get("parcels", ()))
    return Stage(codes, parcels, _parcel(said["other"]) if said.get("other") else None)


def _parcel(said: dict[str, Any]) -> ShownParcel:
    return ShownParcel(str(said["waybill"]), said.get("carrier"), said.get("pickup_code"))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


class StageFile:
    """Reads the file again when it changed; a file that is being written or is wrong changes nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._stage = Stage()

    def read(self) -> Stage:
        """Return what the file said last."""
        stamp = self._stamp_now()
        if stamp is not None and stamp != self._stamp:
            self._stamp = stamp
            self._stage = _parsed(self._path, self._stage)
        return self._stage

    def _stamp_now(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_size


def _parsed(path: Path, before: Stage) -> Stage:
    """Return what a file says; what was said before when it says nothing that can be shown."""
    try:
        return parse_stage(path.read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("The scene file cannot be read: %s", type(error).__name__)  # its text holds codes
        return before
