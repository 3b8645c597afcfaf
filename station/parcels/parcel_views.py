"""One parcel's page: its facts, its story, and everything that can be done with it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.core import names, phones
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.core.idempotency import OK, Body
from station.core.permissions import Permission
from station.events import queries as events
from station.ledger import rules as ledger_rules
from station.notices import queries as notices
from station.parcels import (
    attachments,
    clock_rules,
    clock_words,
    forms,
    hand_over_views,
    handling,
    parcel_queries,
    queries,
    shared_views,
    solving,
    story,
)
from station.parcels.clock_rules import LEVELS, Explanation, StorageLevel
from station.parcels.levels import Clock
from station.parcels.lifecycle import Action, ParcelState, Problem, can
from station.parcels.parcel_queries import Detail
from station.parcels.shared_views import ONE_PARCEL, keep_picture, row_of, uploaded
from station.parcels.station_clock import calendar, limits
from station.residents import queries as residents
from station.residents.queries import Personal
from station.shelves import queries as shelves
from station.web.forms import Form, first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, told

bp = Blueprint("parcel", __name__)
shared_views.install(bp)


@bp.get(ONE_PARCEL)
@needs(Permission.PARCELS_SEE)
def page(parcel_id: int) -> ResponseReturnValue:
    """Show a parcel, masked."""
    return _page(parcel_id)


def _page(parcel_id: int, personal: Personal | None = None) -> str:
    station_id = current_actor().station_id
    with reading():
        clock_now = queries.clock_of(station_id)
        parcel = parcel_queries.detail(station_id, parcel_id)
        found = events.story(station_id, parcel_id)
        consents = parcel_queries.consents_of(station_id, parcel_id)
        keys = [event.actor for event in found] + [said.recorded_by for said in consents]
        keys += [parcel.write_off_by] if parcel.write_off_by else []
        values = {
            "codes": parcel_queries.codes_of(station_id, parcel_id),
            "messages": notices.messages_of(station_id, parcel_id),
            "left": parcel_queries.left_of(station_id, [parcel_id]),
            "names": accounts.names(station_id, keys),
            "rows": shelves.layers(station_id),
            "pictures": attachments.of_parcel(station_id, parcel_id),
            "has_storage_fee": ledger_rules.for_station(station_id).storage_fee_minor > 0,
        }
    return render_template(
        "parcels/parcel.html",
        parcel=parcel,
        personal=personal,
        phone=_phone(personal),
        consents=consents,
        story=[(event, story.tell(event.kind, event.data)) for event in found],
        level=_level(clock_now, parcel),
        deadlines=_deadlines(clock_now, parcel),
        why=clock_words.why,
        forms=_forms(),
        can=lambda action: can(ParcelState(parcel.state), Action(action)),
        **values,
    )


def _phone(personal: Personal | None) -> str:
    phone = phones.parse(personal.phone) if personal else None
    return phone.key if phone else ""


def _level(clock_now: Clock, parcel: Detail) -> StorageLevel | None:
    if parcel.stored_at is None:
        return None
    return clock_now.level(parcel.stored_at, parcel.extended_h, entered=parcel.level)


def _deadlines(clock_now: Clock, parcel: Detail) -> list[Explanation]:
    """Return when each storage level begins and why; nothing for a parcel whose clock does not run."""
    if parcel.stored_at is None or parcel.state != ParcelState.STORED:
        return []
    rules, extension = limits(clock_now.rules, timedelta(hours=parcel.extended_h))
    days = calendar(clock_now.rules)
    return [
        clock_rules.explain(level, parcel.stored_at, rules=rules, calendar=days, extension=extension)
        for level in LEVELS
    ]


def _forms() -> dict[str, Form]:
    return {
        "move": forms.MoveForm(formdata=None),
        "hold": forms.HoldForm(formdata=None),
        "problem": forms.ProblemForm(formdata=None),
        "return": forms.ReturnForm(formdata=None),
        "lost": forms.LostForm(formdata=None),
        "write_off": forms.WriteOffForm(formdata=None),
        "unmask": forms.UnmaskForm(formdata=None),
        "undo": forms.UndoForm(formdata=None),
        "undo_return": forms.UndoReturnForm(formdata=None),
        "found": forms.FoundForm(formdata=None),
        "recipient": forms.RecipientForm(formdata=None),
        "carrier": forms.CarrierForm(formdata=None),
        "consent": forms.ConsentForm(formdata=None),
        "picture": forms.PictureForm(formdata=None),
    }


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that can be done with a parcel: its form, what it does with the form's values, what is said then."""

    form: type[Form]
    act: Callable[[Actor, int, Body], object]
    done: str


