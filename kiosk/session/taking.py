"""Fetch and scan: from a waybill before the camera to its person, and everything that is not theirs.

The rule of the house stands in `_theirs`: a parcel may leave when its person is known, it is one of theirs, and its own
waybill was read. Nothing else leads to `opening.release`.
"""

from dataclasses import replace

from kiosk.model import PERSON_FIRST_ONLY, Parcel, Person, Way
from kiosk.session import looking
from kiosk.session.asking import takes_faces
from kiosk.session.effects import Alert, Effect, LookUp, Say, Sound
from kiosk.session.events import ParcelKnown, ParcelUnknown, Touch, WaybillGone, WaybillSeen
from kiosk.session.moves import (
    RESTING,
    Moment,
    Step,
    base,
    cover,
    end,
    go,
    hint,
    left,
    lift,
    number,
    refuse,
    standing,
    uncover,
)
from kiosk.session.opening import done, go_on, is_leaving, release
from kiosk.session.state import Asked, Notice, Screen, Session

MOST_LOOKUPS = (
    16  # ours: more labels than fit before the camera; the oldest question is dropped for a newer one
)
# Not disturbed by a parcel.
TYPING = (
    Screen.SIX_DIGITS,
    Screen.PROXY_CODE,
    Screen.FACE_TAIL,
    Screen.CHECKING,
)


def meet(session: Session, person: Person) -> Step:
    """Greet the person who is known now; ask for what they hold and may take, beside nothing of a stranger's."""
    counts = person.way not in PERSON_FIRST_ONLY  # what came into view before is scanned again
    held, lookups = (session.held, session.lookups) if counts else ((), ())
    known = {parcel.waybill for parcel in held}
    scanned = (*known, *(asked.about for asked in lookups), *session.in_view) if counts else ()
    lookups = tuple(asked for asked in lookups if not _theirs(person, asked.about))
    session = replace(session, person=person, held=(), lookups=lookups)
    session = go(session, standing(session))
    effects: tuple[Effect, ...] = (Sound("ok"), Say(_greeting(session)))
    for parcel in (parcel for parcel in held if not _theirs(person, parcel.waybill)):
        session, more = _catch(session, person, parcel)
        effects += more
    for waybill in sorted(session.in_view - known - {own.waybill for own in person.parcels}):
        session, more = _look_up(session, waybill)
        effects += more
    for own in (parcel for parcel in person.parcels if parcel.waybill in scanned):
        session, more = release(session, person, own)
        effects += more
    return session, effects


def seen(session: Session, event: WaybillSeen, _moment: Moment) -> Step:
    """Release a scanned parcel to the person it waits for; ask whose it is where that is not known."""
    session = replace(session, in_view=session.in_view | {event.waybill})
    if session.person:
        own = _theirs(session.person, event.waybill)
        if own:
            return release(session, session.person, own)
    return _look_up(session, event.waybill)


def noticed(session: Session, event: WaybillSeen, _moment: Moment) -> Step:
    """Keep in mind what comes into view where nothing is scanned; ask whether it is a stranger's."""
    session = replace(session, in_view=session.in_view | {event.waybill})
    if session.person and not _theirs(session.person, event.waybill):
        return _look_up(session, event.waybill)
    return session, ()


def gone(session: Session, event: WaybillGone, moment: Moment) -> Step:
    """Go on with what waited when the last stranger's parcel is out of view."""
    was_strange = event.waybill in session.strangers
    session = _out_of_view(session, event.waybill)
    if was_strange and not session.strangers and session.screen is Screen.WRONG_PARCEL:
        session = uncover(session)
    return go_on(session, moment)


def parcel_known(session: Session, event: ParcelKnown, moment: Moment) -> Step:
    """Hold a parcel that waits here until its person is known; it is not theirs where they are known already."""
    asked = Asked(event.ask, event.parcel.waybill)
    if asked not in session.lookups:
        return session, ()
    session = _answered(session, asked)
    if session.person is None:
        return _hold(session, event, moment)
    session, effects = _catch(session, session.person, event.parcel)
    session, more = go_on(session, moment)
    return session, effects + more


def parcel_unknown(session: Session, event: ParcelUnknown, moment: Moment) -> Step:
    """Say that this parcel does not wait here: it is nobody's, and keeps no door closed."""
    asked = Asked(event.ask, event.waybill)
    if asked not in session.lookups:
        return session, ()
    session = _out_of_view(_answered(session, asked), event.waybill)
    if session.screen is Screen.HOME:
        return refuse(session, Notice("parcel_not_here"))
    session, effects = hint(session, Notice("parcel_not_here"))
    session, more = go_on(session, moment)
    return session, effects + more


