"""The Money page: what came in today, when the drawer was counted, and days that are closed."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.ledger import chart, closes, drawer, queries, rules, takings, whose
from station.ledger.drawer import Moment
from station.ledger.forms import CloseForm
from station.ledger.words import ABOUT, MOMENTS
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told

bp = Blueprint("ledger", __name__)
idempotent.install(bp)

NEWEST = 8  # journals, counts and closes on the Money page: what fits beside the takings


def names_of_templates() -> dict[str, Any]:
    """Return the names that the templates of this room use."""
    return {
        "about_labels": ABOUT,
        "chart": chart.CHART,
        "journal_labels": chart.JOURNAL_LABELS,
        "moments": MOMENTS,
    }


bp.context_processor(names_of_templates)


@bp.get("/money")
@needs(Permission.CASH)
def page() -> ResponseReturnValue:
    """Show today's takings, the drawer and the newest journals."""
    with reading():
        values = _values(current_actor())
    return render_template("ledger/page.html", **values)


def _values(actor: Actor) -> dict[str, Any]:
    station_id = actor.station_id
    day, currency = queries.posting_day(station_id), rules.for_station(station_id).currency
    journals = queries.read_journals(station_id, limit=NEWEST) if actor.may(Permission.MONEY_SEE) else []
    counts, closed = drawer.counts(station_id, limit=NEWEST), closes.recent(station_id, limit=NEWEST)
    used = takings.takings(station_id, day)
    keys = [one.actor for one in journals] + [one.actor for one in counts] + [one.closed_by for one in closed]
    return {
        "day": day,
        "today": queries.local_today(station_id),
        "currency": currency,
        "takings": used,
        "journals": journals,
        "counts": counts,
        "beginnings": drawer.beginnings(station_id, counts),
        "closes": closed,
        "names": accounts.names(station_id, keys),
        "accounts": whose.names(station_id, [one.way for one in used]),
        "is_counted": any(one.day == day and one.moment is Moment.CLOSE for one in counts),
    }


@bp.post("/money/days/close")
@needs(Permission.MONEY_CHANGE)
def close_day() -> ResponseReturnValue:
    """Close a day of the books."""
    form = CloseForm()
    if not form.validate() or form.day.data is None:
        flash(first_error(form), "bad")
        return redirect(url_for("ledger.page"), 303)
    day = form.day.data

    def act(actor: Actor) -> None:
        closes.close_day(actor, day)

    if told(act_once("ledger_close", said(form), act), _("The day's money is closed.")):
        return redirect(url_for("ledger.closed_day", text=day.isoformat()), 303)
    return redirect(url_for("ledger.page"), 303)


@bp.get("/money/days/<text>")
@needs(Permission.MONEY_SEE)
def closed_day(text: str) -> ResponseReturnValue:
    """Show a closed day: its trial balance as it was written down."""
    with reading():
        found = closes.closed(current_actor().station_id, _day(text))
        if found is None:
            raise StationError("not_found", _("This day is not closed."))
        names = accounts.names(current_actor().station_id, [found.closed_by])
    return render_template("ledger/day.html", close=found, names=names)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise StationError("not_found", _("This day is not closed.")) from error
