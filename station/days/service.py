"""The day book: a day opens, people come and go, and the manager closes and signs it. A closed day never changes."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import insert, update

from station.core import clock, crypto, ids
from station.core.actor import Actor, ActorKind
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.text import clean_line
from station.days import queries
from station.days.models import Day, Shift
from station.days.queries import DayFacts, ShiftFacts
from station.events import anchors
from station.events.chain import canonical
from station.events.service import Event, append, take_turn
from station.network import queries as network

VERSION = "stationmaster-day-1"
NOTE_LIMIT = 500  # characters of all corrections of a day together, as wide as the column


@dataclass(frozen=True, slots=True)
class CloseReport:
    """Whether a closed day is still what was signed; `reason` says what is wrong, None when nothing is."""

    day: date
    reason: str | None

    @property
    def is_genuine(self) -> bool:
        """Whether nothing is wrong."""
        return self.reason is None


def open_day(actor: Actor) -> DayFacts:
    """Open the station's day; a day that is open already stays as it is.

    Raises StationError `day_closed` when today was closed.
    """
    take_turn(actor.station_id)
    today = queries.local_today(actor.station_id)
    known = queries.day_of(actor.station_id, today)
    if known is None:
        return _open(actor, today)
    if known.is_closed:
        raise StationError("day_closed", _("Today is closed already. What happens now counts for tomorrow."))
    return known


def _open(actor: Actor, day: date) -> DayFacts:
    values = {"id": ids.next_id(), "day": day, "opened_at": clock.now(), "opened_by": actor.key}
    connection().execute(insert(Day).values(station_id=actor.station_id, **values))
    append(actor, Event("day_opened", data={"day": day.isoformat()}))
    return _known(actor, day)


def start_shift(actor: Actor) -> ShiftFacts:
    """Begin the actor's shift, and the day if nobody did; somebody on shift already stays so.

    Raises StationError `forbidden` for who is no person.
    """
    if actor.kind is not ActorKind.STAFF:
        raise StationError("forbidden", _("Only people work in shifts."))
    take_turn(actor.station_id)
    mine = _own_shift(actor)
    if mine:
        return mine
    today = queries.local_today(actor.station_id)
    if queries.day_of(actor.station_id, today) is None:
        _open(actor, today)
    shift = ShiftFacts(ids.next_id(), actor.id, clock.now(), None)
    values = {"id": shift.id, "account_id": actor.id, "started_at": shift.started_at}
    connection().execute(insert(Shift).values(station_id=actor.station_id, **values))
    append(actor, Event("shift_started", data={"shift": str(shift.id)}))
    return shift


def end_shift(actor: Actor) -> None:
    """End the actor's shift; nothing happens when they are on none."""
    take_turn(actor.station_id)
    mine = _own_shift(actor)
    if mine:
        _end(actor, mine)


def _own_shift(actor: Actor) -> ShiftFacts | None:
    return next((one for one in queries.on_shift(actor.station_id) if one.account_id == actor.id), None)


def _end(actor: Actor, shift: ShiftFacts) -> None:
    this = (Shift.station_id == actor.station_id, Shift.id == shift.id)
    connection().execute(update(Shift).where(*this).values(ended_at=clock.now()))
    append(actor, Event("shift_ended", data={"shift": str(shift.id), "account": str(shift.account_id)}))


def close_day(actor: Actor, day: date) -> DayFacts:
    """Close a day: end its shifts, freeze its figures, anchor the custody log and sign both.

    A day nobody opened is opened first. Raises StationError `day_closed` for one that is closed, `bad_input` for one
    that has not begun.
    """
    take_turn(actor.station_id)
    if day > queries.local_today(actor.station_id):
        raise StationError("bad_input", _("This day has not begun yet."))
    known = queries.day_of(actor.station_id, day) or _open(actor, day)
    if known.is_closed:
        raise StationError("day_closed", _("This day is closed already. A correction can be added to it."))
    now, shifts = clock.now(), queries.shifts_in(actor.station_id, queries.span_of(actor.station_id, day))
    for shift in shifts:
        if shift.ended_at is None:
            _end(actor, shift)
    facts = _facts(actor, known, closed_at=now)
    append(actor, Event("day_closed", data={"day": day.isoformat(), "figures": digest(facts)}), at=now)
    anchor = anchors.sign_head(actor.station_id)
    if anchor is None:
        raise RuntimeError("the closing event was not anchored")
    statement = canonical(facts | {"anchor": {"seq": str(anchor.seq), "hash": anchor.hash.hex()}})
    connection().execute(
        update(Day)
        .where(Day.station_id == actor.station_id, Day.id == known.id)
        .values(
            closed_at=now,
            closed_by=actor.key,
            statement=statement,
            anchor_seq=anchor.seq,
            signature=crypto.sign(statement.encode()),
        )
    )
    return _known(actor, day)


