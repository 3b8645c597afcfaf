"""The keypad: what may stand in which field, and what happens when the last field is complete."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.model import Way
from kiosk.session.asking import check
from kiosk.session.effects import CheckFace, CheckPickupCode, CheckProxyCode, CheckSixDigits, Sound
from kiosk.session.events import Touch
from kiosk.session.moves import Moment, Step, hint
from kiosk.session.state import Notice, Screen, Session


@dataclass(frozen=True, slots=True)
class Field:
    """What is typed into one field: from `least` to `most` characters that are `allowed`."""

    least: int
    most: int
    allowed: Callable[[str], bool]


def _is_digit(char: str) -> bool:
    return char.isascii() and char.isdigit()


def _is_letter_or_digit(char: str) -> bool:
    return char.isalnum()


def _is_of_code(char: str) -> bool:
    return char.isalnum() or char == "-"


# The station's codes: `1-1-1` is the shortest; a shelf of 8, a layer of 2, a number of 5 and two hyphens the longest.
CODE = Field(5, 17, _is_of_code)
TAIL = Field(4, 4, _is_digit)  # DESIGN.md 6: the phone's last four
DIGITS = Field(6, 6, _is_digit)  # DESIGN.md 6: the six digits beside the identity code
PROXY = Field(8, 8, _is_letter_or_digit)  # the station gives proxies codes of eight characters

FIELDS: dict[Screen, tuple[Field, ...]] = {
    Screen.PICKUP_CODE: (CODE, TAIL),
    Screen.SIX_DIGITS: (TAIL, DIGITS),
    Screen.PROXY_CODE: (PROXY,),
    Screen.FACE_TAIL: (TAIL,),
}


def key(session: Session, touch: Touch, _moment: Moment) -> Step:
    """Type one character; what does not fit is not typed."""
    field, char = _field(session), touch.value.upper()
    if len(char) != 1 or len(session.typed) >= field.most or not field.allowed(char):
        return session, ()
    return replace(session, typed=session.typed + char, notice=None), ()


def erase(session: Session, _touch: Touch, _moment: Moment) -> Step:
    """Take back the last character, in the field before where this one is empty."""
    if session.typed:
        return replace(session, typed=session.typed[:-1], notice=None), ()
    return replace(session, typed=session.typed_before, typed_before="", notice=None), ()


def enter(session: Session, _touch: Touch, moment: Moment) -> Step:
    """Go on to the next field; after the last one ask who this is."""
    if len(session.typed) < _field(session).least:
        return replace(session, notice=Notice("type_all")), (Sound("warn"),)
    if len(FIELDS[session.screen]) > 1 and not session.typed_before:
        return replace(session, typed="", typed_before=session.typed, notice=None), ()
    return _ask(session, moment)


def _field(session: Session) -> Field:
    return FIELDS[session.screen][1 if session.typed_before else 0]


def _ask(session: Session, moment: Moment) -> Step:
    before, typed, recipient = session.typed_before, session.typed, session.face_recipient
    if session.screen is Screen.PICKUP_CODE:
        return check(session, Way.PICKUP_CODE, moment, lambda ask: CheckPickupCode(ask, before, typed))
    if session.screen is Screen.SIX_DIGITS:
        return check(session, Way.SIX_DIGITS, moment, lambda ask: CheckSixDigits(ask, before, typed))
    if session.screen is Screen.PROXY_CODE:
        return check(session, Way.PROXY_CODE, moment, lambda ask: CheckProxyCode(ask, typed))
    if recipient is None:
        return hint(session, Notice("face_not_found"))
    return check(session, Way.FACE, moment, lambda ask: CheckFace(ask, recipient, typed))
