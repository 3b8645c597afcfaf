"""The page that moves the station's own money from one of its accounts to another."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs are of 3.2

from station.core.actor import Actor
from station.core.db import reading
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.money import parse_money
from station.core.permissions import Permission
from station.ledger import asked, moving, queries, rules, whose
from station.ledger.chart import AccountRef
from station.ledger.forms import MoveForm
from station.ledger.moving import Wish
from station.ledger.views import names_of_templates
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, key_of_request, said, told

bp = Blueprint("money_moves", __name__)
idempotent.install(bp)
bp.context_processor(names_of_templates)


@bp.get("/money/move")
@needs(Permission.MONEY_CHANGE)
def page() -> ResponseReturnValue:
    """Show what stands on the station's own accounts, and the form that moves it."""
    station_id = current_actor().station_id
    with reading():
        currency = rules.for_station(station_id).currency
        sources = moving.sources(station_id)
        called = whose.names(station_id, sources)
        balances = [(called[ref], queries.balance(station_id, ref, currency)) for ref in sources[:-1]]
    form = MoveForm(target=_text(moving.BANK))
    form.source.choices = [SelectChoice(_text(ref), called[ref]) for ref in sources]
    form.target.choices = [SelectChoice(_text(ref), called[ref]) for ref in moving.PLAIN]
    return render_template("ledger/move.html", form=form, balances=balances, currency=currency)


def _text(ref: AccountRef) -> str:
    return f"{ref.kind}:{ref.owner}"


def _account(text: str) -> AccountRef:
    kind, _colon, owner = text.partition(":")
    return asked.account(kind, owner)


@bp.post("/money/move")
@needs(Permission.MONEY_CHANGE)
def move() -> ResponseReturnValue:
    """Move money."""
    form, back = MoveForm(), redirect(url_for("money_moves.page"), 303)
    if not form.validate():
        flash(first_error(form), "bad")
        return back
    key = key_of_request()[:72]

    def act(actor: Actor) -> Body:
        amount = parse_money(str(form.amount.data), rules.for_station(actor.station_id).currency)
        source, target = (_account(str(field.data)) for field in (form.source, form.target))
        made = moving.move(actor, Wish(source, target, amount, str(form.reason.data)), key=key)
        return {"journal": str(made)}

    answer = act_once("money_move", said(form), act)
    if told(answer, _("The money was moved.")) and answer.status == OK:
        return redirect(url_for("journals.one", journal_id=int(answer.body["journal"])), 303)
    return back
