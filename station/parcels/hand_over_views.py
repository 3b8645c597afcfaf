"""The hand-over desk: one box that finds people and takes scans, hand-over of several at once, and undo.

A scan is one request that acts once by its key. Several parcels at once are one request too, in which each parcel has
a transaction and a key of its own: one that is refused keeps nobody's other parcels back, and a repeated request acts
on none of them twice.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from station.carriers.detection import looks_glued
from station.core import names, shown_codes
from station.core.actor import Actor
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import ngettext
from station.core.idempotency import OK, Answer, Body
from station.core.permissions import Permission
from station.events.service import Refusal, keep_refused_scan
from station.parcels import (
    desk,
    desk_queries,
    hand_over,
    parcel_queries,
    queries,
    search,
    shared_views,
    telling,
    words,
)
from station.parcels.desk_queries import Found, Gone, Person
from station.parcels.forms import DeskForm, PictureForm, UndoForm
from station.parcels.hand_over import HandedOver, Taker
from station.parcels.parcel_queries import Left
from station.parcels.search import Query
from station.parcels.shared_views import keep_picture, parcel_ids, uploaded
from station.residents import identify, proxies, proxy_codes
from station.shelves import queries as shelves
from station.web.errors import wants_fragment
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, json_body, key_of_request

bp = Blueprint("hand_over", __name__)
shared_views.install(bp)

PURPOSE = "hand_over"  # of refused scans
SHIFT = timedelta(hours=12)  # how far back the list beside the desk looks
MOST_AT_ONCE = 100  # parcels; more than one person carries
CODES_NAMED = 6
NOBODY = Found((), ())


@dataclass(frozen=True, slots=True)
class Notice:
    """What came of the last thing done. `kind`, which is also the sound: ok, warn or bad."""

    kind: str
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the desk shows: the person served, or people to choose from, or how what was looked for left.

    `signs`: the parcels that left just now, for which a signature or a photo may be taken.
    """

    notice: Notice | None = None
    person: Person | None = None
    found: Found = NOBODY
    signs: tuple[str, ...] = ()
    status: int = 200


@bp.get("/hand-over")
@needs(Permission.HAND_OVER)
def page() -> ResponseReturnValue:
    """Show the desk, empty or with the person named in the address."""
    key = request.args.get("person", "")[: desk_queries.KEY]
    return _drawn(_serve(key) if key else Desk())


@bp.post("/hand-over")
@needs(Permission.HAND_OVER)
def take() -> ResponseReturnValue:
    """Take what was typed or scanned into the box, or the person chosen, without scripts."""
    form = DeskForm()
    if not form.validate():
        return _drawn(_refused(first_error(form), status=422))
    data = {name: form[name].data or "" for name in ("value", "person", "proxy_name")}
    return _drawn(_asked(data, request.form.get("key", "")))


@bp.post("/hand-over/scan")
@needs(Permission.HAND_OVER)
def scan() -> ResponseReturnValue:
    """Take one entry of the page's queue; one without a value asks for `person`, or for the empty desk."""
    body = json_body("value", "scanned_at", optional=("person", "proxy_name"))
    shown = _asked(body, key_of_request())
    sound = shown.notice.kind if shown.notice else "ok" if shown.person else ""
    return {
        "kind": "served" if shown.person else "desk",
        "sound": sound,
        "html": _fragment(shown),
    }, shown.status


def _asked(body: dict[str, str], key: str) -> Desk:
    value, person_key = body["value"].strip(), body.get("person", "")
    if not value:
        return _serve(person_key) if person_key else Desk()
    if identify.is_meant(value):
        return _identified(value, key)
    code = proxy_codes.read(value)
    shown = _collecting(code, value) if code is not None else None
    if shown:
        return shown
    query = search.interpret(value)
    if person_key and _is_scan(query, person_key):
        return _scanned(body, key)
    return _search(query, value)


def _identified(value: str, key: str) -> Desk:
    """Serve whoever shows an identity code or says the six digits beside it."""

    def act(actor: Actor) -> Body:
        return {"person": desk_queries.key_of(identify.by_text(actor, value))}

    def keep(error: StationError) -> None:
        keep_refused_scan(current_actor(), Refusal(identify.PURPOSE, error.code, value))

    answer = act_once("hand_over.identify", {"value": value}, act, key=key, on_refusal=keep)
    if answer.status != OK:
        return _refused(str(answer.body["message"]), status=answer.status)
    recipient_id = int(str(answer.body["person"])[1:])
    with reading():
        people = desk_queries.here(queries.clock_of(current_actor().station_id), recipient_id)
    if len(people) > 1:
        return Desk(Notice("warn", _("For whom?")), found=Found(tuple(people), ()))
    return _serve(people[0].key if people else str(answer.body["person"]))


