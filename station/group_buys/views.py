"""Pages of the manager's campaigns: the list, one campaign with its orders, its form, its preview, its poster."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs are of 3.2

from station.core import clock
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import ngettext
from station.core.idempotency import OK, Answer, Body
from station.core.money import format_money
from station.core.permissions import Permission
from station.core.photos import LARGEST
from station.group_buys import (
    campaigns,
    forms,
    lateness,
    pictures,
    posters,
    queries,
    shelving,
    store,
    suppliers,
    words,
)
from station.group_buys.forms import CampaignForm, CancelForm, PictureForm
from station.group_buys.lifecycle import CampaignState
from station.group_buys.plans import Plan
from station.group_buys.queries import Offer
from station.group_buys.share_views import share_url
from station.ledger import rules as ledger
from station.web import idempotent
from station.web.forms import KeyForm, first_error, whole
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told
from station.web.paging import cursor

bp = Blueprint("group_buys", __name__)
idempotent.install(bp)
ONE = "/group-buys/<int:campaign_id>"


@bp.app_context_processor
def _names() -> dict[str, Any]:
    return {"buys": words, "money": format_money, "CampaignState": CampaignState}


@bp.get("/group-buys")
@needs(Permission.SHARE_OUT)
def page() -> ResponseReturnValue:
    """Show the campaigns that are not over, and lead to the others."""
    with reading():
        found = queries.running(current_actor().station_id)
        late = {one.campaign.id: one.days for one in lateness.late(current_actor().station_id)}
    return render_template("group_buys/page.html", offers=found, late_days=late)


@bp.get("/group-buys/over")
@needs(Permission.SHARE_OUT)
def over() -> ResponseReturnValue:
    """Show the campaigns that are over, newest first."""
    with reading():
        found = queries.over(current_actor().station_id, before=cursor(request.args.get("before", "")))
    return render_template("group_buys/over.html", offers=found, page_size=queries.PAGE)


@bp.get(ONE)
@needs(Permission.SHARE_OUT)
def campaign(campaign_id: int) -> ResponseReturnValue:
    """Show a campaign: how it stands, what happens next, who ordered."""
    station_id, after = current_actor().station_id, cursor(request.args.get("after", ""))
    with reading():
        found = queries.offer(station_id, campaign_id)
        names = {
            "totals": queries.totals(station_id, campaign_id),
            "orders": queries.orders(station_id, campaign_id, after=after or 0),
            "pictures": pictures.of_campaign(station_id, campaign_id),
            "supplier": suppliers.get(station_id, found.campaign.supplier_id),
            "point_names": _point_names(station_id, campaign_id),
            "without_shelf": shelving.points_without_shelf(found),
        }
    return render_template(
        "group_buys/campaign.html",
        offer=found,
        share=share_url(found),
        cancel=CancelForm(formdata=None),
        picture=PictureForm(formdata=None),
        page_size=queries.PAGE,
        **names,
    )


def _point_names(station_id: int, campaign_id: int) -> dict[int, str]:
    return queries.names([point.station_id for point in store.points(station_id, campaign_id)])


@bp.get(f"{ONE}/live")
@needs(Permission.SHARE_OUT)
def live(campaign_id: int) -> ResponseReturnValue:
    """Send how a campaign stands now, for the page that shows it."""
    station_id = current_actor().station_id
    with reading():
        found = queries.offer(station_id, campaign_id)
        totals = queries.totals(station_id, campaign_id)
    return render_template("group_buys/_live.html", offer=found, totals=totals)


@bp.get("/group-buys/new")
@needs(Permission.GROUP_BUYS)
def new() -> ResponseReturnValue:
    """Show the form of a new campaign."""
    return _form_page(CampaignForm(formdata=None))


@bp.post("/group-buys/new")
@needs(Permission.GROUP_BUYS)
def create() -> ResponseReturnValue:
    """Make a draft."""
    form = _form()
    plan = _plan(form, currency=_currency())
    if isinstance(plan, str):
        return _form_page(form, refusal=plan, status=422)

    def act(actor: Actor) -> Body:
        return {"campaign": str(campaigns.create(actor, plan))}

    answer = act_once("group_buys.create", said(form), act)
    if answer.status != OK:
        return _form_page(form, refusal=answer.body["message"], status=answer.status)
    told(answer, _("The draft is saved. Look at the preview, then open it."))
    return redirect(url_for("group_buys.campaign", campaign_id=int(answer.body["campaign"])), 303)


@bp.get(f"{ONE}/edit")
@needs(Permission.GROUP_BUYS)
def edit(campaign_id: int) -> ResponseReturnValue:
    """Show the form of a campaign as it stands."""
    station_id = current_actor().station_id
    with reading():
        found = store.look_campaign(station_id, campaign_id)
        plan = campaigns.plan_of(station_id, found)
    shown = forms.filled(plan, zone=g.station.zone, version=found.version)
    return _form_page(CampaignForm(formdata=None, data=shown), found=found)


@bp.post(f"{ONE}/edit")
@needs(Permission.GROUP_BUYS)
def change(campaign_id: int) -> ResponseReturnValue:
    """Change a campaign, as far as its buyers' reliance lets it."""
    with reading():
        found = store.look_campaign(current_actor().station_id, campaign_id)
    form = _form()
    plan = _plan(form, currency=found.currency)
    if isinstance(plan, str):
        return _form_page(form, refusal=plan, status=422, found=found)
    version = whole(form.version.data or "") or 0
    kept = _as_precise(plan, found)

    def act(actor: Actor) -> Body:
        return {"fields": list(campaigns.change(actor, campaign_id, kept, version=version))}

    answer = act_once("group_buys.change", said(form) | {"campaign": str(campaign_id)}, act)
    if answer.status != OK:
        refusal = _explained(answer)
        return _form_page(form, refusal=refusal, status=answer.status, found=found)
    told(answer, _("Saved."))
    return redirect(url_for("group_buys.campaign", campaign_id=campaign_id), 303)


