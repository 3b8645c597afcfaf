"""What pages say of payments: states, reasons and ways in words."""

from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.payments.catalogue import OUTCOMES, REASONS, WAYS, Outcome, Reason, Way
from station.payments.lifecycle import LineState, PaymentState, RefundState

# state: (kind of pill, icon, words)
PAYMENT_STATES: dict[PaymentState, tuple[str, str, str]] = {
    PaymentState.ASKED: ("info", "clock", _l("Waiting for the money")),
    PaymentState.PAID: ("ok", "check", _l("Paid")),
    PaymentState.EXPIRED: ("", "history", _l("Not paid in time")),
    PaymentState.FAILED: ("", "x", _l("Cancelled, not paid")),
}
REFUND_STATES: dict[RefundState, tuple[str, str, str]] = {
    RefundState.ASKED: ("info", "clock", _l("On its way")),
    RefundState.DONE: ("ok", "check", _l("Given back")),
    RefundState.FAILED: ("bad", "x", _l("Refused by the provider")),
}
LINE_STATES: dict[LineState, tuple[str, str, str]] = {
    LineState.OPEN: ("warn", "alert-triangle", _l("Not settled")),
    LineState.BOOKED: ("ok", "check", _l("Booked")),
    LineState.EXPLAINED: ("", "notes", _l("Explained")),
}
LINE_KINDS = {
    "missing_here": _l("Not in our books"),
    "missing_there": _l("Not in the provider’s file"),
    "other_amount": _l("Another amount"),
}
LINE_THINGS = {"payment": _l("Payment"), "refund": _l("Refund")}


def payment_state(state: PaymentState) -> tuple[str, str, str]:
    """Return pill, icon and words of a payment's state."""
    kind, icon, text = PAYMENT_STATES[state]
    return kind, icon, _(text)


def refund_state(state: RefundState) -> tuple[str, str, str]:
    """Return pill, icon and words of a refund's state."""
    kind, icon, text = REFUND_STATES[state]
    return kind, icon, _(text)


def line_state(state: LineState) -> tuple[str, str, str]:
    """Return pill, icon and words of what was done about a difference."""
    kind, icon, text = LINE_STATES[state]
    return kind, icon, _(text)


def line_kind(kind: str) -> str:
    """Say how the books differ."""
    return _(LINE_KINDS[kind])


def line_thing(what: str) -> str:
    """Say what a line of a file tells of."""
    return _(LINE_THINGS[what])


def way(found: Way) -> str:
    """Return the name of a way to pay."""
    return _(WAYS[found].label)


def reason(found: Reason) -> str:
    """Say why money was given back."""
    return _(REASONS[found])


def outcome(found: Outcome) -> str:
    """Say what came of a provider's notice."""
    return _(OUTCOMES[found])


def purpose(text: str) -> str:
    """Say what a payment is for."""
    return _("Balance") if text == "balance" else _("Group order")
