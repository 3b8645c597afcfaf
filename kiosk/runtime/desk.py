"""What the kiosk's page needs of the running kiosk, and nothing more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.model import Rules, Station
from kiosk.session.state import Session


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that one picture of the screen is drawn from.

    `number` grows with every change. `sounds` are what to sound and say, in order, since the snapshot before:
    ("sound", "ok"), ("say", key, facts). `agreement` is the text to agree to, on the screens of enrolment.
    `hint` is a key of the kiosk's words: what is wrong with the picture of a face being looked at.
    """

    number: int
    session: Session
    station: Station
    rules: Rules
    now: datetime
    has_faces: bool
    is_demo: bool
    agreement: str | None = None
    progress: float = 0.0  # of a face being looked at, 0 to 1
    hint: str | None = None
    sounds: tuple[tuple[str, str, dict[str, str]], ...] = ()


class Desk(Protocol):
    """The running kiosk as its page sees it. Every method may be called from any thread."""

    def snapshot(self) -> Snapshot:
        """Return the screen as it is now."""

    def changes(self, after: int, *, timeout_s: float) -> Snapshot | None:
        """Wait for a snapshot newer than `after`; None when nothing changed in time."""

    def touch(self, action: str, value: str) -> None:
        """Tell the session that a button was pressed."""

    def preview(self) -> Iterator[bytes]:
        """Yield the camera's picture as JPEG, about ten a second, for as long as it is read."""

    def show_demo(self, scene: str) -> None:
        """Put something before the drawn camera: `phone`, `parcel`, `other`, `face`, `nothing`, `play`."""
