"""The head of a drawn person: its surface as points in space, with normals and colours. Nothing here knows a camera.

x grows to the right of the picture, y downwards, z towards the camera. The surface is an egg on which gaussian bumps
stand for nose, lips, brows and sockets; colours are painted on it in the same coordinates.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.cameras.drawn_person import Colour, Person, person

Field = NDArray[np.float64]  # a value at every point of the surface
GRID = 340  # points each way: no holes in a face of 300 pixels
SKULL_TOP = -1.12
EGG = 1.0  # seen from above a head is nearly an ellipse (1); a smaller number makes it a box


@dataclass(frozen=True, slots=True)
class Head:
    """A surface: points and normals, float32, (n, 3); colours red, green, blue, float32, (n, 3)."""

    points: NDArray[np.float32]
    normals: NDArray[np.float32]
    colours: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Grid:
    """Where every point of the surface lies: `angle` around the head, `x` and its amount `side`, `y`."""

    angle: Field
    x: Field
    side: Field
    y: Field


@lru_cache(maxsize=32)
def head(seed: int) -> Head:
    """Return the head of a person; kept, for a moving picture shows it many times."""
    who = person(seed)
    angle, y = np.broadcast_arrays(
        np.linspace(-1.75, 1.75, GRID)[None, :], np.linspace(SKULL_TOP, 1, GRID)[:, None]
    )
    y = np.where(y > 0, y * who.chin, y)
    width, depth = outline(who, y)
    x = width * bent(np.sin(angle))
    at = Grid(angle, x, np.abs(x), y)
    z = depth * bent(np.cos(angle)) + relief(who, at) * np.sqrt(np.clip(np.cos(angle), 0, 1))
    hair, top = hair_of(who, at)
    points = np.stack([x * (1 + 0.09 * hair), y - 0.06 * top, z * (1 + 0.09 * hair)], axis=-1)
    # Hollows get less light.
    hollow = np.clip(1 + (z - cv2.GaussianBlur(z, (0, 0), GRID / 47)) * 5, 0.55, 1.12)
    colours = paint(who, at, hair) * hollow[..., None]
    return Head(flat(points), flat(normals_of(points)), flat(np.clip(colours, 0, 1)))


def flat(field: Field) -> NDArray[np.float32]:
    """Return a field of triples as a list of them."""
    return field.reshape(-1, 3).astype(np.float32)


def bent(wave: Field) -> Field:
    """Return a sine or cosine of the head's cross-section, which is no circle."""
    return np.sign(wave) * np.abs(wave) ** EGG


def bump(across: Field, down: Field, size: tuple[float, float]) -> Field:
    """Return a gaussian hill of these widths where both distances are 0."""
    return np.exp(-((across / size[0]) ** 2) / 2 - (down / size[1]) ** 2 / 2)


def after(distance: Field, softness: float) -> Field:
    """Return 1 where the distance is positive, 0 where negative, with a soft step between."""
    return 1 / (1 + np.exp(-np.clip(distance / softness, -30, 30)))


def normals_of(points: Field) -> Field:
    """Return the direction each point of the surface looks to, of length 1."""
    normals: Field = np.cross(np.gradient(points, axis=1), np.gradient(points, axis=0))
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True) + 1e-9
    return normals


def outline(who: Person, y: Field) -> tuple[Field, Field]:
    """Return half the width and the depth of the head at every height."""
    top = np.clip(1 - np.abs(np.minimum(y, 0) / 1.13) ** 2.4, 0, 1) ** (1 / 2.4)
    down = np.clip((y - 0.05) / (who.chin - 0.05), 0, 1)
    jaw = (1 - (1 - who.jaw * 0.78) * down**1.6) * np.sqrt(np.clip(1 - down**5.5, 0, 1))
    depth = 0.80 * who.depth * top * (1 - 0.12 * down) * np.sqrt(np.clip(1 - down**9, 0, 1))
    return who.half_width * top * jaw, depth


def relief(who: Person, at: Grid) -> Field:
    """Return how far nose, lips, brows, cheeks and chin stand out, and the sockets lie in."""
    eye, side, y = who.eye_y, at.side, at.y
    mouth, lip = y - who.mouth_y, who.lip
    return (
        nose(who, at)
        - 0.085 * bump(side - who.eye_x, y - eye, (0.15, 0.10))
        - 0.05 * bump(side - 0.12, y - eye, (0.06, 0.09))
        + 0.05 * bump(side - who.eye_x, y - eye, (0.10, 0.055))
        + 0.045 * bump(side - who.eye_x * 0.9, y - eye + who.brow_rise * 0.95, (0.2, 0.05))
        + who.cheek * bump(side - 0.42, y - eye - 0.27, (0.14, 0.13))
        - 0.03 * who.age * bump(side - 0.45, mouth, (0.12, 0.2))
        + 0.075 * bump(at.x, mouth, (who.mouth_width * 0.75, 0.11))
        + 0.03 * bump(at.x, mouth + lip * 0.6, (who.mouth_width * 0.55, lip * 0.5))
        + 0.036 * bump(at.x, mouth - lip * 0.7, (who.mouth_width * 0.5, lip * 0.5))
        - 0.03 * bump(at.x, mouth, (who.mouth_width * 0.8, 0.014))
        - 0.03 * bump(at.x, mouth - lip - 0.07, (0.16, 0.04))
        + 0.06 * bump(at.x, y - who.chin + 0.15, (0.17, 0.09))
    )


