"""Pages of sign-in, one's own account, staff, devices, and the network's list of stations."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user

from station.accounts import devices, passwords, queries, service, staff
from station.accounts.devices import DeviceKind
from station.accounts.forms import (
    ROLES,
    DeviceForm,
    KnownStaffForm,
    NameForm,
    PasswordForm,
    RoleForm,
    SignInForm,
    StaffForm,
    StationChoiceForm,
)
from station.accounts.queries import Person
from station.core.actor import Actor
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import OK, Answer, Body
from station.core.permissions import Permission, Role
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import SignedIn, current_actor, needs, public
from station.web.idempotent import act_once, said, told
from station.web.targets import safe_target

bp = Blueprint("accounts", __name__)
idempotent.install(bp)
ONE_PERSON = "/staff/<int:account_id>"
ONE_DEVICE = "/devices/<int:device_id>"


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Show the sign-in page, or sign somebody in and send them on."""
    target = safe_target(request.args.get("next")) or url_for("web.home")
    if current_user.is_authenticated:
        return redirect(target, 303)
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form, refusal="")
    try:
        person = _prove(form.login.data or "", form.password.data or "")
    except StationError as error:
        return render_template("accounts/sign_in.html", form=form, refusal=error.message), error.status
    start_session(person)
    return redirect(target, 303)


def _prove(login: str, password: str) -> Person:
    with transaction():
        candidate = service.begin_sign_in(login, address=request.remote_addr or "")
    person = None
    if passwords.matches(candidate.password_hash, password):
        outdated = passwords.is_outdated(candidate.password_hash or "")
        new_hash = passwords.hash_password(password) if outdated else None
        with transaction():
            person = service.complete_sign_in(candidate, new_hash=new_hash)
    if person is None:
        raise StationError("sign_in_failed", _("The sign-in name or the password is not right. Try again."))
    return person


def start_session(person: Person) -> None:
    """Sign `person` in, in this browser; whatever its session held before is gone."""
    session.clear()
    login_user(SignedIn(person))


@bp.post("/sign-out")
@needs(Permission.OWN_ACCOUNT)
def sign_out() -> ResponseReturnValue:
    """Sign out in this browser."""
    session.clear()
    return redirect(url_for("accounts.sign_in"), 303)


@bp.post("/sign-out-everywhere")
@needs(Permission.OWN_ACCOUNT)
def sign_out_everywhere() -> ResponseReturnValue:
    """End all of one's sessions, this one too."""
    act_once("account.sign_out_everywhere", {}, service.sign_out_everywhere)
    session.clear()
    flash(_("You are signed out on every machine."))
    return redirect(url_for("accounts.sign_in"), 303)


@bp.get("/account")
@needs(Permission.OWN_ACCOUNT)
def account() -> ResponseReturnValue:
    """Show one's own account: password, stations, sign out everywhere."""
    return _account_page(PasswordForm())