def _as_precise(plan: Plan, found: store.Current) -> Plan:
    """Keep the seconds of moments that the form cannot show, where nobody changed them."""
    kept = {
        name: old
        for name in ("opens_at", "cut_off_at")
        if (old := getattr(found, name)) and getattr(plan, name) == old.replace(second=0, microsecond=0)
    }
    return replace(plan, **kept)


def _explained(answer: Answer) -> str:
    """Return a refusal with the values it is about, where it names them."""
    message, names = str(answer.body["message"]), answer.body.get("fields")
    return f"{message} {_('Changed here: %(fields)s.', fields=words.fields(names))}" if names else message


def _form() -> CampaignForm:
    form = CampaignForm()
    form.validate()
    return form


def _plan(form: CampaignForm, *, currency: str) -> Plan | str:
    """Return what the form says, or what is wrong with it."""
    if form.errors:
        return _first(form)
    try:
        return form.plan(current_actor().station_id, zone=g.station.zone, currency=currency)
    except StationError as error:
        return error.message


def _first(form: CampaignForm) -> str:
    """Return the first fault in words; a row of prices has its faults a level deeper."""
    for one in (*form.from_total, *form.price):
        if one.errors:
            return str(one.errors[0])
    return first_error(form)


def _currency() -> str:
    with reading():
        return ledger.for_station(current_actor().station_id).currency


def _form_page(
    form: CampaignForm, *, refusal: str = "", status: int = 200, found: store.Current | None = None
) -> ResponseReturnValue:
    station_id = current_actor().station_id
    with reading():
        known = suppliers.all_of(station_id)
        partners = queries.partners(station_id)
        missing = shelving.missing(station_id)
        currency = found.currency if found else ledger.for_station(station_id).currency
    form.supplier.choices = [
        SelectChoice(one.id, one.name)
        for one in known
        if one.is_active or one.id == (found.supplier_id if found else 0)
    ]
    page = render_template(
        "group_buys/form.html",
        form=form,
        refusal=refusal,
        found=found,
        currency=currency,
        partners=partners,
        missing=missing,
    )
    return page, status


