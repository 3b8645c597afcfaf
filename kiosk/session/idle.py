"""When a screen ends by itself. Every screen on which somebody may stand does, so that nothing of them stays."""

from dataclasses import replace
from datetime import timedelta

from kiosk.model import Rules
from kiosk.session.effects import Say, Sound
from kiosk.session.moves import RESTING, Moment, Step, cover, is_fresh
from kiosk.session.state import Screen, Session

# Where people read, type or fetch: the rules' idle time (UI.md 4 c: 45 s), and before the end a warning (15 s).
PATIENT = frozenset(
    {
        Screen.PICKUP_CODE,
        Screen.SIX_DIGITS,
        Screen.PROXY_CODE,
        Screen.FACE_TAIL,
        Screen.WHO,
        Screen.FOUND,
        Screen.LEFTOVERS,
        Screen.ENROL_CONSENT,
        Screen.ENROL_GUARDIAN,
    }
)
# Seconds. Ours: an answer comes within the release's two tries of 2 s (DESIGN.md 6) and the spool's, so that 10 s are
# more than enough; a sentence of two lines is read in 5 s, in large type or by voice in 10.
LIMITS: dict[Screen, int] = {
    Screen.CHECKING: 10,
    Screen.FACE: 30,  # a head turn is asked for and tried two or three times
    Screen.WRONG_PARCEL: 20,  # to the shelf and back; then staff are alerted again
    Screen.DONE: 8,
    Screen.NOTHING: 15,  # it offers to enrol a face
    Screen.REFUSED: 15,
    Screen.ENROL_FACE: 60,  # up to five good pictures
    Screen.ENROL_DONE: 10,
    Screen.STAFF: 30,
}


def limit_s(session: Session, rules: Rules) -> int | None:
    """Return after how many seconds the screen ends by itself; None where nothing of anybody can be on it."""
    if session.screen in RESTING:
        return None if is_fresh(session, rules) else rules.idle_s
    if session.screen is Screen.STILL_THERE:
        return rules.warning_s
    is_patient = session.screen in PATIENT or (session.screen is Screen.WRONG_PARCEL and session.is_stuck)
    return rules.idle_s if is_patient else LIMITS[session.screen]


def timed(session: Session, moment: Moment) -> Session:
    """Say when this screen ends, where it has just come or somebody has just done something."""
    if session.until:
        return session
    limit = limit_s(session, moment.rules)
    return replace(session, until=moment.now + timedelta(seconds=limit)) if limit is not None else session


def is_over(session: Session, moment: Moment) -> bool:
    """Tell whether the screen ends now."""
    return session.until is not None and moment.now >= session.until


def mended(session: Session, moment: Moment) -> Session:
    """Return the session with an end that can be reached: a clock that was set back must keep nothing on a screen."""
    limit = limit_s(session, moment.rules)
    if session.until is None or limit is None:
        return session
    latest = moment.now + timedelta(seconds=limit)
    return replace(session, until=latest) if session.until > latest else session


def warn(session: Session, _event: object, _moment: Moment) -> Step:
    """Ask whether somebody is still there."""
    return cover(session, Screen.STILL_THERE), (Sound("warn"), Say("still_title"))
