"""Agreeing to collect with one's face, or to do so no more.

Only a person who was known by a strong way may enrol; under 14 a guardian shows their own identity code first.
"""

from dataclasses import replace

from kiosk.model import Way
from kiosk.session.asking import takes_faces
from kiosk.session.effects import CheckGuardian, EnrolFace, ForgetFace, Say, Sound
from kiosk.session.events import EnrolFailed, Enrolled, GuardianKnown, IdentitySeen, PersonUnknown, Touch
from kiosk.session.moves import Moment, Step, go, hint, number, refuse
from kiosk.session.state import Notice, Screen, Session

WEAK = frozenset({Way.PICKUP_CODE, Way.PROXY_CODE})  # shows that one may collect, not that one is this person
ENROL = "enrol"
GUARDIAN = "guardian"


def begin(session: Session, _touch: Touch, moment: Moment) -> Step:
    """Show the text of the agreement."""
    if session.person is None or not session.person.may_enrol or not takes_faces(session, moment.rules):
        return session, ()
    if session.is_offline:
        return hint(session, Notice("enrol_needs_network"))
    return go(session, Screen.ENROL_CONSENT), (Say("consent_lead"),)


def agree(session: Session, _touch: Touch, _moment: Moment) -> Step:
    """Take the pictures of somebody who is 14 or older and agreed."""
    return _enrol(session, None)


def ask_guardian(session: Session, _touch: Touch, _moment: Moment) -> Step:
    """Ask for the guardian of somebody under 14 (PIPL art. 31)."""
    return go(session, Screen.ENROL_GUARDIAN), (Say("guardian_lead"),)


def guardian_seen(session: Session, event: IdentitySeen, _moment: Moment) -> Step:
    """Ask whose identity code this is; the newest one shown counts."""
    session, asked = number(session, GUARDIAN)
    asking = replace(session, check=asked, notice=Notice("one_moment"))
    return asking, (CheckGuardian(asked.ask, event.text),)


def guardian_known(session: Session, event: GuardianKnown, _moment: Moment) -> Step:
    """Take the pictures when another grown-up agreed with their own code."""
    if session.check is None or event.ask != session.check.ask:
        return session, ()
    child = session.person.recipient_id if session.person else None
    if event.recipient_id is not None and event.recipient_id == child:
        return hint(replace(session, check=None), Notice("guardian_is_other"))
    return _enrol(session, event.key)


def guardian_unknown(session: Session, event: PersonUnknown, _moment: Moment) -> Step:
    """Say why this is no guardian's code; another can be shown."""
    if session.check is None or event.ask != session.check.ask:
        return session, ()
    return hint(replace(session, check=None), event.notice)


def enrolled(session: Session, event: Enrolled, _moment: Moment) -> Step:
    """Say that the face is enrolled, and how to take it back."""
    if session.check is None or session.person is None or event.ask != session.check.ask:
        return session, ()
    done = replace(go(session, Screen.ENROL_DONE), person=replace(session.person, has_face=True), check=None)
    return done, (Sound("ok"), Say("enrol_done_title"))


def failed(session: Session, event: EnrolFailed, _moment: Moment) -> Step:
    """Say why the face was not enrolled."""
    if session.check is None or event.ask != session.check.ask:
        return session, ()
    return refuse(session, event.notice)


def unanswered(session: Session, _event: object, _moment: Moment) -> Step:
    """Give up taking pictures."""
    return refuse(session, Notice("enrol_no_picture"))


def forget(session: Session, _touch: Touch, _moment: Moment) -> Step:
    """Delete the person's face now; nothing is asked twice, since enrolling again is easy."""
    person = session.person
    if person is None or not person.has_face or person.way in WEAK:
        return session, ()
    without = replace(session, person=replace(person, has_face=False), notice=Notice("face_forgotten"))
    return without, (ForgetFace(person), Say("face_forgotten"))


def _enrol(session: Session, guardian_key: str | None) -> Step:
    person = session.person
    if person is None:
        return session, ()
    if session.is_offline:
        return refuse(session, Notice("enrol_needs_network"))
    session, asked = number(session, ENROL)
    enrol = EnrolFace(asked.ask, person, session.look.language, guardian_key)
    return replace(go(session, Screen.ENROL_FACE), check=asked), (enrol,)
