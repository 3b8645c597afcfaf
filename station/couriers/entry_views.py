"""How somebody becomes a courier: by the manager's invitation, or by asking at /courier/join and being confirmed."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import passwords
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.ids import LARGEST_ID
from station.couriers import applications, invitations, phones, sign_in, words
from station.couriers.applications import Wish
from station.couriers.forms import CodeForm, JoinForm, NewPasswordForm, OwnPasswordForm, carrier_choices
from station.couriers.invitations import Asks, Invitation
from station.couriers.phones import Trust
from station.couriers.queries import SignedInCourier
from station.network import queries as network
from station.web.gate import public, start_courier_session

bp = Blueprint("courier_entry", __name__, url_prefix="/courier")


@bp.context_processor
def _names() -> dict[str, object]:
    return {"words": words, "carrier_choices": carrier_choices}


@bp.route("/invited", methods=["GET", "POST"])
@public
def type_code() -> ResponseReturnValue:
    """Ask for the code of an invitation that cannot be scanned."""
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("couriers/type_code.html", form=form)
    return redirect(url_for("courier_entry.invited", code="".join((form.code.data or "").split())), 303)


@bp.route("/invited/<code>", methods=["GET", "POST"])
@public
def invited(code: str) -> ResponseReturnValue:
    """Show an invitation, and let the courier in with the password it asks for."""
    invitation = _read(code)
    form = NewPasswordForm() if invitation.asks is Asks.NEW_PASSWORD else OwnPasswordForm()
    if not form.validate_on_submit():
        return _invited_page(invitation, form)
    trust = Trust.MONTH if form.remember.data else Trust.SHIFT
    try:
        courier = _accept(code, invitation, form.password.data or "", trust=trust)
    except StationError as error:
        return _invited_page(invitation, form, refusal=error.message), error.status
    start_courier_session(courier)
    return redirect(url_for("couriers.home"), 303)


def _invited_page(invitation: Invitation, form: NewPasswordForm | OwnPasswordForm, refusal: str = "") -> str:
    return render_template("couriers/invited.html", invitation=invitation, form=form, refusal=refusal)


def _read(code: str) -> Invitation:
    with transaction():
        invitations.count_try(request.remote_addr)
    with reading():
        invitation = invitations.read(code)
        g.station = network.station(invitation.station_id)
    return invitation


def _accept(code: str, invitation: Invitation, password: str, *, trust: Trust) -> SignedInCourier:
    phone, machine = invitation.person.phone, phones.name_of(request.user_agent.string)
    if invitation.asks is Asks.NEW_PASSWORD:
        passwords.require_strong(password, phone.key)
        hashed = passwords.hash_password(password)
        with transaction():
            account_id = invitations.accept_with_new_password(code, hashed)
            courier = sign_in.complete(phone, account_id, machine=machine, trust=trust)
    else:
        with transaction():
            proof = sign_in.begin(phone, address=request.remote_addr or "")
        if not passwords.matches(proof.password_hash, password):
            raise StationError("sign_in_failed", _("This is not the password you sign in with elsewhere."))
        with transaction():
            account_id = invitations.accept(code)
            courier = sign_in.complete(phone, account_id, machine=machine, trust=trust)
    if courier is None:
        raise StationError("courier_sign_in_needed", _("Sign in as a courier first."))
    return courier


@bp.route("/join", methods=["GET", "POST"])
@public
def join() -> ResponseReturnValue:
    """Ask to be a courier of the station that the address names (`station`), and say what to tell the manager."""
    station_id = request.args.get("station", 0, type=int)
    with reading():
        g.station = network.station(station_id if 0 < station_id <= LARGEST_ID else 0)
    form = JoinForm()
    if not form.validate_on_submit():
        return render_template("couriers/join.html", form=form, refusal="")
    try:
        number = _ask(station_id, form)
    except StationError as error:
        return render_template("couriers/join.html", form=form, refusal=error.message), error.status
    return render_template("couriers/asked.html", number=number)


def _ask(station_id: int, form: JoinForm) -> str:
    phone, password = sign_in.own_phone(form.phone.data or ""), form.password.data or ""
    passwords.require_strong(password, phone.key)
    with transaction():
        applications.count_try(request.remote_addr)
    hashed = passwords.hash_password(password)
    wish = Wish(form.name.data or "", phone, tuple(form.carriers.data or ()), hashed)
    with transaction():
        return applications.ask(station_id, wish)
