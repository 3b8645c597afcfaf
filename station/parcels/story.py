"""The custody log in plain words, one sentence for each kind of event, and looking behind the mask, which is one.

An event holds ids and codes; a sentence says what they mean in the language spoken now; who and when stand beside it.
A test finds every kind that is appended anywhere and asks for its sentence.
"""

from collections.abc import Callable
from typing import Any

from station.carriers.catalogue import CARRIERS
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import language, ngettext
from station.core.i18n import lazy as _l
from station.events.service import Event, append
from station.parcels import parcel_queries, words
from station.parcels.group_stories import GROUP_BUYS
from station.parcels.lifecycle import Problem
from station.parcels.money_stories import MONEY

Data = dict[str, Any]


def tell(kind: str, data: Data) -> str:
    """Return the sentence of an event; a kind of a newer release speaks for itself."""
    sentence = SENTENCES.get(kind)
    return sentence(data) if sentence else kind.replace("_", " ")


def unmask(actor: Actor, parcel_id: int, *, reason: str) -> int:
    """Note that somebody looks at name and phone number, and why; return whose they are: the recipient's id.

    Raises StationError `bad_input` when nobody knows whose the parcel is, `not_found` for an unknown parcel.
    """
    recipient_id = parcel_queries.detail(actor.station_id, parcel_id).recipient_id
    if recipient_id is None:
        raise StationError("bad_input", _("Nobody knows whose parcel this is. Give its phone number first."))
    append(actor, Event("personal_data_shown", parcel_id, {"fields": ["name", "phone"], "reason": reason}))
    return recipient_id


def _not_arrived(data: Data) -> str:
    return _(
        "%(carrier)s announced it for %(day)s; it had not come when that day was over.",
        carrier=_carrier(data.get("carrier")),
        day=data.get("day", "?"),
    )


def _announced(data: Data) -> str:
    return _("%(carrier)s announced it.", carrier=_carrier(data.get("carrier")))


def _checked_in(data: Data) -> str:
    if data.get("problem"):
        return _(
            "Checked in and set aside at %(code)s: %(problem)s.", code=data["code"], problem=_problem(data)
        )
    return _("Checked in at %(code)s.", code=data["code"])


def _withdrawn(data: Data) -> str:
    return _("%(carrier)s took it back before it came.", carrier=_carrier(data.get("carrier")))


def _found_again(data: Data) -> str:
    return _("Found again and put at %(code)s.", code=data["code"])


def _check_in_undone(data: Data) -> str:
    return _("The check-in at %(code)s was undone.", code=data["code"])


def _problem_marked(data: Data) -> str:
    return _("Problem: %(problem)s.", problem=_problem(data))


def _problem_cleared(data: Data) -> str:
    return _("Problem solved: %(problem)s.", problem=_problem(data))


def _carrier_chosen(data: Data) -> str:
    return _("The carrier is %(carrier)s.", carrier=_carrier(data.get("carrier")))


def _held(data: Data) -> str:
    return _("Put on hold: %(reason)s.", reason=words.reason(data.get("reason")))


def _moved(data: Data) -> str:
    return _("Moved from %(before)s to %(code)s.", before=data["from"] or "?", code=data["code"])


def _level_entered(data: Data) -> str:
    return _("Storage time: %(level)s.", level=_(words.LEVELS.get(data["level"]) or str(data["level"])))


def _extended(data: Data) -> str:
    return ngettext(
        "The recipient extended the storage time by %(num)s hour.",
        "The recipient extended the storage time by %(num)s hours.",
        int(data["hours"]),
    )


def _return_started(data: Data) -> str:
    return _("Return to the carrier begun: %(reason)s.", reason=words.reason(data.get("reason")))


def _taken_off_manifest(data: Data) -> str:
    if "reason" in data:
        return _(
            "The courier did not take it back: %(reason)s. It is off the return manifest.",
            reason=words.reason(data["reason"]),
        )
    return _("Taken off the return manifest.")


def _dispute_opened(data: Data) -> str:
    return _(
        "A dispute was opened, with the log attached: %(claim)s.",
        claim=words.dispute_claim(data.get("claim")),
    )


def _dispute_settled(data: Data) -> str:
    if data.get("outcome") == "for_carrier":
        return _("The dispute was settled: it was as the carrier says.")
    return _("The dispute was settled: it was as the manifest says.")


