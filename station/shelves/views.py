"""Pages of the shelves: how full they are, adding and changing them, and the cards to print."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.permissions import Permission
from station.shelves import queries, service
from station.shelves.cards import LABELS, Command, QrDrawing, ShelfCard, draw
from station.shelves.forms import AddShelfForm, shelf_form
from station.shelves.placing import SIZES, SizeClass
from station.shelves.storage import NAMES, Storage
from station.web import idempotent
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told

bp = Blueprint("shelves", __name__)
idempotent.install(bp)
ONE_SHELF = "/shelves/<int:shelf_id>"


@dataclass(frozen=True, slots=True)
class Card:
    """A card to print: its code, what stands on it large, the words below, and how cold it is there if it is."""

    drawing: QrDrawing
    title: str
    words: str
    storage: str = Storage.ROOM


@bp.app_template_filter("size_name")
def size_name(size_class: SizeClass) -> str:
    """Return a size class in words."""
    return _(SIZES[size_class])


@bp.app_template_filter("storage_name")
def storage_name(storage: str) -> str:
    """Return how cold it is in words."""
    return _(NAMES[Storage(storage)])


@bp.get("/shelves")
@needs(Permission.SHELVES_PRINT)
def shelves() -> ResponseReturnValue:
    """List the shelves and how full they are."""
    with reading():
        found = queries.shelves(current_actor().station_id)
    return render_template("shelves/shelves.html", shelves=found)


@bp.route("/shelves/add", methods=["GET", "POST"])
@needs(Permission.SETTINGS)
def add() -> ResponseReturnValue:
    """Add a shelf."""
    form, refusal, status = AddShelfForm(), "", 200
    if form.validate_on_submit():
        values = said(form)

        def act(actor: Actor) -> None:
            _add(actor, dict(values))

        answer = act_once("shelves.add", values, act)
        if answer.status == OK:
            flash(_("Shelf %(code)s was added. Print its cards.", code=values["code"]))
            return redirect(url_for("shelves.shelves"), 303)
        refusal, status = answer.body["message"], answer.status
    elif form.is_submitted():
        status = 422
    return render_template("shelves/add.html", form=form, refusal=refusal), status


def _add(actor: Actor, values: dict[str, Any]) -> None:
    storage, is_set_aside = Storage(values.pop("storage")), values.pop("is_set_aside")
    if storage is Storage.ROOM:
        service.add_shelf(actor, **values, is_set_aside=is_set_aside)
    else:
        service.add_cold_shelf(actor, **values, storage=storage)


@bp.route(ONE_SHELF, methods=["GET", "POST"])
@needs(Permission.SETTINGS)
def shelf(shelf_id: int) -> ResponseReturnValue:
    """Show and change what a shelf holds."""
    with reading():
        found = queries.shelf(current_actor().station_id, shelf_id)
    form, status = shelf_form(found), 200
    if form.validate_on_submit():
        sizes, is_set_aside = form.sizes(), bool(form.is_set_aside.data)
        storage = Storage(form.storage.data)

        def act(actor: Actor) -> Body:
            changed = service.change_shelf(
                actor, shelf_id, layers=sizes, is_set_aside=is_set_aside, storage=storage
            )
            return {"changed": changed}

        answer = act_once("shelves.change", {"shelf": str(shelf_id), **said(form)}, act)
        told(answer, _("Saved.") if answer.body.get("changed") else _("Nothing was changed."))
        return redirect(url_for("shelves.shelf", shelf_id=shelf_id), 303)
    if form.is_submitted():
        status = 422
    return render_template("shelves/shelf.html", shelf=found, form=form), status


@bp.post(f"{ONE_SHELF}/retire")
@needs(Permission.SETTINGS)
def retire(shelf_id: int) -> ResponseReturnValue:
    """Take a shelf out of use; one that holds parcels stays."""

    def act(actor: Actor) -> None:
        service.retire_shelf(actor, shelf_id)

    answer = act_once("shelves.retire", {"shelf": str(shelf_id)}, act)
    if told(answer, _("The shelf is out of use. Take its cards down.")):
        return redirect(url_for("shelves.shelves"), 303)
    return redirect(url_for("shelves.shelf", shelf_id=shelf_id), 303)


@bp.post(f"{ONE_SHELF}/reopen")
@needs(Permission.SETTINGS)
def reopen(shelf_id: int) -> ResponseReturnValue:
    """Bring a retired shelf back into use."""

    def act(actor: Actor) -> None:
        service.reopen_shelf(actor, shelf_id)

    answer = act_once("shelves.reopen", {"shelf": str(shelf_id)}, act)
    told(answer, _("The shelf is in use again."))
    return redirect(url_for("shelves.shelf", shelf_id=shelf_id), 303)


@bp.get("/shelves/cards")
@needs(Permission.SHELVES_PRINT)
def cards() -> ResponseReturnValue:
    """Print the cards of all shelves in use, or of the one that `shelf` names by its code."""
    with reading():
        layers = queries.layers(current_actor().station_id)
    wanted = request.args.get("shelf", "")
    printed = [_shelf_card(layer) for layer in layers if wanted in ("", layer.shelf_code)]
    if not printed:
        raise StationError("not_found", _("There is no shelf in use to print cards for."))
    return _print_page(_("Shelf cards"), "shelf", printed)


def _shelf_card(layer: queries.LayerFacts) -> Card:
    words = _("Shelf %(shelf)s, layer %(layer)s", shelf=layer.shelf_code, layer=layer.number)
    return Card(draw(ShelfCard(layer.shelf_code, layer.number).text), layer.tag, words, layer.storage)


@bp.get("/shelves/commands")
@needs(Permission.SHELVES_PRINT)
def commands() -> ResponseReturnValue:
    """Print the command cards for the counter."""
    printed = [
        Card(draw(command.text), _(LABELS[command]) if command in LABELS else command.value, command.text)
        for command in Command
    ]
    return _print_page(_("Command cards"), "command", printed)


def _print_page(title: str, kind: str, printed: list[Card]) -> str:
    return render_template("shelves/cards.html", title=title, kind=kind, cards=printed)
