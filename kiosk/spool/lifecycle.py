"""What becomes of the intent to hand one parcel over: states, actions and one table of transitions. Pure.

Every state is on the disk before the next thing happens, so that a power cut at any moment leaves one of them behind.
"""

from enum import StrEnum


class State(StrEnum):
    """Where an intent stands."""

    WRITTEN = "written"  # nothing was sent
    POSTED = "posted"  # sent, or about to be; no answer yet
    ACCEPTED = "accepted"  # the station says yes; the door is about to open
    REFUSED = "refused"
    WITHHELD = "withheld"  # never sent, and not allowed offline
    ALLOWED_OFFLINE = "allowed_offline"  # the offline rules say yes; the door is about to open
    OPENED = "opened"
    OPENED_OFFLINE = "opened_offline"  # the station is owed a replay
    REPLAYED = "replayed"
    CONFLICTED = "conflicted"
    DOUBTFUL = "doubtful"  # sent, never answered, not opened: the station may count it as handed over
    UNFINISHED_OFFLINE = "unfinished_offline"  # as UNFINISHED, and the station is owed a replay
    UNFINISHED = (
        "unfinished"  # handed over in the books, and nobody knows whether the door opened: staff tell
    )
    SETTLED = "settled"


class Action(StrEnum):
    """What happens to an intent."""

    POST = "post"
    ACCEPT = "accept"
    REFUSE = "refuse"
    ALLOW = "allow"
    WITHHOLD = "withhold"
    OPEN = "open"
    INTERRUPT = "interrupt"  # the program starts again, or the door did not open
    REPLAY = "replay"
    CONFLICT = "conflict"
    SETTLE = "settle"


S, A = State, Action
TABLE: dict[tuple[State, Action], State] = {
    (S.WRITTEN, A.POST): S.POSTED,
    (S.WRITTEN, A.REFUSE): S.REFUSED,
    (S.WRITTEN, A.ALLOW): S.ALLOWED_OFFLINE,
    (S.WRITTEN, A.WITHHOLD): S.WITHHELD,
    (S.WRITTEN, A.INTERRUPT): S.WITHHELD,
    (S.POSTED, A.ACCEPT): S.ACCEPTED,
    (S.POSTED, A.REFUSE): S.REFUSED,
    (S.POSTED, A.ALLOW): S.ALLOWED_OFFLINE,
    (S.POSTED, A.WITHHOLD): S.DOUBTFUL,
    (S.POSTED, A.INTERRUPT): S.DOUBTFUL,
    (S.ACCEPTED, A.OPEN): S.OPENED,
    (S.ACCEPTED, A.INTERRUPT): S.UNFINISHED,
    (S.ALLOWED_OFFLINE, A.OPEN): S.OPENED_OFFLINE,
    (S.ALLOWED_OFFLINE, A.INTERRUPT): S.UNFINISHED_OFFLINE,
    (S.OPENED_OFFLINE, A.REPLAY): S.REPLAYED,
    (S.OPENED_OFFLINE, A.CONFLICT): S.CONFLICTED,
    (S.DOUBTFUL, A.POST): S.POSTED,  # the same person scans it again: the same key
    (S.DOUBTFUL, A.REFUSE): S.REFUSED,
    (S.DOUBTFUL, A.ACCEPT): S.UNFINISHED,
    (S.UNFINISHED_OFFLINE, A.REPLAY): S.UNFINISHED,
    (S.UNFINISHED_OFFLINE, A.CONFLICT): S.CONFLICTED,  # staff are asked there
    (S.UNFINISHED, A.SETTLE): S.SETTLED,
}

# Nothing more becomes of them.
SETTLED = frozenset({S.REFUSED, S.WITHHELD, S.OPENED, S.REPLAYED, S.CONFLICTED, S.SETTLED})
UNFINISHED = frozenset({S.UNFINISHED, S.UNFINISHED_OFFLINE})
OPENING = frozenset({S.ACCEPTED, S.ALLOWED_OFFLINE})  # released: the door opens now
INTERRUPTIBLE = frozenset(state for state, action in TABLE if action is A.INTERRUPT)
OWED = frozenset({S.OPENED_OFFLINE, S.UNFINISHED_OFFLINE})  # the station has to be told
# The parcel left, or may have: it is shown to nobody until the waiting list is newer than this.
AWAY = frozenset(S) - {S.REFUSED, S.WITHHELD}
NEVER_OPENED = frozenset({S.WRITTEN, S.POSTED, S.REFUSED, S.WITHHELD, S.DOUBTFUL})


class IllegalError(Exception):
    """An action that the table does not know in this state: a bug, never a person's doing."""


def after(state: State, action: Action) -> State:
    """Return the state that `action` leads to. Raises IllegalError."""
    try:
        return TABLE[state, action]
    except KeyError as error:
        raise IllegalError(f"{action} in {state}") from error