@bp.get(f"{ONE}/preview")
@needs(Permission.GROUP_BUYS)
def preview(campaign_id: int) -> ResponseReturnValue:
    """Show a campaign as residents see it."""
    station_id = current_actor().station_id
    with reading():
        found = queries.offer(station_id, campaign_id)
        shown = pictures.of_campaign(station_id, campaign_id)
        names = _point_names(station_id, campaign_id)
        without = shelving.points_without_shelf(found)
    return render_template(
        "group_buys/preview.html",
        offer=found,
        pictures=shown,
        point_names=names,
        without_shelf=without,
        zone=g.station.zone,
    )


@bp.post(f"{ONE}/open")
@needs(Permission.GROUP_BUYS)
def open_one(campaign_id: int) -> ResponseReturnValue:
    """Let people order."""
    return _done(
        campaign_id,
        "open",
        lambda actor: campaigns.open_campaign(actor, campaign_id),
        _("It is open. Share its link or poster."),
    )


def _done(campaign_id: int, name: str, act: Any, done: str) -> ResponseReturnValue:
    answer = act_once(f"group_buys.{name}", {"campaign": str(campaign_id)}, act)
    told(answer, done)
    return redirect(url_for("group_buys.campaign", campaign_id=campaign_id), 303)


@bp.post(f"{ONE}/cancel")
@needs(Permission.GROUP_BUYS)
def cancel(campaign_id: int) -> ResponseReturnValue:
    """Call a campaign off and tell its buyers why."""
    form = CancelForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    reason = form.reason.data or ""

    def act(actor: Actor) -> Body:
        return {"told": campaigns.cancel(actor, campaign_id, reason=reason)}

    answer = act_once("group_buys.cancel", {"campaign": str(campaign_id), "reason": reason}, act)
    count = int(answer.body.get("told", 0))
    told(
        answer,
        ngettext("Called off. %(num)s person is told.", "Called off. %(num)s people are told.", count),
    )
    return redirect(url_for("group_buys.campaign", campaign_id=campaign_id), 303)


@bp.post(f"{ONE}/duplicate")
@needs(Permission.GROUP_BUYS)
def duplicate(campaign_id: int) -> ResponseReturnValue:
    """Copy a campaign as a new draft."""

    def act(actor: Actor) -> Body:
        return {"campaign": str(campaigns.duplicate(actor, campaign_id))}

    answer = act_once("group_buys.duplicate", {"campaign": str(campaign_id)}, act)
    if not told(answer, _("This is the copy, a draft. Check its days, then open it.")):
        return redirect(url_for("group_buys.campaign", campaign_id=campaign_id), 303)
    return redirect(url_for("group_buys.edit", campaign_id=int(answer.body["campaign"])), 303)


@bp.post(f"{ONE}/pictures")
@needs(Permission.GROUP_BUYS)
def add_picture(campaign_id: int) -> ResponseReturnValue:
    """Keep a picture of the goods."""
    KeyForm()
    upload = request.files.get("picture")
    content = upload.stream.read(LARGEST + 1) if upload else b""
    digest = posters.digest(content)

    def act(actor: Actor) -> Body:
        return {"picture": str(pictures.add(actor, campaign_id, content))}

    answer = act_once("group_buys.add_picture", {"campaign": str(campaign_id), "sha256": digest}, act)
    told(answer, _("The picture is added."))
    return redirect(url_for("group_buys.campaign", campaign_id=campaign_id, _anchor="pictures"), 303)


@bp.post(f"{ONE}/pictures/<int:picture_id>/remove")
@needs(Permission.GROUP_BUYS)
def remove_picture(campaign_id: int, picture_id: int) -> ResponseReturnValue:
    """Remove a picture."""
    body = {"campaign": str(campaign_id), "picture": str(picture_id)}
    answer = act_once(
        "group_buys.remove_picture", body, lambda actor: pictures.remove(actor, campaign_id, picture_id)
    )
    told(answer, _("The picture is removed."))
    return redirect(url_for("group_buys.campaign", campaign_id=campaign_id, _anchor="pictures"), 303)


def is_open_now(offer: Offer) -> bool:
    """Tell whether people can order now."""
    return offer.campaign.takes_orders(clock.now())


bp.add_app_template_test(is_open_now, "open_now")
