"""Pages of a resident: sign-in by one-time code, what waits for them, what came before, and themselves."""

from functools import partial

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from station.accounts import service as accounts
from station.accounts.queries import Resident
from station.core import clock, crypto
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.core.phones import Phone, PhoneKind, parse
from station.me import card, queries, words
from station.me.card import Screen
from station.me.forms import CodeForm, PhoneForm
from station.me.identity_views import with_card
from station.me.queries import AtStation
from station.network import queries as network
from station.notices import channel_settings
from station.residents import sign_in as codes
from station.web.gate import current_resident, end_resident_session, needs, public, start_resident_session
from station.web.targets import safe_target

bp = Blueprint("me", __name__, url_prefix="/me")
ASKED = "me.phone"  # the number that waits for its code, in the browser's session


@bp.context_processor
def _names() -> dict[str, object]:
    return {"words": words, "seconds_left": _seconds_left}


def _seconds_left(screen: Screen) -> int:
    return card.seconds_left(screen.step, clock.now().timestamp())


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Ask for a phone number, and send it a code. The answer is the same for a number nobody knows."""
    if g.resident:
        return redirect(url_for("me.home"), 303)
    form = PhoneForm()
    if not form.validate_on_submit():
        return render_template("me/sign_in.html", form=form, refusal="", asked=_asked())
    phone = parse(form.phone.data or "")
    try:
        if phone is None or phone.kind is PhoneKind.PRIVACY:
            raise StationError("bad_input", _("This is not a phone number. Type all of its digits."))
        # Before asking: whoever is refused for too many may have a code that came already.
        session[ASKED] = crypto.encrypt(phone.key).hex()  # a session is signed, not encrypted
        with transaction():
            codes.ask(phone, address=request.remote_addr or "", reaches=partial(_reaches, phone))
    except StationError as error:
        page = render_template("me/sign_in.html", form=form, refusal=error.message, asked=_asked())
        return page, error.status
    return redirect(url_for("me.code", next=safe_target(request.args.get("next"))), 303)


def _reaches(phone: Phone, station_id: int) -> bool:
    channels = channel_settings.channels_for(station_id, current_app.config["SETTINGS"])
    return any(channel.reaches(phone, None) for channel in channels)


def _asked() -> Phone | None:
    """Return the number that waits for its code in this browser."""
    try:
        return parse(crypto.decrypt(bytes.fromhex(session.get(ASKED, ""))))
    except ValueError:
        return None


@bp.route("/code", methods=["GET", "POST"])
@public
def code() -> ResponseReturnValue:
    """Ask for the code that was sent, and sign in with it."""
    phone = _asked()
    if phone is None:
        return redirect(url_for("me.sign_in"), 303)
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("me/code.html", form=form, phone=phone, refusal="")
    try:
        resident = _prove(phone, form.code.data or "")
    except StationError as error:
        return render_template("me/code.html", form=form, phone=phone, refusal=error.message), error.status
    session.pop(ASKED, None)
    start_resident_session(resident)
    return redirect(safe_target(request.args.get("next")) or url_for("me.home"), 303)


def _prove(phone: Phone, typed: str) -> Resident:
    refusal: StationError | None = None
    with transaction():  # a wrong try is kept: only what is committed counts
        try:
            found = codes.prove(phone, "".join(typed.split()), address=request.remote_addr or "")
        except StationError as error:
            refusal = error
    if refusal:
        raise refusal
    with transaction():
        return accounts.sign_in_resident(found)


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """Sign out in this browser."""
    end_resident_session()
    return redirect(url_for("me.sign_in"), 303)


@bp.post("/sign-out-everywhere")
@needs(Permission.OWN_PARCELS)
def sign_out_everywhere() -> ResponseReturnValue:
    """End all of the resident's sessions, this one too."""
    resident = current_resident()
    with transaction():
        accounts.sign_out_everywhere(resident.at(0))  # an account is of the whole network
    end_resident_session()
    flash(_("You are signed out on every phone and computer."))
    return redirect(url_for("me.sign_in"), 303)


@bp.get("/")
@needs(Permission.OWN_PARCELS)
def home() -> ResponseReturnValue:
    """Show the identity card of one station, and the parcels that wait, at every station."""
    resident = current_resident()
    with reading():
        places = queries.stations(resident)
        here = _chosen(places, request.args.get("station", 0, type=int))
        g.station = network.station(here.rules.station_id) if here else None
    screen = _screen(resident, here.rules.station_id) if here else None
    return render_template("me/home.html", places=places, here=here, screen=screen)


def _chosen(places: list[AtStation], station_id: int) -> AtStation | None:
    """Return the station whose identity code is shown: the first, unless another is asked for."""
    if not station_id:
        return places[0] if places else None
    chosen = [place for place in places if place.rules.station_id == station_id]
    if not chosen:
        raise StationError("not_found", _("This station does not know your number."))
    return chosen[0]


def _screen(resident: Resident, station_id: int) -> Screen:
    return with_card(resident, station_id, lambda recipient_id: card.screen_now(station_id, recipient_id))


@bp.get("/parcels")
@needs(Permission.OWN_PARCELS)
def parcels() -> ResponseReturnValue:
    """Show what waits no more, a page at a time."""
    resident = current_resident()
    with reading():
        found = queries.history(resident, after=request.args.get("after", ""))
    shown = found[: queries.PAGE]
    more = shown[-1].cursor if len(found) > queries.PAGE else ""
    return render_template("me/parcels.html", parcels=shown, more=more)


@bp.get("/account")
@needs(Permission.OWN_PARCELS)
def account() -> ResponseReturnValue:
    """Show what residents decide about themselves, and how they sign out."""
    return render_template("me/account.html")
