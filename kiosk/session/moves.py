"""How a session moves: from screen to screen, over a screen and off it, and to its end."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kiosk.model import Rules
from kiosk.session.effects import Alert, Effect, EndSession, Say, Sound
from kiosk.session.state import Asked, Look, Notice, Screen, Session

Step = tuple[Session, tuple[Effect, ...]]


@dataclass(frozen=True, slots=True)
class Moment:
    """When an event happened, and the station's rules then."""

    now: datetime
    rules: Rules


Handler = Callable[[Session, Any, Moment], Step]  # Any: each handler names the one event it is for

BLOCKING = frozenset({"camera", "spool", "list", "clock"})  # without one of these no parcel can leave rightly
# Nobody is here: the only ones without an end.
RESTING = frozenset({Screen.HOME, Screen.FAULT, Screen.RECOVER})


def base(session: Session) -> Screen:
    """Return the screen under the overlay, or the screen itself."""
    return session.before or session.screen


def go(session: Session, screen: Screen, notice: Notice | None = None) -> Session:
    """Show another screen instead of this one and of what covers it."""
    return replace(session, screen=screen, before=None, until=None, turn_to=None, notice=notice)


def cover(session: Session, screen: Screen) -> Session:
    """Show a screen over this one, which comes back afterwards."""
    return replace(session, screen=screen, before=base(session), until=None)


def uncover(session: Session) -> Session:
    """Take away what covers a screen."""
    return replace(session, screen=base(session), before=None, until=None)


def lift(session: Session, _event: object, _moment: Moment) -> Step:
    """Go back to the screen below."""
    return uncover(session), ()


def stay(session: Session, _event: object, _moment: Moment) -> Step:
    """Take note that somebody is here, and change nothing."""
    return session, ()


def number(session: Session, about: str) -> tuple[Session, Asked]:
    """Give the next question its number."""
    asked = Asked(session.asks + 1, about)
    return replace(session, asks=asked.ask), asked


def hint(session: Session, notice: Notice) -> Step:
    """Say something on the screen that is shown."""
    return replace(session, notice=notice), (Sound("warn"), Say(notice.key, notice.facts))


def refuse(session: Session, notice: Notice) -> Step:
    """Say why not and what to do, on a screen of its own."""
    return go(session, Screen.REFUSED, notice), (Sound("warn"), Say(notice.key, notice.facts))


def is_blocked(session: Session) -> bool:
    """Tell whether a part is missing without which no parcel may leave."""
    return bool(session.faults & BLOCKING)


def fresh(session: Session, rules: Rules) -> Session:
    """Return the session in which nobody has touched or shown anything; it keeps what is true of the kiosk only."""
    screen = Screen.RECOVER if session.unfinished else Screen.FAULT if is_blocked(session) else Screen.HOME
    return Session(
        screen=screen,
        look=Look(language=rules.languages[0]),
        asks=session.asks,
        is_offline=session.is_offline,
        faults=session.faults,
        unfinished=session.unfinished,
        in_view=session.in_view,
    )


def is_fresh(session: Session, rules: Rules) -> bool:
    """Tell whether nothing of anybody is left."""
    return replace(session, until=None) == fresh(session, rules)


def end(session: Session, _event: object, moment: Moment) -> Step:
    """End the visit and forget everything of it; staff look after a released parcel whose door never opened."""
    never_opened = (Alert("recover", parcel_id) for parcel_id in session.opening)
    return fresh(session, moment.rules), (*never_opened, EndSession())


def resume(session: Session, _event: object, moment: Moment) -> Step:
    """Go one step back to where this visit stands; at its beginning only how the screen looks is kept."""
    if session.person:
        return go(session, standing(session)), ()
    if session.held:
        return go(session, Screen.WHO), ()
    return replace(fresh(session, moment.rules), look=session.look), (EndSession(),)


def give_up(session: Session, event: object, moment: Moment) -> Step:
    """Go back where somebody went on with their visit, and end it where nothing has come of it."""
    step = resume if session.person or session.held else end
    return step(session, event, moment)


def standing(session: Session) -> Screen:
    """Return the screen that fits what the known person has taken and left."""
    if left(session):
        return Screen.FOUND
    return Screen.DONE if session.taken else Screen.NOTHING


def left(session: Session) -> tuple[str, ...]:
    """Return the ids of the person's parcels that were not taken, in shelf order."""
    parcels = session.person.parcels if session.person else ()
    return tuple(parcel.id for parcel in parcels if parcel.id not in session.taken)
