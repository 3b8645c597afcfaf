"""What things of the money pages are called."""

from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.ledger.drawer import Moment

MOMENTS: dict[Moment, str] = {
    Moment.OPEN: _l("Opening"),
    Moment.CHECK: _l("In between"),
    Moment.CLOSE: _l("Closing"),
}
"""When of the day the drawer was counted, in lists and on paper."""

MOMENT_CHOICES: dict[str, str] = {
    Moment.OPEN.value: _l("Opening: is the change still there?"),
    Moment.CHECK.value: _l("In between, or at a change of shift"),
    Moment.CLOSE.value: _l("Closing: what goes to the bank?"),
}
"""The same, as the form of a count asks."""

ABOUT: dict[str, str] = {
    "campaign": _l("Group buy"),
    "carrier": _l("Carrier"),
    "drawer": _l("Count of the drawer"),
    "group_order": _l("Order of a group buy"),
    "parcel": _l("Parcel"),
    "payment": _l("Payment"),
    "recipient": _l("Person"),
    "station": _l("Partner station"),
    "supplier": _l("Supplier"),
}
"""What a journal is about, by the word before the colon of its `refers_to`."""


def about(refers_to: str | None) -> str:
    """Return what a journal is about as papers say it; nothing for a person, whom the accounts name already."""
    kind, _colon, number = (refers_to or "").partition(":")
    if not number or kind == "recipient":
        return ""
    return f"{_(ABOUT[kind])} {number}" if kind in ABOUT else f"{kind} {number}"
