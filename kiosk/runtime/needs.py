"""What the runtime needs of the rooms beside it: who somebody is, releases, faces, and what is sent later."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from kiosk.model import Parcel, Person
from kiosk.session.effects import (
    Alert,
    CompareFace,
    EnrolFace,
    FindFace,
    LookUp,
    Release,
)
from kiosk.session.events import Event
from kiosk.session.state import Session
from kiosk.ways import Check

Tell = Callable[[Event], None]
TellIf = Callable[
    [Event, Callable[[], bool]], None
]  # the second says, when its turn comes, whether it still counts


class Ways(Protocol):
    """Says who somebody is, by the station or without it. Called from several threads; may last two seconds."""

    def check(self, effect: Check) -> Event:
        """Return PersonKnown, GuardianKnown or PersonUnknown."""

    def look_up(self, effect: LookUp) -> Event:
        """Return ParcelKnown or ParcelUnknown."""

    def forget(self) -> None:
        """Forget whoever stood here."""


class Releases(Protocol):
    """Gets a parcel released, or not. Called from several threads; may last some seconds."""

    def release(self, effect: Release) -> Event:
        """Return Released or NotReleased."""

    def opened(self, parcel_id: str) -> None:
        """Write down that the door opened for it."""

    def unfinished(self) -> tuple[Parcel, ...]:
        """Return what was released before a restart, without anybody knowing whether the door opened."""


class Letters(Protocol):
    """Keeps what is to reach the station, and sends it when it can."""

    def alert(self, effect: Alert) -> None:
        """Tell the counter."""

    def photo(self, parcel_id: str, jpeg: bytes, at: datetime) -> None:
        """Send the picture of this parcel's hand-over."""


class Faces(Protocol):
    """Looks for faces in a thread of its own. Every call but `forget` returns at once; answers are told as events."""

    def find(self, effect: FindFace) -> None:
        """Look for anybody enrolled who has a parcel waiting."""

    def compare(self, effect: CompareFace) -> None:
        """Look for who may take these parcels, nobody else."""

    def enrol(self, effect: EnrolFace) -> None:
        """Take pictures and enrol."""

    def stop(self) -> None:
        """Look no more and forget what was seen."""

    def used(self, recipient_id: str) -> None:
        """Note that somebody collected with their face."""

    def forget(self, person: Person) -> None:
        """Delete this person's template and tell the station; may last some seconds."""


class Follower(Protocol):
    """Whoever has something to do when the screen changes."""

    def follow(self, session: Session) -> None:
        """Look at the session after a step. Returns at once."""
