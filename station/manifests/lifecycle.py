"""The states of a manifest and what leads from one to the next. Pure."""

from enum import StrEnum


class ManifestState(StrEnum):
    """Where a manifest stands."""

    DRAFT = "draft"  # a file was read; nobody has said yet which column means what
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # its file was gone or broken before the end; what was imported stays
    CANCELLED = "cancelled"


class ManifestAction(StrEnum):
    """What is done with a manifest."""

    START = "start"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"


STATES, ACTIONS = ManifestState, ManifestAction
TABLE: dict[ManifestState, dict[ManifestAction, ManifestState]] = {
    STATES.DRAFT: {ACTIONS.START: STATES.RUNNING, ACTIONS.CANCEL: STATES.CANCELLED},
    STATES.RUNNING: {
        ACTIONS.FINISH: STATES.DONE,
        ACTIONS.FAIL: STATES.FAILED,
        ACTIONS.CANCEL: STATES.CANCELLED,
    },
    STATES.DONE: {},
    STATES.FAILED: {},
    STATES.CANCELLED: {},
}
HAS_FILE = frozenset({STATES.DRAFT, STATES.RUNNING})
"""The states in which the rows of an uploaded file are still kept."""


def step(state: ManifestState, action: ManifestAction) -> ManifestState | None:
    """Return the state `action` leads to, None when it may not be done now."""
    return TABLE[state].get(action)
