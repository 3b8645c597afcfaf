"""Taking the pictures for a template, with the same gates and the same head turn as recognising.

The pictures are gone with the try; what is left is one mean vector. Consent, the station's word and keeping it in
the gallery come after, in the runtime.
"""

import secrets
from dataclasses import dataclass, field

from kiosk.faces import scoring, settings
from kiosk.faces.attempt import Attempt
from kiosk.faces.embedder import Embedder, Image, Vector
from kiosk.faces.finder import SIDES, Missed, Progress, TurnAsked
from kiosk.faces.liveness import PickSide


@dataclass(frozen=True, slots=True)
class Taken:
    """A template is ready to be kept. It never shows itself in a log."""

    template: Vector = field(repr=False)


class FaceEnroller:
    """Takes the pictures of one person at a time. All methods are called from one thread."""

    def __init__(self, embedder: Embedder, pick_side: PickSide = secrets.choice) -> None:
        self._embedder = embedder
        self._pick_side = pick_side
        self._attempt: Attempt | None = None

    @property
    def is_looking(self) -> bool:
        """Whether frames are wanted."""
        return self._attempt is not None

    def start(self, at_s: float) -> TurnAsked:
        """Begin with somebody who agreed."""
        side = self._pick_side(SIDES)
        self._attempt = Attempt(self._embedder, side, settings.ENROL_FRAMES, at_s)
        return TurnAsked(side)

    def see(self, image: Image, at_s: float) -> Progress | Taken | Missed | None:
        """Take in a frame as FaceFinder.see does. Taken and Missed end it."""
        attempt = self._attempt
        if attempt is None:
            return None
        attempt.see(image, at_s)
        if attempt.failure:
            self.stop()
            return Missed(attempt.failure)
        if not attempt.is_complete:
            return Progress(attempt.progress, attempt.hint)
        self.stop()
        return Taken(scoring.mean_of(attempt.vectors))

    def stop(self) -> None:
        """Forget what was seen."""
        self._attempt = None
