"""What a count of so many allows to say: rates with their uncertainty, and whether two of them differ. Pure."""

import math
from dataclasses import dataclass
from enum import StrEnum

PER = 10_000  # parcels; the unit in which carriers and stations speak of faults
Z = 1.96  # standard normal quantile of a 95 % interval
# A base is too small when even a record without a fault could hide more than so many of all parcels: with Wilson's
# interval that are fewer than 381. Source: ours; 1 in 100 is about what carriers fine for.
TOO_VAGUE = 0.01


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, parts of all parcels."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tally:
    """How many parcels of a `base` had a fault."""

    count: int = 0
    base: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.count + other.count, self.base + other.base)

    @property
    def share(self) -> float:
        """Return the part of the base with the fault; 0 of nothing."""
        return self.count / self.base if self.base else 0.0

    @property
    def per_10_000(self) -> float:
        """Return the rate in faults of PER parcels."""
        return self.share * PER

    @property
    def interval(self) -> Interval:
        """Return between which rates the true one lies, with 95 % confidence."""
        return wilson(self)

    @property
    def says_something(self) -> bool:
        """Tell whether the base is large enough for a rate (TOO_VAGUE)."""
        return wilson(Tally(0, self.base)).high <= TOO_VAGUE


class Trend(StrEnum):
    """How a rate compares with the one of the period before."""

    HIGHER = "higher"
    LOWER = "lower"
    UNCLEAR = "unclear"  # chance alone may make the difference
    TOO_FEW = "too_few"  # one of the two says nothing by itself


def wilson(tally: Tally) -> Interval:
    """Return the score interval of a share; all that is possible where there is no base.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22 (1927), 209-212. It holds for small counts and for none.
    """
    n, p = tally.base, tally.share
    if not n:
        return Interval(0.0, 1.0)
    square = Z * Z
    middle = p + square / (2 * n)
    half = Z * math.sqrt(p * (1 - p) / n + square / (4 * n * n))
    scale = 1 + square / n
    return Interval(max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0))


def trend(now: Tally, before: Tally) -> Trend:
    """Say whether a rate differs from the one before by more than chance.

    Source: R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in
    Medicine 17 (1998), 873-890, method 10: the interval of the difference, made of both score intervals.
    """
    if not (now.says_something and before.says_something):
        return Trend.TOO_FEW
    ours, theirs, gap = wilson(now), wilson(before), now.share - before.share
    low = gap - math.hypot(now.share - ours.low, theirs.high - before.share)
    high = gap + math.hypot(ours.high - now.share, before.share - theirs.low)
    if low > 0:
        return Trend.HIGHER
    return Trend.LOWER if high < 0 else Trend.UNCLEAR


@dataclass(frozen=True, slots=True)
class Compared:
    """A tally beside the one of the period before."""

    now: Tally
    before: Tally

    @property
    def trend(self) -> Trend:
        """Return how the two compare."""
        return trend(self.now, self.before)