def cannot_find(session: Session, touch: Touch, _moment: Moment) -> Step:
    """Tell the counter of a parcel that is not on its shelf, once for each."""
    wanted = [id_ for id_ in left(session) if id_ not in session.not_found and touch.value in ("", id_)]
    told = replace(session, notice=Notice("staff_told"), not_found=(*session.not_found, *wanted[:1]))
    return told, (*(Alert("not_found", id_) for id_ in wanted[:1]), Say("staff_told"))


def finish(session: Session, _touch: Touch, _moment: Moment) -> Step:
    """End the collection; where something stays, ask once."""
    if is_leaving(session):
        return replace(session, notice=Notice("one_moment")), ()
    if left(session) and not session.has_asked_leftovers:
        asking = replace(go(session, Screen.LEFTOVERS), has_asked_leftovers=True)
        return asking, (Sound("warn"), Say("leftovers_lead"))
    return done(session)


def leave(session: Session, touch: Touch, moment: Moment) -> Step:
    """Go home at once, unless a door is about to open."""
    if session.releasing:
        return replace(session, notice=Notice("one_moment")), ()
    return end(session, touch, moment)


def put_back(session: Session, touch: Touch, moment: Moment) -> Step:
    """Go back to the screen below, unless a stranger's parcel still lies there."""
    if session.strangers:
        return session, ()
    return lift(session, touch, moment)


def not_put_back(session: Session, event: object, moment: Moment) -> Step:
    """Alert staff once more of a stranger's parcel that stays; end the visit where it stays on."""
    if not session.strangers:
        return lift(session, event, moment)
    if session.is_stuck:
        return end(session, event, moment)
    stuck = replace(session, is_stuck=True, until=None)
    return stuck, (Sound("bad"), Say("wrong_call_staff"), Alert("wrong_parcel"))


def _look_up(session: Session, waybill: str) -> Step:
    """Ask whose parcel this is, once while the answer is awaited."""
    if any(asked.about == waybill for asked in session.lookups):
        return session, ()
    session, asked = number(session, waybill)
    lookups = (*session.lookups, asked)[-MOST_LOOKUPS:]
    return replace(session, lookups=lookups), (LookUp(asked.ask, waybill),)


def _out_of_view(session: Session, waybill: str) -> Session:
    strangers = session.strangers - {waybill}
    in_view = session.in_view - {waybill}
    return replace(
        session, in_view=in_view, strangers=strangers, is_stuck=session.is_stuck and bool(strangers)
    )


def _theirs(person: Person, waybill: str) -> Parcel | None:
    """Return the one of a known person's parcels whose own waybill was read."""
    return next((parcel for parcel in person.parcels if parcel.waybill == waybill), None)


def _catch(session: Session, person: Person, parcel: Parcel) -> Step:
    """Ask to put a stranger's parcel back, and tell the counter; nothing leaves while it lies there."""
    if person.way is Way.PICKUP_CODE and parcel.owner in {own.owner for own in person.parcels}:
        return hint(session, Notice("other_code"))
    strangers = session.strangers | ({parcel.waybill} & session.in_view)
    session = replace(session, strangers=strangers)
    if base(session) not in RESTING:
        session = cover(session, Screen.WRONG_PARCEL)
    return session, (Sound("bad"), Say("not_yours"), Alert("wrong_parcel", parcel.id))


def _hold(session: Session, event: ParcelKnown, moment: Moment) -> Step:
    parcel = event.parcel
    is_new_owner = parcel.owner not in {held.owner for held in session.held}
    others = tuple(held for held in session.held if held.id != parcel.id)
    session = replace(session, held=(*others, parcel))
    if session.screen in TYPING:
        return session, ()
    if session.screen is not Screen.WHO:
        began = session.screen is Screen.PICKUP_CODE
        session = replace(
            go(session, Screen.WHO, Notice("code_before_parcel") if began else None), looking=None
        )
    if is_new_owner and event.has_face and takes_faces(session, moment.rules):
        notice = session.notice
        session, effects = looking.compare(session, parcel)
        return replace(session, notice=notice), (Say("who_lead_face"), *effects)
    return session, (Say("who_lead"),)


def _greeting(session: Session) -> str:
    return "found_lead" if session.screen is Screen.FOUND else "nothing_title"


def _answered(session: Session, asked: Asked) -> Session:
    return replace(session, lookups=tuple(other for other in session.lookups if other != asked))