def _facts(actor: Actor, known: DayFacts, *, closed_at: datetime) -> queries.Figures:
    span = queries.span_of(actor.station_id, known.day)
    return {
        "version": VERSION,
        "station": str(actor.station_id),
        "day": known.day.isoformat(),
        "opened": {"at": known.opened_at.isoformat(), "by": known.opened_by},
        "closed": {"at": closed_at.isoformat(), "by": actor.key},
        "counted": {"since": span.since.isoformat(), "until": span.until.isoformat()},
        "shifts": [
            {
                "by": shift.actor_key,
                "started": shift.started_at.isoformat(),
                "ended": shift.ended_at.isoformat() if shift.ended_at else None,
            }
            for shift in queries.shifts_in(actor.station_id, span)
        ],
        "figures": queries.figures(actor.station_id, span),
    }


def digest(facts: queries.Figures) -> str:
    """Return the SHA-256 by which the closing event names what was counted: everything but the anchor."""
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def correct(actor: Actor, day: date, text: str) -> DayFacts:
    """Add a correction to a closed day, with its time and author; the signed figures stay.

    Raises StationError `day_not_closed`, `bad_input` (empty, not plain text, or no room left), `not_found`.
    """
    take_turn(actor.station_id)
    known = _known(actor, day)
    if not known.is_closed:
        raise StationError("day_not_closed", _("This day is still open. Close it first."))
    line = clean_line(text, limit=NOTE_LIMIT)
    if not line:
        raise StationError("bad_input", _("Write what has to be corrected, in plain text."))
    local = clock.now().astimezone(ZoneInfo(network.rules(actor.station_id).zone))
    added = f"{local:%Y-%m-%d %H:%M} {actor.name}: {line}"
    note = f"{known.note}\n{added}" if known.note else added
    if len(note) > NOTE_LIMIT:
        raise StationError("bad_input", _("There is no room left for corrections of this day."))
    this = (Day.station_id == actor.station_id, Day.id == known.id)
    connection().execute(update(Day).where(*this).values(note=note))
    append(actor, Event("day_corrected", data={"day": day.isoformat(), "note": _named(note)}))
    return _known(actor, day)


def _named(note: str) -> str:
    """Return the keyed hash by which the log names a text it must not hold."""
    return crypto.keyed_hash("day_note", note).hex()


def verify_close(station_id: int, day: date) -> CloseReport:
    """Check a closed day against its signature and against the custody log.

    Raises StationError `day_not_closed`, also for a day that was never opened.
    """
    known = queries.day_of(station_id, day)
    if known is None or known.statement is None or known.signature is None or known.anchor_seq is None:
        raise StationError("day_not_closed", _("This day is still open. Close it first."))
    if not crypto.verify(known.statement.encode(), known.signature, crypto.public_key()):
        return CloseReport(day, _("the signature does not fit the figures"))
    facts = json.loads(known.statement)
    if (facts["station"], facts["day"]) != (str(station_id), day.isoformat()):
        return CloseReport(day, _("the figures belong to another day"))
    anchor = facts.pop("anchor")
    sealed = queries.sealed(station_id, known.anchor_seq)
    if sealed is None or str(known.anchor_seq) != anchor["seq"]:
        return CloseReport(day, _("the custody log has no such anchor"))
    if {sealed.anchor_hash.hex(), sealed.event_hash.hex()} != {anchor["hash"]}:
        return CloseReport(day, _("the custody log is not the one that was anchored"))
    if sealed.kind != "day_closed" or json.loads(sealed.data)["figures"] != digest(facts):
        return CloseReport(day, _("the custody log tells of other figures"))
    return CloseReport(day, None)


def _known(actor: Actor, day: date) -> DayFacts:
    known = queries.day_of(actor.station_id, day)
    if known is None:
        raise StationError("not_found", _("This day is not in the book."))
    return known
