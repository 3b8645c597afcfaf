"""Who a face belongs to: numbers in, a decision out. Nothing here sees a picture, a database or a clock.

A raw distance is unsafe, worst for people the network saw few of (RECIPES.md "Faces"). So faces are compared around
the mean of the people enrolled here, and how alike two of *these* people are sets the threshold.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from kiosk.faces import settings

Vector = NDArray[np.float64]
Matrix = NDArray[np.float32]
Rows = NDArray[np.intp]
BLOCK = 512  # people compared at once, so that 5,000 enrolled need megabytes, not gigabytes
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, repr=False)
class Scale:
    """What scores between different people of this kiosk are like: where they are centred, their mean and spread."""

    centre: NDArray[np.float32]
    mean: float
    deviation: float

    def threshold(self, k: float) -> float:
        """Return the score that is `k` standard deviations above the mean impostor."""
        return self.mean + k * self.deviation


@dataclass(frozen=True, slots=True, repr=False)
class Index:
    """Everybody enrolled here, ready to compare with. `directions` are the centred templates at length 1.

    `scale` is None while too few people are enrolled to know what impostors look like.
    """

    ids: tuple[str, ...]
    templates: Matrix
    directions: Matrix
    scale: Scale | None


@dataclass(frozen=True, slots=True)
class Match:
    """Who it is. `is_measured`: the threshold came from this kiosk's own people, not from a rule of thumb."""

    recipient_id: str
    is_measured: bool


def mean_of(vectors: Sequence[Vector]) -> Vector:
    """Return the mean of several embeddings: a template or a probe."""
    return np.asarray(np.mean(np.stack(vectors), axis=0))


def build(ids: Sequence[str], templates: Sequence[Vector | Matrix]) -> Index:
    """Make an index. People enrolled twice count once for the scale, but can both be found."""
    matrix = np.array(templates, np.float32) if len(ids) else np.zeros((0, 0), np.float32)
    scale = scale_of(matrix[distinct(matrix)])
    directions = unit(matrix - scale.centre) if scale else matrix
    return Index(tuple(ids), matrix, directions, scale)


def unit(vectors: Matrix) -> Matrix:
    """Return the same directions at length 1."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.float32(1e-9)), np.float32)


def distinct(templates: Matrix) -> Rows:
    """Return the rows that are left when of every pair too alike to be two people the later one is dropped."""
    squares = (templates**2).sum(axis=1)
    keep = np.ones(len(templates), bool)
    for start in range(0, len(templates), BLOCK):
        block = templates[start : start + BLOCK]
        apart = squares[start : start + BLOCK, None] + squares[None, :] - 2 * block @ templates.T
        pairs = np.argwhere(apart < settings.DUPLICATE_DISTANCE**2)
        for row, other in pairs:
            if start + row > other and keep[other]:
                keep[start + row] = False
    return np.flatnonzero(keep)


def scale_of(templates: Matrix) -> Scale | None:
    """Return the scale of these people, one template each; None when they are too few.

    Mean and deviation over all pairs come from two sums: |Σu|² is the sum of all u·v, and the sum of their squares is
    the squared length of UᵀU; what a direction has with itself is 1 and taken off.
    """
    count = len(templates)
    if count < settings.ENROLLED_MIN:
        return None
    centre = templates.mean(axis=0)
    directions = unit(templates - centre).astype(np.float64)
    pairs = count * (count - 1)
    mean = (float((directions.sum(axis=0) ** 2).sum()) - count) / pairs
    square = (float(((directions.T @ directions) ** 2).sum()) - count) / pairs
    return Scale(centre, mean, float(np.sqrt(max(0.0, square - mean**2))))


def k_for(candidates: int) -> float:
    """Return how many standard deviations make a comparison with so many people as strict as one with one.

    Source: Bonferroni; each of m comparisons gets an m-th of the tail of a normal distribution beyond K_ONE.
    """
    return -NORMAL.inv_cdf(NORMAL.cdf(-settings.K_ONE) / max(1, candidates))


def rows_of(index: Index, ids: Iterable[str]) -> Rows:
    """Return where these people stand in the index; who is not enrolled is left out."""
    wanted = set(ids)
    return np.flatnonzero([each in wanted for each in index.ids])


def compare(index: Index, probe: Vector, rows: Rows) -> Match | None:
    """Return which of these few people it is: the owner of a parcel, or who may take it; None when none."""
    if not len(rows):
        return None
    if index.scale is None:
        return nearest(index, probe, rows)
    scores = scores_of(index, index.scale, probe, rows)
    best = int(np.argmax(scores))
    if scores[best] < index.scale.threshold(k_for(len(rows))):
        return None
    return Match(index.ids[rows[best]], is_measured=True)


def search(index: Index, probe: Vector, rows: Rows) -> Match | None:
    """Return which of all these people it is, only if it is nobody else nearly as well."""
    if not len(rows):
        return None
    if index.scale is None:
        return nearest(index, probe, rows)
    scores = scores_of(index, index.scale, probe, rows)
    best = int(np.argmax(scores))
    others = np.delete(scores, best)
    second = float(others.max()) if len(others) else -1.0
    is_clear = scores[best] - second >= settings.MARGIN * index.scale.deviation
    if scores[best] < index.scale.threshold(settings.K_MANY) or not is_clear:
        return None
    return Match(index.ids[rows[best]], is_measured=True)


def scores_of(index: Index, scale: Scale, probe: Vector, rows: Rows) -> Matrix:
    """Return the cosine between the centred probe and these people's centred templates."""
    direction = unit(probe.astype(np.float32) - scale.centre)
    everybody = len(rows) == len(index.ids)
    # vecdot, not @: handing 5,000 rows to BLAS's threads took 9 ms on a busy machine, one thread needs 0.07
    return np.asarray(
        np.vecdot(index.directions if everybody else index.directions[rows], direction), np.float32
    )


def nearest(index: Index, probe: Vector, rows: Rows) -> Match | None:
    """Return the nearest of these people by plain distance, under the strict limit that holds below ENROLLED_MIN."""
    distances = np.linalg.norm(index.templates[rows] - probe.astype(np.float32), axis=1)
    best = int(np.argmin(distances))
    if distances[best] > settings.STRICT_DISTANCE:
        return None
    return Match(index.ids[rows[best]], is_measured=False)
