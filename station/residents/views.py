"""The people page of the staff: who somebody is, what waits for them, and what the station knows of their wishes.

Everything is masked; looking behind the mask needs a reason, which is logged. What is searched for comes by POST, so
that no name and no phone number ever stands in an address.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.carriers.catalogue import CARRIERS
from station.core import phones
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import LANGUAGES, language
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.permissions import Permission
from station.events.service import Event, append
from station.parcels import queries as parcels
from station.parcels import words
from station.residents import forms, merging, notes, people_queries, preferences, queries, service
from station.residents.queries import Personal
from station.web import idempotent
from station.web.forms import Form, first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told

bp = Blueprint("people", __name__)
idempotent.install(bp)
ONE_PERSON = "/people/<int:recipient_id>"


@bp.context_processor
def _names() -> dict[str, Any]:
    return {"words": words, "carrier_name": _carrier_name, "languages": LANGUAGES}


def _carrier_name(code: str | None) -> str:
    return CARRIERS[code].short_name(language()) if code in CARRIERS else _("not known")


@bp.get("/people")
@needs(Permission.PARCELS_SEE)
def page() -> ResponseReturnValue:
    """Show the box, and for whom most parcels wait."""
    with reading():
        busiest = people_queries.busiest(current_actor().station_id)
    return render_template("residents/people.html", people=busiest, text=None)


@bp.post("/people/find")
@needs(Permission.PARCELS_SEE)
def find() -> ResponseReturnValue:
    """Show whom a phone number, its last digits or a name means; somebody alone at once."""
    form = forms.FindForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    text = " ".join((form.text.data or "").split())
    with reading():
        found = people_queries.find(current_actor().station_id, text)
    if len(found) == 1:
        return redirect(url_for("people.person", recipient_id=found[0].id), 303)
    return render_template("residents/people.html", people=found, text=text)


@bp.get(ONE_PERSON)
@needs(Permission.PARCELS_SEE)
def person(recipient_id: int) -> ResponseReturnValue:
    """Show a person, masked; an entry that was merged leads to the one that was kept."""
    with reading():
        kept = service.get(current_actor().station_id, recipient_id)
    if kept.id != recipient_id:
        return redirect(url_for("people.person", recipient_id=kept.id), 303)
    return _person_page(recipient_id)


def _person_page(recipient_id: int, personal: Personal | None = None) -> str:
    station_id = current_actor().station_id
    with reading():
        clock_now = parcels.clock_of(station_id)
        here, left = people_queries.parcels_of(clock_now, recipient_id)
        written = notes.of(station_id, recipient_id)
        values = {
            "who": people_queries.person(station_id, recipient_id),
            "others": people_queries.others_at_phone(station_id, recipient_id),
            "merged": people_queries.merged(station_id, recipient_id),
            "messages": people_queries.messages_to(station_id, recipient_id),
            "wishes": preferences.of(station_id, recipient_id),
            "names": accounts.names(station_id, [note.written_by for note in written]),
        }
    return render_template(
        "residents/person.html",
        here=here,
        left=left,
        notes=written,
        personal=personal,
        goes_back={
            row.id: clock_now.deadlines(row.stored_at, row.extended_h).return_at
            for row in here
            if row.state == "stored"
        },
        forms={
            "unmask": forms.UnmaskForm(formdata=None),
            "note": forms.NoteForm(formdata=None),
            "link": forms.LinkForm(formdata=None),
        },
        **values,
    )


@bp.post(f"{ONE_PERSON}/unmask")
@needs(Permission.UNMASK)
def unmask(recipient_id: int) -> ResponseReturnValue:
    """Show name and phone number this once, for a reason that is logged; asked again, the page is masked again."""
    spoken = _valid(forms.UnmaskForm())

    def act(actor: Actor) -> None:
        service.get(actor.station_id, recipient_id)
        facts = {"recipient": str(recipient_id), "fields": ["name", "phone"], "reason": spoken["reason"]}
        append(actor, Event("personal_data_shown", data=facts))

    answer = act_once("people.unmask", {"person": str(recipient_id), **spoken}, act)
    if answer.status != OK:
        told(answer, "")
    if answer.status != OK or answer.replayed:
        return _back(recipient_id)
    with reading():
        personal = queries.personal(current_actor().station_id, recipient_id)
    return _person_page(recipient_id, personal)


@bp.post(f"{ONE_PERSON}/notes")
@needs(Permission.PARCELS_CHANGE)
def add_note(recipient_id: int) -> ResponseReturnValue:
    """Write a note about a person."""
    spoken = _valid(forms.NoteForm())
    return _do(
        "add_note",
        recipient_id,
        spoken,
        lambda actor: notes.add(actor, recipient_id, spoken["text"]),
        _("The note is kept."),
    )


@bp.post(f"{ONE_PERSON}/notes/<int:note_id>/erase")
@needs(Permission.PARCELS_CHANGE)
def erase_note(recipient_id: int, note_id: int) -> ResponseReturnValue:
    """Erase a note."""
    return _do(
        "erase_note",
        recipient_id,
        {"note": str(note_id)},
        lambda actor: notes.erase(actor, note_id),
        _("The note is erased."),
    )


@bp.post(f"{ONE_PERSON}/merge/<int:other_id>")
@needs(Permission.PARCELS_CHANGE)
def merge(recipient_id: int, other_id: int) -> ResponseReturnValue:
    """Merge another name at the same phone into this person."""
    return _do(
        "merge",
        recipient_id,
        {"other": str(other_id)},
        lambda actor: merging.merge(actor, recipient_id, other_id),
        _("Merged. Both names are this person now."),
    )


@bp.post(f"{ONE_PERSON}/separate/<int:other_id>")
@needs(Permission.PARCELS_CHANGE)
def separate(recipient_id: int, other_id: int) -> ResponseReturnValue:
    """Let a merged entry stand alone again for what comes from now on."""
    return _do(
        "separate",
        recipient_id,
        {"other": str(other_id)},
        lambda actor: merging.separate(actor, recipient_id, other_id),
        _("Separate again for what comes from now on. What had gone over stays here."),
    )


@bp.post(f"{ONE_PERSON}/link")
@needs(Permission.PARCELS_CHANGE)
def link(recipient_id: int) -> ResponseReturnValue:
    """Link a privacy number to this person."""
    spoken = _valid(forms.LinkForm())
    phone = phones.parse(spoken["phone"])
    if phone is None:
        raise StationError(
            "bad_input", _("This is no privacy number. Type number and extension, like 17012345678,8462.")
        )
    return _do(
        "link",
        recipient_id,
        {"phone": service.phone_hash(phone.key).hex()},
        lambda actor: merging.link(actor, recipient_id, phone),
        _("Linked: parcels with this number are this person's."),
    )


def _do(
    name: str, recipient_id: int, body: Body, act: Callable[[Actor], object], done: str
) -> ResponseReturnValue:
    """Do `act` once for the form's key, tell what came of it, and go back to the person."""

    def once(actor: Actor) -> None:
        act(actor)

    told(act_once(f"people.{name}", {"person": str(recipient_id), **body}, once), done)
    return _back(recipient_id)


def _back(recipient_id: int) -> ResponseReturnValue:
    return redirect(url_for("people.person", recipient_id=recipient_id), 303)


def _valid(form: Form) -> Body:
    """Return a form's texts. Raises StationError `bad_input` for one that is not filled in as it should."""
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    return {name: text or "" for name, text in said(form).items()}
