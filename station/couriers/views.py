"""Pages of a courier: sign-in by phone number and password, the day at a station, themselves and their phones."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import passwords
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.couriers import phones, queries, sign_in
from station.couriers.forms import SignInForm
from station.couriers.phones import Trust
from station.couriers.queries import SignedInCourier
from station.web.gate import current_courier, end_courier_session, needs, public, start_courier_session
from station.web.targets import safe_target

bp = Blueprint("couriers", __name__, url_prefix="/courier")


@bp.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
@public
def sign_in_page() -> ResponseReturnValue:
    """Ask for phone number and password, and sign a courier in."""
    target = safe_target(request.args.get("next")) or url_for("couriers.home")
    if g.courier:
        return redirect(target, 303)
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("couriers/sign_in.html", form=form, refusal="")
    trust = Trust.MONTH if form.remember.data else Trust.SHIFT
    try:
        courier = _prove(form.phone.data or "", form.password.data or "", trust=trust)
    except StationError as error:
        return render_template("couriers/sign_in.html", form=form, refusal=error.message), error.status
    start_courier_session(courier)
    return redirect(target, 303)


def _prove(typed: str, password: str, *, trust: Trust) -> SignedInCourier:
    phone = sign_in.own_phone(typed)
    with transaction():
        proof = sign_in.begin(phone, address=request.remote_addr or "")
    courier = None
    if passwords.matches(proof.password_hash, password) and proof.account_id is not None:
        outdated = passwords.is_outdated(proof.password_hash or "")
        new_hash = passwords.hash_password(password) if outdated else None
        machine = phones.name_of(request.user_agent.string)
        with transaction():
            courier = sign_in.complete(
                phone, proof.account_id, machine=machine, trust=trust, new_hash=new_hash
            )
    if courier is None:
        raise StationError("sign_in_failed", _("The phone number or the password is not right. Try again."))
    return courier


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """Sign out on this phone."""
    if g.courier:
        with transaction():
            phones.end(g.courier.account_id, g.courier.phone_id)
    end_courier_session()
    return redirect(url_for("couriers.sign_in"), 303)


@bp.get("/")
@needs(Permission.OWN_DROPS)
def home() -> ResponseReturnValue:
    """Show the courier's day at a station."""
    courier = current_courier()
    with reading():
        places = queries.stations(courier.account_id)
        carriers = queries.carriers_of(courier.station_id, courier.account_id)
    return render_template("couriers/home.html", places=places, carriers=carriers)


@bp.get("/problems")
@needs(Permission.OWN_DROPS)
def problems() -> ResponseReturnValue:
    """Show what went wrong with parcels of the courier's carriers."""
    return render_template("couriers/problems.html")


@bp.get("/account")
@needs(Permission.OWN_DROPS)
def account() -> ResponseReturnValue:
    """Show the courier's own phones, and how to sign out."""
    return render_template("couriers/account.html")
