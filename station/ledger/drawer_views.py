"""Counting the drawer: what is typed is written down before the books' sum is shown, then explained and banked.

It is counted by notes and coins, or the sum alone is typed. Whoever counts sees no sum to count towards. A difference
is booked at once; its reason is said on the next page.
"""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.money import CURRENCIES, parse_money, plain_money
from station.core.permissions import Permission
from station.ledger import drawer, queries, rules
from station.ledger.drawer import Count, Moment
from station.ledger.drawer_forms import BankForm, DrawerForm, ExplainForm
from station.ledger.journal_views import PAPERS
from station.ledger.pieces import IN_USE
from station.ledger.views import names_of_templates
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told

bp = Blueprint("drawer", __name__)
idempotent.install(bp)
bp.context_processor(names_of_templates)

ALL = "/money/drawer"
ONE = f"{ALL}/<int:count_id>"
SHOWN = 60  # counts: a month with two or three a day


@bp.get(ALL)
@needs(Permission.CASH)
def page() -> ResponseReturnValue:
    """Ask what is in the drawer, without saying what the books expect, and show the counts before."""
    form = DrawerForm(formdata=None, moment=_wanted(request.args.get("moment", "")))
    return _page(form), 200


def _wanted(text: str) -> str:
    """Return the moment the address asks for, else opening on a day without a count and closing after one."""
    if text in list(Moment):
        return text
    with reading():
        newest = drawer.counts(current_actor().station_id, limit=1)
        day = queries.posting_day(current_actor().station_id)
    return Moment.CLOSE if newest and newest[0].day == day else Moment.OPEN


def _page(form: DrawerForm, refusal: str = "") -> str:
    station_id = current_actor().station_id
    with reading():
        found = drawer.counts(station_id, limit=SHOWN)
        notes = queries.notes_of(station_id, [one.journal_id for one in found if one.journal_id])
        names = accounts.names(station_id, [one.actor for one in found])
        rule = rules.for_station(station_id)
        beginnings = drawer.beginnings(station_id, found)
    lists = {"counts": found, "beginnings": beginnings, "notes": notes, "names": names}
    by_piece = bool(form.pieces.data) or not found or bool(found[0].pieces)  # as it was done the last time
    money = {"kinds": IN_USE[rule.currency], "digits": CURRENCIES[rule.currency].digits, "by_piece": by_piece}
    return render_template("ledger/drawer.html", form=form, refusal=refusal, rule=rule, **lists, **money)


@bp.post(ALL)
@needs(Permission.CASH)
def count() -> ResponseReturnValue:
    """Write down what is in the drawer."""
    form = DrawerForm()
    if not form.validate():
        return _page(form, first_error(form)), 422
    moment = Moment(str(form.moment.data))

    def act(actor: Actor) -> Body:
        currency = rules.for_station(actor.station_id).currency
        counted, by_piece = form.counted(currency)
        made = drawer.count(actor, counted_minor=counted, currency=currency, moment=moment, by_piece=by_piece)
        return {"count": str(made.id)}

    answer = act_once("drawer_count", said(form), act)
    if answer.status != OK:
        return _page(form, str(answer.body["message"])), answer.status
    told(answer, _("The count was written down."))
    return redirect(url_for("drawer.one", count_id=int(answer.body["count"])), 303)


@bp.get(ONE)
@needs(Permission.CASH)
def one(count_id: int) -> ResponseReturnValue:
    """Show a count beside what the books expected, and what is to be done about it."""
    with reading():
        values = _values(count_id)
    found: Count = values["count"]
    proposed = plain_money(max(0, found.counted_minor - values["stays"]), found.currency)
    forms = {"explain": ExplainForm(formdata=None), "bank": BankForm(formdata=None, amount=proposed)}
    return render_template("ledger/count.html", **values, **forms)


def _values(count_id: int) -> dict[str, Any]:
    station_id = current_actor().station_id
    found = drawer.one(station_id, count_id)
    return {
        "count": found,
        "note": queries.note_of(station_id, found.journal_id) if found.journal_id else "",
        "beginnings": drawer.beginnings(station_id, [found]),
        "banked": drawer.banked(station_id, count_id),
        "stays": rules.for_station(station_id).float_minor,
        "names": accounts.names(station_id, [found.actor]),
    }


@bp.post(f"{ONE}/why")
@needs(Permission.CASH)
def explain(count_id: int) -> ResponseReturnValue:
    """Keep why a count differs."""
    form = ExplainForm()
    if not form.validate():
        flash(first_error(form), "bad")
        return redirect(url_for("drawer.one", count_id=count_id), 303)
    body = {"count": count_id, **said(form)}
    answer = act_once(
        "drawer_why", body, lambda actor: drawer.explain(actor, count_id, str(form.reason.data))
    )
    told(answer, _("The reason was written down."))
    return redirect(url_for("drawer.one", count_id=count_id), 303)


@bp.post(f"{ONE}/bank")
@needs(Permission.CASH)
def bank(count_id: int) -> ResponseReturnValue:
    """Take a part of what was counted to the bank."""
    form = BankForm()
    if not form.validate():
        flash(first_error(form), "bad")
        return redirect(url_for("drawer.one", count_id=count_id), 303)

    def act(actor: Actor) -> Body:
        currency = drawer.one(actor.station_id, count_id).currency
        return {"journal": str(drawer.bank(actor, count_id, parse_money(str(form.amount.data), currency)))}

    answer = act_once("drawer_bank", {"count": count_id, **said(form)}, act)
    told(answer, _("Written down. Print the paper and put it with the money."))
    return redirect(url_for("drawer.one", count_id=count_id), 303)


@bp.get(f"{ONE}/paper")
@needs(Permission.CASH)
def paper(count_id: int) -> ResponseReturnValue:
    """Show the paper of a count, ready to print and sign."""
    size = request.args.get("paper", "roll")
    if size not in PAPERS:
        raise StationError("bad_input", _("There is no such paper."))
    with reading():
        values = _values(count_id)
    return render_template("ledger/count_paper.html", paper=size, papers=PAPERS, **values)
