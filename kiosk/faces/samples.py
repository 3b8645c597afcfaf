"""Reading a folder of people's pictures for measuring: person/picture, and turning each picture into an embedding.

Every folder that holds pictures is one person. In a folder called `strangers` every picture is a person of its own.
Nothing is written; pictures and embeddings live only as long as the measurement.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from kiosk.faces import settings
from kiosk.faces.embedder import Embedder, Face, Image, Vector

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
STRANGERS = "strangers"


@dataclass(frozen=True, slots=True)
class Samples:
    """Embeddings of each person, and how many pictures gave none."""

    people: tuple[tuple[Vector, ...], ...] = field(repr=False)
    pictures: int
    without_face: int


def read(folder: Path, embedder: Embedder) -> Samples:
    """Embed every picture below a folder."""
    people, pictures, without = [], 0, 0
    for paths in people_in(folder):
        found = [vector for path in paths if (vector := embedding(path, embedder)) is not None]
        pictures, without = pictures + len(paths), without + len(paths) - len(found)
        if found:
            people.append(tuple(found))
    return Samples(tuple(people), pictures, without)


def people_in(folder: Path) -> Iterator[list[Path]]:
    """Yield the pictures of each person, in the order of their names."""
    for place in sorted((folder, *(path for path in folder.rglob("*") if path.is_dir()))):
        pictures = sorted(path for path in place.iterdir() if path.suffix.lower() in PICTURES)
        if place.name == STRANGERS:
            yield from ([picture] for picture in pictures)
        elif pictures:
            yield pictures


def portraits(folder: Path) -> Iterator[Image]:
    """Yield one picture of each person."""
    for paths in people_in(folder):
        picture = opened(paths[0])
        if picture is not None:
            yield picture


def embedding(path: Path, embedder: Embedder) -> Vector | None:
    """Embed the widest face of a picture."""
    picture = opened(path)
    faces: tuple[Face, ...] = () if picture is None else embedder.find(picture)
    return embedder.embed(picture, faces[0]) if picture is not None and faces else None


def opened(path: Path) -> Image | None:
    """Read a picture; a small one is enlarged to what the camera would give. None when it cannot be read."""
    image = cv2.imread(str(path))
    return None if image is None else enlarged(np.asarray(image, np.uint8))


def enlarged(image: Image) -> Image:
    """Enlarge a picture that is narrower than what faces are looked for in."""
    factor = settings.DETECT_WIDTH / image.shape[1]
    if factor <= 1:
        return image
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR), np.uint8)