@bp.post("/account/password")
@needs(Permission.OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    """Change one's own password; other sessions end, this one goes on."""
    form = PasswordForm()
    if not form.validate():
        return _account_page(form), 422
    try:
        person = _new_password(form.old.data or "", form.new.data or "")
    except StationError as error:
        return _account_page(form, refusal=error.message), error.status
    start_session(person)
    flash(_("The password is changed. Other machines are signed out."))
    return redirect(url_for("accounts.account"), 303)


def _new_password(old: str, new: str) -> Person:
    actor = current_actor()
    with transaction():
        candidate = service.begin_password_change(actor)
    if not passwords.matches(candidate.password_hash, old):
        raise StationError("sign_in_failed", _("The password you have now is not right. Type it again."))
    passwords.require_strong(new, candidate.login)
    if new == old:
        raise StationError("password_weak", _("This is the password you have. Choose another one."))
    hashed = passwords.hash_password(new)
    with transaction():
        person = service.complete_password_change(actor, hashed)
    if person is None:
        raise StationError("sign_in_needed", _("Sign in first."))
    return person


def _account_page(form: PasswordForm, refusal: str = "") -> str:
    with reading():
        places = queries.work_places(current_actor().id)
    return render_template("accounts/account.html", form=form, refusal=refusal, places=places)


@bp.post("/account/station")
@needs(Permission.OWN_ACCOUNT)
def change_station() -> ResponseReturnValue:
    """Work at another of one's stations from now on, in this browser."""
    form = StationChoiceForm()
    actor = current_actor()
    with reading():
        allowed = {str(place.station_id) for place in queries.work_places(actor.id)}
        if not form.validate() or form.station.data not in allowed:
            raise StationError("not_found", _("This station does not exist, or you do not work there."))
        epoch = current_user.person.epoch
        person = queries.person(actor.id, epoch=epoch, station_id=int(form.station.data))
    if person is None:
        raise StationError("sign_in_needed", _("Sign in first."))
    start_session(person)
    return redirect(url_for("web.home"), 303)


@bp.get("/network/stations")
@needs(Permission.NETWORK)
def stations() -> ResponseReturnValue:
    """List the network's stations, each with a way to work there."""
    with reading():
        places = queries.work_places(current_actor().id)
    return render_template("accounts/stations.html", places=places)


@bp.get("/staff", endpoint="staff")
@needs(Permission.STAFF)
def staff_list() -> ResponseReturnValue:
    """List the station's staff, with a form for somebody new."""
    return _staff_page(StaffForm())


@bp.post("/staff")
@needs(Permission.STAFF)
def add_staff() -> ResponseReturnValue:
    """Add somebody and show their one-time password this once."""
    form = StaffForm()
    if not form.validate():
        return _staff_page(form), 422
    new, role = service.NewAccount(form.login.data or "", form.name.data or ""), Role(form.role.data)
    prepared = staff.prepare()

    def act(actor: Actor) -> Body:
        return _shown_once(staff.add_staff(actor, new, role=role, prepared=prepared))

    answer = act_once("staff.add", said(form), act)
    if answer.status != OK:
        return _staff_page(form, refusal=answer.body["message"]), answer.status
    return _one_time_page(answer)


@bp.post("/staff/known")
@needs(Permission.STAFF)
def attach_staff() -> ResponseReturnValue:
    """Let somebody of another station work here too."""
    form = KnownStaffForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    login, role = form.known_login.data or "", Role(form.known_role.data)

    def act(actor: Actor) -> None:
        staff.attach_staff(actor, login, role=role)

    answer = act_once("staff.attach", said(form), act)
    return _back_to_staff(answer, _("This person can work here now, and signs in as before."))


@bp.post(f"{ONE_PERSON}/name")
@needs(Permission.STAFF)
def rename_staff(account_id: int) -> ResponseReturnValue:
    """Correct somebody's name."""
    name = _name(NameForm())

    def act(actor: Actor) -> None:
        staff.rename_staff(actor, account_id, name=name)

    answer = act_once("staff.rename", {"account": str(account_id), "name": name}, act)
    return _back_to_staff(answer, _("The name is changed."))


@bp.post(f"{ONE_PERSON}/role")
@needs(Permission.STAFF)
def change_role(account_id: int) -> ResponseReturnValue:
    """Make a clerk a manager, or a manager a clerk."""
    form = RoleForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    role = Role(form.role.data)

    def act(actor: Actor) -> Body:
        return {"is_new": staff.change_role(actor, account_id, role=role)}

    answer = act_once("staff.role", {"account": str(account_id), "role": role.value}, act)
    is_new = answer.body.get("is_new")
    return _back_to_staff(answer, _("The role is changed.") if is_new else _("Nothing was changed."))


@bp.post(f"{ONE_PERSON}/disable")
@needs(Permission.STAFF)
def disable_staff(account_id: int) -> ResponseReturnValue:
    """End somebody's work here."""

    def act(actor: Actor) -> None:
        staff.disable_staff(actor, account_id)

    answer = act_once("staff.disable", {"account": str(account_id)}, act)
    return _back_to_staff(answer, _("This person can no longer work here."))


@bp.post(f"{ONE_PERSON}/enable")
@needs(Permission.STAFF)
def enable_staff(account_id: int) -> ResponseReturnValue:
    """Let somebody work here again."""

    def act(actor: Actor) -> None:
        staff.enable_staff(actor, account_id)

    answer = act_once("staff.enable", {"account": str(account_id)}, act)
    return _back_to_staff(answer, _("This person can work here again."))


@bp.post(f"{ONE_PERSON}/password")
@needs(Permission.STAFF)
def reset_password(account_id: int) -> ResponseReturnValue:
    """Give somebody a one-time password and show it this once."""
    prepared = staff.prepare()

    def act(actor: Actor) -> Body:
        return _shown_once(staff.reset_password(actor, account_id, prepared=prepared))

    answer = act_once("staff.reset_password", {"account": str(account_id)}, act)
    return _one_time_page(answer) if answer.status == OK else _back_to_staff(answer, "")


def _shown_once(made: staff.OneTimePassword) -> Body:
    """Return the answer that the same form, sent twice, shows again: it is kept encrypted."""
    return {"account": str(made.account_id), "password": made.password}


def _back_to_staff(answer: Answer, done: str) -> ResponseReturnValue:
    told(answer, done)
    return redirect(url_for("accounts.staff"), 303)


def _staff_page(form: StaffForm, refusal: str = "") -> str:
    with reading():
        people = queries.staff(current_actor().station_id)
    return render_template(
        "accounts/staff.html",
        form=form,
        known=KnownStaffForm(formdata=None),
        roles=ROLES,
        refusal=refusal,
        people=people,
    )


def _one_time_page(answer: Answer) -> str:
    with reading():
        people = queries.staff(current_actor().station_id)
    person = next(entry for entry in people if str(entry.account_id) == answer.body["account"])
    return render_template("accounts/one_time_password.html", person=person, password=answer.body["password"])


@bp.get("/devices", endpoint="devices")
@needs(Permission.DEVICES)
def device_list() -> ResponseReturnValue:
    """List the devices that may speak to the API, with a form for a new one."""
    return _devices_page(DeviceForm())


@bp.post("/devices")
@needs(Permission.DEVICES)
def add_device() -> ResponseReturnValue:
    """Make a device and show its token this once."""
    form = DeviceForm()
    if not form.validate():
        return _devices_page(form), 422
    name = form.name.data or ""

    def act(actor: Actor) -> Body:
        return {"token": devices.add_device(actor, name=name).token}

    answer = act_once("devices.add", said(form), act)
    if answer.status != OK:
        return _devices_page(form, refusal=answer.body["message"]), answer.status
    return render_template("accounts/device_token.html", name=name, token=answer.body["token"])


@bp.post(f"{ONE_DEVICE}/name")
@needs(Permission.DEVICES)
def rename_device(device_id: int) -> ResponseReturnValue:
    """Rename a device."""
    name = _name(DeviceForm())

    def act(actor: Actor) -> None:
        devices.rename_device(actor, device_id, name=name)

    told(act_once("devices.rename", {"device": str(device_id), "name": name}, act), _("The name is changed."))
    return redirect(url_for("accounts.devices"), 303)


@bp.post(f"{ONE_DEVICE}/revoke")
@needs(Permission.DEVICES)
def revoke_device(device_id: int) -> ResponseReturnValue:
    """End a device's token for ever."""

    def act(actor: Actor) -> None:
        devices.revoke_device(actor, device_id)

    told(act_once("devices.revoke", {"device": str(device_id)}, act), _("The device's token is revoked."))
    return redirect(url_for("accounts.devices"), 303)


def _devices_page(form: DeviceForm, refusal: str = "") -> str:
    with reading():
        entries = [one for one in queries.devices(current_actor().station_id) if one.kind == DeviceKind.API]
    return render_template("accounts/devices.html", form=form, refusal=refusal, devices=entries)


def _name(form: NameForm | DeviceForm) -> str:
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    return form.name.data or ""
