"""Managers' pages of webhooks: where carriers are told, what could not be told, telling it again."""

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.carriers.catalogue import CARRIERS
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.core.idempotency import OK, Answer, Body
from station.core.permissions import Permission
from station.tracking import dispatch, queries, webhooks, words
from station.tracking.forms import ReplayForm, ResendForm, WebhookForm
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said, told

bp = Blueprint("webhooks", __name__, url_prefix="/settings/webhooks")
idempotent.install(bp)
ONE_WEBHOOK = "/<int:webhook_id>"


@bp.get("")
@needs(Permission.DEVICES)
def page() -> ResponseReturnValue:
    """List the webhooks, with a form for a new one."""
    return _page(WebhookForm())


@bp.post("")
@needs(Permission.DEVICES)
def add() -> ResponseReturnValue:
    """Make a webhook and show its secret this once."""
    form = WebhookForm()
    if not form.validate():
        return _page(form), 422
    carrier, url = form.carrier.data, form.url.data or ""
    rule = dispatch.rule_of(current_app.config["SETTINGS"])

    def act(actor: Actor) -> Body:
        return {"secret": webhooks.add(actor, carrier, url, rule=rule).secret}

    answer = act_once("webhooks.add", said(form), act)
    if answer.status != OK:
        return _page(form, refusal=answer.body["message"]), answer.status
    return render_template(
        "tracking/secret.html", name=_names()[carrier], url=url, secret=answer.body["secret"]
    )


@bp.get(ONE_WEBHOOK)
@needs(Permission.DEVICES)
def webhook(webhook_id: int) -> ResponseReturnValue:
    """Show one webhook: what it is owed, its dead letters, and what can be done."""
    with reading():
        found = queries.webhook(current_actor().station_id, webhook_id)
        dead = queries.dead_letters(current_actor().station_id, webhook_id)
    return render_template(
        "tracking/webhook.html",
        webhook=found,
        name=_names()[found.carrier],
        dead=dead,
        why=words.failure,
        replay=ReplayForm(formdata=None),
    )


@bp.post(f"{ONE_WEBHOOK}/end")
@needs(Permission.DEVICES)
def end(webhook_id: int) -> ResponseReturnValue:
    """Tell nothing more to a webhook."""

    def act(actor: Actor) -> None:
        webhooks.end(actor, webhook_id)

    answer = act_once("webhooks.end", {"webhook": str(webhook_id)}, act)
    return _back(webhook_id, answer, _("The webhook has ended."))


@bp.post(f"{ONE_WEBHOOK}/replay")
@needs(Permission.DEVICES)
def replay(webhook_id: int) -> ResponseReturnValue:
    """Tell a webhook again what happened behind a cursor."""
    form = ReplayForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    after = int(form.after.data or 0)

    def act(actor: Actor) -> None:
        webhooks.replay(actor, webhook_id, after=after)

    answer = act_once("webhooks.replay", {"webhook": str(webhook_id), "after": after}, act)
    return _back(webhook_id, answer, _("It is told again from there on."))


@bp.post(f"{ONE_WEBHOOK}/resend")
@needs(Permission.DEVICES)
def resend(webhook_id: int) -> ResponseReturnValue:
    """Try a dead letter again."""
    form = ResendForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    delivery = form.delivery.data or ""

    def act(actor: Actor) -> None:
        webhooks.resend(actor, webhook_id, int(delivery))

    answer = act_once("webhooks.resend", {"webhook": str(webhook_id), "delivery": delivery}, act)
    return _back(webhook_id, answer, _("It is tried again now."))


def _back(webhook_id: int, answer: Answer, done: str) -> ResponseReturnValue:
    told(answer, done)
    return redirect(url_for("webhooks.webhook", webhook_id=webhook_id), 303)


def _names() -> dict[str, str]:
    return {code: facts.name(language()) for code, facts in CARRIERS.items()}


def _page(form: WebhookForm, refusal: str = "") -> str:
    with reading():
        found = queries.webhooks(current_actor().station_id)
    return render_template(
        "tracking/webhooks.html", form=form, refusal=refusal, webhooks=found, names=_names()
    )
