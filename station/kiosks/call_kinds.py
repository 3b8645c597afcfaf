"""What staff may be called for at a kiosk. Pure."""

from enum import StrEnum


class AlertKind(StrEnum):
    """What staff are called for. Kiosks send the first five; the station finds the others itself."""

    STAFF_CALLED = "staff_called"
    WRONG_PARCEL = "wrong_parcel"
    NOT_FOUND = "not_found"
    FAULT = "fault"
    RECOVER = "recover"
    CONFLICT = "conflict"
    SILENT = "silent"


SENT = frozenset(AlertKind) - {AlertKind.CONFLICT, AlertKind.SILENT}
"""The kinds that a kiosk itself may send."""
