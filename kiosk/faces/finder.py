"""Looking for somebody: parcel first among the few who may take it, person first among all who wait and enrolled.

A worker of the runtime: it is told to start, given frames from one thread, and answers with outcomes. It keeps
nothing of anybody when it is stopped, and logs nothing about whom it saw.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kiosk.faces import scoring, settings
from kiosk.faces.attempt import Attempt
from kiosk.faces.embedder import Embedder, Image, Vector
from kiosk.faces.gallery import Gallery
from kiosk.faces.liveness import PickSide, Side, is_good_enough
from kiosk.faces.scoring import Index, Match, Rows

Decide = Callable[[Index, Vector, Rows], Match | None]
SIDES = (Side.LEFT, Side.RIGHT)


@dataclass(frozen=True, slots=True)
class TurnAsked:
    """A head turn to this side is asked for."""

    side: Side


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the try is, 0 to 1, and what is wrong with the picture now: a key of the kiosk's words, or None."""

    part: float
    hint: str | None


@dataclass(frozen=True, slots=True)
class Matched:
    """Somebody was recognised. `is_hands_free`: as far as faces go, no phone tail has to be typed."""

    recipient_id: str
    is_hands_free: bool


@dataclass(frozen=True, slots=True)
class Missed:
    """Nobody was recognised. `reason` is a key of the kiosk's words."""

    reason: str


Outcome = TurnAsked | Progress | Matched | Missed


@dataclass(frozen=True, slots=True, repr=False)
class Search:
    """Whom to look for, and how to decide."""

    attempt: Attempt
    index: Index
    rows: Rows
    decide: Decide


class FaceFinder:
    """Looks for one person at a time. All methods are called from one thread."""

    def __init__(self, gallery: Gallery, embedder: Embedder, pick_side: PickSide = secrets.choice) -> None:
        self._gallery = gallery
        self._embedder = embedder
        self._pick_side = pick_side
        self._search: Search | None = None

    @property
    def is_looking(self) -> bool:
        """Whether frames are wanted."""
        return self._search is not None

    def start_compare(self, candidates: Sequence[str], at_s: float) -> TurnAsked | Missed:
        """Look for these few people, nobody else: a parcel's owner and who may take it."""
        return self._start(candidates, at_s, scoring.compare)

    def start_find(self, waiting: Sequence[str], at_s: float) -> TurnAsked | Missed:
        """Look for anybody enrolled among these, who have a parcel waiting here."""
        return self._start(waiting, at_s, scoring.search)

    def _start(self, people: Sequence[str], at_s: float, decide: Decide) -> TurnAsked | Missed:
        self.stop()
        index = self._gallery.index
        rows = scoring.rows_of(index, people)
        if not len(rows):
            return Missed("face_nobody_enrolled")
        side = self._pick_side(SIDES)
        attempt = Attempt(self._embedder, side, settings.PROBE_FRAMES, at_s)
        self._search = Search(attempt, index, rows, decide)
        return TurnAsked(side)

    def see(self, image: Image, at_s: float) -> Outcome | None:
        """Take in a frame: uint8, (height, width, 3), BGR; `at_s` is seconds of a monotonic clock.

        Matched and Missed end the search. None when nobody is looked for.
        """
        search = self._search
        if search is None:
            return None
        attempt = search.attempt
        attempt.see(image, at_s)
        if attempt.failure:
            self.stop()
            return Missed(attempt.failure)
        if not attempt.is_complete:
            return Progress(attempt.progress, attempt.hint)
        self.stop()
        match = search.decide(search.index, scoring.mean_of(attempt.vectors), search.rows)
        if match is None or not self._gallery.has(match.recipient_id):  # withdrawn while we looked
            return Missed("face_not_found")
        return Matched(match.recipient_id, may_be_hands_free(search.decide, match))

    def stop(self) -> None:
        """Look for nobody any more and forget what was seen."""
        self._search = None


def may_be_hands_free(decide: Decide, match: Match) -> bool:
    """Tell whether this match needs no phone tail: one of few, a measured threshold, and a head turn that holds."""
    is_alive = is_good_enough(settings.REACHED, settings.TARGET)
    return decide is scoring.compare and match.is_measured and is_alive
