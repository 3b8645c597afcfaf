"""What makes a request act once: the key it carries, the answer kept with it, and telling what came of it.

A form carries its key in a hidden field (the macro `once` of templates/_macros.html), a page's own script in a header.
"""

import secrets
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from flask import Blueprint, flash, request

from station.core import idempotency
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import KEY, OK, Answer, Body, Request
from station.web.gate import current_actor

KEY_BYTES = 16  # 128 bits: two forms never carry the same key
TEXT_LIMIT = 400  # characters: longer than any scan, shorter than any novel
NOT_SAID = ("key", "csrf_token")  # fields that say nothing about what is wanted

# The only POST routes that need no key; tests/http/test_every_key.py holds every other one to it.
WITHOUT_KEY = frozenset(
    {
        # These carry a password, and an answer is kept with a hash of what was asked: a password must not be guessed
        # from that. Twice is harmless: one is signed in again, the old password or the empty installation is gone.
        "accounts.sign_in",
        "accounts.change_password",
        "network.setup",
        # These only set a browser's session or a preference to what it then is already, and nobody need be signed in.
        "accounts.sign_out",
        "accounts.change_station",
        "web.preferences",
        # A courier's, as the staff's: a password is carried, or a browser's session is over.
        "couriers.sign_in",
        "couriers.sign_out",
        "couriers.sign_out_everywhere",
        "couriers.change_password",
        "couriers.change_station",
        "courier_entry.type_code",
        "courier_entry.invited",
        "courier_entry.join",
        # A code is asked for or proved: each try must count, and an answer kept would tell who has the code.
        "me.sign_in",
        "me.code",
        "me.sign_out",
        # Its session has ended once it is done, so that a second one is refused.
        "me.sign_out_everywhere",
        # A code that is proved: each try must count, and an answer kept would tell the kiosk's token again.
        "kiosks_api.enrol",
        # A state that is told every few seconds: the newest counts, and its answers would fill the database.
        "kiosk_watch_api.report",
        # It shows a picture once: an answer kept would show it again. A second one finds nothing more.
        "kiosks.show_look",
        # Each of its scans carries a key of its own and is kept with it (station/drops/scans.py).
        "drops_api.scan",
        # A provider tells the same until it is answered; its own number of the notice is the key.
        "payment_callbacks.tell",
        # It reads a picture and writes nothing.
        "labels.look",
        # It carries a password too, and sends a file; twice is logged twice and changes nothing else.
        "export.take",
        # These only ask, by POST so that a phone number never stands in an address.
        "check_in.candidates",
        "group_desk.find",
        "me_tracking.track",
        "carriers.detect",
        "parcels.find",
        "payment_counter.find",
        "people.find",
        "parcels_api.search_parcels",
    }
)


def install(bp: Blueprint) -> None:
    """Give the templates of `bp` what the macro `once` needs."""
    bp.add_app_template_global(new_key)


def new_key() -> str:
    """Return an idempotency key for a form."""
    return secrets.token_hex(KEY_BYTES)


def key_of_request() -> str:
    """Return the key a request carries, a script's in the header or a form's; `idempotency.Request` checks it."""
    return request.headers.get("Idempotency-Key") or request.form.get("key", "")


def act_once(
    operation: str,
    body: Body,
    act: Callable[[Actor], Body | None],
    *,
    actor: Actor | None = None,
    key: str | None = None,
    on_refusal: Callable[[StationError], None] | None = None,
) -> Answer:
    """Do `act` in a transaction of its own unless the request's key was answered before; return the answer.

    `actor` is who acts, if not the member of staff signed in. `key` is made from the request's own by a request that
    acts several times. A key that came before with another body gets a refusal as its answer, in words for somebody
    at a page.
    Raises StationError `idempotency_key_missing`.
    """
    actor, sent = actor or current_actor(), key_of_request()
    if not KEY.fullmatch(sent):
        message = _("This page is too old. Load it again and repeat what you did.")
        raise StationError("idempotency_key_missing", message)
    wanted = Request(actor, operation, key or sent, body)
    try:
        return idempotency.once(wanted, lambda: act(actor) or {}, on_refusal=on_refusal)
    except StationError as error:
        if error.code != "idempotency_key_reused":
            raise
        message = _("This page was sent before with other values; nothing more was changed. Open it again.")
        return Answer(error.status, {"code": error.code, "message": message})


def told(answer: Answer, done: str) -> bool:
    """Flash what came of an act; return whether it was done. Raises StationError for an answer of `not_found`."""
    if answer.status == OK:
        flash(done)
        return True
    if answer.body["code"] == "not_found":
        raise StationError("not_found", answer.body["message"])
    flash(answer.body["message"], "bad")
    return False


def said(form: Any) -> Body:
    """Return what a form that is in order says, as JSON values."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in form.data.items()
        if name not in NOT_SAID
    }


def json_body(*required: str, optional: Iterable[str] = ()) -> dict[str, str]:
    """Return the body as texts. Raises StationError `bad_input` for anything missing, unknown, too long or no text."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not set(required) <= body.keys() <= {*required, *optional}:
        raise StationError("bad_input", _("The request is not understood. Load the page again."))
    if not all(isinstance(value, str) and len(value) <= TEXT_LIMIT for value in body.values()):
        raise StationError("bad_input", _("That is too long for a scan. Scan the parcel again."))
    return body
