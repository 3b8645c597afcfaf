"""Fetch and scan: from a waybill before the camera to an open door, and everything that is not theirs.

The rule of the house stands in `_theirs`: a parcel may leave when its person is known, it is one of theirs, and its own
waybill was read. Nothing else leads to `_release`.
"""

from dataclasses import replace

from kiosk.model import PERSON_FIRST_ONLY, Parcel, Person, Way
from kiosk.session import looking
from kiosk.session.asking import takes_faces
from kiosk.session.effects import (
    Alert,
    Effect,
    LookUp,
    OpenDoor,
    PrintTicket,
    Release,
    Say,
    Sound,
    TakePhoto,
)
from kiosk.session.events import (
    NotReleased,
    ParcelKnown,
    ParcelUnknown,
    Released,
    Touch,
    WaybillSeen,
)
from kiosk.session.moves import Moment, Step, base, cover, end, go, hint, left, number, refuse, standing
from kiosk.session.state import Asked, Notice, Screen, Session

MOST_LOOKUPS = (
    16  # ours: more labels than fit before the camera; the oldest question is dropped for a newer one
)
FINISHING = (Screen.LEFTOVERS, Screen.DONE, Screen.NOTHING)  # one more parcel brings the list back
TYPING = (
    Screen.SIX_DIGITS,
    Screen.PROXY_CODE,
    Screen.FACE_TAIL,
    Screen.CHECKING,
)  # not disturbed by a parcel


def meet(session: Session, person: Person) -> Step:
    """Greet the person who is known now, and release what they already hold and may take."""
    counts = person.way not in PERSON_FIRST_ONLY  # what came into view before is scanned again
    held = session.held if counts else ()
    session = replace(session, person=person, held=(), lookups=session.lookups if counts else ())
    session = go(session, standing(session))
    effects: tuple[Effect, ...] = (Sound("ok"), Say(_greeting(session)))
    for parcel in held:
        session, more = _sort(session, person, parcel)
        effects += more
    return session, effects


def seen(session: Session, event: WaybillSeen, _moment: Moment) -> Step:
    """Release a scanned parcel to the person it waits for; ask whose it is where that is not known."""
    if session.person:
        own = _theirs(session.person, event.waybill)
        if own:
            return _release(session, session.person, own)
    if any(asked.about == event.waybill for asked in session.lookups):
        return session, ()
    session, asked = number(session, event.waybill)
    lookups = (*session.lookups, asked)[-MOST_LOOKUPS:]
    return replace(session, lookups=lookups), (LookUp(asked.ask, event.waybill),)


def parcel_known(session: Session, event: ParcelKnown, moment: Moment) -> Step:
    """Hold a parcel that waits here until its person is known; catch it where they are somebody else."""
    asked = Asked(event.ask, event.parcel.waybill)
    if asked not in session.lookups:
        return session, ()
    session = _answered(session, asked)
    if session.person:
        return _sort(session, session.person, event.parcel)
    return _hold(session, event, moment)


def parcel_unknown(session: Session, event: ParcelUnknown, _moment: Moment) -> Step:
    """Say that this parcel does not wait here."""
    asked = Asked(event.ask, event.waybill)
    if asked not in session.lookups:
        return session, ()
    session = _answered(session, asked)
    if session.screen is Screen.HOME:
        return refuse(session, Notice("parcel_not_here"))
    return hint(session, Notice("parcel_not_here"))


def released(session: Session, event: Released, moment: Moment) -> Step:
    """Open for a parcel that may leave, while its person is here; otherwise staff look after it."""
    asked = Asked(event.ask, event.parcel_id)
    if asked not in session.releasing:
        return session, () if event.parcel_id in session.taken else (Alert("recover", event.parcel_id),)
    releasing = tuple(other for other in session.releasing if other != asked)
    taken = replace(session, releasing=releasing, taken=(*session.taken, event.parcel_id))
    effects: tuple[Effect, ...] = (OpenDoor(event.parcel_id), Sound("ok"), Say("taken"))
    if moment.rules.takes_photos:
        effects += (TakePhoto(event.parcel_id),)
    if base(taken) is Screen.FOUND and not left(taken):
        done, more = _done(taken)
        return done, effects + more
    return replace(taken, notice=None), effects


def not_released(session: Session, event: NotReleased, _moment: Moment) -> Step:
    """Say why a parcel stays."""
    asked = Asked(event.ask, event.parcel_id)
    if asked not in session.releasing:
        return session, ()
    releasing = tuple(other for other in session.releasing if other != asked)
    return hint(replace(session, releasing=releasing), event.notice)


def cannot_find(session: Session, touch: Touch, _moment: Moment) -> Step:
    """Tell the counter of a parcel that is not on its shelf, once for each."""
    wanted = [id_ for id_ in left(session) if id_ not in session.not_found and touch.value in ("", id_)]
    told = replace(session, notice=Notice("staff_told"), not_found=(*session.not_found, *wanted[:1]))
    return told, (*(Alert("not_found", id_) for id_ in wanted[:1]), Say("staff_told"))


def finish(session: Session, _touch: Touch, _moment: Moment) -> Step:
    """End the collection; where something stays, ask once."""
    if session.releasing:
        return replace(session, notice=Notice("one_moment")), ()
    if left(session) and not session.has_asked_leftovers:
        asking = replace(go(session, Screen.LEFTOVERS), has_asked_leftovers=True)
        return asking, (Sound("warn"), Say("leftovers_lead"))
    return _done(session)


def leave(session: Session, touch: Touch, moment: Moment) -> Step:
    """Go home at once, unless a door is about to open."""
    if session.releasing:
        return replace(session, notice=Notice("one_moment")), ()
    return end(session, touch, moment)


def _theirs(person: Person, waybill: str) -> Parcel | None:
    """Return the one of a known person's parcels whose own waybill was read."""
    return next((parcel for parcel in person.parcels if parcel.waybill == waybill), None)


def _release(session: Session, person: Person, parcel: Parcel) -> Step:
    """Ask to hand over one of the person's parcels, once."""
    if parcel.id in session.taken or any(asked.about == parcel.id for asked in session.releasing):
        return session, ()
    if session.screen in FINISHING:
        session = go(session, Screen.FOUND)
    if parcel.is_held:
        return hint(session, Notice("held"))
    session, asked = number(session, parcel.id)
    effect = Release(asked.ask, person, parcel)
    return replace(session, releasing=(*session.releasing, asked), notice=None), (effect,)


def _sort(session: Session, person: Person, parcel: Parcel) -> Step:
    """Release a parcel that was looked up, as the person's own list has it; anything else is not theirs."""
    own = _theirs(person, parcel.waybill)
    if own:
        return _release(session, person, own)
    owners = {own.owner for own in person.parcels}
    if person.way is Way.PICKUP_CODE and parcel.owner in owners:
        return hint(session, Notice("other_code"))
    return _catch(session, parcel)


def _catch(session: Session, parcel: Parcel) -> Step:
    """Ask to put a stranger's parcel back, and tell the counter."""
    effects = (Sound("bad"), Say("not_yours"), Alert("wrong_parcel", parcel.id))
    return cover(session, Screen.WRONG_PARCEL), effects


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


def _done(session: Session) -> Step:
    printed = (PrintTicket(session.taken),) if session.taken else ()
    return go(session, Screen.DONE), (*printed, Say("done_lead"))


def _greeting(session: Session) -> str:
    return "found_lead" if session.screen is Screen.FOUND else "nothing_title"


def _answered(session: Session, asked: Asked) -> Session:
    return replace(session, lookups=tuple(other for other in session.lookups if other != asked))
