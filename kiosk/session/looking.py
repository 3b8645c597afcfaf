"""Faces: looking for anybody enrolled (person first), or for who may take what is in the hands (parcel first)."""

from dataclasses import replace

from kiosk.model import Parcel, Way
from kiosk.session.asking import check
from kiosk.session.effects import CheckFace, CompareFace, FindFace, Say
from kiosk.session.events import FaceMatched, FaceMissed, FaceTurn
from kiosk.session.moves import Moment, Step, go, hint, number, refuse
from kiosk.session.state import Notice, Screen, Session

SIDES = {"left": "face_turn_left", "right": "face_turn_right"}


def begin(session: Session) -> Step:
    """Look for a face; with a parcel in the hands only for who may take it."""
    if session.held:
        return compare(session, session.held[-1])
    session, asked = number(session, Way.FACE)
    return replace(go(session, Screen.FACE), looking=asked.ask), (FindFace(asked.ask), Say("face_title"))


def compare(session: Session, parcel: Parcel) -> Step:
    """Look for who may take the parcels of this one's owner, among those who may and nobody else."""
    session, asked = number(session, Way.FACE)
    ids = tuple(held.id for held in session.held if held.owner == parcel.owner)
    return replace(go(session, Screen.WHO), looking=asked.ask), (CompareFace(asked.ask, ids),)


def turn(session: Session, event: FaceTurn, _moment: Moment) -> Step:
    """Ask for the head turn."""
    awaited = (session.looking, session.check.ask if session.check else None)
    if event.ask not in awaited or event.side not in SIDES:
        return session, ()
    return replace(session, turn_to=event.side), (Say(SIDES[event.side]),)


def matched(session: Session, event: FaceMatched, moment: Moment) -> Step:
    """Ask for the phone tail, or, parcel first and where the station trusts the head turn, for nothing more."""
    if event.ask != session.looking:
        return session, ()
    is_hands_free = event.is_hands_free and not moment.rules.face_always_asks_tail
    if is_hands_free and session.screen is Screen.WHO and session.held:
        return check(session, Way.FACE, moment, lambda ask: CheckFace(ask, event.recipient_id, None))
    asking = replace(go(session, Screen.FACE_TAIL), face_recipient=event.recipient_id)
    return replace(asking, typed="", typed_before=""), (Say("face_tail_lead"),)


def missed(session: Session, event: FaceMissed, _moment: Moment) -> Step:
    """Say that no face was found; parcel first, the other ways stay open on the same screen."""
    if event.ask != session.looking:
        return session, ()
    if session.screen is Screen.WHO:
        return hint(replace(session, looking=None, turn_to=None), event.notice)
    return refuse(session, event.notice)


def not_found(session: Session, _event: object, _moment: Moment) -> Step:
    """Give up looking."""
    return refuse(session, Notice("face_not_found"))
