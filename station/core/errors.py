"""Domain refusals as data: one exception, a stable code, and the catalogue that maps a code to an HTTP status."""

from station.core.i18n import lazy as _l

CATALOGUE: dict[str, tuple[int, str]] = {
    # code: (HTTP status, what it means; shown in docs/errors.md)
    "already_checked_in": (409, _l("A parcel with this waybill is already in the station.")),
    "already_handed_over": (409, _l("The parcel has left the station already.")),
    "already_ordered": (409, _l("This person has an order in this group buy already.")),
    "already_registered": (409, _l("The parcel is in the register of the unclaimable already.")),
    "already_set_up": (409, _l("This installation has a station already.")),
    "anchor_invalid": (422, _l("The anchor file cannot be read or its signature does not fit.")),
    "announced_before": (409, _l("This file was imported with the same columns before.")),
    "announcement_ended": (409, _l("The import of this file was begun or ended already.")),
    "answer_expected": (409, _l("No question is open for this batch.")),
    "backup_failed": (503, _l("The backup could not be made.")),
    "backup_invalid": (422, _l("The backup file cannot be used.")),
    "bad_input": (422, _l("A field is missing, too long or not understood.")),
    "bag_unknown": (404, _l("This is no bag of a group buy here.")),
    "balance_low": (409, _l("This costs more than was paid ahead.")),
    "balance_too_small": (409, _l("Not so much is free on the resident’s account.")),
    "batch_closed": (409, _l("The check-in batch is closed.")),
    "campaign_moved_on": (409, _l("The group buy has moved on.")),
    "campaign_open": (409, _l("People rely on this: it cannot change while they order.")),
    "claim_ended": (409, _l("The complaint was answered or withdrawn already.")),
    "claim_late": (409, _l("Nothing more can be complained about here, or not any more.")),
    "claim_open": (409, _l("A complaint about this order waits for its answer.")),
    "clock_wrong": (409, _l("The kiosk's clock cannot have been right.")),
    "consent_known": (409, _l("It is known already what shall become of this parcel.")),
    "courier_sign_in_needed": (401, _l("Sign in as a courier first.")),
    "crate_counted": (409, _l("Somebody counted other numbers in this crate.")),
    "csrf_failed": (400, _l("The page is too old. Load it again and repeat.")),
    "cursor_unknown": (409, _l("The waiting list has begun anew.")),
    "cut_off_ahead": (409, _l("The cut-off has not come yet.")),
    "cut_off_over": (409, _l("Ordering has not begun, or the cut-off is over.")),
    "database_outdated": (503, _l("The database is not ready for this version yet.")),
    "day_closed": (409, _l("The day is closed already.")),
    "day_not_closed": (409, _l("The day is still open.")),
    "different_phones": (409, _l("Entries of different phone numbers are never merged.")),
    "dispute_ended": (409, _l("This cannot be done with the dispute as it stands.")),
    "dispute_stands": (409, _l("There is an open dispute about one of the parcels.")),
    "drop_open": (409, _l("The courier is still scanning.")),
    "drop_over": (409, _l("The drop is over.")),
    "enrol_code_wrong": (422, _l("The kiosk code is wrong, too old or used.")),
    "extension_refused": (409, _l("The storage time of this parcel cannot be extended.")),
    "face_not_agreed": (409, _l("Collecting by face is not agreed to any more.")),
    "failed": (500, _l("Something broke on our side.")),
    "file_unreadable": (422, _l("The file cannot be read as a table.")),
    "forbidden": (403, _l("Your role does not allow this.")),
    "idempotency_key_missing": (400, _l("The request carries no idempotency key.")),
    "idempotency_key_reused": (422, _l("The idempotency key was used before with another body.")),
    "identity_code_expired": (409, _l("The identity code is too old, or a clock is wrong.")),
    "identity_code_invalid": (422, _l("This is not an identity code of this network.")),
    "identity_code_used": (409, _l("The identity code was used already.")),
    "illegal_transition": (409, _l("The parcel is not in a state that allows this.")),
    "is_held": (409, _l("The parcel is on hold.")),
    "journal_key_used": (409, _l("Money was moved under this key before, in another way.")),
    "journal_refused": (422, _l("These movements of money cannot be written down.")),
    "journal_reversed": (409, _l("The journal was reversed already.")),
    "label_differs": (409, _l("The label shows another phone number than was announced.")),
    "label_reader_busy": (503, _l("Too many pictures of labels are being read.")),
    "label_reader_failed": (503, _l("The picture of a label could not be read.")),
    "last_manager": (409, _l("This is the last manager of the station.")),
    "link_over": (410, _l("The link does not work any more.")),
    "login_taken": (409, _l("Somebody has this sign-in name already.")),
    "manifest_blocked": (409, _l("Something has happened to a parcel on the manifest.")),
    "manifest_changed": (
        409,
        _l("Something was put on the return manifest or taken off since it was looked at."),
    ),
    "manifest_empty": (409, _l("Nothing is on the return manifest.")),
    "manifest_ended": (409, _l("The return manifest is signed or cancelled.")),
    "manifest_full": (409, _l("The return manifest is full.")),
    "manifest_not_signed": (409, _l("Nobody signed the return manifest.")),
    "method_not_allowed": (405, _l("This address cannot be used that way.")),
    "money_open": (409, _l("Some money is not settled yet.")),
    "no_fitting_shelf": (409, _l("No shelf is made for a parcel this large.")),
    "no_set_aside_shelf": (409, _l("The station has no set-aside shelf.")),
    "not_found": (404, _l("This does not exist, or not at your station.")),
    "not_going_back": (409, _l("The parcel is not on the return list.")),
    "not_here": (409, _l("The parcel is not on a shelf of the station.")),
    "not_owed": (409, _l("More would be paid out than is owed.")),
    "not_paid": (409, _l("The payment was not paid.")),
    "not_your_parcel": (409, _l("The parcel belongs to someone else.")),
    "not_yourself": (409, _l("Nobody can do this to themselves.")),
    "nothing_counted": (409, _l("No crate was counted yet.")),
    "offer_over": (409, _l("The offer is over.")),
    "on_manifest": (409, _l("The parcel is on a return manifest already.")),
    "order_moved_on": (409, _l("The order cannot be changed any more.")),
    "orders_open": (409, _l("An order in a group buy is not settled yet.")),
    "other_carrier": (409, _l("The parcel belongs to another carrier.")),
    "other_station": (409, _l("The identity code is for another station.")),
    "parcels_waiting": (
        409,
        _l("Parcels of this person are still on their way, here or being searched for."),
    ),
    "password_weak": (422, _l("The password is too short or too common.")),
    "payment_key_used": (409, _l("Another payment was asked for under this key before.")),
    "payment_waiting": (409, _l("Another payment of this person is being waited for at a counter.")),
    "photos_off": (409, _l("The station takes no photos at its kiosks.")),
    "pickup_code_or_tail_wrong": (422, _l("The pickup code and the phone tail do not fit together.")),
    "presence_expired": (409, _l("The station's code is too old.")),
    "presence_unknown": (422, _l("This is not the code of a station.")),
    "proxy_code_wrong": (422, _l("The proxy code is not known at this station.")),
    "proxy_expired": (409, _l("What lets this person collect for another is too old.")),
    "proxy_revoked": (409, _l("The recipient took back what lets this person collect.")),
    "proxy_used": (409, _l("What lets this person collect was used already.")),
    "refund_too_large": (409, _l("Not so much of the payment is left to give back.")),
    "reminder_over": (409, _l("It is too late to ask for a reminder.")),
    "resident_sign_in_needed": (401, _l("Sign in with your phone number first.")),
    "restore_refused": (409, _l("The backup was not restored; nothing was changed.")),
    "row_codes_exhausted": (409, _l("No pickup code of this row may be used again yet.")),
    "scan_a_shelf_first": (409, _l("No shelf is chosen yet.")),
    "second_person_needed": (409, _l("Somebody else has to confirm this.")),
    "session_over": (409, _l("The visit at the kiosk is over.")),
    "settled_already": (409, _l("This period is settled already.")),
    "shelf_full": (409, _l("The row is full.")),
    "shelf_in_use": (409, _l("The shelf still holds parcels.")),
    "shelf_taken": (409, _l("A shelf with this name exists.")),
    "sign_in_code_wrong": (401, _l("The code is not right, or it is too old.")),
    "sign_in_failed": (401, _l("The sign-in name or the password is not right.")),
    "sign_in_needed": (401, _l("Sign in first.")),
    "six_digits_wrong": (422, _l("The phone tail and the six digits do not fit together.")),
    "sold_out": (409, _l("So many are not left.")),
    "stale": (409, _l("Somebody else changed this at the same moment. Load it again.")),
    "stocktake_ended": (409, _l("The stocktake has ended.")),
    "supplier_taken": (409, _l("A supplier with this name exists.")),
    "surplus_gone": (409, _l("Not so many units are left over any more.")),
    "tail_needed": (422, _l("The last 4 digits of the phone number are needed too.")),
    "term_not_over": (409, _l("The parcel must be kept longer.")),
    "too_large": (413, _l("The request is too large.")),
    "too_many_attempts": (429, _l("Too many attempts. Wait and try again.")),
    "too_many_webhooks": (409, _l("The carrier has as many webhooks as it may.")),
    "two_scans_glued": (422, _l("Two scans ran together.")),
    "undo_refused": (409, _l("This can no longer be undone here.")),
    "unknown_code": (422, _l("The scanned code is not one the station knows.")),
    "way_off": (409, _l("This way is switched off at the station.")),
    "waybill_malformed": (422, _l("This is not a waybill number.")),
    "waybill_mismatch": (409, _l("The scanned label is not that parcel's own.")),
    "wrong_storage": (409, _l("This shelf is too warm or too cold for it.")),
}


class StationError(Exception):
    """Refuse a request for a reason the user can act on.

    `code` is one of CATALOGUE; `message` says in the user's language what happened and what to do next;
    `facts` are further values for the page or the JSON body (never personal data).
    """

    def __init__(self, code: str, message: str, **facts: object) -> None:
        if code not in CATALOGUE:
            raise ValueError(f"unknown error code {code}")
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts = facts

    @property
    def status(self) -> int:
        """The HTTP status that belongs to the code."""
        return CATALOGUE[self.code][0]


class CountedError(StationError):
    """A refusal that counts: the transaction it comes out of is committed, and with it the attempt it counted."""