def nose(who: Person, at: Grid) -> Field:
    """Return the nose: a ridge that grows towards its tip and ends there, and its two wings."""
    bridge, tip = who.eye_y - 0.08, who.eye_y + who.nose_length
    along = np.clip((at.y - bridge) / (tip - bridge), 0, 1)
    height = 0.05 + (who.nose_depth - 0.05) * along**1.2
    ends = after(tip + 0.015 - at.y, 0.014) * after(at.y - bridge + 0.02, 0.03)
    width = 0.05 + (who.nose_width * 0.52 - 0.05) * along
    wings = bump(at.side - who.nose_width * 0.78, at.y - tip + 0.035, (0.042, 0.042))
    return height * ends * np.exp(-((at.x / width) ** 2) / 2) + 0.36 * who.nose_depth * wings


def hair_of(who: Person, at: Grid) -> tuple[Field, Field]:
    """Return how much hair is at each point, and how much of it stands up on top."""
    line = who.hairline + 0.55 * (np.clip(np.abs(at.angle), 0, 1.6) / 1.25) ** 2.6 + who.parting * at.x * 0.5
    top = after(line - at.y, 0.03)
    ends_at = 0.9 if who.has_long_hair else 0.12
    sides = after(np.abs(at.angle) - 1.18, 0.05) * after(ends_at - at.y, 0.06)
    hair = np.clip(top + sides, 0, 1)
    if not who.is_bald:
        return hair, top
    return hair * (1 - after(0.9 - np.abs(at.angle), 0.1)), np.zeros_like(top)


class Paint:
    """Colours of a surface, and a brush: what is laid on later covers what was there."""

    def __init__(self, shape: tuple[int, ...], ground: Colour) -> None:
        self.ground = np.array(ground)
        self.colours: Field = np.ones((*shape, 3)) * self.ground

    def lay(self, where: Field, colour: Colour | Field, amount: float = 1.0) -> None:
        """Lay a colour on where `where` is 1, thinner where it is less."""
        cover = (np.clip(where, 0, 1) * amount)[..., None]
        self.colours = self.colours * (1 - cover) + np.asarray(colour) * cover

    def shade(self, where: Field, darkness: float, amount: float) -> None:
        """Darken the skin to this part of its lightness."""
        self.lay(where, self.ground * darkness, amount)


def paint(who: Person, at: Grid, hair: Field) -> Field:
    """Return the colour of every point of a head."""
    colours = Paint(at.x.shape, who.skin)
    paint_skin(colours, who, at)
    paint_mouth(colours, who, at)
    paint_eyes(colours, who, at)
    strands = 0.8 + 0.25 * np.sin(at.angle * 95 + at.y * 9) * np.sin(at.angle * 41 + 3)
    colours.lay(hair, np.array(who.hair) * strands[..., None] * 1.1)
    if who.has_glasses:
        paint_glasses(colours, who, at)
    return colours.colours


def paint_skin(colours: Paint, who: Person, at: Grid) -> None:
    """Paint cheeks, folds, the shadows of the nose, and a beard."""
    eye, side, y = who.eye_y, at.side, at.y
    tip = eye + who.nose_length
    blood = colours.ground * (1.0, 0.78, 0.76)
    colours.lay(
        bump(side - 0.42, y - eye - 0.30, (0.15, 0.12)) + bump(at.x, y - tip + 0.04, (0.10, 0.07)),
        blood,
        0.45,
    )
    colours.shade(bump(side - who.eye_x, y - eye, (0.17, 0.09)), 0.72, 0.5)
    colours.shade(bump(side - who.eye_x, y - eye - 0.10, (0.12, 0.03)), 0.70, 0.1 + 0.35 * who.age)
    fold = np.exp(-(((side - who.nose_width - 0.05 - (y - tip) * 0.55) / 0.022) ** 2) / 2)
    fold *= after(y - tip + 0.05, 0.03) * after(who.mouth_y + 0.02 - y, 0.03)
    colours.shade(fold, 0.66, 0.35 + 0.4 * who.age)
    colours.shade(bump(at.x, y - tip - 0.02, (who.nose_width * 0.85, 0.02)), 0.45, 0.6)
    colours.shade(1.4 * bump(side - who.nose_width * 0.42, y - tip, (0.036, 0.018)), 0.13, 0.95)
    colours.shade(bump(side - who.nose_width * 1.12, y - tip + 0.03, (0.018, 0.05)), 0.55, 0.6)
    colours.shade(bump(side - who.nose_width * 0.55, y - eye - 0.02, (0.03, 0.12)), 0.75, 0.4)
    beard = after(y - who.mouth_y + 0.16, 0.03) * after(y - tip - 0.06, 0.02)
    beard *= after(y - who.mouth_y + 0.13 + 0.25 * (side - who.mouth_width), 0.05)
    colours.lay(beard, np.array(who.hair) * 0.9, who.beard * 0.75)


