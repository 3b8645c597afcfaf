"""Every way through a visit: from each kind of state, everything that can happen."""

from collections import deque
from datetime import timedelta

from kiosk.model import Way
from kiosk.session import events as on
from kiosk.session.events import Action, Touch
from kiosk.session.keypad import FIELDS
from kiosk.session.moves import base, standing
from kiosk.session.state import Screen
from tests.kiosk.visits import ALWAYS, Visit, fitting

LONGER = timedelta(seconds=70)  # than any screen lasts
RULES = {"face_always_asks_tail": False}  # so that both answers to a face lead somewhere


def walk():
    """Yield (session before, event, session after) for each event in one session of each kind that can be reached."""
    begin = Visit(**RULES).session
    kinds, waiting = {kind(begin)}, deque([begin])
    while waiting:
        before = waiting.popleft()
        for event in (*ALWAYS, *fitting(before)):
            visit = Visit(before, **RULES)
            if event == Touch(Action.ENTER):
                _fill(visit)
            visit.now = before.until or visit.now
            if isinstance(event, on.Tick):
                visit.now += LONGER
            visit.do(event)
            yield before, event, visit.session
            if kind(visit.session) not in kinds:
                kinds.add(kind(visit.session))
                waiting.append(visit.session)


def kind(session):
    """Return what decides where a session can lead; two sessions of one kind are not told apart."""
    person = session.person
    return (
        session.screen,
        session.before,
        session.is_offline,
        session.faults,
        session.unfinished,
        person and (person.way is Way.PICKUP_CODE, standing(session), person.may_enrol),
        bool(session.releasing),
        bool(session.held),
        bool(session.strangers),
        bool(session.opening),
        session.is_stuck,
        bool(session.lookups),
        bool(session.typed_before),
        session.check and session.check.about,
        session.looking is None,
        session.has_asked_leftovers,
    )


def _fill(visit):
    """Type what the field may hold, so that there is something to enter."""
    if base(visit.session) in FIELDS:
        is_code = base(visit.session) is Screen.PICKUP_CODE and not visit.session.typed_before
        for char in "1-1-1" if is_code else "12345678":
            visit.touch(Action.KEY, char)
