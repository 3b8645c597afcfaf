"""The carriers' reference page for staff, with a box that says whose a number may be."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from station.carriers.catalogue import CARRIERS, REASONS
from station.carriers.detection import LONGEST, canonical_waybill
from station.carriers.examples import everyone
from station.carriers.forms import NumberForm
from station.carriers.lookup import candidates
from station.core.permissions import Permission
from station.web.gate import needs

bp = Blueprint("carriers", __name__, url_prefix="/settings/carriers")


@bp.get("")
@needs(Permission.PARCELS_SEE)
def page() -> ResponseReturnValue:
    """Show the carriers, their service phones, labels and forms of numbers."""
    return _page(NumberForm(formdata=None))


@bp.post("")
@needs(Permission.PARCELS_SEE)
def detect() -> ResponseReturnValue:
    """Say which carriers a number may belong to; nothing is kept of it."""
    form = NumberForm()
    if not form.validate():
        return _page(form), 422
    return _page(form, asked=form.number.data or "")


def _page(form: NumberForm, asked: str = "") -> str:
    return render_template(
        "carriers/page.html",
        form=form,
        asked=asked,
        read=canonical_waybill(asked),
        candidates=candidates(asked, form.carrier.data or None) if asked else (),
        carriers=CARRIERS,
        reasons=REASONS,
        forms=dict(everyone()),
        longest=LONGEST,
    )
