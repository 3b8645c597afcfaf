"""Draw a person before a camera: real pixels for the real face detector and embedder, with nobody's face in them.

Used by the demo camera and by tests. A drawn person is not a measure of how well faces are told apart: for that,
`python -m kiosk faces evaluate` needs pictures of people.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.cameras.drawn_head import head
from kiosk.cameras.drawn_person import Person, person

Image = NDArray[np.uint8]
Picture = NDArray[np.float32]

PERSPECTIVE = 0.16  # how much nearer points are drawn larger: a head at about six times its own half height
WALL = (0.62, 0.66, 0.68)
SURFACE = 0.06  # points this close behind the nearest one belong to the same surface
BEHIND = -9.0  # further back than any point of a head


@dataclass(frozen=True, slots=True)
class Scene:
    """How a person is seen.

    `scale` is half a face's height as a part of the picture's, `shift` pixels to the right and down. `light` points
    from the face to the lamp (x right, y down, z to the camera). `noise` is the standard deviation of the sensor's
    noise in grey levels, `grain` its seed.
    """

    scale: float = 0.30
    shift: tuple[int, int] = (0, 0)
    light: tuple[float, float, float] = (-0.35, -0.5, 0.8)
    noise: float = 2.0
    grain: int = 0


PLAIN = Scene()


def draw_face(seed: int, yaw: float, size: tuple[int, int] = (640, 480), *, scene: Scene = PLAIN) -> Image:
    """Draw the person of this number, their head turned by `yaw` degrees.

    `yaw` > 0 turns the nose to the right of the picture, which is the person's own left. `size` is width, height.
    Returns uint8, (height, width, 3), BGR.
    """
    width, height = size
    middle = (width / 2 + scene.shift[0], height / 2 + scene.shift[1])
    unit = height * scene.scale
    picture = background(size)
    draw_body(picture, person(seed), middle, unit=unit)
    draw_head(picture, turned(seed, yaw, scene.light), middle, unit=unit)
    # A lens is never as sharp as a drawing.
    picture = cv2.GaussianBlur(picture, (0, 0), 0.6).astype(np.float32)
    grain = np.random.default_rng(scene.grain).standard_normal(picture.shape, np.float32) * scene.noise
    rgb = np.clip(picture * 255 + grain, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(rgb[:, :, ::-1])


def background(size: tuple[int, int]) -> Picture:
    """Draw an empty wall."""
    across = np.linspace(0, 0.1, size[0])[None, :, None]
    down = np.linspace(0, 0.25, size[1])[:, None, None]
    return (np.array(WALL) * (1 - down + across)).astype(np.float32)


def draw_body(picture: Picture, who: Person, middle: tuple[float, float], *, unit: float) -> None:
    """Draw what is behind the face: long hair, neck and shoulders."""
    x, y = middle
    if who.has_long_hair:
        size = (round(who.half_width * 1.22 * unit), round(1.15 * unit))
        shade = [part * 0.6 for part in who.hair]
        cv2.ellipse(picture, (round(x), round(y + 0.1 * unit)), size, 0, 0, 360, shade, -1, cv2.LINE_AA)
    neck = [part * 0.55 for part in who.skin]
    corner, other = (
        (round(x - 0.36 * unit), round(y + 0.5 * unit)),
        (round(x + 0.36 * unit), round(y + 1.5 * unit)),
    )
    cv2.rectangle(picture, corner, other, neck, -1)
    size = (round(1.6 * unit), round(0.85 * unit))
    cv2.ellipse(picture, (round(x), round(y + 2.05 * unit)), size, 0, 0, 360, who.cloth, -1, cv2.LINE_AA)


@dataclass(frozen=True, slots=True)
class Seen:
    """The points of a head that look towards the camera, and the colour that each sends there."""

    points: Picture
    colours: Picture


def turned(seed: int, yaw: float, light: tuple[float, float, float]) -> Seen:
    """Turn a head and light it: a lamp, light from the camera's side, light from everywhere, and a little gloss."""
    whole = head(seed)
    cos, sin = np.cos(np.deg2rad(yaw)), np.sin(np.deg2rad(yaw))
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]], np.float32)
    points, normals = whole.points @ turn.T, whole.normals @ turn.T
    is_seen = normals[:, 2] > -0.05
    points, normals, colours = points[is_seen], normals[is_seen], whole.colours[is_seen]
    lamp = np.array(light, np.float32) / np.linalg.norm(light)
    half = lamp + np.array((0, 0, 1), np.float32)
    gloss = np.clip(normals @ (half / np.linalg.norm(half)), 0, 1) ** 24 * 0.10
    strength = np.clip(normals @ lamp, 0, 1) * 0.65 + np.clip(normals[:, 2], 0, 1) * 0.25 + 0.28
    lit = np.clip(colours * strength[:, None] + gloss[:, None], 0, 1)
    return Seen(points, lit.astype(np.float32))


def draw_head(picture: Picture, seen: Seen, middle: tuple[float, float], *, unit: float) -> None:
    """Draw the nearest points of a head over what is there; small holes between points are filled."""
    height, width = picture.shape[:2]
    larger = unit / (1 - seen.points[:, 2] * PERSPECTIVE)
    x = np.rint(middle[0] + seen.points[:, 0] * larger).astype(int)
    y = np.rint(middle[1] + seen.points[:, 1] * larger).astype(int)
    is_inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    pixel = (y * width + x)[is_inside]
    depth, colours = seen.points[is_inside, 2], seen.colours[is_inside]
    nearest = np.full(height * width, BEHIND, np.float32)
    np.maximum.at(nearest, pixel, depth)
    is_front = depth > nearest[pixel] - SURFACE
    pixel, colours = pixel[is_front], colours[is_front]
    count = np.bincount(pixel, minlength=height * width)
    sums = [np.bincount(pixel, colours[:, part], minlength=height * width) for part in range(3)]
    face = (
        (np.stack(sums, axis=-1) / np.maximum(count, 1)[:, None]).reshape(height, width, 3).astype(np.float32)
    )
    cover = (count > 0).reshape(height, width).astype(np.float32)
    face, cover = without_holes(face, cover)
    edge = cv2.GaussianBlur(cover, (0, 0), 0.7)[..., None] * cover[..., None]
    picture *= 1 - edge
    picture += face * edge


def without_holes(face: Picture, cover: Picture) -> tuple[Picture, Picture]:
    """Fill pixels that no point fell on but many of their neighbours have."""
    near = cv2.GaussianBlur(cover, (0, 0), 0.8)
    around = cv2.GaussianBlur(face * cover[..., None], (0, 0), 0.8) / np.maximum(near, 1e-6)[..., None]
    is_hole = (cover == 0) & (near > 0.25)
    face[is_hole] = around[is_hole]
    cover[is_hole] = 1
    return face, cover
