"""Prices that fall as more is ordered: which one holds at a total, what comes next, what an order costs at most. Pure.

Amounts are minor units of the campaign's currency. The price of a unit is the same for everybody: the one of the total
that is reached at cut-off. Before that only the highest price is certain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

MOST_TIERS = 8  # ours: more steps than a poster has room for


@dataclass(frozen=True, slots=True, order=True)
class Tier:
    """The price of a unit from a total on."""

    from_total: int
    unit_price_minor: int


@dataclass(frozen=True, slots=True)
class NextTier:
    """The next lower price, and how many units more are needed for it."""

    tier: Tier
    missing: int


def are_sound(tiers: Sequence[Tier]) -> bool:
    """Tell whether tiers begin at the first unit, go up in totals and down in prices, and are not too many."""
    if not 1 <= len(tiers) <= MOST_TIERS or tiers[0].from_total != 1 or tiers[-1].unit_price_minor < 1:
        return False
    return all(
        lower.from_total < upper.from_total and lower.unit_price_minor > upper.unit_price_minor
        for lower, upper in pairwise(tiers)
    )


def highest(tiers: Sequence[Tier]) -> int:
    """Return the price of the first tier, which no buyer pays more than."""
    return tiers[0].unit_price_minor


def price_at(tiers: Sequence[Tier], total: int) -> int:
    """Return the price of a unit when `total` units are ordered; below the first tier its price."""
    reached = [tier.unit_price_minor for tier in tiers if tier.from_total <= total]
    return reached[-1] if reached else highest(tiers)


def next_tier(tiers: Sequence[Tier], total: int, maximum: int | None = None) -> NextTier | None:
    """Return the next lower price behind `total`; None when the lowest is reached, or `maximum` lies before it."""
    coming = [tier for tier in tiers if tier.from_total > max(total, 1)]
    if not coming or (maximum is not None and coming[0].from_total > maximum):
        return None
    return NextTier(coming[0], coming[0].from_total - total)


def most_to_pay(tiers: Sequence[Tier], quantity: int, tolerance: int) -> int:
    """Return what an order costs at most: all it allows, at the highest price."""
    return (quantity + tolerance) * highest(tiers)
