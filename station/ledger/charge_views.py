"""Charging a resident: a service by hand, with its reason, and a parcel's storage where the station asks for it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from station.core.actor import Actor
from station.core.db import reading
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Body
from station.core.money import parse_money
from station.core.permissions import Permission
from station.ledger import charging, queries, rules
from station.ledger.charging import StorageFee
from station.ledger.forms import ChargeForm
from station.ledger.views import names_of_templates
from station.residents import people_queries
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, key_of_request, said, told

bp = Blueprint("charges", __name__)
idempotent.install(bp)
bp.context_processor(names_of_templates)

OF_PERSON = "/money/people/<int:recipient_id>"
OF_PARCEL = "/money/parcels/<int:parcel_id>"


@bp.get(OF_PERSON)
@needs(Permission.CASH)
def person(recipient_id: int) -> ResponseReturnValue:
    """Show what stands on a resident's account, and the form that charges it."""
    station_id = current_actor().station_id
    with reading():
        who = people_queries.person(station_id, recipient_id)
        currency = rules.for_station(station_id).currency
        balance = queries.resident_balance(station_id, recipient_id, currency)
    return render_template(
        "ledger/person.html", who=who, currency=currency, balance=balance, form=ChargeForm()
    )


@bp.post(OF_PERSON)
@needs(Permission.MONEY_CHANGE)
def charge(recipient_id: int) -> ResponseReturnValue:
    """Charge a resident."""
    form, back = ChargeForm(), redirect(url_for("charges.person", recipient_id=recipient_id), 303)
    if not form.validate():
        flash(first_error(form), "bad")
        return back
    key = key_of_request()[:72]

    def act(actor: Actor) -> Body:
        amount = parse_money(str(form.amount.data), rules.for_station(actor.station_id).currency)
        reason = str(form.reason.data)
        made = charging.charge(actor, recipient_id, amount_minor=amount, reason=reason, key=key)
        return {"journal": str(made)}

    answer = act_once("charge", {"recipient": recipient_id, **said(form)}, act)
    told(answer, _("The charge was posted."))
    if answer.status == OK:
        return redirect(url_for("journals.receipt", journal_id=int(answer.body["journal"])), 303)
    return back


@bp.get(OF_PARCEL)
@needs(Permission.CASH)
def storage(parcel_id: int) -> ResponseReturnValue:
    """Show what a parcel's storage costs by now, and whether it was charged and paid."""
    station_id = current_actor().station_id
    with reading():
        fee = charging.storage_fee(station_id, parcel_id)
        rule = rules.for_station(station_id)
        owed = _owed(station_id, fee) if fee.journal_id else 0
    return render_template("ledger/storage.html", fee=fee, rule=rule, owed=owed, parcel_id=parcel_id)


def _owed(station_id: int, fee: StorageFee) -> int:
    """Return what whoever was charged a fee owes the station in all."""
    if fee.recipient_id is None:
        return 0
    return max(0, -queries.resident_balance(station_id, fee.recipient_id, fee.currency))


@bp.post(OF_PARCEL)
@needs(Permission.CASH)
def charge_storage(parcel_id: int) -> ResponseReturnValue:
    """Charge a parcel's storage; the page then leads to taking the money."""

    def act(actor: Actor) -> None:
        charging.charge_storage(actor, parcel_id)

    told(act_once("storage_fee", {"parcel": parcel_id}, act), _("The storage fee was posted."))
    return redirect(url_for("charges.storage", parcel_id=parcel_id), 303)
