"""A resident's own choices: where parcels may be left, how messages come, separate agreements, answers."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.core import crypto
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.core.moments import moment
from station.core.permissions import Permission
from station.events.service import take_turn
from station.me import choice_queries
from station.me.choice_queries import Chosen
from station.me.forms import AgreementForm, MessagesForm, PlaceForm
from station.network import queries as network
from station.parcels import consent_answers
from station.residents import agreement_texts, agreements, preferences
from station.residents import service as recipients
from station.residents.agreement_texts import CURRENT, Purpose
from station.web.forms import first_error
from station.web.gate import current_resident, needs
from station.web.idempotent import act_once, told

bp = Blueprint("me_choices", __name__, url_prefix="/me")
PERSON = "/choices/<int:station_id>/<int:recipient_id>"
HOW = "own_page"


@bp.get("/choices")
@needs(Permission.OWN_PARCELS)
def choices() -> ResponseReturnValue:
    """Show everybody at this phone; lead on to the one when there is only one."""
    with reading():
        everybody = choice_queries.everybody(current_resident())
    if len(everybody) == 1:
        return _back(everybody[0].rules.station_id, everybody[0].recipient_id)
    return render_template("me/choices.html", everybody=everybody)


@bp.get(PERSON)
@needs(Permission.OWN_PARCELS)
def person(station_id: int, recipient_id: int) -> ResponseReturnValue:
    """Show what one recipient has chosen, with the forms to choose otherwise."""
    return _page(_find(station_id, recipient_id))


@bp.post(f"{PERSON}/place")
@needs(Permission.OWN_PARCELS)
def choose_place(station_id: int, recipient_id: int) -> ResponseReturnValue:
    """Record where parcels may be left from now on."""
    found, form = _find(station_id, recipient_id), PlaceForm()
    if not form.validate():
        return _page(found, place=form)

    def act(actor: Actor) -> None:
        take_turn(actor.station_id)
        # Read again, alone at work: what was just chosen is not recorded twice.
        if recipients.get(station_id, recipient_id).standing_choice != form.choice.data:
            recipients.record_consent(actor, recipient_id, choice=form.choice.data, how=HOW)

    body = {"recipient": str(recipient_id), "choice": form.choice.data}
    told(
        act_once("me.place", body, act, actor=_actor(station_id)),
        _("Saved. It holds from the next parcel on."),
    )
    return _back(station_id, recipient_id)


@bp.post(f"{PERSON}/messages")
@needs(Permission.OWN_PARCELS)
def choose_messages(station_id: int, recipient_id: int) -> ResponseReturnValue:
    """Keep how messages shall come."""
    found, form = _find(station_id, recipient_id), MessagesForm()
    if not form.validate():
        return _page(found, messages=form)
    try:
        chosen = form.chosen()
    except StationError as error:
        flash(error.message, "bad")
        return _page(found, messages=form)
    body = {"recipient": str(recipient_id), "chosen": _digest(chosen)}
    answer = act_once(
        "me.messages",
        body,
        lambda actor: preferences.choose(actor, recipient_id, chosen),
        actor=_actor(station_id),
    )
    if not told(answer, _("Saved.")):
        return _page(found, messages=form)
    return _back(station_id, recipient_id)


@bp.route(f"{PERSON}/agreements/<purpose>", methods=["GET", "POST"])
@needs(Permission.OWN_PARCELS)
def agree(station_id: int, recipient_id: int, purpose: str) -> ResponseReturnValue:
    """Show the text of a separate agreement, and record that it is agreed to."""
    found, wanted = _find(station_id, recipient_id), _purpose(purpose)
    form = AgreementForm()
    status = 200
    if form.validate_on_submit():
        guardian, version = form.guardian(), form.version.data or 0
        body = {"recipient": str(recipient_id), "purpose": wanted, "guardian": _digest(guardian)}
        answer = act_once(
            "me.agree",
            body | {"version": version},
            lambda actor: agreements.give(actor, recipient_id, wanted, version=version, guardian=guardian),
            actor=_actor(station_id),
        )
        if told(answer, _("Thank you. You can withdraw this here at any time.")):
            return _back(station_id, recipient_id)
        status = answer.status
    elif form.is_submitted():
        status = 422
    form.version.data = CURRENT[wanted]
    text = agreement_texts.current(wanted, language())
    page = render_template("me/choices_agreement.html", chosen=found, purpose=wanted, text=text, form=form)
    return page, status


@bp.post(f"{PERSON}/agreements/<purpose>/withdraw")
@needs(Permission.OWN_PARCELS)
def withdraw(station_id: int, recipient_id: int, purpose: str) -> ResponseReturnValue:
    """Withdraw a separate agreement, at once."""
    _find(station_id, recipient_id)
    wanted = _purpose(purpose)
    answer = act_once(
        "me.withdraw",
        {"recipient": str(recipient_id), "purpose": wanted},
        lambda actor: agreements.withdraw(actor, recipient_id, wanted),
        actor=_actor(station_id),
    )
    told(answer, _("Withdrawn. It counts from now on."))
    return _back(station_id, recipient_id)


@bp.post("/parcels/<int:station_id>/<int:parcel_id>/answer")
@needs(Permission.OWN_PARCELS)
def answer_question(station_id: int, parcel_id: int) -> ResponseReturnValue:
    """Take the answer to whether a parcel may stay."""
    resident = current_resident()
    with reading():
        choice_queries.refuse_others_parcel(resident, station_id, parcel_id)
    choice = request.form.get("answer", "")

    def act(actor: Actor) -> None:
        take_turn(actor.station_id)
        choice_queries.refuse_others_parcel(resident, station_id, parcel_id)  # it may be another's by now
        consent_answers.answer(actor, parcel_id, choice, how=HOW)

    body = {"parcel": str(parcel_id), "answer": choice}
    told(act_once("me.answer", body, act, actor=_actor(station_id)), _("Thank you. The station knows."))
    return redirect(url_for("me.home"), 303)


def _actor(station_id: int) -> Actor:
    return current_resident().at(station_id)


def _digest(said: object) -> str:
    """Stand for personal values in the body of a request, of which a plain hash is kept."""
    return crypto.keyed_hash("request-body", repr(said)).hex()


def _purpose(text: str) -> Purpose:
    if text not in set(Purpose):
        raise StationError("not_found", _("There is nothing like this to agree to."))
    return Purpose(text)


def _find(station_id: int, recipient_id: int) -> Chosen:
    with reading():
        found = choice_queries.one(current_resident(), station_id, recipient_id)
        g.station = network.station(station_id)
    return found


def _back(station_id: int, recipient_id: int) -> ResponseReturnValue:
    return redirect(url_for("me_choices.person", station_id=station_id, recipient_id=recipient_id), 303)


def _page(
    found: Chosen, *, place: PlaceForm | None = None, messages: MessagesForm | None = None
) -> ResponseReturnValue:
    """Show a person's page; a form that was not in order is shown as it was filled in."""
    status = 422 if place or messages else 200
    for form in (place, messages):
        if form is not None and form.errors:
            flash(first_error(form), "bad")
    place = place or PlaceForm(formdata=None, choice=found.place)
    messages = messages or MessagesForm(formdata=None, data=_shown(found))
    titles = {purpose: agreement_texts.current(purpose, language()).title for purpose in Purpose}
    names = {"chosen": found, "place": place, "messages": messages, "titles": titles, "moment_at": moment}
    return render_template("me/choices_person.html", **names), status


def _shown(found: Chosen) -> dict[str, object]:
    chosen = found.preferences
    return {
        "channel": chosen.channel or "",
        "email": chosen.email,
        "language": chosen.language or "",
        "quiet_from": chosen.quiet_from,
        "quiet_until": chosen.quiet_until,
    }
