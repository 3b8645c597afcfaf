"""What a drawn person looks like. People are drawn for demonstrations and tests; none of them is modelled on anybody.

Lengths are in units of the distance from the middle of the head to the chin; y grows downwards from that middle.
The ranges are our own choice: wide enough that dlib's embedder tells the people apart, and its HOG detector still
finds every one of them (tests/kiosk/test_faces_drawn.py).
"""

from dataclasses import dataclass

import numpy as np

Colour = tuple[float, float, float]  # red, green, blue, 0 to 1

SKINS: tuple[Colour, ...] = (
    (0.88, 0.75, 0.65),
    (0.94, 0.82, 0.72),
    (0.80, 0.63, 0.50),
    (0.66, 0.46, 0.34),
    (0.47, 0.31, 0.22),
    (0.36, 0.24, 0.17),
    (0.91, 0.77, 0.63),
    (0.84, 0.69, 0.55),
)
HAIRS: tuple[Colour, ...] = (
    (0.10, 0.08, 0.07),
    (0.24, 0.16, 0.10),
    (0.43, 0.29, 0.18),
    (0.67, 0.51, 0.31),
    (0.51, 0.51, 0.52),
    (0.35, 0.18, 0.10),
    (0.80, 0.78, 0.76),
    (0.06, 0.06, 0.07),
)
IRISES: tuple[Colour, ...] = ((0.24, 0.16, 0.10), (0.35, 0.43, 0.24), (0.31, 0.43, 0.59), (0.16, 0.10, 0.07))

# People the embedder tells apart well, chosen from the first 90 so that the threshold from their own impostor scores
# (mean + 4 deviations of the centred cosine) is low: 0.56, while frames of the first five score 0.97 and more with
# their own template; no two are nearer than 0.40 by dlib's plain distance. The landmarks of the first five hold
# while they turn their heads to either side (2026-11-21, kiosk/faces on frames of 560x420).
CAST = (18, 14, 32, 0, 16, 58, 69, 30, 61, 35, 46, 15, 59, 65, 68, 67, 25, 29)


@dataclass(frozen=True, slots=True)
class Person:
    """How one drawn person looks. Amounts without a length run from 0 (none) to 1."""

    half_width: float
    depth: float
    jaw: float  # width of the jaw as a part of the head's
    chin: float  # how far down the chin is
    cheek: float  # how far the cheekbones stand out
    eye_x: float
    eye_y: float
    eye_width: float
    eye_height: float
    eye_tilt: float
    brow_rise: float  # how far the brow lies above the eye
    brow_height: float
    brow_tilt: float
    nose_length: float
    nose_width: float
    nose_depth: float
    mouth_y: float
    mouth_width: float
    lip: float
    lip_colour: float
    hairline: float
    parting: float
    beard: float
    age: float
    has_long_hair: bool
    has_glasses: bool
    is_bald: bool
    skin: Colour
    hair: Colour
    iris: Colour
    cloth: Colour


def person(seed: int) -> Person:
    """Return the person of this number; the same number is always the same person."""
    dice = np.random.default_rng(seed)
    chance = dice.random

    def pick(low: float, high: float) -> float:
        # The ends more often than the middle: people differ more.
        return low + (high - low) * dice.beta(0.5, 0.5)

    grows_beard = chance() < 0.5
    return Person(
        half_width=pick(0.64, 0.88),
        depth=pick(0.95, 1.15),
        jaw=pick(0.5, 1.0),
        chin=pick(0.92, 1.08),
        cheek=pick(-0.03, 0.09),
        eye_x=pick(0.26, 0.39),
        eye_y=pick(-0.08, 0.04),
        eye_width=pick(0.12, 0.175),
        eye_height=pick(0.03, 0.08),
        eye_tilt=pick(-0.12, 0.16),
        brow_rise=pick(0.13, 0.22),
        brow_height=pick(0.012, 0.065),
        brow_tilt=pick(-0.25, 0.25),
        nose_length=pick(0.30, 0.48),
        nose_width=pick(0.09, 0.19),
        nose_depth=pick(0.22, 0.40),
        mouth_y=pick(0.55, 0.69),
        mouth_width=pick(0.18, 0.36),
        lip=pick(0.028, 0.095),
        lip_colour=chance(),
        hairline=pick(-0.82, -0.45),
        parting=pick(-0.25, 0.25),
        beard=pick(0.4, 1.0) if grows_beard and chance() < 0.45 else 0.0,
        age=chance(),
        has_long_hair=not grows_beard and chance() < 0.8,
        has_glasses=chance() < 0.3,
        is_bald=grows_beard and chance() < 0.2,
        skin=SKINS[dice.integers(len(SKINS))],
        hair=HAIRS[dice.integers(len(HAIRS))],
        iris=IRISES[dice.integers(len(IRISES))],
        cloth=(pick(0.15, 0.75), pick(0.15, 0.75), pick(0.15, 0.75)),
    )