def _returned(data: Data) -> str:
    return _("Given back to %(carrier)s.", carrier=_carrier(data.get("carrier")))


def _return_undone(data: Data) -> str:
    return _(
        "It was not given back after all: %(reason)s. It is at %(code)s again.",
        reason=words.reason(data.get("reason")),
        code=data["code"],
    )


def _unclaimed_entered(data: Data) -> str:
    return _(
        "Entered in the register of the unclaimable: %(reason)s.", reason=words.reason(data.get("reason"))
    )


def _disposed(data: Data) -> str:
    return _("Disposed of as unclaimable: %(reason)s.", reason=words.reason(data.get("reason")))


def _lost(data: Data) -> str:
    return _("Marked as lost: %(reason)s.", reason=words.reason(data.get("reason")))


def _write_off_asked(data: Data) -> str:
    return _("Asked to write it off: %(reason)s.", reason=words.reason(data.get("reason")))


def _drop_stopped(data: Data) -> str:
    return _("A courier scanned it; not taken in: %(stop)s.", stop=words.drop_stop(data.get("stop")))


def _drop_answered(data: Data) -> str:
    return _("The courier asked the recipient: %(choice)s.", choice=words.drop_choice(data.get("choice")))


def _handed_over(data: Data) -> str:
    if str(data.get("method")).startswith("kiosk_"):
        return _collected(data)
    if data.get("taken_by") == "proxy":
        return _("Handed over to somebody collecting for the recipient.")
    return _("Handed over to the recipient.")


def _collected(data: Data) -> str:
    """Say who took it at a kiosk; a moment of its own means that the kiosk had no network and told it later."""
    is_proxy = data.get("taken_by") == "proxy"
    if "at" in data and is_proxy:
        return _(
            "Somebody collecting for the recipient took it at a kiosk without network, which told it later."
        )
    if "at" in data:
        return _("The recipient took it at a kiosk without network, which told it later.")
    if is_proxy:
        return _("Somebody collecting for the recipient took it at a kiosk.")
    return _("The recipient took it at a kiosk.")


def _proxy_given(data: Data) -> str:
    if data.get("for") == "day":
        return _("The recipient lets somebody else collect everything on this day.")
    return _("The recipient lets somebody else collect it.")


def _hand_over_undone(data: Data) -> str:
    return _(
        "The hand-over was taken back: %(reason)s. It is at %(code)s again.",
        reason=words.reason(data.get("reason")),
        code=data["code"],
    )


def _consent_recorded(data: Data) -> str:
    return _(
        "The recipient said %(how)s: %(choice)s.",
        how=_(words.HOW.get(data["how"]) or str(data["how"])),
        choice=_(words.CHOICES.get(data["choice"]) or str(data["choice"])),
    )


def _agreement(text: str) -> Callable[[Data], str]:
    return lambda data: _(text, purpose=_(words.PURPOSES.get(data["purpose"]) or str(data["purpose"])))


def _consent_declared(data: Data) -> str:
    if data.get("declared"):
        return _("The courier declared for a whole batch that the recipients agreed.")
    return _("The courier's declaration for a whole batch was taken back.")


def _message_sent(data: Data) -> str:
    return _("Message sent: %(topic)s.", topic=_topic(data))


def _message_resent(data: Data) -> str:
    return _("A message was sent again by hand: %(topic)s.", topic=_topic(data))


def _message_called(data: Data) -> str:
    return _("Told by phone in place of a message: %(topic)s.", topic=_topic(data))


def _message_failed(data: Data) -> str:
    return _("A message could not be delivered: %(topic)s.", topic=_topic(data))


def _personal_data_shown(data: Data) -> str:
    return _("Name and phone number were looked at: %(reason)s.", reason=words.reason(data.get("reason")))


def _shelf(text: str) -> Callable[[Data], str]:
    return lambda data: _(text, shelf=data["shelf"])


def _row(text: str) -> Callable[[Data], str]:
    return lambda data: _(text, row=data["row"])


def _plain(text: str) -> Callable[[Data], str]:
    return lambda data: _(text)


def _carrier(code: str | None) -> str:
    return CARRIERS[code].name(language()) if code in CARRIERS else _("An unknown carrier")


def _problem(data: Data) -> str:
    code = str(data.get("problem"))
    return _(words.PROBLEMS[Problem(code)]) if code in set(Problem) else code


