"""Pages of drops: the code on the counter's screen, the day's drops with the count, and the receipt on paper."""

import json
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.core import clock
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.drops import presence, queries, receipts, service, words
from station.drops.forms import CountForm
from station.drops.queries import DropFacts
from station.network import queries as network
from station.shelves import cards
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, current_courier, needs
from station.web.idempotent import act_once, told

bp = Blueprint("drops", __name__)
idempotent.install(bp)

ONE = "/drops/<int:drop_id>"


@bp.context_processor
def _names() -> dict[str, Any]:
    return {"words": words}


@bp.get("/drops")
@needs(Permission.PARCELS_SEE)
def page() -> ResponseReturnValue:
    """Show the drops of today, and those that nobody has counted yet."""
    station_id = current_actor().station_id
    with reading():
        found = queries.of_today(station_id)
        counts = queries.counts_of(station_id, found)
        names = _people(found)
    return render_template("drops/page.html", drops=found, counts=counts, names=names, now=clock.now())


@bp.get("/drops/presence")
@needs(Permission.CHECK_IN)
def presence_page() -> ResponseReturnValue:
    """Show the station's code large, for couriers to scan."""
    return render_template("drops/presence.html", **_code())


@bp.get("/drops/presence/code")
@needs(Permission.CHECK_IN)
def presence_code() -> ResponseReturnValue:
    """Return the code that counts now, as the page fetches it again and again."""
    return render_template("drops/_code.html", **_code())


def _code() -> dict[str, Any]:
    now = clock.now()
    code = presence.code(current_actor().station_id, now)
    return {"drawing": cards.draw(code), "code": code, "left_s": presence.left_s(now)}


@bp.get(ONE)
@needs(Permission.PARCELS_SEE)
def show(drop_id: int) -> ResponseReturnValue:
    """Show a drop: its counts, what was not taken in, its receipt and the form for the count."""
    return _shown(drop_id, CountForm())


def _shown(drop_id: int, form: CountForm) -> str:
    station_id = current_actor().station_id
    with reading():
        drop = queries.get(station_id, drop_id)
        counts = queries.counts(station_id, drop.id)
        others = receipts.not_taken(drop)
        names = _people([drop])
    return render_template(
        "drops/show.html",
        drop=drop,
        counts=counts,
        others=others,
        names=names,
        form=form,
        is_genuine=receipts.is_genuine(drop),
        may_count=service.may_count(drop),
    )


@bp.post(f"{ONE}/count")
@needs(Permission.CHECK_IN)
def count(drop_id: int) -> ResponseReturnValue:
    """Note how many parcels the clerk counted."""
    form = CountForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    counted = int(form.count.data or 0)

    def act(actor: Actor) -> None:
        service.confirm(actor, drop_id, counted)

    body = {"drop": str(drop_id), "count": counted}
    told(act_once("drops.count", body, act), _("The count is kept with the drop."))
    return redirect(url_for("drops.show", drop_id=drop_id), 303)


@bp.get(f"{ONE}/receipt")
@needs(Permission.PARCELS_SEE)
def receipt(drop_id: int) -> ResponseReturnValue:
    """Show a drop's receipt, ready to print."""
    with reading():
        drop = queries.get(current_actor().station_id, drop_id)
        names = _people([drop])
        station = network.station(drop.station_id)
    back = url_for("drops.show", drop_id=drop_id)
    return _receipt(drop, courier=names.get(f"courier:{drop.account_id}", ""), station=station, back=back)


@bp.get("/courier/drops/<int:drop_id>/receipt")
@needs(Permission.OWN_DROPS)
def own_receipt(drop_id: int) -> ResponseReturnValue:
    """Show a courier the receipt of their drop, to keep or to print."""
    courier = current_courier()
    with reading():
        drop = queries.own_anywhere(courier.account_id, drop_id)
        station = network.station(drop.station_id)
    return _receipt(drop, courier=courier.name, station=station, back=url_for("couriers.home"))


def _receipt(drop: DropFacts, *, courier: str, station: network.StationFacts, back: str) -> str:
    if drop.receipt is None or drop.signature is None:
        raise StationError(
            "not_found", _("This drop has no receipt yet. It comes when the courier has finished.")
        )
    return render_template(
        "drops/receipt.html",
        drop=drop,
        said=json.loads(drop.receipt),
        signature=drop.signature.hex(),
        courier=courier,
        station=station,
        back=back,
    )


def _people(drops: list[DropFacts]) -> dict[str, str]:
    """Return the names of the couriers of drops, and of who counted or finished them."""
    keys = {f"courier:{drop.account_id}" for drop in drops}
    keys |= {key for drop in drops for key in (drop.finished_by, drop.confirmed_by) if key}
    station_id = drops[0].station_id if drops else 0
    return accounts.names(station_id, keys)
