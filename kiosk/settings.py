"""Where this kiosk keeps what it must remember, and what it learned when it was enrolled.

Everything lives in one folder (KIOSK_HOME, else `instance/kiosk` beside the program), readable by its owner only.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

DEFAULT_HOME = Path(__file__).resolve().parent.parent / "instance" / "kiosk"
ENROLMENT = "enrolment.json"
OWNER_ONLY = 0o600


class NotEnrolledError(Exception):
    """The kiosk belongs to no station yet."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What ties this kiosk to a station: its address, our token there and the key of our own stores (hex)."""

    url: str
    token: str
    kiosk_id: str
    key: str


def home() -> Path:
    """Return the kiosk's folder; it is made when missing."""
    folder = Path(os.environ.get("KIOSK_HOME") or DEFAULT_HOME)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def read_enrolment(folder: Path) -> Enrolment:
    """Return what `enrol` left. Raises NotEnrolledError."""
    try:
        said = json.loads((folder / ENROLMENT).read_text("utf-8"))
    except FileNotFoundError as error:
        raise NotEnrolledError(
            "This kiosk is not enrolled yet. Make a code on the station's Devices page, then run: "
            f"{sys.executable} -m kiosk enrol URL CODE"
        ) from error
    return Enrolment(**said)


def write_enrolment(folder: Path, enrolment: Enrolment) -> None:
    """Keep an enrolment: whole or not at all, for its owner only."""
    temporary = folder / f"{ENROLMENT}.new"
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w") as file:
        json.dump(asdict(enrolment), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / ENROLMENT)
