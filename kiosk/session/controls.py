"""What every screen offers: how it looks and sounds, and calling staff."""

from dataclasses import replace

from kiosk.session.effects import Alert, Say
from kiosk.session.events import Touch
from kiosk.session.moves import Moment, Step, cover
from kiosk.session.state import Look, Screen, Session


def language(session: Session, touch: Touch, moment: Moment) -> Step:
    """Speak this language, or the next one where none is named."""
    known = moment.rules.languages
    wanted = touch.value or _after(session.look.language, known)
    return _look(session, replace(session.look, language=wanted)) if wanted in known else (session, ())


def larger_text(session: Session, _touch: Touch, _moment: Moment) -> Step:
    """Write larger, or as before."""
    return _look(session, replace(session.look, is_large=not session.look.is_large))


def contrast(session: Session, _touch: Touch, _moment: Moment) -> Step:
    """Show more contrast, or as before."""
    return _look(session, replace(session.look, has_contrast=not session.look.has_contrast))


def voice(session: Session, _touch: Touch, _moment: Moment) -> Step:
    """Speak, or be silent."""
    return _look(session, replace(session.look, has_voice=not session.look.has_voice))


def say_again(session: Session, _touch: Touch, _moment: Moment) -> Step:
    """Say what was said last."""
    return session, (Say(session.said.key, session.said.facts),) if session.said else ()


def staff(session: Session, _touch: Touch, _moment: Moment) -> Step:
    """Call staff, and say that they come."""
    return cover(session, Screen.STAFF), (Alert("staff_called"), Say("staff_title"))


def _look(session: Session, look: Look) -> Step:
    return replace(session, look=look), ()


def _after(shown: str, known: tuple[str, ...]) -> str:
    return known[(known.index(shown) + 1) % len(known)] if shown in known else known[0]
