"""What a station decides about its money: the currency it works in, and what storage costs."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.core.actor import Actor
from station.core.db import reading
from station.core.i18n import gettext as _
from station.core.money import parse_money, plain_money
from station.core.permissions import Permission
from station.ledger import rules
from station.ledger.forms import RulesForm
from station.ledger.rules import LedgerRules
from station.web import idempotent
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told

bp = Blueprint("money_settings", __name__)
idempotent.install(bp)


@bp.get("/settings/money")
@needs(Permission.SETTINGS)
def page() -> ResponseReturnValue:
    """Show what the station decided about its money."""
    with reading():
        known = rules.for_station(current_actor().station_id)
    fee = plain_money(known.storage_fee_minor, known.currency)
    change = plain_money(known.float_minor, known.currency)
    form = RulesForm(currency=known.currency, fee=fee, free_days=known.storage_free_days, stays=change)
    return render_template("ledger/settings.html", form=form)


@bp.post("/settings/money")
@needs(Permission.SETTINGS)
def change() -> ResponseReturnValue:
    """Change what the station decided about its money."""
    form = RulesForm()
    if not form.validate():
        return render_template("ledger/settings.html", form=form), 422

    def act(actor: Actor) -> None:
        currency = str(form.currency.data)
        fee = parse_money(str(form.fee.data), currency)
        stays = parse_money(str(form.stays.data), currency)
        rules.change(actor, LedgerRules(currency, fee, int(form.free_days.data or 0), stays))

    told(act_once("money_settings", said(form), act), _("Saved."))
    return redirect(url_for("money_settings.page"), 303)
