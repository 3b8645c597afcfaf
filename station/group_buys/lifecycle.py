"""The states of a campaign and of an order, and what leads from one to the next. Pure tables of data."""

from enum import StrEnum


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"  # after cut-off: the orders stand, the supplier was not asked yet
    ORDERED = "ordered"
    ARRIVED = "arrived"
    SHARING = "sharing"
    FINISHED = "finished"
    FAILED = "failed"  # the minimum was not reached
    CANCELLED = "cancelled"


class CampaignAction(StrEnum):
    """What is done with a campaign."""

    OPEN = "open"
    CLOSE = "close"
    FAIL = "fail"
    SEND = "send"
    ARRIVE = "arrive"
    SHARE = "share"
    FINISH = "finish"
    CANCEL = "cancel"


class OrderState(StrEnum):
    """Where an order stands."""

    HELD = "held"  # its units are kept until it is paid
    PLACED = "placed"
    WAITING = "waiting"  # on the waiting list: it holds no units
    CANCELLED = "cancelled"
    FALLEN = "fallen"  # not paid in time, or still waiting when all is over, or the campaign came to nothing
    ALLOCATED = "allocated"
    NOTHING = "nothing"  # shared out, and nothing was left for it
    READY = "ready"
    COLLECTED = "collected"
    UNCLAIMED = "unclaimed"
    CLOSED = "closed"  # settled in another way: given back, donated, kept


class OrderAction(StrEnum):
    """What happens to an order."""

    HOLD = "hold"
    PLACE = "place"
    PAY = "pay"
    CANCEL = "cancel"
    FALL = "fall"
    ALLOCATE = "allocate"
    MISS = "miss"
    MAKE_READY = "make_ready"
    COLLECT = "collect"
    LEAVE = "leave"
    CLOSE = "close"


_C, _CA = CampaignState, CampaignAction
CAMPAIGN_BEGINNINGS = {"create": CampaignState.DRAFT}
CAMPAIGN: dict[tuple[CampaignState, CampaignAction], CampaignState] = {
    (_C.DRAFT, _CA.OPEN): _C.OPEN,
    (_C.DRAFT, _CA.CANCEL): _C.CANCELLED,
    (_C.OPEN, _CA.CLOSE): _C.CLOSED,
    (_C.OPEN, _CA.FAIL): _C.FAILED,
    (_C.OPEN, _CA.CANCEL): _C.CANCELLED,
    (_C.CLOSED, _CA.SEND): _C.ORDERED,
    (_C.CLOSED, _CA.CANCEL): _C.CANCELLED,
    (_C.ORDERED, _CA.ARRIVE): _C.ARRIVED,
    (_C.ORDERED, _CA.CANCEL): _C.CANCELLED,
    (_C.ARRIVED, _CA.SHARE): _C.SHARING,
    (_C.SHARING, _CA.FINISH): _C.FINISHED,
}
CAMPAIGN_ENDS = (_C.FINISHED, _C.FAILED, _C.CANCELLED)

_O, _OA = OrderState, OrderAction
ORDER_BEGINNINGS = {"hold": _O.HELD, "place": _O.PLACED, "wait": _O.WAITING}
ORDER: dict[tuple[OrderState, OrderAction], OrderState] = {
    (_O.HELD, _OA.PAY): _O.PLACED,
    (_O.HELD, _OA.CANCEL): _O.CANCELLED,
    (_O.HELD, _OA.FALL): _O.FALLEN,
    (_O.PLACED, _OA.CANCEL): _O.CANCELLED,
    (_O.PLACED, _OA.FALL): _O.FALLEN,
    (_O.PLACED, _OA.ALLOCATE): _O.ALLOCATED,
    (_O.PLACED, _OA.MISS): _O.NOTHING,
    (_O.WAITING, _OA.PLACE): _O.PLACED,
    (_O.WAITING, _OA.HOLD): _O.HELD,
    (_O.WAITING, _OA.ALLOCATE): _O.ALLOCATED,
    (_O.WAITING, _OA.CANCEL): _O.CANCELLED,
    (_O.WAITING, _OA.FALL): _O.FALLEN,
    (_O.ALLOCATED, _OA.MAKE_READY): _O.READY,
    (_O.ALLOCATED, _OA.MISS): _O.NOTHING,
    (_O.ALLOCATED, _OA.CLOSE): _O.CLOSED,
    (_O.READY, _OA.COLLECT): _O.COLLECTED,
    (_O.READY, _OA.LEAVE): _O.UNCLAIMED,
    (_O.READY, _OA.CLOSE): _O.CLOSED,
    (_O.COLLECTED, _OA.MAKE_READY): _O.READY,
    (_O.UNCLAIMED, _OA.COLLECT): _O.COLLECTED,
    (_O.UNCLAIMED, _OA.CLOSE): _O.CLOSED,
}
ORDER_ENDS = (_O.CANCELLED, _O.FALLEN, _O.NOTHING, _O.COLLECTED, _O.CLOSED)

COUNTED = frozenset({_O.HELD, _O.PLACED})
"""Orders whose units count into the campaign's total before cut-off."""

BEFORE_CUT_OFF = COUNTED | {_O.WAITING}
"""Orders that their buyer may still change or cancel, while the clock allows it."""

OVER = frozenset({_O.CANCELLED, _O.FALLEN})
"""Orders beside which the same person may have another one in the same campaign."""


def step_campaign(state: CampaignState, action: CampaignAction) -> CampaignState | None:
    """Return the state `action` leads to, None when it may not be done now."""
    return CAMPAIGN.get((state, action))


def step_order(state: OrderState, action: OrderAction) -> OrderState | None:
    """Return the state `action` leads to, None when it may not happen now."""
    return ORDER.get((state, action))