def _collecting(code: str, value: str) -> Desk | None:
    """Serve whoever shows the code to collect for somebody; None when the text is none and may be something else."""
    with transaction():
        try:
            proxy = proxies.prove(current_actor(), code)
        except StationError as error:  # the transaction goes on: a wrong code counts
            if not proxy_codes.is_marked(value) and error.code in ("proxy_code_wrong", "too_many_attempts"):
                return None
            keep_refused_scan(
                current_actor(), Refusal(PURPOSE, error.code, shown_codes.PROXY + shown_codes.HIDDEN)
            )
            return _refused(error.message, status=error.status)
    return _serve(desk_queries.key_for(proxy))


def _is_scan(query: Query, person_key: str) -> bool:
    """Tell whether text is a waybill under the scanner; a number that is a phone too only if it is this person's."""
    if query.waybill is None or query.phone is None:
        return query.waybill is not None
    with reading():
        person = desk_queries.serve(queries.clock_of(current_actor().station_id), person_key)
    return person is not None and query.waybill in {one.waybill for one in person.parcels}


def _search(query: Query, value: str) -> Desk:
    if query.is_empty or looks_glued(value):
        return _not_understood(value)
    with reading():
        found = desk_queries.find(queries.clock_of(current_actor().station_id), query)
    if len(found.people) == 1:
        return Desk(person=found.people[0])
    if found.people:
        cut = _("There are more. Ask for the pickup code or the whole number.") if found.is_cut else ""
        return Desk(Notice("warn", _("Who is it?"), cut), found=found)
    if found.left or found.gone:
        return Desk(Notice("warn", _("Nothing waits for this.")), found=found)
    return Desk(
        Notice(
            "warn",
            _("Nothing found."),
            _(
                "Try the pickup code, the waybill or the last 4 digits; with a privacy number, those after the comma."
            ),
        )
    )


def _not_understood(value: str) -> Desk:
    glued = looks_glued(value)
    code = "two_scans_glued" if glued else "unknown_code"
    with transaction():
        keep_refused_scan(current_actor(), Refusal(PURPOSE, code, value))
    if glued:
        return _refused(_("Two scans ran together. Scan this parcel again."), status=422)
    return _refused(
        _("This is nothing the station knows. Type a pickup code like 12-3-3210, or 4 digits."), status=422
    )


def _refused(message: str, *, status: int) -> Desk:
    return Desk(Notice("bad", message), status=status)


def _serve(key: str, notice: Notice | None = None, status: int = 200) -> Desk:
    with reading():
        person = desk_queries.serve(queries.clock_of(current_actor().station_id), key)
    if person is None and notice is None:
        notice = Notice("warn", _("Nothing waits for this person any more."))
    return Desk(notice, person, status=status)


def _scanned(body: dict[str, str], key: str) -> Desk:
    person_key, raw = body["person"], body["value"]
    taker = _taker(body.get("proxy_name", ""))
    if taker is None:
        return _serve(person_key, _no_name(), 422)

    def act(actor: Actor) -> Body:
        return _left_body(desk.scan(actor, person_key, raw, taker=taker))

    def keep(error: StationError) -> None:
        keep_refused_scan(current_actor(), Refusal(PURPOSE, error.code, raw))

    wanted = {"value": raw, "person": person_key, "proxy_name": body.get("proxy_name", "")}
    answer = act_once("hand_over.scan", wanted, act, key=key, on_refusal=keep)
    return _after(person_key, [answer])


def _left_body(left: HandedOver) -> Body:
    return {"parcel": str(left.parcel_id), "code": left.pickup_code or left.waybill}


def _taker(proxy_name: str) -> Taker | None:
    """Return who takes the parcels; None when what was typed is no name."""
    if not proxy_name.strip():
        return Taker()
    name = names.clean(proxy_name)
    return Taker(proxy_name=name) if name else None


def _no_name() -> Notice:
    return Notice("bad", _("This is not a name. Type the name of who collects, or leave it empty."))


@bp.post("/hand-over/together")
@needs(Permission.HAND_OVER)
def together() -> ResponseReturnValue:
    """Hand the ticked parcels over; those that are refused stay and say why."""
    form = DeskForm()
    if not form.validate():
        return _drawn(_refused(first_error(form), status=422))
    person_key, taker = form.person.data or "", _taker(form.proxy_name.data or "")
    if taker is None:
        return _drawn(_serve(person_key, _no_name(), 422))
    try:
        chosen = parcel_ids(request.form.getlist("parcel"), most=MOST_AT_ONCE)
    except StationError as error:
        return _drawn(_serve(person_key, Notice("warn", error.message), error.status))
    key = request.form.get("key", "")
    answers = [_take_one(person_key, one, taker, key=f"{key}.{one}") for one in chosen]
    return _drawn(_after(person_key, answers))


def _take_one(person_key: str, parcel_id: int, taker: Taker, *, key: str) -> Answer:
    def act(actor: Actor) -> Body:
        return _left_body(desk.take(actor, person_key, parcel_id, taker=taker))

    wanted = {"parcel": str(parcel_id), "person": person_key, "proxy_name": taker.proxy_name}
    return act_once("hand_over.take", wanted, act, key=key)


