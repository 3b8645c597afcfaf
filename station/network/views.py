"""Pages of the first run and of a station's settings."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import passwords
from station.accounts.service import NewAccount, clean_login
from station.core import i18n
from station.core.actor import Actor
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import ngettext
from station.core.idempotency import OK, Answer, Body
from station.core.permissions import Permission
from station.network import first_run, forms, holidays, queries, service, week_input
from station.network.calendar import WEEKDAYS, SpecialKind, week_to_json
from station.network.holidays import HolidayCalendar
from station.network.week_input import WeekInput
from station.parcels import overdue
from station.web import idempotent
from station.web.forms import Form, first_error
from station.web.gate import current_actor, needs, public
from station.web.idempotent import act_once, said, told

bp = Blueprint("network", __name__)
idempotent.install(bp)


@bp.route("/setup", methods=["GET", "POST"])
@public
def setup() -> ResponseReturnValue:
    """Show the first-run page, or make the first station. Refused once there is one."""
    with reading():
        first_run.require_empty()
    form = forms.SetupForm(language=i18n.language())
    if not form.validate_on_submit():
        return _setup_page(form, "", 422 if form.is_submitted() else 200)
    try:
        _set_up(form)
    except StationError as error:
        if error.code == "already_set_up":
            raise
        return _setup_page(form, error.message, error.status)
    flash(_("The station is ready. Sign in as its manager."))
    return redirect(url_for("accounts.sign_in"), 303)


def _setup_page(form: forms.SetupForm, refusal: str, status: int) -> ResponseReturnValue:
    page = render_template("network/setup.html", form=form, refusal=refusal, zones=forms.zones())
    return page, status


def _set_up(form: forms.SetupForm) -> None:
    values = form.data
    login = clean_login(values["login"])
    passwords.require_strong(values["password"], login)
    # Hashing takes long on purpose, so it is done before the database is held.
    password_hash = passwords.hash_password(values["password"])
    fields = ("name", "city", "zone", "language", "shelves", "layers", "capacity")
    new = first_run.NewStation(**{name: values[name] for name in fields})
    manager = NewAccount(login, values["person"], values["language"])
    with transaction():
        first_run.set_up(new, manager, password_hash=password_hash)


@bp.get("/settings")
@needs(Permission.SETTINGS)
def settings() -> ResponseReturnValue:
    """Lead to the first settings page."""
    return redirect(url_for("network.station"), 303)


@bp.route("/settings/station", methods=["GET", "POST"])
@needs(Permission.SETTINGS)
def station() -> ResponseReturnValue:
    """Show and change name, city, time zone and language."""
    return _edit(forms.StationForm, "network/station.html", zones=forms.zones())


@bp.route("/settings/storage", methods=["GET", "POST"])
@needs(Permission.SETTINGS)
def storage() -> ResponseReturnValue:
    """Show and change after how long a parcel is reminded of, overdue, alarming, and returned."""
    return _edit(forms.StorageForm, "network/storage.html")


@bp.route("/settings/numbering", methods=["GET", "POST"])
@needs(Permission.SETTINGS)
def numbering() -> ResponseReturnValue:
    """Show and change how pickup codes get their number."""
    return _edit(forms.NumberingForm, "network/numbering.html")


@bp.route("/settings/messages", methods=["GET", "POST"])
@needs(Permission.SETTINGS)
def messages() -> ResponseReturnValue:
    """Show and change what happens without consent, and how long messages wait."""
    return _edit(forms.MessagesForm, "network/messages.html")


def _edit(form_class: type[Form], template: str, **names: Any) -> ResponseReturnValue:
    """Show a settings form, or save it and come back."""
    with reading():
        form = form_class(data=queries.settings(current_actor().station_id))
    refusal, status = "", 200
    if form.validate_on_submit():
        answer = _save(str(request.endpoint), said(form))
        if answer.status == OK:
            return redirect(url_for(str(request.endpoint)), 303)
        refusal, status = answer.body["message"], answer.status
    elif form.is_submitted():
        status = 422
    return render_template(template, form=form, refusal=refusal, **names), status


def _save(operation: str, values: Body) -> Answer:
    """Change the settings to `values`, of which `version` is the one the person saw; tell of success."""
    changes = {name: value for name, value in values.items() if name != "version"}

    def act(actor: Actor) -> Body:
        changed = service.change_settings(actor, changes, version=values["version"])
        moved = overdue.reschedule(actor.station_id) if changed & service.CLOCK_FIELDS else 0
        return {"changed": bool(changed), "moved": moved}

    answer = act_once(operation, values, act)
    if answer.status == OK:
        flash(_saved(answer.body["moved"]) if answer.body["changed"] else _("Nothing was changed."))
    return answer


def _saved(moved: int) -> str:
    if not moved:
        return _("Saved.")
    return ngettext(
        "Saved. The deadline of %(num)s stored parcel moved.",
        "Saved. The deadlines of %(num)s stored parcels moved.",
        moved,
    )


@bp.route("/settings/hours", methods=["GET", "POST"])
@needs(Permission.SETTINGS)
def hours() -> ResponseReturnValue:
    """Show and change the weekly opening hours; `copy` fills every day like one of them, without saving."""
    with reading():
        rules = queries.rules(current_actor().station_id)
    if request.method == "GET":
        return _hours_page(week_input.as_typed(rules.timetable.weekly), rules.version)
    typed, version = week_input.read(request.form), request.form.get("version", type=int) or 0
    copy = request.form.get("copy", type=int)
    if copy is not None and 0 <= copy < WEEKDAYS:
        return _hours_page(week_input.copied_from(typed, copy), version, is_copied=True)
    if typed.problems:
        return _hours_page(typed, version, status=422)
    answer = _save("network.hours", {"weekly_hours": week_to_json(typed.week), "version": version})
    if answer.status != OK:
        return _hours_page(typed, version, refusal=answer.body["message"], status=answer.status)
    return redirect(url_for("network.hours"), 303)


def _hours_page(
    typed: WeekInput, version: int, *, refusal: str = "", is_copied: bool = False, status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "network/hours.html", typed=typed, version=version, refusal=refusal, is_copied=is_copied
    )
    return page, status


@bp.route("/settings/days", methods=["GET", "POST"])
@needs(Permission.SETTINGS)
def days() -> ResponseReturnValue:
    """List the holidays, closures and extra openings, or add one."""
    form, refusal, status = forms.SpecialDayForm(), "", 200
    if form.validate_on_submit():
        answer = _add_day(form)
        if answer.status == OK:
            flash(_saved(answer.body["moved"]))
            return redirect(url_for("network.days"), 303)
        refusal, status = answer.body["message"], answer.status
    elif form.is_submitted():
        status = 422
    return _days_page(form, refusal, status)


def _add_day(form: forms.SpecialDayForm) -> Answer:
    values, (opens, closes) = form.data, form.hours or (None, None)
    first = values["first_day"]
    new = service.NewSpecialDay(
        SpecialKind(values["kind"]), first, values["last_day"] or first, values["reason"], opens, closes
    )

    def act(actor: Actor) -> Body:
        service.add_special_day(actor, new)
        return {"moved": overdue.reschedule(actor.station_id)}

    return act_once("network.add_day", said(form), act)


def _days_page(form: forms.SpecialDayForm, refusal: str, status: int) -> ResponseReturnValue:
    station_id = current_actor().station_id
    with reading():
        rules = queries.rules(station_id)
        today = service.today(rules.zone)
        values = {
            "days": queries.special_days(station_id, since=today - service.REPORTED_WITHIN),
            "public": holidays.ahead(HolidayCalendar(rules.holiday_calendar), rules.timetable, today),
            "unknown": holidays.unknown_years(HolidayCalendar(rules.holiday_calendar), today),
            "holidays_form": forms.HolidaysForm(formdata=None, data=queries.settings(station_id)),
        }
    page = render_template("network/days.html", form=form, refusal=refusal, today=today, **values)
    return page, status


@bp.post("/settings/holidays")
@needs(Permission.SETTINGS)
def public_holidays() -> ResponseReturnValue:
    """Choose whose public holidays the station looks at, and what it does on them."""
    form = forms.HolidaysForm()
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    answer = _save("network.public_holidays", said(form))
    if answer.status != OK:
        flash(answer.body["message"], "bad")
    return redirect(url_for("network.days"), 303)


@bp.post("/settings/days/<int:day_id>/remove")
@needs(Permission.SETTINGS)
def remove_day(day_id: int) -> ResponseReturnValue:
    """Take a special day back that has not begun."""

    def act(actor: Actor) -> Body:
        service.remove_special_day(actor, day_id)
        return {"moved": overdue.reschedule(actor.station_id)}

    answer = act_once("network.remove_day", {"day": str(day_id)}, act)
    told(answer, _saved(answer.body.get("moved", 0)))
    return redirect(url_for("network.days"), 303)
