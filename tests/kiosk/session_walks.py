"""Random visits, the same in every run, and the ways from screen to screen that they find."""

import random
from collections import Counter
from datetime import timedelta

from kiosk.session import events as on
from kiosk.session.events import Action, Touch
from kiosk.session.keypad import FIELDS
from kiosk.session.machine import cause_of
from kiosk.session.moves import base, standing
from kiosk.session.state import Screen
from kiosk.session.table import SCREENS
from tests.kiosk.visits import ALWAYS, BAG, BOX, OTHERS, Visit, fitting

WALKS, STEPS = 2000, 25
TASTED = 8


def walks():
    """Yield (session before, event, session after) of every step of many visits."""
    tried = Counter()
    for seed in range(WALKS):
        chance = random.Random(seed)
        visit = _begun(chance)
        for _ in range(STEPS):
            event = _pick(chance, visit.session, tried)
            if isinstance(event, on.Tick):
                visit.now += timedelta(seconds=chance.choice((1, 70)))
            if event == Touch(Action.ENTER):
                _fill(visit)
            before = visit.session
            visit.do(event)
            yield before, event, visit.session


def _begun(chance):
    """Return a visit that stands where few come by chance."""
    visit = Visit(face_always_asks_tail=chance.random() < 0.5)
    chance.choice(
        (_nothing, _known, _enrolling, _guardian, _failing, _cut_off, _faceless, _settling, _early)
    )(visit, chance)
    return visit


def _nothing(_visit, _chance):
    """Begin as everybody does."""


def _known(visit, chance):
    visit.known(*chance.choice(((), (BOX,), (BOX, BAG))))
    if visit.session.person.parcels:
        visit.take(BOX)


def _enrolling(visit, chance):
    _known(visit, chance)
    visit.touch(Action.ENROL)
    visit.touch(Action.ADULT)


def _guardian(visit, chance):
    visit.known(BOX)
    visit.touch(Action.ENROL)
    visit.touch(chance.choice((Action.MINOR, "")))
    visit.do(on.IdentitySeen("ID:G"), on.Connection(is_offline=True))


def _failing(visit, chance):
    """A part fails while a door is about to open."""
    visit.known(*chance.choice(((BOX,), (BOX, BAG))))
    visit.do(on.WaybillSeen(BOX.waybill), on.Fault("camera"))


def _cut_off(visit, chance):
    visit.touch(Action.WAY, chance.choice(("six_digits", "proxy_code")))
    visit.type("1234")
    visit.do(on.Connection(is_offline=True))


def _faceless(visit, _chance):
    """Faces cannot be looked for any more, after one was found."""
    visit.touch(Action.WAY, "face")
    visit.do(on.FaceMatched(visit.session.looking, "7", False), on.Fault("faces"))


def _settling(visit, chance):
    visit.do(on.Unfinished(OTHERS), chance.choice((on.Fault("camera"), on.Tick())))


def _early(visit, chance):
    """A parcel comes into view before its person is known; it is not looked up yet."""
    if chance.random() < 0.5:
        visit.touch(Action.WAY, "pickup_code")
        visit.type("1-1-1")
        visit.do(on.WaybillSeen(BOX.waybill))
        return
    visit.do(on.WaybillSeen(BOX.waybill))
    visit.known(BOX, BAG)
    visit.touch(Action.FINISH)


def _pick(chance, session, tried):
    """Return what has been tried least on this screen, of some that fit and one of all that can happen."""
    rows = SCREENS[session.screen].keys() | SCREENS[base(session)].keys()
    fit = [event for event in ALWAYS if cause_of(event) in rows]
    mending = [on.FaultOver("camera")] * bool(session.faults) + [on.Settled(OTHERS.id)] * bool(
        session.unfinished
    )
    likely = [*fitting(session), *fit, *mending]
    some = [*chance.sample(likely, min(len(likely), TASTED)), chance.choice(ALWAYS)]
    event = min(some, key=lambda event: tried[_kind(session, event)])
    tried[_kind(session, event)] += 1
    return event


def _kind(session, event):
    state = (
        bool(session.held),
        bool(session.typed_before),
        session.is_offline,
        session.person and standing(session),
    )
    return (session.screen, session.before, state, cause_of(event), getattr(event, "value", ""))


def _fill(visit):
    """Type what the field may hold, so that there is something to enter."""
    if base(visit.session) in FIELDS:
        is_code = base(visit.session) is Screen.PICKUP_CODE and not visit.session.typed_before
        for char in "1-1-1" if is_code else "12345678":
            visit.touch(Action.KEY, char)