def _after(person_key: str, answers: list[Answer]) -> Desk:
    """Return the desk after hand-overs: what left, what was refused and why, and what stays."""
    done = [str(answer.body["code"]) for answer in answers if answer.status == OK]
    refused = [answer for answer in answers if answer.status != OK]
    shown = _serve(person_key, Notice("ok", ""))
    lines = [str(answer.body["message"]) for answer in refused[:CODES_NAMED]]
    if done:
        lines.append(_stay(shown.person))
    title = (
        ngettext("Handed over: %(codes)s", "Handed over: %(codes)s", len(done), codes=_codes(done))
        if done
        else lines.pop(0)
    )
    kind = "ok" if not refused else "warn" if done else _kind(refused[0])
    status = 200 if done else refused[0].status
    left = tuple(str(answer.body["parcel"]) for answer in answers if answer.status == OK)
    return Desk(Notice(kind, title, " ".join(lines)), shown.person, signs=left, status=status)


def _kind(answer: Answer) -> str:
    return "bad" if answer.body["code"] != "stale" else "warn"


def _codes(codes: list[str]) -> str:
    more = len(codes) - CODES_NAMED
    shown = ", ".join(codes[:CODES_NAMED])
    return _("%(codes)s and %(more)s more", codes=shown, more=more) if more > 0 else shown


def _stay(person: Person | None) -> str:
    if person is None:
        return _("Nothing else waits.")
    codes = [one.pickup_code or one.waybill for one in person.parcels]
    return ngettext("%(num)s stays: %(codes)s", "%(num)s stay: %(codes)s", len(codes), codes=_codes(codes))


@bp.post("/hand-over/proof")
@needs(Permission.HAND_OVER)
def proof() -> ResponseReturnValue:
    """Keep one signature or photo for each of the parcels that left together."""
    form = PictureForm()
    chosen = parcel_ids(request.form.getlist("parcel"), most=MOST_AT_ONCE)
    if not form.validate():
        return _drawn(_refused(first_error(form), status=422))
    kind, content, key = form.kind.data, uploaded(), request.form.get("key", "")
    answers = [keep_picture(one, kind, content, key=f"{key}.{one}") for one in chosen]
    refused = [answer for answer in answers if answer.status != OK]
    if refused:
        return _drawn(_refused(str(refused[0].body["message"]), status=refused[0].status))
    person_key = request.form.get("person", "")[: desk_queries.KEY]
    return _drawn(_serve(person_key, Notice("ok", _("The picture is kept."))))


@bp.post("/hand-over/undo")
@needs(Permission.HAND_OVER)
def undo() -> ResponseReturnValue:
    """Put a parcel back that left by mistake."""
    form = UndoForm()
    chosen = parcel_ids(request.form.getlist("parcel"), most=1)[0]
    if not form.validate():
        return _drawn(_refused(first_error(form), status=422))
    answer = undo_once(chosen, form.reason.data)
    if answer.status != OK:
        return _drawn(_refused(str(answer.body["message"]), status=answer.status))
    with reading():
        found = desk_queries.find(
            queries.clock_of(current_actor().station_id), search.interpret(answer.body["code"])
        )
    notice = Notice("ok", _("Taken back. Put it on %(code)s again.", code=answer.body["code"]))
    return _drawn(Desk(notice, found.people[0] if found.people else None))


def undo_once(parcel_id: int, reason: str) -> Answer:
    """Take a hand-over back once for the form's key."""

    def act(actor: Actor) -> Body:
        restored = hand_over.undo_hand_over(actor, parcel_id, reason=reason)
        return {"code": restored.pickup_code, "same": restored.is_same_code}

    return act_once("hand_over.undo", {"parcel": str(parcel_id), "reason": reason}, act)


def _drawn(shown: Desk) -> ResponseReturnValue:
    if wants_fragment():
        return _fragment(shown), shown.status
    return render_template("hand_over/page.html", **_values(shown)), shown.status


def _fragment(shown: Desk) -> str:
    return render_template("hand_over/_desk.html", **_values(shown))


def _values(shown: Desk) -> dict[str, Any]:
    actor = current_actor()
    with reading():
        lately = parcel_queries.handed_lately(actor.station_id, actor.key, within=SHIFT)
        became = _became(actor.station_id, shown.found)
        cold_shelves = shelves.cold_shelves(actor.station_id)
    return {
        "desk": shown,
        "lately": lately,
        "became": became,
        "cold_shelves": cold_shelves,
        "undo_reasons": words.UNDO_REASONS,
        "picture_form": PictureForm(formdata=None),
    }


def _became(station_id: int, found: Found) -> list[tuple[Left | Gone, str]]:
    """Return each parcel that waits for nobody, with the sentence of what became of it."""
    left = [
        telling.how_it_left(
            station_id, one.at, method=one.method, taken_by=one.taken_by, handed_by=one.handed_by
        )
        for one in found.left
    ]
    gone = [telling.what_became(station_id, one.parcel_id, one.state) for one in found.gone]
    return list(zip((*found.left, *found.gone), (*left, *gone), strict=True))
