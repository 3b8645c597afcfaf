"""The words of what is stored as codes: states, problems, reasons, messages. Pure; translated where they are shown.

Reasons go into the custody log, which can never be changed, so they are chosen from these lists and not typed: nobody
can put a name or a phone number there.
"""

from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.parcels.clock_rules import StorageLevel
from station.parcels.lifecycle import ConsentBasis, ParcelState, Problem

STATES = {
    ParcelState.EXPECTED: _l("On its way here"),
    ParcelState.STORED: _l("On the shelf"),
    ParcelState.HANDED_OVER: _l("Handed over"),
    ParcelState.RETURNING: _l("Going back to the carrier"),
    ParcelState.RETURNED: _l("Given back to the carrier"),
    ParcelState.LOST: _l("Lost"),
    ParcelState.WRITTEN_OFF: _l("Written off"),
    ParcelState.CANCELLED: _l("Cancelled"),
}
PROBLEMS = {
    Problem.DAMAGED: _l("Damaged"),
    Problem.WRONG_STATION: _l("Wrong station"),
    Problem.REFUSED: _l("Refused"),
    Problem.NO_PHONE: _l("No phone number"),
    Problem.UNKNOWN_CARRIER: _l("Carrier not known"),
    Problem.DOOR_WANTED: _l("Wanted at the door"),
    Problem.ASK: _l("Consent to be asked"),
    Problem.NO_PLACE: _l("No place on the shelf"),
}
LEVELS = {
    StorageLevel.NONE: _l("in time"),
    StorageLevel.REMIND: _l("reminder due"),
    StorageLevel.OVERDUE: _l("overdue"),
    StorageLevel.ALERT: _l("long overdue"),
    StorageLevel.RETURN: _l("to be returned"),
}
LEVEL_BEGINS = {
    StorageLevel.REMIND: _l("Reminder"),
    StorageLevel.OVERDUE: _l("Overdue"),
    StorageLevel.ALERT: _l("Long overdue"),
    StorageLevel.RETURN: _l("Return"),
}
CONSENTS = {
    ConsentBasis.STANDING: _l("The recipient always agrees to this station."),
    ConsentBasis.THIS_PARCEL: _l("The recipient agreed for this parcel."),
    ConsentBasis.DECLARED_BY_COURIER: _l("The courier declared that the recipient agreed."),
    ConsentBasis.UNKNOWN: _l("Nobody has asked the recipient yet."),
}
CHOICES = {
    "station": _l("keep it here"),
    "door": _l("bring it to the door"),
    "locker": _l("a locker"),
    "ask": _l("ask each time"),
    "return": _l("send it back"),
}
HOW = {
    "phone_call": _l("by phone"),
    "in_person": _l("in person"),
    "courier": _l("through the courier"),
    "own_page": _l("on their own page"),
    "message": _l("in answer to a message"),
}
PURPOSES = {
    "photos": _l("photos at the kiosk"),
    "face": _l("collecting by face"),
}
RULES = {
    "waybill": _l("The last four digits of the waybill, so no sticker is needed."),
    "counter": _l("The next number of this row."),
    "next_free": _l("The waybill's digits were not free, so the next free number: it needs a sticker."),
    "longest_released": _l("The row is nearly full: the number that has rested longest."),
    "restored": _l("Its old number, given back after a mistake."),
}
TOPICS = {
    "sign_in_code": _l("One-time code"),
    "stored": _l("Pickup code"),
    "moved": _l("New code"),
    "remind": _l("Reminder"),
    "overdue": _l("Overdue notice"),
    "alert": _l("Last reminder"),
    "undone": _l("Correction"),
    "proxy_collected": _l("Collected by somebody else"),
    "proxy_undone": _l("Correction"),
    "group_moved_up": _l("Group buy: room for you"),
    "group_result": _l("Group buy closed"),
    "group_failed": _l("Group buy failed"),
    "group_short": _l("Group buy: less came"),
    "group_remind": _l("Group buy: reminder"),
    "group_offer": _l("Group buy: offer"),
    "group_left": _l("Group buy: not collected"),
    "group_claim": _l("Group buy: complaint answered"),
}
MESSAGE_STATES = {
    "open": _l("waiting to be sent"),
    "claimed": _l("being sent"),
    "sent": _l("sent"),
    "dead": _l("not delivered"),
    "dropped": _l("not needed any more"),
}
ASKS = {
    "unknown_carrier": _l("Which carrier brought it?"),
    "no_phone": _l("Whose is it?"),
    "consent": _l("May it stay here?"),
    "shelf_full": _l("Where does it go?"),
}
PICTURES = {
    "hand_over": _l("Hand-over"),
    "signature": _l("Signature"),
    "damage": _l("Damage"),
}

