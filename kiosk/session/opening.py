"""From one's own scanned parcel to its open door. Both wait while it is not certain that nobody else's lies beside it.

Nothing but `release` asks for a parcel to leave, and nothing but `_open` opens a door.
"""

from dataclasses import replace

from kiosk.model import Parcel, Person
from kiosk.session.effects import Alert, Effect, OpenDoor, PrintTicket, Release, Say, Sound, TakePhoto
from kiosk.session.events import NotReleased, Released
from kiosk.session.moves import Moment, Step, base, go, hint, left, number
from kiosk.session.state import Asked, Notice, Screen, Session

FINISHING = (Screen.LEFTOVERS, Screen.DONE, Screen.NOTHING)  # one more parcel brings the list back


def is_clear(session: Session) -> bool:
    """Tell whether nothing lies before the camera that is, or may still prove to be, somebody else's."""
    return not session.strangers and not any(asked.about in session.in_view for asked in session.lookups)


def is_leaving(session: Session) -> bool:
    """Tell whether a parcel of this visit is between its scan and its door."""
    return bool(session.waiting or session.releasing or session.opening)


def release(session: Session, person: Person, parcel: Parcel) -> Step:
    """Ask to hand over one of the person's parcels, once; beside a stranger's it waits."""
    if parcel.id in _leaving_or_gone(session):
        return session, ()
    if session.screen in FINISHING:
        session = go(session, Screen.FOUND)
    if parcel.is_held:
        return hint(session, Notice("held"))
    if not is_clear(session):
        return replace(session, waiting=(*session.waiting, parcel)), ()
    session, asked = number(session, parcel.id)
    effect = Release(asked.ask, person, parcel)
    return replace(session, releasing=(*session.releasing, asked), notice=None), (effect,)


def released(session: Session, event: Released, moment: Moment) -> Step:
    """Open for a parcel that may leave, while its person is here; otherwise staff look after it."""
    asked = Asked(event.ask, event.parcel_id)
    if asked not in session.releasing:
        is_known = event.parcel_id in (*session.taken, *session.opening)
        return session, () if is_known else (Alert("recover", event.parcel_id),)
    session = _answered(session, asked)
    return go_on(replace(session, opening=(*session.opening, event.parcel_id)), moment)


def not_released(session: Session, event: NotReleased, _moment: Moment) -> Step:
    """Say why a parcel stays."""
    asked = Asked(event.ask, event.parcel_id)
    if asked not in session.releasing:
        return session, ()
    return hint(_answered(session, asked), event.notice)


def go_on(session: Session, moment: Moment) -> Step:
    """Open the doors and ask for the parcels that waited, in order, once nothing of a stranger's is in view."""
    person = session.person
    if person is None or not is_clear(session):
        return session, ()
    waiting, opening = session.waiting, session.opening
    session = replace(session, waiting=(), opening=())
    effects: tuple[Effect, ...] = ()
    for parcel_id in opening:
        session, more = _open(session, parcel_id, moment)
        effects += more
    for parcel in waiting:
        session, more = release(session, person, parcel)
        effects += more
    return session, effects


def done(session: Session) -> Step:
    """End the collection."""
    printed = (PrintTicket(session.taken),) if session.taken else ()
    return go(session, Screen.DONE), (*printed, Say("done_lead"))


def _open(session: Session, parcel_id: str, moment: Moment) -> Step:
    taken = replace(session, taken=(*session.taken, parcel_id))
    effects: tuple[Effect, ...] = (OpenDoor(parcel_id), Sound("ok"), Say("taken"))
    if moment.rules.takes_photos:
        effects += (TakePhoto(parcel_id),)
    if base(taken) is Screen.FOUND and not left(taken):
        ended, more = done(taken)
        return ended, effects + more
    return replace(taken, notice=None), effects


def _leaving_or_gone(session: Session) -> tuple[str, ...]:
    waiting = (parcel.id for parcel in session.waiting)
    asked = (asked.about for asked in session.releasing)
    return (*session.taken, *session.opening, *waiting, *asked)


def _answered(session: Session, asked: Asked) -> Session:
    return replace(session, releasing=tuple(other for other in session.releasing if other != asked))
