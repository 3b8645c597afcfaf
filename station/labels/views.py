"""Check-in by a picture of a label: take it, look at what was read, confirm. Nothing is kept of the picture."""

from base64 import b64encode
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.carriers.detection import canonical_waybill
from station.core import clock, names, phones
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.events.service import Refusal, keep_refused_scan
from station.labels import queries, reader, service
from station.labels.forms import ConfirmForm
from station.labels.queries import Books
from station.labels.reading import Fields, Found, is_masked, read
from station.labels.service import Confirmed
from station.labels.sight import Box, Line, Sight
from station.parcels import batches
from station.shelves import queries as shelves
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, said

bp = Blueprint("labels", __name__, url_prefix="/check-in/label")
PURPOSE = "check_in"


@bp.before_request
def _require_reader() -> None:
    """Hide the pages of an installation that reads no labels."""
    if not reader.is_installed():
        raise StationError("not_found", _("This installation does not read labels. `make ocr` installs it."))


@bp.get("")
@needs(Permission.CHECK_IN)
def page() -> ResponseReturnValue:
    """Ask for a picture."""
    return _asking()


def _asking(status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    with reading():
        return render_template("labels/page.html", row=_row(actor)), status


def _row(actor: Actor) -> Any:
    batch = batches.current(actor)
    return shelves.layer(actor.station_id, batch.layer_id) if batch and batch.layer_id else None


@bp.post("")
@needs(Permission.CHECK_IN)
def look() -> ResponseReturnValue:
    """Show what is read in a picture. Writes nothing."""
    try:
        sight = reader.read(_picture())
    except StationError as error:
        flash(error.message, "bad")
        return _asking(error.status)
    fields = read(sight)
    form = ConfirmForm(formdata=None, data=_first_guess(fields))
    return _shown(form, fields, sight=sight)


def _picture() -> bytes:
    """Return the picture that was sent. Raises StationError `bad_input` when none was."""
    sent = request.files.get("picture")
    content = sent.stream.read(reader.LARGEST + 1) if sent else b""
    if not content:
        raise StationError("bad_input", _("Choose a picture of the label first."))
    return content


def _first_guess(fields: Fields) -> dict[str, str]:
    """Return what stands in the form at first. A name with hidden letters is nobody's name."""
    whole = [found for found in fields.names if not is_masked(found.value)]
    return {
        "waybill": _value(fields.waybills),
        "carrier": _value(fields.carriers),
        "phone": _value(fields.phones),
        "name": _value(whole),
    }


def _value(found: Any) -> str:
    return found[0].value if found else ""


def _shown(
    form: ConfirmForm, fields: Fields, *, sight: Sight | None = None, status: int = 200
) -> ResponseReturnValue:
    actor = current_actor()
    with reading():
        page = render_template(
            "labels/read.html",
            form=form,
            sight=sight,
            picture=b64encode(sight.picture).decode() if sight else "",
            marks=_marks(fields),
            books=_books(actor, form.waybill.data or "", fields),
            row=_row(actor),
        )
    return page, status


def _marks(fields: Fields) -> list[tuple[str, Found]]:
    """Return every find with the form's field it may fill."""
    by_field = {"waybill": fields.waybills, "phone": fields.phones, "name": fields.names}
    marks = [(name, found) for name, finds in by_field.items() for found in finds]
    return sorted(marks, key=lambda mark: (mark[1].box.y, mark[1].box.x))


def _books(actor: Actor, typed: str, fields: Fields) -> Books:
    waybill = canonical_waybill(typed)
    return queries.of_waybill(actor.station_id, waybill, fields) if waybill else Books()


@bp.post("/confirm")
@needs(Permission.CHECK_IN)
def confirm() -> ResponseReturnValue:
    """Check in what somebody has confirmed; a question that is left is asked on the check-in page."""
    form = ConfirmForm()
    if not form.validate():
        return _shown(form, _typed(form), status=422)
    answer = act_once(
        "labels.check_in",
        said(form),
        lambda actor: service.check_in(actor, _confirmed(form)),
        on_refusal=lambda error: _keep(current_actor(), form, error),
    )
    if answer.status != 200:
        flash(answer.body["message"], "bad")
        return _shown(form, _typed(form), status=answer.status)
    _tell(answer.body)
    is_open = answer.body["kind"] == "question"
    return redirect(url_for("check_in.page" if is_open else "labels.page"), 303)


def _typed(form: ConfirmForm) -> Fields:
    """Return what was typed as a reading, so that it is compared with the announcement as the label was."""
    line = Line((form.phone.data or "")[: phones.LONGEST], Box(0, 0, 1, 1))
    return read(Sight(1, 1, (line,)))


def _confirmed(form: ConfirmForm) -> Confirmed:
    """Return what was confirmed. Raises StationError `bad_input` for a phone number or a name that is none."""
    number, name = (form.phone.data or "").strip(), (form.name.data or "").strip()
    phone = phones.parse(number)
    if number and phone is None and not is_masked(number):
        raise StationError("bad_input", _("This is not a phone number. Type it as it stands on the label."))
    if name and names.clean(name) is None:
        raise StationError("bad_input", _("Type the name as it stands on the label, at most 40 characters."))
    whole_name = names.clean(name) if name and not is_masked(name) else None
    return Confirmed(
        waybill=form.waybill.data or "",
        carrier=form.carrier.data or None,
        phone=phone,
        name=whole_name,
        shown=number,
        is_theirs=bool(form.is_theirs.data),
    )


def _keep(actor: Actor, form: ConfirmForm, error: StationError) -> None:
    batch = batches.current(actor)
    raw = form.waybill.data or ""
    keep_refused_scan(actor, Refusal(PURPOSE, error.code, raw, clock.now(), batch.id if batch else None))


def _tell(body: dict[str, Any]) -> None:
    parcel = body.get("parcel")
    if parcel and parcel["problem"]:
        flash(
            _("%(waybill)s is set aside: put it on %(code)s.", waybill=body["waybill"], code=parcel["code"])
        )
    elif parcel:
        flash(
            _("%(waybill)s is checked in: put it on %(code)s.", waybill=body["waybill"], code=parcel["code"])
        )
    elif body["kind"] == "question":
        flash(_("The label does not tell all. Answer what is missing."), "warn")
