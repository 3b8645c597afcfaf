"""Pages of the register of the unclaimable: the list, a parcel's entry, and its disposal by two people."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.core import clock
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.core.idempotency import OK, Body
from station.core.permissions import Permission
from station.events import queries as events
from station.events.service import Refusal, keep_refused_scan
from station.network import queries as network
from station.notices import queries as notices
from station.parcels import story
from station.returns import register_queries, unclaimed
from station.returns.forms import DisposeForm, EnterForm, KeyForm
from station.returns.register_queries import Stage
from station.returns.views import filled, names_of_templates
from station.web import idempotent
from station.web.forms import Form
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told
from station.web.paging import cursor

bp = Blueprint("unclaimed", __name__)
idempotent.install(bp)
bp.context_processor(names_of_templates)

PURPOSE = "unclaimed"  # of refused scans
ONE = "/returns/unclaimed/<int:entry_id>"
STAGES = {
    Stage.KEPT: ("info", "clock", _l("Kept until its term is over")),
    Stage.DUE: ("warn", "alert-triangle", _l("May be disposed of")),
    Stage.PROPOSED: ("warn", "user", _l("Waits for a second person")),
    Stage.DISPOSED: ("ok", "circle-check", _l("Disposed of")),
    Stage.GONE: ("", "package-export", _l("Not here any more")),
    Stage.REMOVED: ("", "x", _l("Taken out of the register")),
}


@bp.get("/returns/unclaimed")
@needs(Permission.PARCELS_SEE)
def page() -> ResponseReturnValue:
    """Show the register, newest entries first."""
    station_id = current_actor().station_id
    with reading():
        entries = register_queries.entries(station_id, before=cursor(request.args.get("before", "")))
        term_days = network.rules(station_id).unclaimed_days
    now = clock.now()
    return render_template(
        "returns/unclaimed.html",
        entries=[(one, STAGES[one.stage(now)]) for one in entries],
        form=EnterForm(formdata=None),
        term_days=term_days,
        page_size=register_queries.PAGE,
    )


@bp.post("/returns/unclaimed")
@needs(Permission.PARCELS_CHANGE)
def enter() -> ResponseReturnValue:
    """Enter a parcel into the register."""
    form = filled(EnterForm())
    raw, reason = str(form.waybill.data), str(form.reason.data)

    def act(actor: Actor) -> Body:
        return {"entry": str(unclaimed.enter(actor, raw, reason=reason))}

    def keep(error: StationError) -> None:
        keep_refused_scan(current_actor(), Refusal(PURPOSE, error.code, raw))

    answer = act_once("unclaimed.enter", said(form), act, on_refusal=keep)
    told(answer, _("It is in the register. Mark it and keep it apart from the others."))
    if answer.status != OK:
        return redirect(url_for("unclaimed.page"), 303)
    return redirect(url_for("unclaimed.entry", entry_id=int(answer.body["entry"])), 303)


@bp.get(ONE)
@needs(Permission.PARCELS_SEE)
def entry(entry_id: int) -> ResponseReturnValue:
    """Show an entry: its term, its notices, its whole story; made to be printed as its record."""
    station_id = current_actor().station_id
    with reading():
        found = register_queries.entry(station_id, entry_id)
        happened = events.story(station_id, found.parcel_id)
        messages = notices.messages_of(station_id, found.parcel_id)
        keys = [found.entered_by, *(event.actor for event in happened)]
        keys += [key for key in (found.removed_by, found.write_off_by) if key]
        names = accounts.names(station_id, keys)
    stage = found.stage(clock.now())
    return render_template(
        "returns/entry.html",
        entry=found,
        stage=stage,
        pill_of=STAGES[stage],
        story=[(event, story.tell(event.kind, event.data)) for event in happened],
        messages=messages,
        names=names,
        form=DisposeForm(formdata=None),
    )


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that can be done with an entry: its form, what it does, what is said then."""

    form: type[Form]
    act: Callable[[Actor, int, Body], object]
    done: str


DEEDS = {
    "remove": Deed(
        KeyForm,
        lambda actor, entry_id, said: unclaimed.remove(actor, entry_id),
        _l("It is out of the register, and still on the return list."),
    ),
}
DISPOSALS = {
    "propose": Deed(
        DisposeForm,
        lambda actor, entry_id, said: unclaimed.propose(actor, entry_id, done=said["done"]),
        _l("Proposed. A colleague has to confirm it."),
    ),
    "confirm": Deed(
        KeyForm,
        lambda actor, entry_id, said: unclaimed.confirm(actor, entry_id),
        _l("It is disposed of, and stays in the register."),
    ),
    "refuse": Deed(
        KeyForm,
        lambda actor, entry_id, said: unclaimed.refuse(actor, entry_id),
        _l("The disposal is refused: the parcel stays."),
    ),
}


@bp.post(f"{ONE}/<deed>")
@needs(Permission.PARCELS_CHANGE)
def change(entry_id: int, deed: str) -> ResponseReturnValue:
    """Do one of DEEDS."""
    return _do(entry_id, deed, DEEDS)


@bp.post(f"{ONE}/disposal/<deed>")
@needs(Permission.WRITE_OFF)
def disposal(entry_id: int, deed: str) -> ResponseReturnValue:
    """Do one of DISPOSALS."""
    return _do(entry_id, deed, DISPOSALS)


def _do(entry_id: int, name: str, deeds: dict[str, Deed]) -> ResponseReturnValue:
    if name not in deeds:
        raise StationError("not_found", _("This cannot be done with an entry of the register."))
    deed = deeds[name]
    values: dict[str, Any] = said(filled(deed.form()))

    def act(actor: Actor) -> None:
        deed.act(actor, entry_id, values)

    told(act_once(f"unclaimed.{name}", {"entry": str(entry_id), **values}, act), _(deed.done))
    return redirect(url_for("unclaimed.entry", entry_id=entry_id), 303)
