"""Which number a parcel gets in its row, so that no old message opens another person's parcel.

A row is one layer of one shelf. Responsible for the rule of DESIGN.md invariant 2: how long a released
number rests before it is given again, and which of the rested ones comes next. Not responsible for
loading rows, nor for the text of a code (codes.py).

Two forms of one rule: `choose` sees the whole row; `accept` looks at a single number, so that check-in
needs to load the row only when that number will not do.
"""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

WAYBILL_SPACE = 10_000  # DESIGN.md invariant 2: four digits of the waybill
WAYBILL_DIGITS = 4  # DESIGN.md 5; a waybill with fewer digits falls back to the counter
SHORTEST_REST = timedelta(hours=24)  # DESIGN.md invariant 2: "never under 24 hours"

_NEVER = datetime.min.replace(tzinfo=UTC)


class Regime(StrEnum):
    """How full a row is, from roomy to nearly exhausted; the order is that of ever shorter rests."""

    NORMAL = "normal"
    TIGHT = "tight"
    EMERGENCY = "emergency"


class Rule(StrEnum):
    """Why a parcel got its number."""

    WAYBILL = "waybill"  # the waybill's own last digits
    COUNTER = "counter"  # the row counts, nothing was preferred
    NEXT_FREE = "next_free"  # the waybill's digits were taken, resting, or the phone's tail
    LONGEST_RELEASED = "longest_released"  # the row is nearly full: the number that rested longest


@dataclass(frozen=True, slots=True)
class CoolDownRules:
    """Say how long a released number rests and when a row counts as tight.

    The defaults are DESIGN.md invariant 2. Raises ValueError for rules that contradict each other or
    undercut the 24 hours.
    """

    normal: timedelta = timedelta(days=7)
    tight: timedelta = timedelta(days=3)
    floor: timedelta = SHORTEST_REST
    recent: timedelta = timedelta(days=3)
    normal_above: float = 0.30
    tight_from: float = 0.10

    def __post_init__(self) -> None:
        if not SHORTEST_REST <= self.floor <= self.tight <= self.normal:
            raise ValueError("the rests must not grow from normal to tight to floor, nor undercut 24 hours")
        if self.recent < self.floor:
            raise ValueError("a number still resting by the floor rule must not count as free")
        if not 0 <= self.tight_from <= self.normal_above < 1:
            raise ValueError("the shares must satisfy 0 <= tight_from <= normal_above < 1")

    def cool_down(self, regime: Regime) -> timedelta:
        """Return the rest that the regime demands."""
        rests = {Regime.NORMAL: self.normal, Regime.TIGHT: self.tight, Regime.EMERGENCY: self.floor}
        return rests[regime]


DEFAULT_RULES = CoolDownRules()


@dataclass(frozen=True, slots=True)
class RowLoad:
    """Count a row: `space` numbers, how many are in use, how many were released within `rules.recent`.

    Only numbers of the row's range count: after a row was made smaller, higher ones may still be out.
    """

    space: int
    stored: int
    recently_released: int

    def __post_init__(self) -> None:
        if self.space < 1:
            raise ValueError("a row needs at least one number")

    @property
    def free(self) -> int:
        """Numbers neither in use nor released lately."""
        return max(0, self.space - self.stored - self.recently_released)


@dataclass(frozen=True, slots=True)
class RowState:
    """Hold a whole row: the numbers `first` to `first + space - 1` and what became of them.

    `cursor` is the number given last, `first - 1` when none was. `stored` holds the numbers in use,
    those of moved parcels (aliases) included; `released` the latest release of each number not in use;
    a number in neither has never been used.
    """

    space: int
    first: int
    cursor: int
    stored: AbstractSet[int]
    released: Mapping[int, datetime]


@dataclass(frozen=True, slots=True)
class Wish:
    """Say what a parcel asks of its number: the waybill's digits, and never the recipient's phone tail.

    `avoid` holds for every rule: a code must not show a part of the phone number by accident either.
    """

    preferred: int | None = None
    avoid: int | None = None


