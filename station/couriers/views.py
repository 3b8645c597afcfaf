"""Pages of a courier: sign-in by phone number and password, the day at a station, themselves and their phones."""

from dataclasses import replace

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import passwords
from station.core import clock
from station.core.actor import Actor
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.couriers import day_queries, people_queries, personal, phones, queries, sign_in, words
from station.couriers.forms import PasswordForm, SignInForm, StationChoiceForm
from station.couriers.phones import Trust
from station.couriers.queries import SignedInCourier
from station.disputes import queries as disputes
from station.disputes import words as dispute_words
from station.drops import queries as drops
from station.web import idempotent
from station.web.gate import current_courier, end_courier_session, needs, public, start_courier_session
from station.web.idempotent import act_once, told
from station.web.targets import safe_target

bp = Blueprint("couriers", __name__, url_prefix="/courier")
idempotent.install(bp)


@bp.context_processor
def _names() -> dict[str, object]:
    return {"words": words, "dispute_words": dispute_words}


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


@bp.post("/sign-out-everywhere")
@needs(Permission.OWN_DROPS)
def sign_out_everywhere() -> ResponseReturnValue:
    """Sign out on every phone, this one too."""
    with transaction():
        phones.end_all(current_courier().account_id)
    end_courier_session()
    flash(_("You are signed out on every phone."))
    return redirect(url_for("couriers.sign_in"), 303)


@bp.get("/")
@needs(Permission.OWN_DROPS)
def home() -> ResponseReturnValue:
    """Show the courier's day at a station: drops, signatures owed, hand-backs to collect, problems."""
    courier = current_courier()
    with reading():
        places = queries.stations(courier.account_id)
        carriers = queries.carriers_of(courier.station_id, courier.account_id)
        dropped = drops.today(courier.station_id, courier.account_id)
        counts = drops.counts_of(courier.station_id, dropped)
        hand_backs = day_queries.hand_backs(courier.station_id, carriers)
        troubles = day_queries.troubles(courier.station_id, carriers)
        cases = disputes.of_carriers(courier.station_id, carriers)
    return render_template(
        "couriers/home.html",
        places=places,
        carriers=carriers,
        drops=[(one, counts[one.id]) for one in dropped],
        hand_backs=hand_backs,
        troubles=troubles,
        disputes=[one for one in cases if one.is_standing],
    )


@bp.post("/station")
@needs(Permission.OWN_DROPS)
def change_station() -> ResponseReturnValue:
    """Work at another of the courier's stations from now on, on this phone."""
    form, courier = StationChoiceForm(), current_courier()
    with reading():
        allowed = {str(place.station_id): place for place in queries.stations(courier.account_id)}
    chosen = allowed.get(form.station.data or "") if form.validate() else None
    if chosen is None:
        raise StationError("not_found", _("This station does not exist, or you do not come there."))
    start_courier_session(replace(courier, station_id=chosen.station_id))
    return redirect(url_for("couriers.home"), 303)


@bp.get("/problems")
@needs(Permission.OWN_DROPS)
def problems() -> ResponseReturnValue:
    """Show parcels of the courier's carriers with which something is wrong."""
    courier = current_courier()
    with reading():
        carriers = queries.carriers_of(courier.station_id, courier.account_id)
        troubles = day_queries.troubles(courier.station_id, carriers)
    return render_template("couriers/problems.html", troubles=troubles)


@bp.get("/account")
@needs(Permission.OWN_DROPS)
def account() -> ResponseReturnValue:
    """Show the courier's stations and phones, and what they may do about themselves."""
    return _account_page(PasswordForm(formdata=None))


def _account_page(form: PasswordForm, refusal: str = "") -> str:
    courier = current_courier()
    with reading():
        known = queries.known(courier.account_id)
        places = [
            (place, queries.carriers_of(place.station_id, courier.account_id))
            for place in queries.stations(courier.account_id)
        ]
        mine = people_queries.phones_of([courier.account_id]).get(courier.account_id, ())
    return render_template(
        "couriers/account.html", known=known, places=places, phones=mine, form=form, refusal=refusal
    )


@bp.post("/password")
@needs(Permission.OWN_DROPS)
def change_password() -> ResponseReturnValue:
    """Change one's own password; other phones are signed out, this one goes on."""
    form = PasswordForm()
    if not form.validate():
        return _account_page(form), 422
    try:
        courier = _new_password(form.old.data or "", form.new.data or "")
    except StationError as error:
        return _account_page(form, refusal=error.message), error.status
    start_courier_session(courier)
    flash(_("The password is changed. Other phones are signed out."))
    return redirect(url_for("couriers.account"), 303)


def _new_password(old: str, new: str) -> SignedInCourier:
    courier = current_courier()
    with transaction():
        proof = sign_in.begin_change(courier)
    if not passwords.matches(proof.password_hash, old):
        raise StationError("sign_in_failed", _("The password you have now is not right. Type it again."))
    passwords.require_strong(new, proof.login)
    hashed = passwords.hash_password(new)
    with transaction():
        changed = sign_in.complete_change(courier, hashed)
    if changed is None:
        raise StationError("courier_sign_in_needed", _("Sign in as a courier first."))
    return changed


@bp.post("/phones/<int:phone_id>/end")
@needs(Permission.OWN_DROPS)
def end_phone(phone_id: int) -> ResponseReturnValue:
    """Sign out on one of one's phones."""
    courier = current_courier()

    def act(_actor: Actor) -> None:
        phones.end(courier.account_id, phone_id)

    answer = act_once("courier.phone", {"phone": str(phone_id)}, act, actor=courier.actor)
    told(answer, _("Signed out there."))
    return redirect(url_for("couriers.account"), 303)


@bp.get("/export")
@needs(Permission.OWN_DROPS)
def export() -> ResponseReturnValue:
    """Hand over everything that is kept about the courier, as a file."""
    with reading():
        text = personal.export(current_courier())
    name = f"my-data-{clock.now():%Y-%m-%d}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, mimetype="application/json", headers=headers)


@bp.get("/erase")
@needs(Permission.OWN_DROPS)
def erase() -> ResponseReturnValue:
    """Say what is erased and what stays, and ask once more."""
    return render_template("couriers/erase.html")


@bp.post("/erase")
@needs(Permission.OWN_DROPS)
def do_erase() -> ResponseReturnValue:
    """Erase the courier, and sign out everywhere."""
    courier = current_courier()

    def act(_actor: Actor) -> None:
        personal.erase(courier)

    told(
        act_once("courier.erase", {}, act, actor=courier.actor),
        _("Your account is erased. Stations cannot find you by name or number any more."),
    )
    end_courier_session()
    return redirect(url_for("couriers.sign_in"), 303)
