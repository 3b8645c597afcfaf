"""What tests of faces share: an embedder that sees what a test says, people as vectors, and the real embedder."""

import os
from dataclasses import dataclass, field

import numpy as np
import pytest

from kiosk.cameras.drawn_face import Scene, draw_face
from kiosk.faces import embedder
from kiosk.faces.embedder import Face

WHY_NOT = (
    "The face packages are not installed: pip install --no-deps --require-hashes -r requirements/faces.txt"
)
SIZE = 128
STEP_S = 0.2  # five frames a second
EYES = 100.0  # pixels between the eyes of a faked face
TEXTURE = np.random.default_rng(5).integers(60, 200, (480, 640, 1), np.uint8).repeat(3, axis=2)
DRAWN_SIZE = (560, 420)
DRAWN_TURN = [0] * 5 + [10, 18, 25, 30, 33, 35, 36, 34, 35, 33, 36, 34, 32, 35]  # degrees, frame by frame
SIGNS = {"left": 1, "right": -1}


def someone(number, spread=0.0, grain=0):
    """Return the embedding of a made-up person; `spread` is how far a picture may lie from another of theirs."""
    base = np.random.default_rng(number).standard_normal(SIZE)
    noise = np.random.default_rng((number, grain)).standard_normal(SIZE)
    return base / np.linalg.norm(base) * 0.45 + noise / np.linalg.norm(noise) * spread


def face(turn=0.0, *, left=200, width=220, eyes=EYES, spread=0.01):
    """Return a face whose head is turned by `turn` as liveness.Turn measures it, to the person's own left."""
    middle = left + width / 2
    right_eye = 30 * np.exp(-0.42 * turn)
    left_eye = 30 * np.exp(0.42 * turn)
    y = 200.0
    x_right, x_left = middle + eyes / 2, middle - eyes / 2
    points = [
        (x_right + right_eye / 2, y),
        (x_right - right_eye / 2, y),
        (x_left - left_eye / 2, y),
        (x_left + left_eye / 2, y),
        (middle + turn * eyes, y + 0.8 * eyes),
    ]
    return Face(left, 100, width, np.array(points), spread)


@dataclass
class FakeEmbedder:
    """Sees `faces` and says `vector`; both are set by the test before each frame."""

    faces: tuple[Face, ...] = ()
    vector: np.ndarray = field(default_factory=lambda: someone(0))
    embedded: int = 0

    def find(self, image):
        return self.faces

    def embed(self, image, face):
        self.embedded += 1
        return self.vector


def turning(side, *, most=0.3):
    """Return the turns of a head that looks ahead, turns to this side and stays there for a moment."""
    sign = SIGNS[side]
    return [0.0] * 5 + [sign * part for part in (0.06, 0.13, 0.2, most, most, most)]


def play(worker, fake, frames, *, began_s=100.0, image=TEXTURE):
    """Show a worker frames of (turn, vector) or None for nobody; return every outcome."""
    outcomes = []
    for number, frame in enumerate(frames):
        fake.faces = () if frame is None else (face(frame[0]),)
        if frame is not None:
            fake.vector = frame[1]
        outcomes.append(worker.see(image, began_s + number * STEP_S))
    return outcomes


def real_embedder():
    """Return the real embedder; skips the test where its packages do not work, and fails it in CI."""
    loaded = embedder.load()
    if loaded is None and os.environ.get("CI") == "true":
        pytest.fail(WHY_NOT)
    if loaded is None:
        pytest.skip(WHY_NOT)
    return loaded


def show_drawn(worker, seed, side, *, grain=1, light=-0.35):
    """Show a worker a drawn person who looks ahead, turns and comes back; return the last outcome."""
    outcome, at_s = None, 100.0
    for number, yaw in enumerate(DRAWN_TURN):
        scene = Scene(light=(light, -0.5, 0.8), noise=3, grain=grain + number)
        outcome = worker.see(draw_face(seed, yaw * SIGNS[side], DRAWN_SIZE, scene=scene), at_s)
        at_s += STEP_S
        if not worker.is_looking:
            return outcome
    return outcome