UNDO_REASONS = {
    "wrong_parcel": _l("The wrong parcel was scanned"),
    "wrong_person": _l("It went to the wrong person and came back"),
    "not_taken": _l("The person left it here"),
}
UNDO_RETURN_REASONS = {
    "wrong_parcel": _l("The wrong parcel was scanned"),
    "not_picked_up": _l("The courier did not take it"),
}
OFF_REASONS = {
    "not_there": _l("Not among the parcels"),
    "not_ours": _l("Not a parcel of this carrier"),
}
HOLD_REASONS = {
    "recipient_away": _l("The recipient is away"),
    "payment_due": _l("Something is still to be paid"),
    "complaint": _l("A complaint is being looked into"),
    "carrier_asks": _l("The carrier asked for it"),
}
RETURN_REASONS = {
    "not_collected": _l("Not collected in time"),
    "refused": _l("Refused by the recipient"),
    "damaged": _l("Damaged"),
    "wrong_station": _l("It belongs to another station"),
    "carrier_asks": _l("The carrier asked for it"),
}
LOST_REASONS = {
    "not_found": _l("Searched for and not found"),
    "taken_by_mistake": _l("Somebody else took it"),
}
WRITE_OFF_REASONS = {
    "not_found": _l("Searched for and not found"),
    "destroyed": _l("Destroyed or spoilt"),
    "settled": _l("Settled with the carrier"),
}
UNCLAIMED_REASONS = {
    "carrier_refused": _l("The carrier does not take it back"),
    "carrier_gone": _l("The carrier does not come any more"),
    "no_sender": _l("Neither recipient nor sender can be found"),
}
DISPOSALS = {
    "destroyed": _l("Destroyed or spoilt"),
    "to_carrier": _l("Handed to the carrier"),
    "to_post": _l("Given to the postal authority"),
}
UNMASK_REASONS = {
    "call": _l("To call the recipient"),
    "check_person": _l("To check who is collecting"),
    "carrier_asks": _l("The carrier asked for it"),
    "complaint": _l("A complaint is being looked into"),
}
MESSAGE_FAILURES = {
    "file_not_writable": _l("The file could not be written"),
    "channel_broke": _l("The channel broke; the technical log says where"),
    "gateway_unreachable": _l("The provider could not be reached"),
    "gateway_busy": _l("The provider was busy"),
    "gateway_failed": _l("The provider failed"),
    "gateway_settings": _l("The provider did not accept the station's settings"),
    "address_refused": _l("The number or address does not exist or refuses messages"),
    "text_refused": _l("The provider does not deliver these words"),
    "no_channel": _l("No channel reaches this person: call them"),
}
REASONS = {
    **UNDO_REASONS,
    **UNDO_RETURN_REASONS,
    **OFF_REASONS,
    **HOLD_REASONS,
    **RETURN_REASONS,
    **LOST_REASONS,
    **WRITE_OFF_REASONS,
    **UNCLAIMED_REASONS,
    **DISPOSALS,
    **UNMASK_REASONS,
    **MESSAGE_FAILURES,
}


def topic(code: str) -> str:
    """Return what a message is about; a group buy's number behind it (`group_result:12`) stays."""
    kind, _colon, number = code.partition(":")
    said = _(TOPICS[kind]) if kind in TOPICS else kind
    return f"{said} {number}" if number else said


def reason(code: str | None) -> str:
    """Return a reason in the language spoken now; one from elsewhere stays as it is."""
    return _(REASONS[code]) if code in REASONS else code or ""


# What is claimed in a dispute about a parcel that went back (disputes.lifecycle).
DISPUTE_CLAIMS = {
    "not_received": _l("not received"),
    "other_parcel": _l("another parcel"),
    "damaged": _l("damaged"),
}


def dispute_claim(code: str | None) -> str:
    """Return what is claimed in a dispute."""
    return _(DISPUTE_CLAIMS[code]) if code in DISPUTE_CLAIMS else code or ""


# Why a courier's scan did not take a parcel in, and what the recipient answered them (drops.lifecycle).
DROP_STOPS = {
    "consent": _l("The recipient has to be asked first"),
    "duplicate": _l("Already checked in"),
    "other_station": _l("It is for another station"),
    "too_large": _l("No shelf is large enough"),
    "full": _l("The shelves are full"),
    "closed": _l("The station is closed"),
    "malformed": _l("Not a waybill"),
    "finished": _l("The drop is over"),
    "door": _l("The courier takes it to the door"),
    "call": _l("The courier keeps it and calls later"),
}
DROP_CHOICES = {
    "station": _l("it may stay at the station"),
    "door": _l("bring it to the door"),
    "call": _l("no answer yet"),
}


def drop_stop(code: str | None) -> str:
    """Return why a scan did not take a parcel in, in the language spoken now."""
    return _(DROP_STOPS[code]) if code in DROP_STOPS else code or ""


def drop_choice(code: str | None) -> str:
    """Return what a recipient answered a courier, in the language spoken now."""
    return _(DROP_CHOICES[code]) if code in DROP_CHOICES else code or ""