def _topic(data: Data) -> str:
    return words.topic(str(data.get("topic")))


SENTENCES: dict[str, Callable[[Data], str]] = {
    "announced": _announced,
    "not_arrived": _not_arrived,
    "withdrawn": _withdrawn,
    "checked_in": _checked_in,
    "found_again": _found_again,
    "check_in_undone": _check_in_undone,
    "problem_marked": _problem_marked,
    "problem_cleared": _problem_cleared,
    "recipient_assigned": _plain(_l("The recipient was entered.")),
    "carrier_chosen": _carrier_chosen,
    "consent_recorded": _consent_recorded,
    "consent_declared": _consent_declared,
    "preferences_changed": _plain(_l("Somebody chose how messages reach them.")),
    "agreement_given": _agreement(_l("A separate agreement was given: %(purpose)s.")),
    "agreement_withdrawn": _agreement(_l("A separate agreement was withdrawn: %(purpose)s.")),
    "own_data_exported": _plain(_l("Somebody took all that is kept about them.")),
    "recipient_erased": _plain(_l("What told who a recipient is was erased, because they wished so.")),
    "evidence_erased": _plain(_l("The proof of old hand-overs to people who were erased was erased too.")),
    "recipients_merged": _plain(_l("Two entries of one person were merged.")),
    "recipients_separated": _plain(_l("An entry that was merged stands alone again.")),
    "note_added": _plain(_l("A note on somebody was written.")),
    "note_erased": _plain(_l("A note on somebody was erased.")),
    "held": _held,
    "hold_released": _plain(_l("The hold was lifted.")),
    "moved": _moved,
    "level_entered": _level_entered,
    "extended": _extended,
    "reminder_asked": _plain(_l("A reminder was asked for.")),
    "message_sent": _message_sent,
    "message_failed": _message_failed,
    "message_resent": _message_resent,
    "message_called": _message_called,
    "message_words_changed": _plain(_l("The words of a message were changed.")),
    "messages_erased": _plain(_l("What messages of long ago said was erased.")),
    "handed_over": _handed_over,
    "hand_over_undone": _hand_over_undone,
    "proxy_given": _proxy_given,
    "proxies_erased": _plain(_l("The names of people who collected for others long ago were erased.")),
    "proxy_revoked": _plain(_l("The recipient lets nobody else collect it any more.")),
    "return_started": _return_started,
    "return_cancelled": _plain(_l("The return was cancelled: it stays here.")),
    "returned": _returned,
    "return_undone": _return_undone,
    "put_on_manifest": _plain(_l("Scanned onto a return manifest.")),
    "dispute_opened": _dispute_opened,
    "dispute_answered": _plain(_l("The station answered the dispute.")),
    "dispute_settled": _dispute_settled,
    "dispute_withdrawn": _plain(_l("The dispute was withdrawn.")),
    "taken_off_manifest": _taken_off_manifest,
    "manifest_opened": _plain(_l("A return manifest was opened.")),
    "manifest_signed": _plain(_l("A courier signed a return manifest.")),
    "manifest_cancelled": _plain(_l("A return manifest was given up.")),
    "unclaimed_entered": _unclaimed_entered,
    "unclaimed_removed": _plain(_l("Taken out of the register of the unclaimable.")),
    "disposed": _disposed,
    "lost": _lost,
    "write_off_asked": _write_off_asked,
    "write_off_refused": _plain(_l("The write-off was refused.")),
    "written_off": _plain(_l("Written off, confirmed by a second person.")),
    "personal_data_shown": _personal_data_shown,
    "attachment_added": _plain(_l("A picture was added.")),
    "refused_scans_erased": _plain(_l("What was read in refused scans of long ago was erased.")),
    "station_created": _plain(_l("The station was set up.")),
    "station_exported": _plain(_l("Everything the station keeps was taken along.")),
    "settings_changed": _plain(_l("The settings were changed.")),
    "shelf_added": _shelf(_l("Shelf %(shelf)s was added.")),
    "shelf_changed": _shelf(_l("Shelf %(shelf)s was changed.")),
    "shelf_retired": _shelf(_l("Shelf %(shelf)s was retired.")),
    "shelf_reopened": _shelf(_l("Shelf %(shelf)s is in use again.")),
    "staff_added": _plain(_l("Somebody joined the staff.")),
    "staff_role_changed": _plain(_l("Somebody on the staff got another role.")),
    "staff_renamed": _plain(_l("The name of somebody on the staff was corrected.")),
    "staff_disabled": _plain(_l("Somebody on the staff was disabled.")),
    "staff_enabled": _plain(_l("Somebody on the staff was let in again.")),
    "password_reset": _plain(_l("Somebody on the staff got a one-time password.")),
    "courier_added": _plain(_l("Somebody became a courier.")),
    "courier_invited": _plain(_l("A courier was invited.")),
    "courier_invitation_ended": _plain(_l("A courier's invitation was taken back.")),
    "courier_refused": _plain(_l("Somebody who asked to be a courier was refused.")),
    "courier_let_in": _plain(_l("A courier may come to the station.")),
    "courier_shut_out": _plain(_l("A courier may come to the station no more.")),
    "courier_carriers": _plain(_l("It was said for which carriers a courier comes.")),
    "courier_phone_ended": _plain(_l("A courier was signed out on a phone.")),
    "courier_erased": _plain(_l("A courier's account was erased.")),
    "device_added": _plain(_l("A device was added.")),
    "device_renamed": _plain(_l("A device was renamed.")),
    "device_revoked": _plain(_l("A device's token was revoked.")),
    "device_rotated": _plain(_l("A device got a new token.")),
    "webhook_added": _plain(_l("A carrier is told of its parcels at an address from now on.")),
    "webhook_ended": _plain(_l("A carrier is told nothing more at an address.")),
    "webhook_replayed": _plain(_l("A carrier is told again what happened since a point in the log.")),
    "webhook_resent": _plain(_l("What could not be told to a carrier is tried again.")),
    "release_unfinished": _plain(
        _l("The kiosk restarted before its door opened. Staff were asked whether the parcel left.")
    ),
    "release_finished": _plain(_l("Staff looked: the parcel had left.")),
    "face_enrolled": _plain(_l("Somebody enrolled their face at a kiosk.")),
    "face_deleted": _plain(_l("A kiosk deleted somebody's face.")),
    "kiosk_photos_erased": _plain(_l("Old photos of hand-overs at kiosks were erased.")),
    "kiosk_look_asked": _plain(_l("Somebody asked for a look through a kiosk's camera.")),
    "kiosk_look_shown": _plain(_l("The look through a kiosk's camera was shown.")),
    "kiosk_conflict": _plain(
        _l("A kiosk handed it over while offline, and the books refused it. Staff were called.")
    ),
    "kiosk_conflict_settled": _plain(_l("What became of a kiosk's refused hand-over was written down.")),
    "kiosk_rules_changed": _plain(_l("What the kiosks may do was changed.")),
    "kiosk_code_made": _plain(_l("A code to enrol a kiosk was made.")),
    "kiosk_enrolled": _plain(_l("A kiosk was enrolled.")),
    "drop_opened": _plain(_l("A courier began a drop.")),
    "drop_finished": _plain(_l("A courier finished a drop; the receipt was signed.")),
    "drop_confirmed": _plain(_l("The parcels of a drop were counted.")),
    "drop_stopped": _drop_stopped,
    "drop_answered": _drop_answered,
    "day_opened": _plain(_l("The day was opened.")),
    "day_closed": _plain(_l("The day was closed and signed.")),
    "day_corrected": _plain(_l("A correction was added to a closed day.")),
    "shift_started": _plain(_l("Somebody's shift began.")),
    "shift_ended": _plain(_l("Somebody's shift ended.")),
    "stocktake_opened": _plain(_l("A stocktake was begun.")),
    "stocktake_closed": _plain(_l("A stocktake was closed.")),
    "stocktake_abandoned": _plain(_l("A stocktake was given up.")),
    "stocktake_seen": _row(_l("A stocktake missed it, but it was seen at %(row)s.")),
    "stocktake_put_back": _row(_l("A stocktake found it elsewhere; it was put back to %(row)s.")),
    "stocktake_taken_out": _row(
        _l("A stocktake found it at %(row)s, where it did not belong; it was taken out.")
    ),
    **{kind: _plain(text) for kind, text in (GROUP_BUYS | MONEY).items()},
    "demo_seeded": _plain(_l("The demo data was made.")),
}
