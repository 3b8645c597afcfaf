"""One step of a visit: finds the row of the table that an event is for, and keeps what must hold on every screen.

Pure: no input or output, no clock, no thread. An event that no row is for changes nothing.
"""

from dataclasses import replace
from datetime import datetime

from kiosk.model import Rules
from kiosk.session import idle
from kiosk.session.effects import CompareFace, Effect, EndSession, FindFace, Say, StopFace
from kiosk.session.enrolling import ENROL
from kiosk.session.events import Action, Event, Tick, Touch
from kiosk.session.keypad import FIELDS
from kiosk.session.moves import RESTING, Moment, Step, base, cover, fresh, uncover
from kiosk.session.state import Notice, Screen, Session
from kiosk.session.table import ANYWHERE, SCREENS, Cause, Over, Row

ASKING = frozenset({Screen.CHECKING, Screen.ENROL_GUARDIAN, Screen.ENROL_FACE})
LOOKING = frozenset({Screen.FACE, Screen.WHO})
NAMES = frozenset(Action)


def step(session: Session, event: Event, now: datetime, rules: Rules) -> Step:
    """Return the session after an event, and what is to be done, in order. Nothing to change returns it as it is."""
    moment = Moment(now, rules)
    if isinstance(event, Tick) and not idle.is_over(session, moment):
        return _passed(session, moment), ()
    cause = cause_of(event)
    after, effects = _handle(session, cause, event, moment) if cause else (session, ())
    return _tidy(session, after, effects, moment)


def cause_of(event: Event) -> Cause | None:
    """Return what the table calls this event; None for a button that does not exist."""
    if isinstance(event, Tick):
        return Over.TIME
    if isinstance(event, Touch):
        return Action(event.action) if event.action in NAMES else None
    return type(event)


def _passed(session: Session, moment: Moment) -> Session:
    """Let time pass on a screen that goes on; on one that rests, the station's own language comes back."""
    if session.screen in RESTING and session.until is None:
        rested = fresh(session, moment.rules)
        return session if session == rested else rested
    return idle.mended(session, moment)


def _handle(session: Session, cause: Cause, event: Event, moment: Moment) -> Step:
    row = _row(session, cause)
    if row:
        after, effects = row.handler(session, event, moment)
        is_here = isinstance(cause, Action) or cause in SCREENS[session.screen]
        return (_extended(after) if is_here else after), effects
    if session.before:
        return _handle_below(session, cause, event, moment)
    return session, ()


def _row(session: Session, cause: Cause) -> Row | None:
    """Return the row of this screen; what holds anywhere holds for the screen below an overlay."""
    own = SCREENS[session.screen].get(cause)
    return own if own or session.before else ANYWHERE.get(cause)


def _extended(session: Session) -> Session:
    """Begin the time of a screen again where people are given time and somebody just did something."""
    return replace(session, until=None) if session.screen in idle.PATIENT else session


def _handle_below(session: Session, cause: Cause, event: Event, moment: Moment) -> Step:
    """Handle an event as the screen under an overlay does; the overlay stays unless it led somewhere else."""
    below = uncover(session)
    after, effects = _handle(below, cause, event, moment)
    if after.screen is not below.screen and not _stays_covered(session, after):
        return after, effects
    if session.screen is Screen.STILL_THERE and (isinstance(cause, Action) or cause in SCREENS[below.screen]):
        return after, effects
    return replace(after, screen=session.screen, before=after.screen, until=session.until), effects


def _stays_covered(session: Session, after: Session) -> bool:
    """Tell whether an overlay stays though the screen below it changed."""
    if after.before or after.screen in RESTING:
        return False
    is_warning = session.screen is Screen.WRONG_PARCEL and after.screen in (Screen.FOUND, Screen.DONE)
    return is_warning or bool(after.strangers)


def _tidy(before: Session, after: Session, effects: tuple[Effect, ...], moment: Moment) -> Step:
    """Drop what belongs to a screen that was left, and say when this one ends."""
    screen = base(after)
    if screen not in ASKING:
        after = replace(after, check=None)
    if screen not in LOOKING:
        after = replace(after, looking=None)
    if screen not in FIELDS or screen is not base(before):
        after = replace(after, typed="", typed_before="")
    if screen is not Screen.FACE_TAIL:
        after = replace(after, face_recipient=None)
    if _has_stopped(before, after) and not any(
        isinstance(effect, FindFace | CompareFace | EndSession) for effect in effects
    ):
        effects = (StopFace(), *effects)
    after, effects = _speak(_warned(after), effects)
    return idle.timed(after, moment), effects


def _warned(session: Session) -> Session:
    """Keep the warning over everything while a stranger's parcel lies before the camera; only staff may cover it."""
    is_free = session.screen not in (Screen.WRONG_PARCEL, Screen.STAFF, *RESTING)
    return cover(session, Screen.WRONG_PARCEL) if session.strangers and is_free else session


def _has_stopped(before: Session, after: Session) -> bool:
    """Tell whether a look at a face is not wanted any more."""
    was_enrolling = before.check is not None and before.check.about == ENROL
    return (before.looking is not None and after.looking != before.looking) or (
        was_enrolling and after.check != before.check
    )


def _speak(session: Session, effects: tuple[Effect, ...]) -> Step:
    """Remember what was said last; say nothing to who wants no voice."""
    for effect in effects:
        if isinstance(effect, Say):
            session = replace(session, said=Notice(effect.key, effect.facts))
    if session.look.has_voice:
        return session, effects
    return session, tuple(effect for effect in effects if not isinstance(effect, Say))
