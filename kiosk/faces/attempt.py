"""One person before the camera for a few seconds: gates every frame, watches the head turn, embeds the chosen frames.

What comes out is a handful of embeddings of one person who turned their head as asked, or the reason why not.
"""

from dataclasses import dataclass, field

import numpy as np

from kiosk.faces import gates, settings
from kiosk.faces.embedder import Embedder, Face, Image, Vector
from kiosk.faces.gates import Bad, Good
from kiosk.faces.liveness import Side, Turn
from kiosk.faces.scoring import mean_of

NO_FRAME = -1.0e9  # before any clock


@dataclass(slots=True, repr=False)
class Attempt:
    """A try to see somebody. `see` is called with every frame; then `is_complete` or `failure` ends it.

    `hint` says what is wrong with the last frame, as a key of the kiosk's words; None when it was good.
    """

    embedder: Embedder
    side: Side
    wanted: int
    began_s: float
    hint: str | None = None
    failure: str | None = None
    turn: Turn = field(init=False)
    vectors: list[Vector] = field(default_factory=list)
    _turned: int = 0
    _last: Face | None = None
    _last_good_s: float = NO_FRAME
    _last_chosen_s: float = NO_FRAME

    def __post_init__(self) -> None:
        self.turn = Turn(self.side)

    @property
    def is_complete(self) -> bool:
        """Whether enough frames were chosen, one of them turned, and the whole turn was seen."""
        return len(self.vectors) == self.wanted and self.turn.is_done

    @property
    def progress(self) -> float:
        """How much of the try is done, 0 to 1 and below 1 until it is: half for the frames, half for the turn."""
        turned = 1.0 if self.turn.is_done else min(0.9, self.turn.furthest / settings.TURN_WANTED)
        return len(self.vectors) / self.wanted / 2 + turned / 2

    def see(self, image: Image, at_s: float) -> None:
        """Take in a frame; `at_s` is seconds of a monotonic clock. Embeds it when it is chosen."""
        if at_s - self.began_s > settings.TRY_S:
            self.failure = self._why_late()
            return
        seen = gates.judge(image, self.embedder.find(image))
        if isinstance(seen, Bad):
            self.hint = seen.hint
            return
        if not self._is_same(seen.face, at_s):
            self._begin_again()
        self.hint, self._last, self._last_good_s = None, seen.face, at_s
        self.turn.see(seen.pose)
        if not self.turn.is_ready and abs(seen.pose.nose) > settings.NOSE_FRONTAL:
            self.hint = "face_turned_away"
        if self.turn.is_wrong:
            self.failure = "face_turn_other_way"
        elif self._is_chosen(seen, at_s):
            self._choose(image, seen.face, at_s)
        if self.is_complete and not is_one_person(self.vectors):
            self.failure = "face_not_one_person"

    def _is_same(self, face: Face, at_s: float) -> bool:
        last = self._last
        if last is None:
            return True
        moved = max(abs(face.left - last.left), abs(face.top - last.top))
        grown = max(face.width, last.width) / max(1, min(face.width, last.width))
        is_near = moved <= settings.JUMP * max(face.width, last.width) and grown <= settings.GROWTH
        return is_near and at_s - self._last_good_s <= settings.GAP_S

    def _begin_again(self) -> None:
        self.turn = Turn(self.side)
        self.vectors.clear()
        self._turned = 0
        self._last_chosen_s = NO_FRAME

    def _is_chosen(self, seen: Good, at_s: float) -> bool:
        left = self.wanted - len(self.vectors)
        if not left or at_s - self._last_chosen_s < settings.APART_S:
            return False
        if self.turn.has_begun:
            return True
        # The last place is kept for the turned head: it ties who turned to who is recognised.
        return abs(seen.pose.nose) <= settings.NOSE_FRONTAL and (left > 1 or self._turned > 0)

    def _choose(self, image: Image, face: Face, at_s: float) -> None:
        self.vectors.append(self.embedder.embed(image, face))
        self._turned += self.turn.has_begun
        self._last_chosen_s = at_s

    def _why_late(self) -> str:
        if self._last is None:
            return self.hint or "face_not_seen"
        return "face_turn_not_seen"


def is_one_person(vectors: list[Vector]) -> bool:
    """Tell whether embeddings are near enough to each other to be of one person."""
    mean = mean_of(vectors)
    return all(float(np.linalg.norm(each - mean)) <= settings.COHERENT for each in vectors)
