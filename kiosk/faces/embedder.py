"""Finding faces in a frame and turning one into numbers. The default uses the models of `face_recognition`.

They are used through dlib itself: `import face_recognition` would load the 68-point landmark model as well, whose
training data is not free for commercial use, and 73 MB with it. Nothing here decides who somebody is.
"""

import importlib
import logging
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.faces import settings

log = logging.getLogger(__name__)

Image = NDArray[np.uint8]
Vector = NDArray[np.float64]  # an embedding: 128 numbers for dlib's network

# What a missing or broken face package raises on import. `face_recognition_models` asks for pkg_resources in its
# older form, and its users call quit() when it is missing (RECIPES.md "Faces").
BROKEN = (ImportError, OSError, RuntimeError, AttributeError, SystemExit)
SIDEWAYS = ((1, 0), (-1, 0), (0, 1), (0, -1))


@dataclass(frozen=True, slots=True)
class Face:
    """A face in a frame, in the frame's own pixels.

    `landmarks`: (5, 2), x and y: outer and inner corner of the eye on the picture's right, outer and inner corner of
    the other, base of the nose. `spread`: how far they move when the box is shifted a little, in eye distances.
    """

    left: int
    top: int
    width: int
    landmarks: NDArray[np.float64]
    spread: float


class Embedder(Protocol):
    """Finds faces and embeds them. Used by one thread at a time."""

    def find(self, image: Image) -> tuple[Face, ...]:
        """Return the faces of a frame, the widest first. `image`: uint8, (height, width, 3), BGR."""

    def embed(self, image: Image, face: Face) -> Vector:
        """Return the mean of the embeddings of a face and of its mirror image."""


class DlibEmbedder:
    """HOG detector, 5-point landmarks and ResNet of dlib."""

    def __init__(self, dlib: Any, models: Any) -> None:
        self._dlib = dlib
        self._detector = dlib.get_frontal_face_detector()
        self._landmarks = dlib.shape_predictor(models.pose_predictor_five_point_model_location())
        self._network = dlib.face_recognition_model_v1(models.face_recognition_model_location())

    def find(self, image: Image) -> tuple[Face, ...]:
        """Return the faces of a frame, the widest first. `image`: uint8, (height, width, 3), BGR."""
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        scale = max(1.0, grey.shape[1] / settings.DETECT_WIDTH)
        small = cv2.resize(grey, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA)
        faces = [self._face(grey, box, scale) for box in self._detector(small if scale > 1 else grey, 0)]
        return tuple(sorted(faces, key=lambda face: -face.width))

    def embed(self, image: Image, face: Face) -> Vector:
        """Return the mean of the embeddings of a face and of its mirror image."""
        points = [self._dlib.point(round(x), round(y)) for x, y in face.landmarks]
        shape = self._dlib.full_object_detection(self._box(face.left, face.top, face.width), points)
        rgb = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        chip = self._dlib.get_face_chip(rgb, shape, settings.CHIP_SIDE, settings.CHIP_PADDING)
        both = (chip, np.ascontiguousarray(chip[:, ::-1]))
        vectors = [np.array(self._network.compute_face_descriptor(each)) for each in both]
        return np.asarray((vectors[0] + vectors[1]) / 2)

    def _box(self, left: float, top: float, width: float) -> Any:
        return self._dlib.rectangle(round(left), round(top), round(left + width), round(top + width))

    def _face(self, grey: NDArray[Any], found: Any, scale: float) -> Face:
        left, top, width = found.left() * scale, found.top() * scale, found.width() * scale
        step = settings.SHIFTS * width
        tries = [(left, top), *((left + x * step, top + y * step) for x, y in SIDEWAYS)]
        points = np.array([self._points(grey, self._box(x, y, width)) for x, y in tries])
        mean = points.mean(axis=0)
        eyes = float(np.linalg.norm(mean[:2].mean(axis=0) - mean[2:4].mean(axis=0)))
        spread = float(np.abs(points - mean).max()) / max(eyes, 1.0)
        return Face(round(left), round(top), round(width), mean, spread)

    def _points(self, grey: NDArray[Any], box: Any) -> list[tuple[float, float]]:
        return [(float(point.x), float(point.y)) for point in self._landmarks(grey, box).parts()]


def load() -> Embedder | None:
    """Return the default embedder; None, with the reason in the log, when its packages do not work here."""
    try:
        return DlibEmbedder(
            importlib.import_module("dlib"), importlib.import_module("face_recognition_models")
        )
    except BROKEN as error:
        log.warning("Faces are switched off, their packages do not work: %s", type(error).__name__)
        return None
