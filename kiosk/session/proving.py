"""Who is here: choosing a way, asking whose evidence was shown, and the answer.

A visit has one person. Where they are known (a refusal in the middle of it), no other way and no other code counts.
"""

from dataclasses import replace

from kiosk.model import Way
from kiosk.session import looking, taking
from kiosk.session.asking import check, why_not
from kiosk.session.effects import CheckIdentity, CheckProxyCode, Say
from kiosk.session.events import IdentitySeen, PersonKnown, PersonUnknown, ProxySeen, Touch
from kiosk.session.moves import Moment, Step, go, refuse
from kiosk.session.state import Asked, Notice, Screen, Session

KEYPADS = {
    Way.PICKUP_CODE: Screen.PICKUP_CODE,
    Way.SIX_DIGITS: Screen.SIX_DIGITS,
    Way.PROXY_CODE: Screen.PROXY_CODE,
}
PROMPTS = {
    Screen.PICKUP_CODE: "pickup_code_title",
    Screen.SIX_DIGITS: "tail_title",
    Screen.PROXY_CODE: "proxy_title",
}


def choose(session: Session, touch: Touch, moment: Moment) -> Step:
    """Begin a way that needs a screen of its own."""
    if session.person or touch.value not in {*KEYPADS, Way.FACE}:
        return session, ()
    way = Way(touch.value)
    notice = why_not(session, way, moment.rules)
    if notice:
        return refuse(session, notice)
    if way is Way.FACE:
        return looking.begin(session)
    screen = KEYPADS[way]
    return replace(go(session, screen), typed="", typed_before=""), (Say(PROMPTS[screen]),)


def identity_seen(session: Session, event: IdentitySeen, moment: Moment) -> Step:
    """Take an identity code that is held before the camera, whatever way was begun before."""
    if session.person:
        return session, ()
    return check(session, Way.IDENTITY_CODE, moment, lambda ask: CheckIdentity(ask, event.text))


def proxy_seen(session: Session, event: ProxySeen, moment: Moment) -> Step:
    """Take a proxy's code that is held before the camera."""
    if session.person:
        return session, ()
    return check(session, Way.PROXY_CODE, moment, lambda ask: CheckProxyCode(ask, event.code))


def known(session: Session, event: PersonKnown, _moment: Moment) -> Step:
    """Greet who was asked for; an answer to anything else is nobody's."""
    if Asked(event.ask, event.person.way) != session.check:
        return session, ()
    return taking.meet(replace(session, check=None), event.person)


def unknown(session: Session, event: PersonUnknown, _moment: Moment) -> Step:
    """Say why this proves nobody."""
    if session.check is None or event.ask != session.check.ask:
        return session, ()
    return refuse(session, event.notice)


def unanswered(session: Session, _event: object, _moment: Moment) -> Step:
    """Give up waiting for who this is."""
    return refuse(session, Notice("no_answer"))
