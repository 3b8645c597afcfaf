"""Pages of sign-in, one's own account, staff and devices."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from station.accounts import passwords, service
from station.accounts.forms import SignInForm
from station.accounts.queries import Person
from station.core.db import transaction
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.web.gate import SignedIn, needs, public
from station.web.targets import safe_target

bp = Blueprint("accounts", __name__)


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
        with transaction():
            person = service.complete_sign_in(candidate)
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
    logout_user()
    session.clear()
    return redirect(url_for("accounts.sign_in"), 303)


@bp.get("/account")
@needs(Permission.OWN_ACCOUNT)
def account() -> ResponseReturnValue:
    """Show one's own account."""
    return render_template("accounts/account.html")