def paint_mouth(colours: Paint, who: Person, at: Grid) -> None:
    """Paint the lips and what parts them."""
    down = at.y - who.mouth_y
    taper = np.clip(1 - (at.x / who.mouth_width) ** 2, 0, None)
    upper = who.lip * 0.9 * taper**0.7 * (1 - 0.22 * np.exp(-((at.x / 0.035) ** 2)))
    lower = who.lip * 1.25 * taper**0.8
    lips = after(down + upper, 0.007) * after(lower - down, 0.007) * (taper > 0)
    red = (
        colours.ground * (0.9, 0.55, 0.55) * (1 - 0.25 * who.lip_colour)
        + np.array((0.12, 0, 0.02)) * who.lip_colour
    )
    colours.lay(lips, red, 0.9)
    parting = np.exp(-(((down - 0.012 * np.cos(at.x / who.mouth_width * 4)) / 0.011) ** 2) / 2)
    colours.shade(parting * after(who.mouth_width * 1.05 - at.side, 0.02), 0.22, 0.9)
    colours.shade(bump(at.x, down - who.lip * 1.25 - 0.035, (who.mouth_width * 0.6, 0.02)), 0.6, 0.5)


def paint_eyes(colours: Paint, who: Person, at: Grid) -> None:
    """Paint eyes, lashes and brows, the same on both sides."""
    across = at.side - who.eye_x
    down = at.y - who.eye_y + who.eye_tilt * across
    taper = np.clip(1 - (across / who.eye_width) ** 2, 0, None)
    upper, lower = who.eye_height * 1.15 * taper**0.6, who.eye_height * 0.85 * taper**0.8
    opening = after(down + upper, 0.006) * after(lower - down, 0.006) * (taper > 0)
    radius, from_pupil = who.eye_height * 1.02 + 0.012, np.hypot(across, down + 0.006)
    glint = np.hypot(at.x - np.sign(at.x) * who.eye_x - 0.018, down + 0.022)
    colours.lay(opening, (0.90, 0.88, 0.86))
    colours.lay(opening * after(radius - from_pupil, 0.006), who.iris)
    colours.lay(opening * after(radius * 0.48 - from_pupil, 0.005), (0.03, 0.03, 0.03))
    colours.lay(opening * after(0.014 - glint, 0.003), (1, 1, 1))
    lashes = np.exp(-(((down + upper) / 0.013) ** 2) / 2) * (taper > 0)
    colours.lay(lashes * after(who.eye_width - np.abs(across), 0.01), (0.06, 0.04, 0.04), 0.92)
    colours.shade(np.exp(-(((down - lower) / 0.008) ** 2) / 2) * (taper > 0), 0.4, 0.55)
    crease = np.exp(-(((down + upper * 1.25 + 0.03) / 0.010) ** 2) / 2)
    colours.shade(crease * after(who.eye_width * 1.1 - np.abs(across), 0.02), 0.55, 0.6)
    outwards = (at.side - who.eye_x * 1.02) / (who.eye_width * 1.35)
    brow_y = who.eye_y - who.brow_rise - 0.6 * who.brow_tilt * across + 0.05 * outwards**2
    brow = after(who.brow_height * (1 - 0.35 * np.clip(outwards, 0, 1)) - np.abs(at.y - brow_y), 0.010)
    colours.lay(brow * after(1 - np.abs(outwards), 0.06), np.array(who.hair) * 0.75 + 0.01, 0.88)


def paint_glasses(colours: Paint, who: Person, at: Grid) -> None:
    """Paint a frame around the eyes."""
    down, frame = at.y - who.eye_y, (0.05, 0.05, 0.06)
    from_eye = np.hypot((at.side - who.eye_x) / 1.15, down - 0.02)
    colours.lay(np.exp(-(((from_eye - 0.175) / 0.013) ** 2) / 2) * (np.abs(at.angle) < 1.5), frame, 0.95)
    bridge = np.exp(-(((down + 0.02) / 0.013) ** 2) / 2) * after(who.eye_x - 0.19 - at.side, 0.01)
    temples = np.exp(-((down / 0.013) ** 2) / 2) * after(at.side - who.eye_x - 0.19, 0.01)
    colours.lay(bridge + temples, frame, 0.95)