@dataclass(frozen=True, slots=True)
class NumberState:
    """Tell of one number what `RowState` tells of all."""

    number: int
    in_use: bool
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Record a choice: the number, the rule and regime really used, and the rest it has kept.

    `cool_down` was required and satisfied; `free` of `space` numbers were free at the choice.
    """

    number: int
    rule: Rule
    regime: Regime
    cool_down: timedelta
    free: int
    space: int
    needs_sticker: bool


def preferred_number(waybill: str, space: int = WAYBILL_SPACE) -> int | None:
    """Return the number a waybill's last digits ask for, or None when it has fewer than four digits.

    Letters are stripped first; in a space other than 10,000 the digits are taken modulo `space`.
    """
    digits = re.sub(r"[^0-9]", "", waybill)
    if len(digits) < WAYBILL_DIGITS:
        return None
    wanted = max(WAYBILL_DIGITS, len(str(space - 1)))
    return int(digits[-wanted:]) % space


def next_after(cursor: int, first: int, space: int) -> int:
    """Return the number that follows the cursor, going round at the end of the row."""
    return first + (cursor + 1 - first) % space


def regime_for(load: RowLoad, rules: CoolDownRules = DEFAULT_RULES) -> Regime:
    """Return the regime of a row: normal above .30 free, tight from .10, else emergency."""
    share = load.free / load.space
    if share > rules.normal_above:
        return Regime.NORMAL
    if share >= rules.tight_from:
        return Regime.TIGHT
    return Regime.EMERGENCY


def is_available(*, in_use: bool, released_at: datetime | None, now: datetime, cool_down: timedelta) -> bool:
    """Tell whether a number may be given: not in use, and never used or rested for `cool_down`."""
    if in_use:
        return False
    return released_at is None or now - released_at >= cool_down


def accept(
    candidate: NumberState, load: RowLoad, *, now: datetime, wish: Wish, rules: CoolDownRules = DEFAULT_RULES
) -> Choice | None:
    """Choose the candidate if the whole-row rule would choose it too; None means: load the row.

    Offer the preferred number first, then the one after the cursor: in this order the answer is always
    that of `choose`. In an emergency it is always None, since only the whole row knows who rested longest.
    """
    regime = regime_for(load, rules)
    if regime is Regime.EMERGENCY or candidate.number == wish.avoid:
        return None
    cool_down = rules.cool_down(regime)
    if not is_available(
        in_use=candidate.in_use, released_at=candidate.released_at, now=now, cool_down=cool_down
    ):
        return None
    return _choice(candidate.number, regime, load=load, wish=wish, rules=rules)


def choose(
    row: RowState, *, now: datetime, wish: Wish, rules: CoolDownRules = DEFAULT_RULES
) -> Choice | None:
    """Choose the number of a new parcel in this row; None when the row is exhausted.

    The preferred number if it has rested, else next-fit from the cursor; in an emergency the number
    that rested longest, a never used one before all. If no number has kept the regime's rest, the next
    regime's rule holds, down to the floor, and the one really used is recorded.
    """
    load = load_of(row, now, rules)
    regimes = list(Regime)
    for regime in regimes[regimes.index(regime_for(load, rules)) :]:
        number = _pick(row, regime, now=now, wish=wish, rules=rules)
        if number is not None:
            return _choice(number, regime, load=load, wish=wish, rules=rules)
    return None


def load_of(row: RowState, now: datetime, rules: CoolDownRules = DEFAULT_RULES) -> RowLoad:
    """Count a row that was loaded whole."""
    numbers = range(row.first, row.first + row.space)
    recent = sum(
        now - released_at < rules.recent
        for number, released_at in row.released.items()
        if number in numbers and number not in row.stored
    )
    return RowLoad(row.space, sum(number in numbers for number in row.stored), recent)


def _pick(row: RowState, regime: Regime, *, now: datetime, wish: Wish, rules: CoolDownRules) -> int | None:
    cool_down = rules.cool_down(regime)
    available = (
        number
        for number in _in_order(row, wish.preferred)
        if number != wish.avoid
        and is_available(
            in_use=number in row.stored,
            released_at=row.released.get(number),
            now=now,
            cool_down=cool_down,
        )
    )
    if regime is Regime.EMERGENCY:
        # min keeps the first of equals: preferred, then next-fit
        return min(available, key=lambda number: row.released.get(number, _NEVER), default=None)
    return next(available, None)


def _in_order(row: RowState, preferred: int | None) -> Iterator[int]:
    if preferred is not None and row.first <= preferred < row.first + row.space:
        yield preferred
    start = next_after(row.cursor, row.first, row.space) - row.first
    for step in range(row.space):
        yield row.first + (start + step) % row.space


def _choice(number: int, regime: Regime, *, load: RowLoad, wish: Wish, rules: CoolDownRules) -> Choice:
    return Choice(
        number=number,
        rule=_rule(number, regime, wish.preferred),
        regime=regime,
        cool_down=rules.cool_down(regime),
        free=load.free,
        space=load.space,
        needs_sticker=number != wish.preferred,
    )


def _rule(number: int, regime: Regime, preferred: int | None) -> Rule:
    if regime is Regime.EMERGENCY:
        return Rule.LONGEST_RELEASED
    if preferred is None:
        return Rule.COUNTER
    return Rule.WAYBILL if number == preferred else Rule.NEXT_FREE
