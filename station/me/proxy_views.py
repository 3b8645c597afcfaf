"""Pages on which a resident lets somebody else collect, sees who may, and takes it back."""

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.core import crypto
from station.core.actor import Actor
from station.core.db import reading
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.moments import moment
from station.core.permissions import Permission
from station.me import proxy_queries, words
from station.me.forms import ProxyForm
from station.me.proxy_queries import Offer
from station.residents import proxies, proxy_codes
from station.residents.proxies import Wish
from station.shelves import cards
from station.web.gate import current_resident, needs
from station.web.idempotent import act_once, told

bp = Blueprint("me_proxies", __name__, url_prefix="/me/proxies")


@bp.context_processor
def _names() -> dict[str, Any]:
    return {"words": words, "moment_at": moment}


@bp.get("/")
@needs(Permission.OWN_PARCELS)
def page() -> ResponseReturnValue:
    """Show who may collect, with the form to let somebody."""
    return _page(ProxyForm(formdata=None, what=request.args.get("what", "")))


@bp.post("/give")
@needs(Permission.OWN_PARCELS)
def give() -> ResponseReturnValue:
    """Let somebody collect; a one-time code is shown this once."""
    form = ProxyForm()
    _offer(form)
    if not form.validate():
        return _page(form, status=422)
    resident = current_resident()
    with reading():
        offer = proxy_queries.offer(resident, form.what.data)
    wish = Wish(offer.recipient_id, offer.parcel_id, form.chosen_phone(), form.chosen_name())

    def act(actor: Actor) -> Body:
        made = proxies.give(actor, wish)
        return {"code": made.code, "until": made.expires_at.isoformat()}

    who = crypto.keyed_hash("proxy-form", f"{form.phone.data}\0{form.name.data}").hex()
    body = {"what": offer.key, "who": who}
    answer = act_once("me.give_proxy", body, act, actor=resident.at(offer.rules.station_id))
    if answer.status != OK:
        return _page(form, refusal=str(answer.body["message"]), status=answer.status)
    if answer.body["code"]:
        return _code(str(answer.body["code"]), offer, datetime.fromisoformat(answer.body["until"]))
    told(answer, _("They can collect by naming the last 4 digits of their phone number at the counter."))
    return redirect(url_for("me_proxies.page"), 303)


@bp.post("/<int:station_id>/<int:proxy_id>/revoke")
@needs(Permission.OWN_PARCELS)
def revoke(station_id: int, proxy_id: int) -> ResponseReturnValue:
    """Let somebody collect no more, at once."""
    resident = current_resident()
    with reading():
        proxy_queries.require_own(resident, station_id, proxy_id)

    def act(actor: Actor) -> None:
        proxies.revoke(actor, proxy_id)

    answer = act_once("me.revoke_proxy", {"proxy": str(proxy_id)}, act, actor=resident.at(station_id))
    told(answer, _("Taken back. Nobody collects with it any more."))
    return redirect(url_for("me_proxies.page"), 303)


def _page(form: ProxyForm, *, refusal: str = "", status: int = 200) -> ResponseReturnValue:
    _offer(form)
    with reading():
        allowed = proxy_queries.allowed(current_resident())
    return render_template("me/proxies.html", form=form, allowed=allowed, refusal=refusal), status


def _offer(form: ProxyForm) -> None:
    """Give the form what the resident can let to somebody."""
    with reading():
        found = proxy_queries.offers(current_resident())
    several = len({one.rules.station_id for one in found}) > 1
    form.what.choices = [(one.key, _named(one, place=one.rules.name if several else "")) for one in found]


def _named(offer: Offer, *, place: str) -> str:
    what = offer.pickup_code or _("Everything that waits, until midnight")
    return _("%(place)s: %(what)s", place=place, what=what) if place else what


def _code(code: str, offer: Offer, until: datetime) -> ResponseReturnValue:
    return render_template(
        "me/proxies_code.html",
        code=proxy_codes.spaced(code),
        drawing=cards.draw(proxy_codes.drawn(code)),
        offer=offer,
        until=moment(until, offer.rules.zone),
    )
