"""The life of a return manifest as one table of data. Pure: what it does to parcels is manifests.py's."""

from enum import StrEnum


class ManifestState(StrEnum):
    """Where a manifest stands."""

    OPEN = "open"
    SIGNED = "signed"
    CANCELLED = "cancelled"


class ManifestAction(StrEnum):
    """What can be done with a manifest."""

    ADD = "add"
    TAKE_OFF = "take_off"
    SIGN = "sign"
    CANCEL = "cancel"


class ItemState(StrEnum):
    """What became of a parcel's line on a manifest."""

    ON = "on"
    OFF = "off"  # taken off again, or the manifest was cancelled
    RETURNED = "returned"


TRANSITIONS: dict[tuple[ManifestState, ManifestAction], ManifestState] = {
    (ManifestState.OPEN, ManifestAction.ADD): ManifestState.OPEN,
    (ManifestState.OPEN, ManifestAction.TAKE_OFF): ManifestState.OPEN,
    (ManifestState.OPEN, ManifestAction.SIGN): ManifestState.SIGNED,
    (ManifestState.OPEN, ManifestAction.CANCEL): ManifestState.CANCELLED,
}
"""A manifest that was signed or cancelled stays as it is; a mistake is undone parcel by parcel."""


def can(state: ManifestState, action: ManifestAction) -> bool:
    """Tell whether the action is possible in the state."""
    return (state, action) in TRANSITIONS
