"""Error rates with the interval they are known to, and what the words mean. Pure numbers."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

Z = NormalDist().inv_cdf(0.975)  # 95 %, two-sided


@dataclass(frozen=True, slots=True)
class Rate:
    """`wrong` of `tries` went wrong. `people` is how many people stood behind the tries.

    Tries of one person are alike, so the interval is that of `people` tries with the same share wrong: wider than
    what counting every try would claim, and honest. With nothing wrong it follows the rule of three by people.
    """

    wrong: int
    tries: int
    people: int

    @property
    def share(self) -> float:
        """The part that went wrong."""
        return self.wrong / self.tries if self.tries else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share."""
        if not self.people or not self.tries:
            return 0.0, 1.0
        if not self.wrong:
            # Rule of three: Hanley and Lippman-Hand, JAMA 249 (1983) 1743.
            return 0.0, min(1.0, 3 / self.people)
        return wilson(self.share, self.people)


def wilson(share: float, count: int) -> tuple[float, float]:
    """Return Wilson's score interval. Source: E. B. Wilson, JASA 22 (1927) 209; no continuity correction."""
    spread = Z * sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    middle = share + Z**2 / (2 * count)
    scale = 1 + Z**2 / count
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