def _move(actor: Actor, parcel_id: int, said: Body) -> None:
    solving.move(actor, parcel_id, row_of(actor.station_id, said["row"]).id)


def _find_again(actor: Actor, parcel_id: int, said: Body) -> None:
    handling.find_again(actor, parcel_id, row_of(actor.station_id, said["row"]).id)


def _give_phone(actor: Actor, parcel_id: int, said: Body) -> None:
    phone, typed = phones.parse(said["phone"]), said["name"].strip()
    name = names.clean(typed) if typed else None
    if phone is None:
        raise StationError(
            "bad_input", _("This is not a phone number. Type it like 13812345678 or 17012345678,8462.")
        )
    if typed and name is None:
        raise StationError("bad_input", _("This is not a name. Type letters only, or leave it empty."))
    solving.give_phone(actor, parcel_id, phone, name=name)


DEEDS = {
    "move": Deed(forms.MoveForm, _move, _l("Moved. The recipient gets the new code.")),
    "hold": Deed(
        forms.HoldForm,
        lambda actor, parcel_id, said: handling.hold(actor, parcel_id, reason=said["reason"]),
        _l("On hold: it cannot be handed over until the hold is lifted."),
    ),
    "release": Deed(
        forms.KeyForm,
        lambda actor, parcel_id, said: handling.release_hold(actor, parcel_id),
        _l("The hold is lifted."),
    ),
    "problem": Deed(
        forms.ProblemForm,
        lambda actor, parcel_id, said: handling.mark_problem(actor, parcel_id, Problem(said["problem"])),
        _l("The problem is noted."),
    ),
    "solve": Deed(
        forms.KeyForm,
        lambda actor, parcel_id, said: handling.clear_problem(actor, parcel_id),
        _l("The problem is solved."),
    ),
    "remind": Deed(
        forms.KeyForm,
        lambda actor, parcel_id, said: handling.remind(actor, parcel_id),
        _l("A reminder is on its way."),
    ),
    "return": Deed(
        forms.ReturnForm,
        lambda actor, parcel_id, said: handling.start_return(actor, parcel_id, reason=said["reason"]),
        _l("The return is begun. Give the parcel to the carrier's courier."),
    ),
    "keep": Deed(
        forms.KeyForm,
        lambda actor, parcel_id, said: handling.cancel_return(actor, parcel_id),
        _l("The return is cancelled: it stays on its shelf."),
    ),
    "give-back": Deed(
        forms.KeyForm,
        lambda actor, parcel_id, said: handling.return_to_carrier(actor, parcel_id),
        _l("It is back with its carrier."),
    ),
    "undo-return": Deed(
        forms.UndoReturnForm,
        lambda actor, parcel_id, said: handling.undo_return_to_carrier(
            actor, parcel_id, reason=said["reason"]
        ),
        _l("It is here again, to be given back to its carrier. Put it where its code says."),
    ),
    "withdraw": Deed(
        forms.KeyForm,
        lambda actor, parcel_id, said: handling.withdraw(actor, parcel_id),
        _l("It is not expected any more."),
    ),
    "found": Deed(
        forms.FoundForm,
        _find_again,
        _l("Found again. It has a new code: print its sticker and put it there."),
    ),
    "lost": Deed(
        forms.LostForm,
        lambda actor, parcel_id, said: handling.mark_lost(actor, parcel_id, reason=said["reason"]),
        _l("It is marked as lost. If it turns up, check it in again."),
    ),
    "recipient": Deed(forms.RecipientForm, _give_phone, _l("The recipient is entered.")),
    "carrier": Deed(
        forms.CarrierForm,
        lambda actor, parcel_id, said: solving.choose_carrier(actor, parcel_id, said["carrier"]),
        _l("The carrier is entered."),
    ),
    "consent": Deed(
        forms.ConsentForm,
        lambda actor, parcel_id, said: solving.record_consent(
            actor, parcel_id, choice=said["choice"], how=said["how"]
        ),
        _l("The recipient's word is recorded."),
    ),
}
SOLVES = {"solve", "recipient", "carrier", "consent"}  # deeds that may end a problem
WRITE_OFFS = {
    "ask": Deed(
        forms.WriteOffForm,
        lambda actor, parcel_id, said: handling.ask_write_off(actor, parcel_id, reason=said["reason"]),
        _l("Asked. A colleague has to confirm it."),
    ),
    "confirm": Deed(
        forms.KeyForm,
        lambda actor, parcel_id, said: handling.confirm_write_off(actor, parcel_id),
        _l("It is written off."),
    ),
    "refuse": Deed(
        forms.KeyForm,
        lambda actor, parcel_id, said: handling.refuse_write_off(actor, parcel_id),
        _l("The write-off is refused: the parcel stays."),
    ),
}


