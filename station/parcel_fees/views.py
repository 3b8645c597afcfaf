"""The page of parcel fees: what each carrier pays for a parcel."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.carriers.catalogue import COMPANIES
from station.core.actor import Actor
from station.core.db import reading
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.core.idempotency import OK
from station.core.money import parse_money
from station.core.permissions import Permission
from station.ledger import queries as ledger
from station.ledger import rules
from station.parcel_fees import queries, service
from station.parcel_fees.forms import FeeForm
from station.parcel_fees.service import Wish
from station.parcel_fees.terms import EARNED, Earned
from station.web import idempotent
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told

bp = Blueprint("parcel_fees", __name__)
idempotent.install(bp)


@bp.get("/settings/parcel-fees")
@needs(Permission.SETTINGS)
def page() -> ResponseReturnValue:
    """Show what each carrier pays for a parcel, with the form that changes it."""
    with reading():
        today = ledger.local_today(current_actor().station_id)
    return _page(FeeForm(first_day=today))


def _page(form: FeeForm, refusal: str = "") -> str:
    station_id = current_actor().station_id
    with reading():
        today = ledger.local_today(station_id)
        shown = queries.standing(station_id, today)
    days = (today - service.LATEST_SET, today + service.EARLIEST_SET)
    values = {"terms": shown, "today": today, "days": days, "refusal": refusal}
    names = {code: facts.name(language()) for code, facts in COMPANIES.items()}
    return render_template("parcel_fees/page.html", form=form, earned=EARNED, names=names, **values)


@bp.post("/settings/parcel-fees")
@needs(Permission.SETTINGS)
def change() -> ResponseReturnValue:
    """Set what a carrier pays for a parcel."""
    form = FeeForm()
    first_day = form.first_day.data
    if not form.validate() or first_day is None:
        return _page(form), 422

    def act(actor: Actor) -> None:
        fee = parse_money(str(form.fee.data), rules.for_station(actor.station_id).currency)
        service.set_fee(actor, Wish(form.carrier.data, first_day, fee, Earned(form.earned_by.data)))

    answer = act_once("parcel_fees", said(form), act)
    if answer.status != OK:
        return _page(form, refusal=answer.body["message"]), answer.status
    told(answer, _("Saved."))
    return redirect(url_for("parcel_fees.page"), 303)
