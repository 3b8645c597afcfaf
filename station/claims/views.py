"""Staff's pages of claims: who waits for an answer, one claim with its photos and story, and the answer.

Who shares out sees them and notes what somebody says at the counter; what costs money is the manager's to answer.
"""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.claims import forms, pictures, queries
from station.claims import service as claims
from station.claims.forms import ClaimForm, RefundForm, RefuseForm
from station.claims.queries import Waiting
from station.claims.rules import MOST_PICTURES, WORDS
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.money import format_money
from station.core.permissions import Permission
from station.group_buys import store as buys
from station.residents import queries as residents
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told
from station.web.paging import cursor

bp = Blueprint("group_claims", __name__)
idempotent.install(bp)
LIST = "/group-buys/complaints"
ONE = f"{LIST}/<int:claim_id>"
ORDER = "/group-buys/<int:campaign_id>/orders/<int:order_id>/complaint"


@bp.app_context_processor
def _names() -> dict[str, Any]:
    return {"claims_waiting": claims_waiting, "claims_over": claims_over}


def claims_waiting(campaign_id: int | None = None) -> Waiting:
    """Return how many claims wait for an answer, of one campaign or of all."""
    with reading():
        return queries.count(current_actor().station_id, campaign_id)


def claims_over(campaign_id: int) -> int:
    """Return how many claims of a campaign are over."""
    with reading():
        return queries.count_over(current_actor().station_id, campaign_id)


@bp.get(LIST)
@needs(Permission.SHARE_OUT)
def page() -> ResponseReturnValue:
    """Show who waits for an answer, the oldest first, and what was answered."""
    station_id, before = current_actor().station_id, cursor(request.args.get("before", ""))
    campaign_id = cursor(request.args.get("campaign", ""))
    with reading():
        campaign = buys.look_campaign(station_id, campaign_id) if campaign_id is not None else None
        open_rows = queries.waiting(station_id, campaign_id)
        over = queries.answered(station_id, campaign_id, before=before)
    shown = {"rows": open_rows, "over": over, "campaign": campaign, "page_size": queries.PAGE}
    return render_template("claims/page.html", **shown)


@bp.get(ONE)
@needs(Permission.SHARE_OUT)
def one(claim_id: int) -> ResponseReturnValue:
    """Show a claim with its photos and the story of its order."""
    return _page(claim_id, RefundForm(formdata=None), RefuseForm(formdata=None))


def _page(
    claim_id: int, refund_form: RefundForm, refuse_form: RefuseForm, *, refusal: str = "", status: int = 200
) -> ResponseReturnValue:
    with reading():
        found = queries.one(current_actor().station_id, claim_id)
    shown = {"case": found, "refund": refund_form, "refuse": refuse_form, "most_words": WORDS}
    return render_template("claims/case.html", refusal=refusal, **shown), status


@bp.get(f"{ONE}/photos/<int:place>")
@needs(Permission.SHARE_OUT)
def photo(claim_id: int, place: int) -> ResponseReturnValue:
    """Send a photo of a claim."""
    with reading():
        found = pictures.get(current_actor().station_id, claim_id, place)
    return Response(found.content, mimetype=found.media_type)


@bp.post(f"{ONE}/refund")
@needs(Permission.GROUP_BUYS)
def refund(claim_id: int) -> ResponseReturnValue:
    """Give money back for what was claimed."""
    form = RefundForm()
    if not form.validate():
        return _page(claim_id, form, RefuseForm(formdata=None), refusal=first_error(form), status=422)
    wish = form.refund()

    def act(actor: Actor) -> Body:
        amount = claims.refund(actor, claim_id, wish)
        return {"amount": format_money(amount, queries.one(actor.station_id, claim_id).campaign.currency)}

    answer = act_once("group_claims.refund", said(form) | {"claim": str(claim_id)}, act)
    if answer.status != OK and answer.body["code"] == "bad_input":
        message = str(answer.body["message"])
        return _page(claim_id, form, RefuseForm(formdata=None), refusal=message, status=answer.status)
    amount = answer.body.get("amount", "")
    told(answer, _("%(amount)s is back on the buyer’s account, and they are told.", amount=amount))
    return redirect(url_for("group_claims.page"), 303)


@bp.post(f"{ONE}/refuse")
@needs(Permission.GROUP_BUYS)
def refuse(claim_id: int) -> ResponseReturnValue:
    """Answer that nothing is given back, and why."""
    form = RefuseForm()
    if not form.validate():
        return _page(claim_id, RefundForm(formdata=None), form, refusal=first_error(form), status=422)
    reason = form.reason.data or ""

    def act(actor: Actor) -> None:
        claims.refuse(actor, claim_id, reason)

    answer = act_once("group_claims.refuse", {"claim": str(claim_id), "reason": reason}, act)
    if answer.status != OK and answer.body["code"] == "bad_input":
        message = str(answer.body["message"])
        return _page(claim_id, RefundForm(formdata=None), form, refusal=message, status=answer.status)
    told(answer, _("Answered. The buyer is told."))
    return redirect(url_for("group_claims.page"), 303)


@bp.get(ORDER)
@needs(Permission.SHARE_OUT)
def note(campaign_id: int, order_id: int) -> ResponseReturnValue:
    """Ask what was wrong with somebody's goods who says so at the counter."""
    return _note_page(campaign_id, order_id, ClaimForm(formdata=None))


@bp.post(ORDER)
@needs(Permission.SHARE_OUT)
def make(campaign_id: int, order_id: int) -> ResponseReturnValue:
    """Keep what somebody says at the counter."""
    form, photos = ClaimForm(), forms.photos()
    if not form.validate():
        return _note_page(campaign_id, order_id, form, refusal=first_error(form), status=422)
    wish = form.wish()

    def act(actor: Actor) -> Body:
        _refuse_other(actor.station_id, campaign_id, order_id)
        return {"claim": str(claims.make(actor, order_id, wish, photos))}

    answer = act_once("group_claims.make", forms.said(order_id, wish, photos), act)
    if answer.status != OK:
        message = str(answer.body["message"])
        return _note_page(campaign_id, order_id, form, refusal=message, status=answer.status)
    told(answer, _("The complaint is noted."))
    return redirect(url_for("group_claims.one", claim_id=int(answer.body["claim"])), 303)


def _note_page(
    campaign_id: int, order_id: int, form: ClaimForm, *, refusal: str = "", status: int = 200
) -> ResponseReturnValue:
    station_id = current_actor().station_id
    with reading():
        _refuse_other(station_id, campaign_id, order_id)
        order = buys.look_order(station_id, order_id)
        shown = {
            "order": order,
            "campaign": buys.look_campaign(station_id, campaign_id),
            "room": claims.room(station_id, order),
            "contact": residents.contacts(station_id, [order.recipient_id])[order.recipient_id],
        }
    limits = {"most": MOST_PICTURES, "most_words": WORDS}
    return render_template("claims/new.html", form=form, refusal=refusal, **shown, **limits), status


def _refuse_other(station_id: int, campaign_id: int, order_id: int) -> None:
    if buys.look_order(station_id, order_id).campaign_id != campaign_id:
        raise StationError("not_found", _("This order does not exist."))
