"""Pages of the parcels list: the list itself, its search, bulk actions, stickers, export, and the problems."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.carriers.catalogue import CARRIERS
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import ngettext
from station.core.idempotency import OK, Answer
from station.core.permissions import Permission
from station.notices import queries as notices
from station.parcels import (
    handling,
    list_views,
    parcel_queries,
    queries,
    search,
    search_queries,
    shared_views,
    solving,
    steps,
)
from station.parcels.export import Sheet
from station.parcels.forms import BulkForm, SearchForm
from station.parcels.levels import Clock
from station.parcels.lifecycle import ParcelState
from station.parcels.queries import Filter, Listed
from station.parcels.search import Query
from station.parcels.shared_views import parcel_ids, row_of
from station.shelves import cards
from station.shelves import queries as shelves
from station.tracking import queries as tracking
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once
from station.web.targets import safe_target

bp = Blueprint("parcels", __name__)
shared_views.install(bp)

EXPORT_PAGE = 500  # rows read at once while a file is streamed
MOST_CHOSEN = 100
ELSEWHERE = 10  # parcels shown that a search found outside the list looked at
NAMED = 5  # refused parcels named in one sentence; the others are counted


@bp.get("/parcels")
@needs(Permission.PARCELS_SEE)
def parcels() -> ResponseReturnValue:
    """Show one page of the list, its counts and the shelf map."""
    wanted, station_id = list_views.wanted(), current_actor().station_id
    with reading():
        clock_now = queries.clock_of(station_id)
        page = queries.page(clock_now, wanted)
        told = notices.last_messages(station_id, [row.id for row in page.rows])
        values = {
            "counts": queries.counts(clock_now),
            "shelf_map": queries.shelf_map(clock_now),
            "rows": shelves.layers(station_id),
            "elsewhere": [] if page.rows else _elsewhere(clock_now, wanted),
        }
    states = {parcel_id: message.state for parcel_id, message in told.items()}
    return render_template(
        "parcels/parcels.html",
        page=page,
        wanted=wanted,
        told=told,
        steps={row.id: steps.next_step(row, states.get(row.id)) for row in page.rows},
        link=lambda **changes: list_views.link(wanted, **changes),
        limit_h=clock_now.rules.return_h,
        carriers=CARRIERS,
        **values,
    )


def _elsewhere(clock_now: Clock, wanted: Filter) -> list[Listed]:
    """Return what a search finds outside the list it was made in."""
    if wanted.person:
        found = search_queries.of_person(clock_now.rules.station_id, wanted.person)
    else:
        found = queries.search_ids(clock_now, wanted.text)
    return list(queries.by_ids(clock_now, found[:ELSEWHERE]).values())


@bp.post("/parcels/search")
@needs(Permission.PARCELS_SEE)
def find() -> ResponseReturnValue:
    """Lead to what was searched for: the parcel, the person by id, or the list of what a text means."""
    form, station_id = SearchForm(), current_actor().station_id
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    text, wanted = " ".join((form.text.data or "").split()), list_views.wanted()
    query = search.interpret(text)
    with reading():
        found = search_queries.parcel_ids(station_id, query)
        people = search_queries.owners(station_id, found)
    if len(found) == 1:
        return redirect(url_for("parcel.page", parcel_id=found[0]), 303)
    if text and not found:
        flash(_nothing(query), "warn")
    asked = _asked(query, text, people) if found else {}
    return redirect(list_views.link(wanted, **(list_views.NO_SEARCH | asked)), 303)


def _asked(query: Query, text: str, people: list[int | None]) -> dict[str, Any]:
    """Return how a search stands in the list's address."""
    if query.public:
        return {"q": query.public}
    if len(people) == 1 and people[0]:
        return {"recipient": people[0]}
    return {"sealed": list_views.seal(text)}


def _nothing(query: Query) -> str:
    if query.phone:
        return _("Nobody with this phone number has had a parcel here.")
    if query.is_empty:
        return _("This is nothing the station knows. Type a pickup code like 12-3-3210, or 4 digits.")
    return _(
        "Nothing found. Try the pickup code, the waybill or the last 4 digits; "
        "with a privacy number, those after the comma."
    )


@bp.get("/parcels/export.csv")
@needs(Permission.PARCELS_EXPORT)
def export() -> ResponseReturnValue:
    """Stream the filtered list, masked."""
    wanted = list_views.wanted()
    with reading():
        clock_now = queries.clock_of(current_actor().station_id)
    sheet, app = Sheet(clock_now.rules.zone), current_app._get_current_object()  # type: ignore[attr-defined]
    head = sheet.head()

    def lines() -> Iterator[str]:
        yield head
        after: str | None = None
        while True:
            part = Filter(wanted.tab, wanted.text, wanted.carrier, wanted.shelf, wanted.person, after=after)
            with app.app_context(), reading():
                page = queries.page(clock_now, part, size=EXPORT_PAGE)
            yield sheet.lines(page.rows)
            after = page.after
            if after is None:
                return

    name = f"parcels-{wanted.tab}-{clock_now.now:%Y%m%d-%H%M}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(lines(), mimetype="text/csv", headers=headers)


