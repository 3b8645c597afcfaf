"""How face work reaches the rest of the kiosk, and one embedder for the threads that need it."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.answers import FaceAgreed
from kiosk.faces.embedder import Embedder, Face, Image, Vector
from kiosk.runtime.needs import Tell


class Agreeing(Protocol):
    """Where agreements to face pickup are recorded."""

    def agree_face(self, body: dict[str, object], key: str) -> FaceAgreed:
        """Record the agreement and this enrolment. Raises UnreachableError, RefusedError."""


class Receipts(Protocol):
    """What the station is told of faces."""

    def face_gone(self, recipient_id: str, reason: str) -> None:
        """Say that a template was deleted."""

    def faces_used(self, recipient_ids: Iterable[str]) -> None:
        """Say whose faces were used."""


@dataclass(frozen=True, slots=True)
class FaceTies:
    """How face work reaches the rest of the kiosk.

    `is_wanted`: whether the station allows faces. `candidates` may take all these parcels, `expected` may take
    something here. `agreement`: the version that stands on the screen. `progress` shows how far a look is and
    what is wrong with the picture. `seconds` is the clock that frames were taken by. `wake` lets kiosk and station be
    brought in step now.
    """

    tell: Tell
    is_wanted: Callable[[], bool]
    candidates: Callable[[tuple[str, ...]], list[str]]
    expected: Callable[[], frozenset[str]]
    agreement: Callable[[], int | None]
    progress: Callable[[float, str | None], None]
    now: Callable[[], datetime]
    seconds: Callable[[], float]
    wake: Callable[[], None]


class Shared:
    """One embedder for several threads: the libraries are used by one at a time."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._turn = threading.Lock()

    def find(self, image: Image) -> tuple[Face, ...]:
        """Find faces as Embedder does."""
        with self._turn:
            return self._embedder.find(image)

    def embed(self, image: Image, face: Face) -> Vector:
        """Embed as Embedder does."""
        with self._turn:
            return self._embedder.embed(image, face)
