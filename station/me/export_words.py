"""The words of an export: what each kind of thing and each fact is called, and what a code in it means. Pure."""

from datetime import datetime

from station.carriers.catalogue import CARRIERS
from station.claims import words as claims
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.core.i18n import lazy as _l
from station.group_buys import words as buys
from station.kiosks import words as kiosk_words
from station.parcels import words
from station.residents.export_queries import Fact

KINDS = {
    "people": _l("Name and phone number"),
    "preferences": _l("Messages: how you want them"),
    "consents": _l("What was said about where parcels may be left"),
    "agreements": _l("Separate agreements"),
    "parcels": _l("Parcels"),
    "hand_overs": _l("Hand-overs"),
    "pictures": _l("Pictures"),
    "messages": _l("Messages to you"),
    "proxies": _l("Who may collect for you"),
    "collecting": _l("Where others let you collect"),
    "notes": _l("Notes of the staff"),
    "visits": _l("Visits at kiosks"),
    "faces": _l("Your face at kiosks: that it is there, never the face itself"),
    "kiosk_conflicts": _l("Hand-overs at kiosks that were in doubt"),
    "disputes": _l("Disputes with carriers about your parcels"),
    "group_orders": _l("Your orders in group buys"),
    "group_reminders": _l("Group buys you want to be reminded of"),
    "group_claims": _l("Your complaints about goods of group buys"),
    "money": _l("Money: what you paid and were charged"),
    "log": _l("What happened to your parcels"),
}
FACTS = {
    "added_at": _l("added"),
    "allocated": _l("shared out to you"),
    "amount": _l("amount"),
    "announced_at": _l("announced"),
    "answer": _l("answer"),
    "at": _l("at"),
    "began_at": _l("began"),
    "body": _l("text"),
    "carrier": _l("carrier"),
    "changed_at": _l("changed"),
    "channel": _l("sent by"),
    "choice": _l("choice"),
    "claim_pictures": _l("pictures"),
    "claim_problem": _l("problem"),
    "claim_state": _l("state"),
    "claimed_at": _l("said"),
    "claimed_units": _l("units"),
    "consent_basis": _l("consent"),
    "contrast": _l("contrast"),
    "created_at": _l("since"),
    "delivered": _l("delivered"),
    "email": _l("e-mail address"),
    "ended_at": _l("ended"),
    "enrolled_at": _l("enrolled"),
    "expires_at": _l("ends"),
    "given_at": _l("given"),
    "given_by": _l("given by"),
    "gone_at": _l("deleted"),
    "gone_reason": _l("deleted because"),
    "group_buy": _l("group buy"),
    "guardian_name": _l("guardian's name"),
    "guardian_phone": _l("guardian's phone number"),
    "handed_over_at": _l("handed over"),
    "how": _l("said"),
    "id": _l("number in our books"),
    "kind": _l("kind"),
    "language": _l("language"),
    "left_at": _l("left"),
    "made_at": _l("ordered"),
    "media_type": _l("format"),
    "method": _l("where"),
    "name": _l("name"),
    "opened_at": _l("opened"),
    "parcel_id": _l("parcel"),
    "phone": _l("phone number"),
    "phone_kind": _l("kind of number"),
    "phone_tail": _l("last 4 digits"),
    "pickup_code": _l("pickup code"),
    "problem": _l("problem"),
    "proxy_name": _l("collected by"),
    "purpose": _l("for"),
    "quantity": _l("quantity"),
    "quiet_from": _l("quiet from"),
    "quiet_until": _l("quiet until"),
    "recorded_at": _l("recorded"),
    "refunded_units": _l("units given back"),
    "sent_at": _l("sent"),
    "signed_in_at": _l("last sign-in"),
    "standing_choice": _l("standing choice"),
    "state": _l("state"),
    "stored_at": _l("stored"),
    "taken_by": _l("taken by"),
    "text": _l("text"),
    "text_language": _l("language of the text"),
    "text_version": _l("version of the text"),
    "theme": _l("colours"),
    "tolerance": _l("more, if it fills a box"),
    "topic": _l("about"),
    "undone_at": _l("taken back"),
    "unit_price": _l("price of a unit"),
    "waybill": _l("waybill"),
    "way": _l("shown"),
    "what": _l("what"),
    "word": _l("said"),
    "words": _l("said"),
    "written_at": _l("written"),
}
_CODES: dict[str, dict[str, str]] = {
    "choice": words.CHOICES,
    "standing_choice": words.CHOICES,
    "how": words.HOW,
    "purpose": words.PURPOSES,
    "topic": words.TOPICS,
    "state": {
        **{str(state): text for state, (_kind, _icon, text) in buys.ORDER_STATES.items()},
        **{str(state): text for state, text in words.STATES.items()},
        **words.MESSAGE_STATES,
    },
    "problem": {str(problem): text for problem, text in words.PROBLEMS.items()},
    "claim_problem": {str(problem): text for problem, text in claims.PROBLEMS.items()},
    "claim_state": {str(state): text for state, (_kind, _icon, text) in claims.STATES.items()},
    "consent_basis": {str(basis): text for basis, text in words.CONSENTS.items()},
    "kind": words.PICTURES,
    "gone_reason": {str(reason): text for reason, text in kiosk_words.GONE.items()},
    "method": {
        "counter": _l("at the counter"),
        "api": _l("through a device"),
        **{way.method: text for way, text in kiosk_words.WAYS.items()},
    },
    "way": {str(way): text for way, text in kiosk_words.WAYS.items()},
}


def meaning(name: str, value: Fact) -> str:
    """Return a fact as people read it: a code in words, a time to the minute, anything else as it is kept."""
    if name == "at" or name.endswith("_at"):
        return f"{datetime.fromisoformat(str(value)):%Y-%m-%d %H:%M %Z}"
    if name == "carrier" and value in CARRIERS:
        return CARRIERS[str(value)].short_name(language())
    text = _CODES.get(name, {}).get(str(value))
    return _(text) if text else str(value)
