"""How safe which threshold is, measured on pictures of people like those a station serves.

People with enough pictures are enrolled in turn: a template of some pictures, a probe of the others, exactly as the
kiosk makes them. Thresholds come from the enrolled people's own impostor scores, never from probes. People with
fewer pictures are strangers, and so is everybody not drawn into a gallery.

FAR: a comparison with one other person accepts. FRR: a comparison with oneself refuses. FPIR: a stranger is
identified among all enrolled. FNIR: an enrolled person is not identified as themselves among all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.faces import scoring, settings
from kiosk.faces.embedder import Vector
from kiosk.faces.rates import Rate
from kiosk.faces.scoring import Index, Matrix, mean_of

SEED = 20261121
ROUNDS = 5  # galleries drawn for each size
KS = (3.0, 3.5, 4.0, 4.5, 5.0)
DISTANCES = (0.60, 0.50, 0.45, 0.40)
SIZES = (15, 30, 60, 120, 500, 1000)
LEAST = 4  # pictures of a person who can be enrolled: two for the template, two for the probe
TEMPLATE_LEAST = 2


@dataclass(frozen=True, slots=True)
class Known:
    """A person with a template and a probe of other pictures."""

    template: Vector
    probe: Vector


@dataclass(frozen=True, slots=True)
class Row:
    """The four rates at one threshold and one gallery size. `rule` is `k` or `distance`."""

    rule: str
    at: float
    enrolled: int
    far: Rate
    frr: Rate
    fpir: Rate
    fnir: Rate


@dataclass(frozen=True, slots=True)
class Trial:
    """One drawn gallery: scores of the enrolled people's own probes and of strangers', (probes, enrolled) each.

    Higher is more alike. `limit` turns a threshold of its rule into a score, `margin` is what 1:N asks on top.
    """

    own: Matrix
    strange: Matrix
    limit: Callable[[float], float]
    margin: float


def measure(people: Sequence[Sequence[Vector]]) -> tuple[Row, ...]:
    """Measure every threshold at every gallery size that these people allow. Seeded: the same in every run."""
    dice = np.random.default_rng(SEED)
    known = [split(vectors, dice) for vectors in people if len(vectors) >= LEAST]
    strangers = [mean_of(vectors[: settings.PROBE_FRAMES]) for vectors in people if len(vectors) < LEAST]
    sizes = sorted({*(size for size in SIZES if size < len(known)), len(known)})
    rows = []
    for size in (size for size in sizes if size >= settings.ENROLLED_MIN):
        drawn = [dice.permutation(len(known)) for _ in range(ROUNDS if size < len(known) else 1)]
        draws = [
            ([known[i] for i in order[:size]], outside(known, order[size:], strangers)) for order in drawn
        ]
        for rule, thresholds, trial in (("k", KS, by_scale), ("distance", DISTANCES, by_distance)):
            trials = [trial(inside, probes) for inside, probes in draws]
            rows += [row(rule, at, trials, (len(known), len(known) + len(strangers))) for at in thresholds]
    return tuple(rows)


def split(vectors: Sequence[Vector], dice: np.random.Generator) -> Known:
    """Share a person's pictures by chance: as many as a probe of the kiosk has, the others for the template."""
    order = dice.permutation(len(vectors))
    size = min(settings.ENROL_FRAMES, max(TEMPLATE_LEAST, len(vectors) - settings.PROBE_FRAMES))
    template, rest = order[:size], order[size : size + settings.PROBE_FRAMES]
    return Known(mean_of([vectors[i] for i in template]), mean_of([vectors[i] for i in rest]))


def outside(known: Sequence[Known], left: scoring.Rows, strangers: Sequence[Vector]) -> list[Vector]:
    """Return the probes of everybody who is not enrolled."""
    return [known[i].probe for i in left] + list(strangers)


def by_scale(inside: Sequence[Known], probes: Sequence[Vector]) -> Trial:
    """Score a gallery as the kiosk does: centred, the threshold from its own impostors."""
    index = scoring.build([str(i) for i in range(len(inside))], [one.template for one in inside])
    scale = index.scale
    if scale is None:
        msg = "Too few distinct people are enrolled"
        raise ValueError(msg)
    own = scores(index, scale, [one.probe for one in inside])
    margin = settings.MARGIN * scale.deviation
    return Trial(own, scores(index, scale, probes), scale.threshold, margin)


def scores(index: Index, scale: scoring.Scale, probes: Sequence[Vector]) -> Matrix:
    """Return the scores of every probe with everybody enrolled."""
    rows = np.arange(len(index.ids))
    lines = [scoring.scores_of(index, scale, probe, rows) for probe in probes]
    return np.array(lines, np.float32).reshape(len(probes), len(rows))


def by_distance(inside: Sequence[Known], probes: Sequence[Vector]) -> Trial:
    """Score a gallery by plain distance, for comparison."""
    templates = np.array([one.template for one in inside])
    own = [-np.linalg.norm(templates - one.probe, axis=1) for one in inside]
    strange = [-np.linalg.norm(templates - probe, axis=1) for probe in probes]
    shape = (len(probes), len(inside))
    return Trial(np.array(own, np.float32), np.array(strange, np.float32).reshape(shape), lambda at: -at, 0.0)


def row(rule: str, at: float, trials: Sequence[Trial], people: tuple[int, int]) -> Row:
    """Add up what the trials did at one threshold. `people`: who could be enrolled, and everybody."""
    enrolled, everybody = people
    counts = np.array([counted(trial, trial.limit(at)) for trial in trials]).sum(axis=0)
    crowd = (everybody, enrolled, everybody, enrolled)
    far, frr, fpir, fnir = (
        Rate(int(wrong), int(tries), min(int(tries), behind))
        for (wrong, tries), behind in zip(counts.reshape(4, 2), crowd, strict=True)
    )
    return Row(rule, at, trials[0].own.shape[0], far, frr, fpir, fnir)


def counted(trial: Trial, limit: float) -> tuple[int, ...]:
    """Return wrong and tries of FAR, FRR, FPIR and FNIR in one trial."""
    own = np.diag(trial.own)
    others = trial.own[~np.eye(len(own), dtype=bool)]
    is_alone, best = best_of(trial.own, trial.margin)
    is_found = (best == np.arange(len(own))) & (own >= limit) & is_alone
    strange_alone, strange_best = best_of(trial.strange, trial.margin)
    strange_top = trial.strange[np.arange(len(strange_best)), strange_best]
    identified = int(((strange_top >= limit) & strange_alone).sum())
    accepted = int((others >= limit).sum() + (trial.strange >= limit).sum())
    return (
        *(accepted, others.size + trial.strange.size),
        *(int((own < limit).sum()), len(own)),
        *(identified, len(strange_best)),
        *(int((~is_found).sum()), len(own)),
    )


def best_of(table: Matrix, margin: float) -> tuple[NDArray[np.bool_], scoring.Rows]:
    """Return for each probe whether its best match beats the second by the margin, and which it is."""
    best = np.argmax(table, axis=1)
    top = np.sort(table, axis=1)[:, -2:]
    return top[:, 1] - top[:, 0] >= margin, best
