"""Who gets how many units of a group buy: at cut-off, and when less came than was ordered. Pure.

Four rules, each of them a fixed order in which single units are given, so that the same orders always give the same
result and one more unit never costs anybody one:

- *Boxes.* Suppliers sell whole boxes. What was ordered fills boxes; the last one is ordered only when the tolerances
  can fill what it lacks and the maximum allows it.
- *Tolerance.* Units that fill the last box go, one at a time, to whoever has the most tolerance left; among equals to
  the earliest order.
- *Giving way.* When the last box is not ordered, what was to lie in it is taken from the latest order, all of it if
  need be, then from the one before.
- *Short delivery.* What came is dealt out one unit at a time to whoever has the smallest part of their own order so
  far; among equals to the earliest. So everybody has one before anybody has two. Tolerance units come after all of
  these, by the rule of tolerance.

"Earliest" is the time of `ranked_at`, then the order's id. What an order costs is not decided here.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# Source: ours. Two fractions with denominators below 2^31 differ by more than 2^-62, so that whole numbers of 1/2^64
# keep their order and are equal only for equal fractions.
_SCALE = 1 << 64
MOST_UNITS = (1 << 31) - 1  # of one order: see _SCALE


class Reason(StrEnum):
    """Why an order got other than what was asked."""

    FILLED_BOX = "filled_box"  # more, from the tolerance
    BOX_NOT_FULL = "box_not_full"  # less: the last box was not ordered
    OVER_MAXIMUM = "over_maximum"  # less: another box would have passed the maximum
    TOLERANCE_BACK = "tolerance_back"  # less than allocated: not all tolerance came
    SHORT = "short"  # less than allocated: not all came


@dataclass(frozen=True, slots=True)
class Wish:
    """An order as it stands at cut-off. `tolerance`: units beyond `quantity` that are welcome to fill a box."""

    order_id: int
    quantity: int
    tolerance: int
    ranked_at: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """What a campaign's supplier sells: whole boxes, not more than `maximum` units, not less than `minimum`."""

    box_size: int = 1
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """One reason, and how many units it added or took."""

    reason: Reason
    units: int


