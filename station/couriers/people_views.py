"""The manager's page of couriers: who comes and for whom, who is invited, who asks, and on which phones."""

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Answer, Body
from station.core.permissions import Permission
from station.couriers import applications, invitations, people_queries, queries, service, sign_in, words
from station.couriers.forms import CarriersForm, InviteForm, carrier_choices
from station.couriers.invitations import NewInvitation, Person
from station.shelves import cards
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told

bp = Blueprint("courier_people", __name__, url_prefix="/couriers")
idempotent.install(bp)
ONE = "/<int:account_id>"


@bp.context_processor
def _names() -> dict[str, object]:
    return {"words": words, "carrier_choices": carrier_choices}


@bp.get("")
@needs(Permission.STAFF)
def page() -> ResponseReturnValue:
    """List the couriers, who is invited and who asks, with a form to invite somebody."""
    return _page(InviteForm(formdata=None))


def _page(form: InviteForm, refusal: str = "") -> str:
    station_id = current_actor().station_id
    with reading():
        found = {
            "people": people_queries.couriers(station_id),
            "invited": people_queries.invited(station_id),
            "asking": people_queries.asking(station_id),
        }
    address = _outside("courier_entry.join", station=station_id)
    return render_template(
        "couriers/people.html",
        form=form,
        refusal=refusal,
        address=address,
        drawing=cards.draw(address),
        **found,
    )


@bp.post("/invite")
@needs(Permission.STAFF)
def invite() -> ResponseReturnValue:
    """Invite somebody and show the code this once."""
    form = InviteForm()
    if not form.validate():
        return _page(form), 422

    def act(actor: Actor) -> Body:
        phone = sign_in.own_phone(form.phone.data or "")
        person = Person(form.name.data or "", phone, tuple(form.carriers.data or ()))
        return _shown_once(invitations.invite(actor, person))

    answer = act_once("couriers.invite", said(form), act)
    if answer.status != OK:
        return _page(form, refusal=answer.body["message"]), answer.status
    return _code_page(answer, form.name.data or "")


@bp.post(f"{ONE}/invite")
@needs(Permission.STAFF)
def invite_again(account_id: int) -> ResponseReturnValue:
    """Invite a courier who lost the password, and show the code this once."""

    def act(actor: Actor) -> Body:
        return _shown_once(invitations.invite_again(actor, account_id))

    answer = act_once("couriers.invite_again", {"account": str(account_id)}, act)
    if answer.status != OK:
        return _back(answer, "")
    with reading():
        known = queries.known(account_id)
    return _code_page(answer, known.name if known else "")


def _shown_once(made: NewInvitation) -> Body:
    """Return the answer that the same form, sent twice, shows again: it is kept encrypted."""
    return {"code": made.code}


def _code_page(answer: Answer, name: str) -> str:
    code = answer.body["code"]
    address = _outside("courier_entry.invited", code=code)
    days = invitations.VALID_FOR.days
    return render_template(
        "couriers/code.html", name=name, code=code, address=address, drawing=cards.draw(address), days=days
    )


def _outside(endpoint: str, **values: Any) -> str:
    """Return the address under which a phone reaches a page: the installation's own where it is set."""
    public_url: str = current_app.config["SETTINGS"].public_url
    if not public_url:
        return url_for(endpoint, _external=True, **values)
    return public_url + url_for(endpoint, **values)


@bp.post("/invitations/<int:invitation_id>/end")
@needs(Permission.STAFF)
def take_back(invitation_id: int) -> ResponseReturnValue:
    """End an invitation that was not used."""

    def act(actor: Actor) -> None:
        invitations.take_back(actor, invitation_id)

    answer = act_once("couriers.take_back", {"invitation": str(invitation_id)}, act)
    return _back(answer, _("The invitation is over."))


@bp.post("/asking/<int:application_id>/confirm")
@needs(Permission.STAFF)
def confirm(application_id: int) -> ResponseReturnValue:
    """Let somebody in who asked."""
    chosen = _chosen()

    def act(actor: Actor) -> None:
        applications.confirm(actor, application_id, chosen)

    body = {"application": str(application_id), "carriers": chosen}
    return _back(act_once("couriers.confirm", body, act), _("Confirmed. The courier can sign in now."))


@bp.post("/asking/<int:application_id>/refuse")
@needs(Permission.STAFF)
def refuse(application_id: int) -> ResponseReturnValue:
    """Send somebody away who asked."""

    def act(actor: Actor) -> None:
        applications.refuse(actor, application_id)

    answer = act_once("couriers.refuse", {"application": str(application_id)}, act)
    return _back(answer, _("Refused. What they sent is deleted."))


@bp.post(f"{ONE}/carriers")
@needs(Permission.STAFF)
def change_carriers(account_id: int) -> ResponseReturnValue:
    """Say anew for which carriers a courier comes."""
    chosen = _chosen()

    def act(actor: Actor) -> None:
        service.change_carriers(actor, account_id, chosen)

    answer = act_once("couriers.carriers", {"account": str(account_id), "carriers": chosen}, act)
    return _back(answer, _("The carriers are changed."))


@bp.post(f"{ONE}/disable")
@needs(Permission.STAFF)
def disable(account_id: int) -> ResponseReturnValue:
    """Let a courier come no more."""

    def act(actor: Actor) -> None:
        service.shut_out(actor, account_id)

    answer = act_once("couriers.disable", {"account": str(account_id)}, act)
    return _back(answer, _("This courier cannot drop parcels here any more."))


@bp.post(f"{ONE}/enable")
@needs(Permission.STAFF)
def enable(account_id: int) -> ResponseReturnValue:
    """Let a courier come again."""

    def act(actor: Actor) -> None:
        service.let_in_again(actor, account_id)

    answer = act_once("couriers.enable", {"account": str(account_id)}, act)
    return _back(answer, _("This courier can drop parcels here again."))


@bp.post(f"{ONE}/phones/<int:phone_id>/end")
@needs(Permission.STAFF)
def end_phone(account_id: int, phone_id: int) -> ResponseReturnValue:
    """Sign a courier out on one phone, a lost one for instance."""

    def act(actor: Actor) -> None:
        service.end_phone(actor, account_id, phone_id)

    answer = act_once("couriers.phone", {"account": str(account_id), "phone": str(phone_id)}, act)
    return _back(answer, _("The courier is signed out on that phone."))


def _chosen() -> list[str]:
    form = CarriersForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    return list(form.carriers.data or ())


def _back(answer: Answer, done: str) -> ResponseReturnValue:
    told(answer, done)
    return redirect(url_for("courier_people.page"), 303)