@dataclass(frozen=True, slots=True)
class Bulk:
    """Something done with many parcels: with one of them, and the sentence about the number that were done."""

    act: Callable[[Actor, int, int], object]
    done: Callable[[int], str]


BULK = {
    "remind": Bulk(
        lambda actor, parcel_id, row: handling.remind(actor, parcel_id),
        lambda num: ngettext("%(num)s reminder is on its way.", "%(num)s reminders are on their way.", num),
    ),
    "move": Bulk(
        solving.move, lambda num: ngettext("%(num)s parcel was moved.", "%(num)s parcels were moved.", num)
    ),
    "return": Bulk(
        lambda actor, parcel_id, row: handling.start_return(actor, parcel_id, reason="not_collected"),
        lambda num: ngettext("%(num)s return was begun.", "%(num)s returns were begun.", num),
    ),
}


@bp.post("/parcels/bulk")
@needs(Permission.PARCELS_CHANGE)
def bulk() -> ResponseReturnValue:
    """Do one thing with the parcels that were ticked, each in a transaction of its own, and tell of each."""
    form, station_id = BulkForm(), current_actor().station_id
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    chosen = parcel_ids(request.form.getlist("parcel"), most=MOST_CHOSEN)
    action = form.action.data or ""
    if action == "print":
        return redirect(url_for("parcels.labels", parcel=chosen), 303)
    if action not in BULK:
        raise StationError("bad_input", _("This cannot be done with several parcels."))
    back = redirect(safe_target(form.back.data) or url_for("parcels.parcels"), 303)
    layer_id = 0
    if action == "move":
        try:
            with reading():
                layer_id = row_of(station_id, form.row.data or "").id
        except StationError as error:
            flash(error.message, "bad")
            return back
    _tell_all(action, {one: _do(action, one, layer_id) for one in chosen})
    return back


def _do(action: str, parcel_id: int, layer_id: int) -> Answer:
    def act(actor: Actor) -> None:
        BULK[action].act(actor, parcel_id, layer_id)

    key = f"{request.form.get('key', '')}.{parcel_id}"
    return act_once(f"parcels.{action}", {"parcel": parcel_id, "layer": layer_id}, act, key=key)


def _tell_all(action: str, answers: dict[int, Answer]) -> None:
    done = sum(answer.status == OK for answer in answers.values())
    if done:
        flash(BULK[action].done(done))
    refused = {one: answer.body["message"] for one, answer in answers.items() if answer.status != OK}
    if not refused:
        return
    with reading():
        listed = queries.by_ids(queries.clock_of(current_actor().station_id), list(refused)[:NAMED])
    reasons = [f"{row.pickup_code}: {refused[row.id]}" for row in listed.values()]
    head = ngettext("%(num)s parcel was left out.", "%(num)s parcels were left out.", len(refused))
    flash(" ".join([head, *reasons]), "bad")


@bp.get("/parcels/labels")
@needs(Permission.PARCELS_SEE)
def labels() -> ResponseReturnValue:
    """Show the stickers of parcels on the shelves, ready to print."""
    chosen = parcel_ids(request.args.getlist("parcel"), most=MOST_CHOSEN)
    with reading():
        found = queries.by_ids(queries.clock_of(current_actor().station_id), chosen)
    here = [found[one] for one in chosen if one in found and found[one].left_at is None]
    if not here:
        raise StationError("not_found", _("None of these parcels is on a shelf."))
    return render_template("check_in/sticker.html", parcels=here, draw=cards.draw)


@bp.get("/problems")
@needs(Permission.PARCELS_SEE)
def problems() -> ResponseReturnValue:
    """Show what waits for an answer: set-aside parcels by kind, open questions, write-offs to confirm."""
    station_id = current_actor().station_id
    with reading():
        clock_now = queries.clock_of(station_id)
        found = queries.troubled(clock_now)
        questions = parcel_queries.open_questions(station_id)
        keys = [one.asked_by for one in questions]
        keys += [row.write_off_by for row in found if row.write_off_by]
        names = accounts.names(station_id, keys)
        untold = tracking.troubled(station_id) if current_actor().may(Permission.DEVICES) else []
    groups: dict[str, list[Listed]] = {}
    for row in found:
        groups.setdefault(row.problem or "", []).append(row)
    return render_template(
        "parcels/problems.html",
        groups={problem: rows for problem, rows in groups.items() if problem},
        held=[row for row in found if row.hold_reason],
        write_offs=[row for row in found if row.write_off_by],
        questions=questions,
        untold=untold,
        names=names,
        steps={row.id: steps.next_step(row, None) for row in found},
        is_cut=len(found) >= queries.MANY,
        lost=ParcelState.LOST,
    )
