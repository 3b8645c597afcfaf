"""The words of what is stored about kiosks as codes: calls, cameras, ways, parts of the machine. Pure."""

from station.core.errors import CATALOGUE
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.kiosks.call_kinds import AlertKind
from station.kiosks.faces import GoneReason
from station.kiosks.lifecycle import Way
from station.kiosks.reports import Camera

CALLS = {
    AlertKind.STAFF_CALLED: _l("Somebody needs help"),
    AlertKind.WRONG_PARCEL: _l("Somebody has a wrong parcel in their hands"),
    AlertKind.NOT_FOUND: _l("Somebody cannot find their parcel"),
    AlertKind.FAULT: _l("The kiosk has a fault"),
    AlertKind.RECOVER: _l("The kiosk restarted while a parcel was leaving"),
    AlertKind.CONFLICT: _l("A hand-over does not fit the books"),
    AlertKind.SILENT: _l("The kiosk has been silent for 5 minutes"),
}
NEXT_STEPS = {
    AlertKind.STAFF_CALLED: _l("Go to the kiosk."),
    AlertKind.WRONG_PARCEL: _l("Go to the kiosk and put the parcel back."),
    AlertKind.NOT_FOUND: _l("Look for the parcel together."),
    AlertKind.FAULT: _l("Look at the machine. Parcels go out at the counter meanwhile."),
    AlertKind.RECOVER: _l("Look whether the parcel is still here, then say so."),
    AlertKind.CONFLICT: _l("The kiosk let the parcel out while offline. A manager finds out and settles it."),
    AlertKind.SILENT: _l("Look whether it has power and network."),
}
CAMERAS = {
    Camera.OK: _l("sees well"),
    Camera.MISSING: _l("not found"),
    Camera.DARK: _l("too dark"),
    Camera.BLURRED: _l("not sharp"),
}
WAYS = {
    Way.IDENTITY_CODE: _l("identity code"),
    Way.SIX_DIGITS: _l("six digits"),
    Way.PICKUP_CODE: _l("pickup code and phone tail"),
    Way.PROXY_CODE: _l("proxy code"),
    Way.FACE: _l("face"),
}
GONE = {
    GoneReason.WITHDRAWN: _l("agreed to no more"),
    GoneReason.EXPIRED: _l("agreed to no more"),
    GoneReason.UNUSED: _l("not used for 12 months"),
    GoneReason.REPLACED: _l("enrolled anew"),
    GoneReason.KEY_LOST: _l("the kiosk lost its key"),
}
PARTS = {
    "camera": _l("camera"),
    "list": _l("waiting list"),
    "clock": _l("clock"),
    "spool": _l("storage"),
    "door": _l("door"),
    "lamp": _l("lamp"),
    "beeper": _l("beeper"),
    "printer": _l("printer"),
    "faces": _l("face recognition"),
}


def part(code: str | None) -> str:
    """Return the name of a part of the machine; one of a newer kiosk names itself."""
    return _(PARTS[code]) if code in PARTS else (code or "").replace("_", " ")


def refusal(code: str) -> str:
    """Return why the books refused a hand-over."""
    return _(CATALOGUE[code][1]) if code in CATALOGUE else code.replace("_", " ")
