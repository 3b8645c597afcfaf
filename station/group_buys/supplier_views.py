"""Pages of suppliers: who delivers, and how an order reaches them."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import Body
from station.core.permissions import Permission
from station.group_buys import suppliers
from station.group_buys.forms import SupplierForm
from station.group_buys.suppliers import Details
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told

bp = Blueprint("suppliers", __name__)
idempotent.install(bp)
ONE = "/group-buys/suppliers/<int:supplier_id>"
DEEDS: dict[str, Callable[[Actor, int], None]] = {"retire": suppliers.retire, "reopen": suppliers.reopen}


@bp.get("/group-buys/suppliers")
@needs(Permission.GROUP_BUYS)
def page() -> ResponseReturnValue:
    """Show the suppliers, and a form for another."""
    with reading():
        known = suppliers.all_of(current_actor().station_id)
    return render_template("group_buys/suppliers.html", suppliers=known, form=SupplierForm(formdata=None))


@bp.post("/group-buys/suppliers")
@needs(Permission.GROUP_BUYS)
def add() -> ResponseReturnValue:
    """Add a supplier."""
    form = _filled()

    def act(actor: Actor) -> Body:
        return {"supplier": str(suppliers.add(actor, form.details()))}

    told(act_once("suppliers.add", said(form), act), _("The supplier is added."))
    return redirect(url_for("suppliers.page"), 303)


@bp.get(ONE)
@needs(Permission.GROUP_BUYS)
def one(supplier_id: int) -> ResponseReturnValue:
    """Show a supplier's form."""
    with reading():
        known = suppliers.get(current_actor().station_id, supplier_id)
    shown = Details(known.name, known.phone or "", known.email or "", known.language)
    return render_template(
        "group_buys/supplier.html", known=known, form=SupplierForm(formdata=None, obj=shown)
    )


@bp.post(ONE)
@needs(Permission.GROUP_BUYS)
def change(supplier_id: int) -> ResponseReturnValue:
    """Change what is known of a supplier."""
    form = _filled()
    body = said(form) | {"supplier": str(supplier_id)}
    answer = act_once(
        "suppliers.change", body, lambda actor: suppliers.change(actor, supplier_id, form.details())
    )
    told(answer, _("Saved."))
    return redirect(url_for("suppliers.one", supplier_id=supplier_id), 303)


@bp.post(f"{ONE}/<deed>")
@needs(Permission.GROUP_BUYS)
def decide(supplier_id: int, deed: str) -> ResponseReturnValue:
    """Retire a supplier, or take them back."""
    if deed not in DEEDS:
        raise StationError("not_found", _("This page does not exist."))
    body = {"supplier": str(supplier_id), "deed": deed}
    answer = act_once("suppliers.decide", body, lambda actor: DEEDS[deed](actor, supplier_id))
    told(answer, _("Saved."))
    return redirect(url_for("suppliers.one", supplier_id=supplier_id), 303)


def _filled() -> SupplierForm:
    form = SupplierForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    return form
