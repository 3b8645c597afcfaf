"""What fails around a visit: parts, the network, and a restart between a release and its door."""

from dataclasses import replace

from kiosk.session.effects import Alert
from kiosk.session.events import Connection, Fault, FaultOver, Settled, Unfinished
from kiosk.session.moves import Moment, Step, base, end, go, is_blocked, resume
from kiosk.session.state import Screen, Session


def connection(session: Session, event: Connection, _moment: Moment) -> Step:
    """Take note whether the station can be reached."""
    return replace(session, is_offline=event.is_offline), ()


def fault(session: Session, event: Fault, moment: Moment) -> Step:
    """Send everybody to the counter while a part is missing without which no parcel can leave rightly.

    No typed way stays open without a camera: a parcel leaves by its own scan only. Whoever waits for a door keeps
    waiting for it.
    """
    if event.part in session.faults:
        return session, ()
    session = replace(session, faults=session.faults | {event.part})
    alert = Alert("fault", part=event.part)
    if not is_blocked(session) or base(session) in (Screen.FAULT, Screen.RECOVER):
        return session, (alert,)
    if session.releasing or session.opening:
        return go(replace(session, waiting=()), Screen.FAULT), (alert,)
    ended, effects = end(session, event, moment)
    return ended, (*effects, alert)


def fault_over(session: Session, event: FaultOver, moment: Moment) -> Step:
    """Go on when nothing is missing any more."""
    session = replace(session, faults=session.faults - {event.part})
    if base(session) is not Screen.FAULT or is_blocked(session):
        return session, ()
    return resume(session, event, moment)


def unfinished(session: Session, event: Unfinished, moment: Moment) -> Step:
    """Wait for staff: a parcel was released, and nobody knows whether its door opened."""
    if event.parcel.id in session.unfinished:
        return session, ()
    waiting = replace(session, unfinished=(*session.unfinished, event.parcel.id))
    ended, effects = end(waiting, event, moment)
    return ended, (*effects, Alert("recover", event.parcel.id))


def settled(session: Session, event: Settled, moment: Moment) -> Step:
    """Go on when staff have settled every unfinished release."""
    waiting = tuple(id_ for id_ in session.unfinished if id_ != event.parcel_id)
    session = replace(session, unfinished=waiting)
    if base(session) is not Screen.RECOVER or waiting:
        return session, ()
    return end(session, event, moment)