@bp.post(f"{ONE_PARCEL}/<deed>")
@needs(Permission.PARCELS_CHANGE)
def change(parcel_id: int, deed: str) -> ResponseReturnValue:
    """Do one of DEEDS."""
    return _do(parcel_id, deed, DEEDS)


@bp.post(f"{ONE_PARCEL}/write-off/<deed>")
@needs(Permission.WRITE_OFF)
def write_off(parcel_id: int, deed: str) -> ResponseReturnValue:
    """Do one of WRITE_OFFS."""
    return _do(parcel_id, deed, WRITE_OFFS)


def _do(parcel_id: int, name: str, deeds: dict[str, Deed]) -> ResponseReturnValue:
    if name not in deeds:
        raise StationError("not_found", _("This cannot be done with a parcel."))
    deed, said = deeds[name], _said(deeds[name].form())

    def act(actor: Actor) -> None:
        deed.act(actor, parcel_id, said)

    done = told(act_once(f"parcel.{name}", {"parcel": str(parcel_id), **said}, act), _(deed.done))
    anchor = "move" if done and name in SOLVES and _is_left_aside(parcel_id) else None
    return redirect(url_for("parcel.page", parcel_id=parcel_id, _anchor=anchor), 303)


def _is_left_aside(parcel_id: int) -> bool:
    """Tell whether a parcel stands on the set-aside shelf without a reason any more, and say what to do."""
    with reading():
        parcel = parcel_queries.detail(current_actor().station_id, parcel_id)
    is_left = bool(parcel.is_set_aside) and parcel.problem is None
    if is_left:
        flash(_("It still stands on the set-aside shelf. Move it to its own now."), "warn")
    return is_left


def _said(form: Any) -> Body:
    """Return a form's values. Raises StationError `bad_input` for one that is not filled in as it should."""
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    return {name: value or "" for name, value in form.data.items() if name not in ("key", "csrf_token")}


@bp.post(f"{ONE_PARCEL}/undo-hand-over")
@needs(Permission.HAND_OVER)
def undo_hand_over(parcel_id: int) -> ResponseReturnValue:
    """Put a parcel back that left by mistake."""
    said = _said(forms.UndoForm())
    answer = hand_over_views.undo_once(parcel_id, said["reason"])
    told(answer, _("Taken back. Put it on %(code)s again.", code=answer.body.get("code", "")))
    return redirect(url_for("parcel.page", parcel_id=parcel_id), 303)


@bp.post(f"{ONE_PARCEL}/pictures")
@needs(Permission.PARCELS_CHANGE)
def add_picture(parcel_id: int) -> ResponseReturnValue:
    """Keep a photo or a signature of a parcel."""
    kind = _said(forms.PictureForm())["kind"]
    answer = keep_picture(parcel_id, kind, uploaded())
    told(answer, _("The picture is kept."))
    return redirect(url_for("parcel.page", parcel_id=parcel_id), 303)


@bp.get(f"{ONE_PARCEL}/pictures/<int:picture_id>")
@needs(Permission.PARCELS_SEE)
def picture(parcel_id: int, picture_id: int) -> ResponseReturnValue:
    """Send one of a parcel's pictures."""
    station_id = current_actor().station_id
    with reading():
        if picture_id not in dict(attachments.of_parcel(station_id, parcel_id)):
            raise StationError("not_found", _("This picture does not exist any more."))
        found = attachments.get(station_id, picture_id)
    return Response(found.content, mimetype=found.media_type)


@bp.post(f"{ONE_PARCEL}/unmask")
@needs(Permission.UNMASK)
def unmask(parcel_id: int) -> ResponseReturnValue:
    """Show name and phone number this once, for a reason that is logged; asked again, the page is masked again."""
    said = _said(forms.UnmaskForm())

    def act(actor: Actor) -> Body:
        return {"recipient": str(story.unmask(actor, parcel_id, reason=said["reason"]))}

    answer = act_once("parcel.unmask", {"parcel": str(parcel_id), **said}, act)
    if answer.status != OK:
        told(answer, "")
    if answer.status != OK or answer.replayed:
        return redirect(url_for("parcel.page", parcel_id=parcel_id), 303)
    with reading():
        personal = residents.personal(current_actor().station_id, int(answer.body["recipient"]))
    return _page(parcel_id, personal)