@dataclass(frozen=True, slots=True)
class Share:
    """What one order gets, and why it is not what was asked; no reasons where it is."""

    order_id: int
    units: int
    why: tuple[Why, ...] = ()


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a cut-off came to. `shares` holds every order once, the earliest first; their units make `units`.

    `is_enough`: at least one unit and not below the minimum, which is compared with what would be ordered.
    """

    units: int
    boxes: int
    is_enough: bool
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Allocated:
    """An order after cut-off: `units` of which those beyond `quantity` came from its tolerance."""

    order_id: int
    quantity: int
    units: int
    ranked_at: datetime


def allocate(wishes: Iterable[Wish], terms: Terms) -> Allocation:
    """Decide what is ordered and what each order gets (the module says by which rules).

    Raises ValueError for a box of no units, negative numbers, or more than MOST_UNITS in one order.
    """
    ranked = sorted(wishes, key=_rank)
    _check(ranked, terms)
    wanted = sum(one.quantity for one in ranked)
    boxes, fills = _boxes(wanted, sum(one.tolerance for one in ranked if one.quantity), terms)
    units = boxes * terms.box_size
    if fills:
        extra = _level(ranked, units - wanted)
        shares = tuple(_filled(one, more) for one, more in zip(ranked, extra, strict=True))
    else:
        shares = _cut(ranked, wanted - units, why_cut(units, terms))
    return Allocation(units, boxes, units >= max(terms.minimum or 0, 1), shares)


def why_cut(units: int, terms: Terms) -> Reason:
    """Return why there is no box more when `units` are ordered: the maximum, else that it was not full."""
    is_limit = terms.maximum is not None and units + terms.box_size > terms.maximum
    return Reason.OVER_MAXIMUM if is_limit else Reason.BOX_NOT_FULL


def share_out(orders: Iterable[Allocated], came: int) -> tuple[Share, ...]:
    """Deal out `came` good units over orders after cut-off, the earliest order first; never more than allocated.

    What came beyond all that was allocated is left over. More that came never gives anybody less.
    Raises ValueError for negative numbers.
    """
    ranked = sorted(orders, key=_rank)
    if came < 0 or any(one.units < 0 for one in ranked):
        raise ValueError("less than nothing cannot be shared out")
    asked = [min(one.units, one.quantity) for one in ranked]
    base = _deal(asked, came)
    extra = [one.units - part for one, part in zip(ranked, asked, strict=True)]
    more = _largest_first(extra, max(came - sum(asked), 0))
    return tuple(
        Share(one.order_id, base[at] + more[at], _missing(asked[at] - base[at], extra[at] - more[at]))
        for at, one in enumerate(ranked)
    )


def _rank(one: Wish | Allocated) -> tuple[datetime, int]:
    return one.ranked_at, one.order_id


def _check(ranked: Sequence[Wish], terms: Terms) -> None:
    if terms.box_size < 1:
        raise ValueError("a box holds at least one unit")
    if any(not (0 <= one.quantity <= MOST_UNITS and 0 <= one.tolerance <= MOST_UNITS) for one in ranked):
        raise ValueError("an order's numbers are out of bounds")


def _boxes(wanted: int, tolerance: int, terms: Terms) -> tuple[int, bool]:
    """Return how many boxes are ordered, and whether the last of them is filled from tolerance."""
    full, rest = divmod(wanted, terms.box_size)
    most = full + 1 if terms.maximum is None else terms.maximum // terms.box_size
    lacks = terms.box_size - rest
    if rest and lacks <= tolerance and full < most:
        return full + 1, True
    return min(full, most), False


def _level(ranked: Sequence[Wish], units: int) -> list[int]:
    """Take units from the tolerances of orders that are for something, the largest remaining first."""
    return _largest_first([one.tolerance if one.quantity else 0 for one in ranked], units)


def _largest_first(rooms: Sequence[int], units: int) -> list[int]:
    """Deal out units one at a time to the largest remaining room, the first among equals; at most all rooms."""
    given = [0] * len(rooms)
    heap = [(-room, at) for at, room in enumerate(rooms) if room]
    heapq.heapify(heap)
    for _unit in range(min(units, sum(rooms))):
        left, at = heap[0]
        given[at] += 1
        _put_back(heap, (left + 1, at), is_open=left < -1)
    return given


def _deal(asked: Sequence[int], units: int) -> list[int]:
    """Deal out units one at a time to whoever has the smallest part of what they asked, the first among equals.

    Source: Adams' divisor method, whose results only grow with the number dealt out and never pass the proportional
    part rounded up (M. L. Balinski, H. P. Young, Fair Representation, 1982, appendix A).
    """
    if units >= sum(asked):
        return list(asked)
    given = [0] * len(asked)
    heap = [(0, at) for at, most in enumerate(asked) if most]
    for _unit in range(units):
        _part, at = heap[0]
        given[at] += 1
        _put_back(heap, (given[at] * _SCALE // asked[at], at), is_open=given[at] < asked[at])
    return given


def _put_back(heap: list[tuple[int, int]], entry: tuple[int, int], *, is_open: bool) -> None:
    """Replace the heap's first entry, or drop it when nothing more fits there."""
    if is_open:
        heapq.heapreplace(heap, entry)
    else:
        heapq.heappop(heap)


def _filled(one: Wish, more: int) -> Share:
    return Share(one.order_id, one.quantity + more, (Why(Reason.FILLED_BOX, more),) if more else ())


def _cut(ranked: Sequence[Wish], units: int, reason: Reason) -> tuple[Share, ...]:
    """Take `units` from the latest order, then from the one before it."""
    shares: list[Share] = []
    for one in reversed(ranked):
        loses = min(units, one.quantity)
        units -= loses
        shares.append(Share(one.order_id, one.quantity - loses, (Why(reason, loses),) if loses else ()))
    return tuple(reversed(shares))


def _missing(short: int, tolerance: int) -> tuple[Why, ...]:
    reasons = (Why(Reason.TOLERANCE_BACK, tolerance), Why(Reason.SHORT, short))
    return tuple(one for one in reasons if one.units)
