"""Whatever happens, in whatever order: no parcel leaves without its person and its own scan, none beside a stranger's,
and nothing of anybody stays.

What may happen is decided here from what the session asked and was told, not from what it believes.
"""

from dataclasses import fields, replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kiosk.model import Way
from kiosk.session import effects as fx
from kiosk.session import events as on
from kiosk.session.events import Action, Touch
from kiosk.session.machine import cause_of, step
from kiosk.session.moves import RESTING, base
from kiosk.session.state import Look, Screen, Session
from kiosk.session.table import SCREENS
from tests.kiosk.visits import ALWAYS, BAG, BOX, HELD, OTHERS, PEOPLE, Visit, answers, fitting, kinds

CHECKS = {
    fx.CheckIdentity: Way.IDENTITY_CODE,
    fx.CheckPickupCode: Way.PICKUP_CODE,
    fx.CheckSixDigits: Way.SIX_DIGITS,
    fx.CheckProxyCode: Way.PROXY_CODE,
    fx.CheckFace: Way.FACE,
}
OF_THE_KIOSK = {"screen", "look", "until", "asks", "is_offline", "faults", "unfinished", "in_view"}
PERSONAL = ("Chen", "SF101", "SF102", "SF103", "SF201", "ID:A", "ABCD2345", "1234")
RUDE = tuple(event for event in ALWAYS if isinstance(event, on.Fault | on.Unfinished | on.Connection))
GENTLE = tuple(event for event in ALWAYS if event not in RUDE)
SOME = tuple(who for who in PEOPLE if who.parcels or who.way is Way.IDENTITY_CODE)
TEXTS = {
    Way.PICKUP_CODE: ("1-1-1", "1234"),
    Way.SIX_DIGITS: ("1234", "123456"),
    Way.PROXY_CODE: ("ABCD2345",),
    Way.FACE: ("1234",),
}
RULES = st.fixed_dictionaries(
    {name: st.booleans() for name in ("takes_faces", "takes_photos", "face_always_asks_tail")}
)


def is_tail(text):
    return len(text) == 4 and text.isdigit()


