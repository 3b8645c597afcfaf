"""Orders that staff make for people at the counter: many have no phone with pages."""

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.core import clock
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import Answer, Body
from station.core.ids import LARGEST_ID
from station.core.permissions import Permission
from station.events.service import take_turn
from station.group_buys import desk, orders, queries, store
from station.group_buys.forms import DeskForm, FindForm, OrderForm
from station.group_buys.orders import Wish
from station.residents import queries as residents
from station.residents.queries import Contact
from station.web import idempotent
from station.web.forms import KeyForm, first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told

bp = Blueprint("group_desk", __name__)
idempotent.install(bp)
ONE = "/group-buys/<int:campaign_id>/desk"
ORDER = "/group-buys/<int:campaign_id>/orders/<int:order_id>"


@bp.get(ONE)
@needs(Permission.SHARE_OUT)
def page(campaign_id: int) -> ResponseReturnValue:
    """Ask whom the order is for."""
    return _page(campaign_id, FindForm(formdata=None))


@bp.post(f"{ONE}/find")
@needs(Permission.SHARE_OUT)
def find(campaign_id: int) -> ResponseReturnValue:
    """Show whom the number may mean, each with a form to order; or a form for somebody new."""
    form = FindForm()
    if not form.validate():
        return _page(campaign_id, form, refusal=first_error(form), status=422)
    try:
        with reading():
            people = desk.find(current_actor().station_id, form.who.data or "")
    except StationError as error:
        return _page(campaign_id, form, refusal=error.message, status=error.status)
    return _page(campaign_id, form, people=people)


@bp.post(f"{ONE}/order")
@needs(Permission.SHARE_OUT)
def order(campaign_id: int) -> ResponseReturnValue:
    """Order for somebody."""
    form = DeskForm()
    if not form.validate():
        return _page(campaign_id, FindForm(formdata=None), refusal=first_error(form), status=422)
    wish, body = form.wish(), said(form) | {"campaign": str(campaign_id)}

    def act(actor: Actor) -> Body:
        take_turn(actor.station_id)
        made = orders.order(actor, campaign_id, _who(actor, form), wish)
        return {"order": str(made.order_id), "state": made.state}

    answer = act_once("group_desk.order", _without_personal(body), act)
    if not told(answer, _told(answer)):
        return _page(campaign_id, FindForm(formdata=None), status=answer.status)
    return redirect(url_for("group_desk.page", campaign_id=campaign_id), 303)


def _without_personal(body: Body) -> Body:
    """Leave name and phone number out of what a request is remembered by."""
    return {name: value for name, value in body.items() if name not in ("phone", "name")}


def _who(actor: Actor, form: DeskForm) -> int:
    """Return whom the order is for. Raises StationError `bad_input`."""
    typed = form.recipient.data or ""
    if typed.isascii() and typed.isdecimal() and int(typed) <= LARGEST_ID:
        return int(typed)
    return desk.newcomer(actor.station_id, form.phone.data or "", form.name.data or "")


def _told(answer: Answer) -> str:
    sentences = {
        "placed": _("Ordered."),
        "held": _("The units are kept for half an hour: it counts once it is paid at the counter."),
        "waiting": _("So many are not left: it is on the waiting list now."),
    }
    return sentences.get(str(answer.body.get("state")), "")


@bp.get(ORDER)
@needs(Permission.SHARE_OUT)
def one(campaign_id: int, order_id: int) -> ResponseReturnValue:
    """Show somebody's order, to change it or take it back for them."""
    return _order_page(campaign_id, order_id, OrderForm(formdata=None))


@bp.post(f"{ORDER}/change")
@needs(Permission.SHARE_OUT)
def change(campaign_id: int, order_id: int) -> ResponseReturnValue:
    """Change somebody's order for them."""
    form = OrderForm()
    if not form.validate():
        return _order_page(campaign_id, order_id, form, refusal=first_error(form), status=422)
    wish, body = form.wish(), said(form) | {"order": str(order_id)}

    def act(actor: Actor) -> Body:
        _refuse_other(actor.station_id, campaign_id, order_id)
        return {"state": orders.change(actor, order_id, wish).state}

    answer = act_once("group_desk.change", body, act)
    if not told(answer, _("Changed.")):
        return _order_page(campaign_id, order_id, OrderForm(formdata=None), status=answer.status)
    return redirect(url_for("group_desk.one", campaign_id=campaign_id, order_id=order_id), 303)


@bp.post(f"{ORDER}/cancel")
@needs(Permission.SHARE_OUT)
def cancel(campaign_id: int, order_id: int) -> ResponseReturnValue:
    """Take somebody's order back for them."""
    KeyForm()

    def act(actor: Actor) -> None:
        _refuse_other(actor.station_id, campaign_id, order_id)
        orders.cancel(actor, order_id)

    answer = act_once("group_desk.cancel", {"order": str(order_id)}, act)
    told(answer, _("Taken back."))
    return redirect(url_for("group_buys.campaign", campaign_id=campaign_id), 303)


def _refuse_other(station_id: int, campaign_id: int, order_id: int) -> None:
    if store.look_order(station_id, order_id).campaign_id != campaign_id:
        raise StationError("not_found", _("This order does not exist."))


def _page(
    campaign_id: int,
    find_form: FindForm,
    *,
    people: list[Contact] | None = None,
    refusal: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    station_id = current_actor().station_id
    with reading():
        found = queries.offer(station_id, campaign_id)
        names = queries.names([point.station_id for point in store.points(station_id, campaign_id)])
        has = _orders_of(station_id, campaign_id, people or [])
    page = render_template(
        "group_buys/desk.html",
        offer=found,
        find=find_form,
        blank=OrderForm(formdata=None),
        people=people,
        has=has,
        points=_points(names, station_id),
        is_open=found.campaign.takes_orders(clock.now()),
        refusal=refusal,
        zone=g.station.zone,
        typed=request.form.get("who", ""),
    )
    return page, status


def _orders_of(station_id: int, campaign_id: int, people: list[Contact]) -> dict[int, int]:
    """Return which of the people have an order here already, and which."""
    found = {one.id: orders.live_order(station_id, campaign_id, one.id) for one in people}
    return {recipient_id: order.id for recipient_id, order in found.items() if order}


def _points(names: dict[int, str], own_id: int) -> list[tuple[int, str]]:
    """Return the places to collect, the station's own first."""
    return sorted(names.items(), key=lambda item: (item[0] != own_id, item[1]))


def _order_page(
    campaign_id: int, order_id: int, form: OrderForm, *, refusal: str = "", status: int = 200
) -> ResponseReturnValue:
    station_id = current_actor().station_id
    with reading():
        _refuse_other(station_id, campaign_id, order_id)
        found = queries.offer(station_id, campaign_id)
        order = store.look_order(station_id, order_id)
        names = queries.names([point.station_id for point in store.points(station_id, campaign_id)])
        contact = residents.contacts(station_id, [order.recipient_id])[order.recipient_id]
    shown: dict[str, Any] = {
        "offer": found,
        "order": order,
        "contact": contact,
        "points": _points(names, station_id),
        "wish": Wish(order.quantity, order.tolerance, order.point_station_id),
        "now": clock.now(),
        "zone": g.station.zone,
    }
    return render_template("group_buys/order.html", form=form, refusal=refusal, **shown), status
