"""The demo camera: real frames of drawn things, held by an unsteady hand, for the very same decoders.

It shows nothing until it is asked to (`show`), each thing for a few seconds, and `play` shows a whole visit.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import numpy as np

from kiosk.cameras.drawing import ShownParcel, draw_backdrop, draw_parcel, draw_phone
from kiosk.cameras.files import Pace
from kiosk.cameras.posing import Grain, Pose, place
from kiosk.cameras.source import FPS, HEIGHT, WIDTH, Image
from kiosk.cameras.stage import Stage, StageFile

FacePainter = Callable[
    [Image, float], None
]  # draws a person into the frame, in place; seconds since they came


class Scene(StrEnum):
    """What `show` can be asked for."""

    PHONE = "phone"
    PARCEL = "parcel"  # the next of the owner's
    OTHER = "other"  # somebody else's
    FACE = "face"
    NOTHING = "nothing"
    PLAY = "play"


# Seconds; ours: long enough to be watched, short enough to be gone before a screen asks for the next thing.
SHOWN_S, FACE_S, PAUSE_S = 5.0, 30.0, 2.5
COMING_S = 0.4  # how long a thing takes to come into view, and to leave it
NOISE = 4.0  # of 255; a small sensor indoors has 2 to 6
SCALE = 0.92
PHONE_DOWN = 140  # pixels by which the middle of phone and arm lies below the middle of the frame
PHONE_TURN, PARCEL_TURN = 14.0, 40.0  # degrees to either side: a label lies as it falls


@dataclass(frozen=True, slots=True)
class Step:
    """One thing of a play. `parcel` is on it, where it is one; `seed` settles how it is held."""

    scene: Scene
    seconds: float
    parcel: ShownParcel | None = None
    seed: int = 0


class DemoCamera:
    """A camera (source.Camera) that draws what it sees. `show` may be called from any thread.

    `face` paints the person of Scene.FACE; without it that scene stays empty.
    """

    name = "demo"

    def __init__(
        self,
        scene_file: Path,
        *,
        face: FacePainter | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._file = StageFile(scene_file)
        self._face = face
        self._now = now
        self._clock = clock
        self._pace = Pace(FPS, clock, sleep)
        self._lock = threading.Lock()
        self._play: tuple[float, tuple[Step, ...]] = (0.0, ())
        self._shown = 0
        self._waybills_shown: set[str] = set()
        self._drawn: tuple[str | ShownParcel, Image] | None = None
        self._backdrop = draw_backdrop()
        self._grain = Grain((HEIGHT, WIDTH, 3), NOISE)

    def open(self) -> None:
        """Need nothing."""

    def close(self) -> None:
        """Need nothing."""

    def show(self, scene: str) -> None:
        """Begin to show a scene by its name; it ends by itself. Raises ValueError for a name nobody knows."""
        wanted, stage = Scene(scene), self._file.read()
        with self._lock:
            self._play = (self._clock(), tuple(self._steps(wanted, stage)))

    def _steps(self, scene: Scene, stage: Stage) -> Iterator[Step]:
        self._shown += 1
        if scene is Scene.PLAY:
            yield Step(Scene.PHONE, SHOWN_S, seed=self._shown)
            for parcel in stage.parcels:
                yield Step(Scene.NOTHING, PAUSE_S)
                self._shown += 1
                yield Step(Scene.PARCEL, SHOWN_S, parcel, self._shown)
        elif scene is Scene.PARCEL and stage.parcels:
            yield Step(scene, SHOWN_S, self._next(stage.parcels), self._shown)
        elif scene is Scene.OTHER and stage.other:
            yield Step(scene, SHOWN_S, stage.other, self._shown)
        elif scene in {Scene.PHONE, Scene.FACE}:
            yield Step(scene, FACE_S if scene is Scene.FACE else SHOWN_S, seed=self._shown)

    def _next(self, parcels: Sequence[ShownParcel]) -> ShownParcel:
        """Return the first that was not shown yet, else the first: what was collected leaves the list meanwhile."""
        left = [parcel for parcel in parcels if parcel.waybill not in self._waybills_shown]
        if not left:
            self._waybills_shown.clear()
        parcel = (left or parcels)[0]
        self._waybills_shown.add(parcel.waybill)
        return parcel

    def read(self) -> Image:
        """Draw the next frame when it is due."""
        self._pace.wait()
        with self._lock:
            began_s, steps = self._play
        since_s = self._clock() - began_s
        frame = self._backdrop.copy()
        for step in steps:
            if since_s < step.seconds:
                self._draw(frame, step, since_s)
                break
            since_s -= step.seconds
        return self._grain.add(frame)

    def _draw(self, frame: Image, step: Step, since_s: float) -> None:
        if step.scene is Scene.FACE and self._face:
            self._face(frame, since_s)
        code = self._file.read().code_at(self._now()) if step.scene is Scene.PHONE else None
        if code:
            place(frame, self._drawn_once(code), held(step, since_s, PHONE_TURN, PHONE_DOWN))
        if step.parcel:
            place(frame, self._drawn_once(step.parcel), held(step, since_s, PARCEL_TURN, 0))

    def _drawn_once(self, what: str | ShownParcel) -> Image:
        """Return the drawing of a phone or a parcel, made anew only when it is another one than before."""
        if self._drawn is None or self._drawn[0] != what:
            self._drawn = what, draw_phone(what) if isinstance(what, str) else draw_parcel(what)
        return self._drawn[1]


def held(step: Step, since_s: float, most_turn: float, down: float) -> Pose:
    """Return how a step's thing is held at this moment: somewhere near the middle, never quite still, in from below.

    Numbers are ours, chosen so that a watcher takes it for a hand and every code can be read in some of the frames.
    """
    fixed = np.random.default_rng(step.seed)
    turn, lean_x, lean_y = fixed.uniform(-most_turn, most_turn), *fixed.uniform(-0.06, 0.06, 2)
    x, y, light, blur = fixed.uniform((-25, -15, 0.8, 0.4), (25, 15, 1.1, 0.9))
    sway = np.sin(since_s * np.array([1.9, 2.3, 1.3]) + step.seed)
    away = max(0.0, 1 - since_s / COMING_S, 1 - (step.seconds - since_s) / COMING_S)
    return Pose(
        x=WIDTH / 2 + x + 5 * sway[0],
        y=HEIGHT / 2 + down + y + 5 * sway[1] + HEIGHT * away**2,
        scale=SCALE,
        turn=turn + 1.5 * sway[2],
        lean_x=lean_x,
        lean_y=lean_y,
        light=light,
        blur=blur + 2 * away,
    )