class AnyVisit(RuleBasedStateMachine):
    """Anything happens; after each step what was asked for is held against what was shown and answered."""

    @initialize(rules=RULES, is_known=st.integers(0, 2), who=st.sampled_from(SOME))
    def begin(self, rules, is_known, who):
        self.visit = Visit(**rules)
        self.done = set()  # the releases that were answered, by their number
        self.view = set()  # labels before the camera that are not known to be nobody's
        self.forget()
        if is_known:  # as most visits do: else hardly one in ten comes as far
            self.identify(who, is_known)

    def forget(self):
        """Begin a visit: nothing of the one before counts any more."""
        self.asked = {}  # number → question of this visit
        self.checks = []  # who-questions of this visit, the last one at the end
        self.person = None
        self.scanned = set(self.view)
        self.looked_up = {}  # number → waybill of the questions whose answer counts
        self.opening = []  # parcels that were released and whose door has not opened yet
        self.leaving = set()  # parcels that were asked for or left
        self.hands_free = set()

    @rule(data=st.data())
    def button_or_scan(self, data):
        """Do something that this screen is for."""
        session = self.visit.session
        rows = SCREENS[session.screen].keys() | SCREENS[base(session)].keys()
        fit = [event for event in GENTLE if cause_of(event) in rows]
        self.happen(data.draw(st.sampled_from(fit or GENTLE)))

    @rule(event=st.sampled_from(GENTLE))
    def anything(self, event):
        self.happen(event)

    @rule(who=st.sampled_from(SOME), is_known=st.booleans())
    def identify(self, who, is_known):
        """Show an identity code; answer whatever is asked of anybody."""
        self.happen(on.IdentitySeen("ID:A"))
        check = self.visit.session.check
        if check and is_known:
            way = Way(check.about) if check.about in set(Way) else who.way
            self.happen(on.PersonKnown(check.ask, replace(who, way=way)))

    @rule(seen=st.sampled_from((BOX, BAG, OTHERS, HELD)), has_face=st.booleans())
    def scan(self, seen, has_face):
        """Put a parcel before the camera; it is looked up where it is not known."""
        self.happen(on.WaybillSeen(seen.waybill))
        for asked in self.visit.session.lookups:
            if asked.about == seen.waybill:
                self.happen(on.ParcelKnown(asked.ask, seen, has_face))

    @rule(seen=st.sampled_from((BOX, BAG, OTHERS, HELD)))
    def take_away(self, seen):
        self.happen(on.WaybillGone(seen.waybill))

    @precondition(lambda self: self.visit.session.person is None)
    @rule(way=st.sampled_from(tuple(TEXTS)), is_whole=st.booleans())
    def type(self, way, is_whole):
        """Type what a way asks for, or most of it; a face is found before its tail is typed."""
        self.happen(Touch(Action.WAY, way))
        if self.visit.session.looking:
            self.happen(on.FaceMatched(self.visit.session.looking, "7", is_whole))
        for text in TEXTS[way] if is_whole else [text[:-1] for text in TEXTS[way]]:
            for char in text:
                self.happen(Touch(Action.KEY, char))
            self.happen(Touch(Action.ENTER))

    @rule(data=st.data())
    def awaited(self, data):
        """Answer what was asked."""
        self.answer(data)

    @rule(data=st.data())
    def awaited_again(self, data):
        """Answer more of it: as often as not several answers are waited for."""
        self.answer(data)

    def answer(self, data):
        events = fitting(self.visit.session)
        for _ in range(2 if events else 0):
            self.happen(data.draw(st.sampled_from(events)))

    @rule(data=st.data())
    def late(self, data):
        """Answer anything, however old, with anything."""
        ask = data.draw(st.integers(0, self.visit.session.asks + 1))
        self.happen(data.draw(st.sampled_from(answers(self.visit.session, ask))))

    @rule(event=st.sampled_from(RUDE), is_now=st.integers(0, 5))
    def fail(self, event, is_now):
        if is_now == 0:
            self.happen(event)

    @precondition(lambda self: self.visit.session.faults or self.visit.session.unfinished)
    @rule()
    def mend(self):
        for event in (on.FaultOver("camera"), on.FaultOver("faces"), on.Settled(OTHERS.id)):
            self.happen(event)

    @rule(seconds=st.sampled_from((1, 9, 31, 46)))
    def wait(self, seconds):
        self.visit.now += timedelta(seconds=seconds)
        self.happen(on.Tick())

    def happen(self, event):
        """Step once, and hold what came of it against what was shown and answered."""
        held = self.visit.session.held
        self.visit.do(event)
        effects = self.visit.effects
        self.look(event)
        if isinstance(event, on.FaceMatched) and event.is_hands_free:
            self.hands_free.add(event.ask)
        self.meet(event)
        for check in kinds(effects, *CHECKS):
            self.second_factor(check, event, held)
        for effect in effects:
            if getattr(effect, "ask", None) is not None:
                assert effect.ask not in self.asked
                self.asked[effect.ask] = effect
            if isinstance(effect, fx.LookUp):
                self.looked_up[effect.ask] = effect.waybill
        self.releases(effects)
        self.doors(event, effects)
        if kinds(effects, fx.EndSession):
            self.clean()
            self.forget()

    def look(self, event):
        """Take note of what lies before the camera, and whose it was said to be."""
        if isinstance(event, on.WaybillSeen):
            self.scanned.add(event.waybill)
            self.view.add(event.waybill)
        if isinstance(event, on.WaybillGone):
            self.view.discard(event.waybill)
        if isinstance(event, on.ParcelKnown) and self.looked_up.get(event.ask) == event.parcel.waybill:
            del self.looked_up[event.ask]
        if isinstance(event, on.ParcelUnknown) and self.looked_up.get(event.ask) == event.waybill:
            del self.looked_up[event.ask]
            self.view.discard(event.waybill)

    def is_clear(self):
        """Tell whether all that lies before the camera is known to be of the person who is here."""
        own = {one.waybill for one in self.person.parcels}
        pending = set(self.looked_up.values()) - own
        if self.person.way is Way.PICKUP_CODE and own:  # the others have codes of their own
            own = {one.waybill for one in (BOX, BAG, HELD)}
        return self.view <= own and not self.view & pending

    def meet(self, event):
        """Whoever is known now is the answer to the last question who it is, once, by the way that was asked."""
        person = self.visit.session.person
        if self.person is None and person is not None:
            assert isinstance(event, on.PersonKnown)
            assert event.person == person
            check = self.checks.pop()
            assert event.ask == check.ask
            assert person.way is CHECKS[type(check)]
            self.person = person
            if person.way is Way.PICKUP_CODE:
                self.scanned.clear()  # what was in view before does not count
                self.looked_up.clear()
        if person is not None:
            assert person.parcels == self.person.parcels

    def second_factor(self, check, event, held):
        """A code that others may know is never asked about alone."""
        self.checks.append(check)
        if isinstance(check, fx.CheckPickupCode):
            assert not held
            assert check.code
            assert is_tail(check.tail)
        if isinstance(check, fx.CheckSixDigits):
            assert is_tail(check.tail)
            assert len(check.digits) == 6
        if isinstance(check, fx.CheckFace) and check.tail is not None:
            assert is_tail(check.tail)
        if isinstance(check, fx.CheckFace) and check.tail is None:
            assert event.ask in self.hands_free
            assert isinstance(self.asked[event.ask], fx.CompareFace)
            assert held
            assert not self.visit.rules.face_always_asks_tail

    def releases(self, effects):
        for release in kinds(effects, fx.Release):
            assert release.person.parcels == self.person.parcels
            assert release.parcel in self.person.parcels
            assert release.parcel.waybill in self.scanned
            assert not release.parcel.is_held
            assert release.parcel.id not in self.leaving
            assert self.is_clear()
            self.leaving.add(release.parcel.id)

    def doors(self, event, effects):
        """A door opens once for each release of this visit that is answered, and only while nothing strange is near.

        What was released and never opened is told to staff when the visit ends.
        """
        opened = [door.parcel_id for door in kinds(effects, fx.OpenDoor)]
        release = self.asked.get(event.ask) if isinstance(event, on.Released | on.NotReleased) else None
        fits = (
            isinstance(release, fx.Release)
            and release.parcel.id == event.parcel_id
            and event.ask not in self.done
        )
        if fits:
            self.done.add(event.ask)
        if fits and isinstance(event, on.NotReleased):
            self.leaving.discard(event.parcel_id)
        if fits and isinstance(event, on.Released):
            self.opening.append(event.parcel_id)
        has_ended = bool(kinds(effects, fx.EndSession))
        due = self.opening if self.person and self.is_clear() and not has_ended else []
        assert opened == due
        if has_ended:
            told = [alert.parcel_id for alert in kinds(effects, fx.Alert) if alert.kind == "recover"]
            assert told[: len(self.opening)] == self.opening
        self.opening = [] if due else self.opening

    def clean(self):
        """Nothing personal is left in any field."""
        session, empty = self.visit.session, Session()
        for field in fields(Session):
            if field.name not in OF_THE_KIOSK:
                assert getattr(session, field.name) == getattr(empty, field.name), field.name
        assert session.in_view == self.view  # what lies there for all to read, and nothing else
        assert not [word for word in PERSONAL if word in repr(replace(session, in_view=frozenset()))]
        assert session.screen in RESTING

    @invariant()
    def who_rests_holds_nothing(self):
        if self.visit.session.screen in RESTING and self.visit.session.until is None:
            self.clean()
            assert self.visit.session.look == Look()

    @invariant()
    def everybody_is_sent_home_in_the_end(self):
        session, now = self.visit.session, self.visit.now
        for _ in range(8):  # wrong parcel, the list, the warning, home, and some to spare
            if session.until is None:
                break
            now = max(now, session.until)
            session, _ = step(session, on.Tick(), now, self.visit.rules)
        assert session.until is None
        assert session.screen in RESTING
        assert (session.screen is Screen.HOME) == (not session.unfinished and "camera" not in session.faults)


AnyVisit.TestCase.settings = settings(stateful_step_count=60, max_examples=100)
TestAnyVisit = AnyVisit.TestCase
