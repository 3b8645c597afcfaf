"""The life of a stocktake as one table of data."""

from enum import StrEnum


class StocktakeState(StrEnum):
    """Where a stocktake stands."""

    OPEN = "open"
    CLOSED = "closed"  # its report is final
    ABANDONED = "abandoned"  # given up; what was scanned is kept, but says nothing


class Action(StrEnum):
    """What ends a stocktake."""

    CLOSE = "close"
    ABANDON = "abandon"


TRANSITIONS: dict[tuple[StocktakeState, Action], StocktakeState] = {
    (StocktakeState.OPEN, Action.CLOSE): StocktakeState.CLOSED,
    (StocktakeState.OPEN, Action.ABANDON): StocktakeState.ABANDONED,
}


def step(state: StocktakeState, action: Action) -> StocktakeState | None:
    """Return the state that the action leads to, None when it is not possible."""
    return TRANSITIONS.get((state, action))
