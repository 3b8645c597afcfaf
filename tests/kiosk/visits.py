"""Visits for tests: people and parcels, a driver that steps a session, and everything that could happen next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kiosk.model import Parcel, Person, Rules, Way
from kiosk.session import events as on
from kiosk.session.events import Action, Touch
from kiosk.session.machine import step
from kiosk.session.moves import base
from kiosk.session.state import Asked, Notice, Screen, Session

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOURS_LATER = START + timedelta(hours=9)


def parcel(id_, owner="chen", **more):
    return Parcel(id_, f"SF{id_}", owner, f"5-2-{id_}", "5", 2, 4, **more)


BOX, BAG = parcel("101"), parcel("102")
OTHERS = parcel("201", "liu")
HELD = parcel("103", is_held=True)
NOTICE = Notice("code_or_tail_wrong")


def person(*parcels, way=Way.IDENTITY_CODE, **more):
    facts = {"recipient_id": "7", "may_enrol": way is Way.IDENTITY_CODE} | more
    return Person("k1", way, "Chen **", parcels, **facts)


class Visit:
    """Steps a session; `effects` are those of the last step, `log` those of all."""

    def __init__(self, session=None, **rules):
        self.session = session or Session()
        self.rules = Rules(**rules)
        self.now = START
        self.effects = ()
        self.log = []

    def do(self, *events):
        """Let these happen one after the other; returns the effects of all of them."""
        done = ()
        for event in events:
            self.session, self.effects = step(self.session, event, self.now, self.rules)
            self.log.extend(self.effects)
            done += self.effects
        return done

    def touch(self, action, value=""):
        return self.do(Touch(action, value))

    def type(self, text):
        for char in text:
            self.touch(Action.KEY, char)
        return self.touch(Action.ENTER)

    def wait(self, seconds):
        """Let time pass, as the runtime tells it: in ticks."""
        done = ()
        for _ in range(int(seconds)):
            self.now += timedelta(seconds=1)
            done += self.do(on.Tick())
        return done

    def known(self, *parcels, **facts):
        """Show an identity code, and be known by it."""
        self.do(on.IdentitySeen("ID:X"))
        return self.do(on.PersonKnown(self.session.check.ask, person(*parcels, **facts)))

    def hold(self, *parcels, has_face=False):
        """Put parcels before the camera, which are looked up."""
        for held in parcels:
            self.do(on.WaybillSeen(held.waybill))
            asked = next(asked for asked in self.session.lookups if asked.about == held.waybill)
            self.do(on.ParcelKnown(asked.ask, held, has_face))

    def take(self, *parcels):
        """Scan parcels of the known person, which are released."""
        for taken in parcels:
            self.do(on.WaybillSeen(taken.waybill))
            self.answer_release(taken)

    def answer_release(self, taken):
        asked = next(asked for asked in self.session.releasing if asked.about == taken.id)
        return self.do(on.Released(asked.ask, taken.id))

    @property
    def screen(self):
        return self.session.screen

    @property
    def notice(self):
        return self.session.notice.key if self.session.notice else None


def kinds(effects, *wanted):
    """Return the effects of these kinds."""
    return [effect for effect in effects if isinstance(effect, wanted)]


VALUES = {
    Action.WAY: (*Way, "fly"),
    Action.KEY: ("5", "-", "A", "", "12"),
    Action.CANNOT_FIND: ("", BOX.id, OTHERS.id),
    Action.LANGUAGE: ("", "zh", "xx"),
}
ALWAYS = (
    *(Touch(action, value) for action in Action for value in VALUES.get(action, ("",))),
    Touch("no_such_button"),
    on.Tick(),
    on.IdentitySeen("ID:A"),
    on.ProxySeen("ABCD2345"),
    *(on.WaybillSeen(seen.waybill) for seen in (BOX, BAG, OTHERS, HELD)),
    on.WaybillSeen("JUNK"),
    *(on.WaybillGone(seen.waybill) for seen in (BOX, BAG, OTHERS, HELD)),
    on.WaybillGone("JUNK"),
    *(on.Connection(is_offline) for is_offline in (True, False)),
    *(happened(part) for happened in (on.Fault, on.FaultOver) for part in ("camera", "faces")),
    on.Unfinished(OTHERS),
    on.Settled(OTHERS.id),
)
PEOPLE = tuple(
    person(*parcels, way=way, has_face=has_face)
    for way in Way
    for parcels in ((), (BOX,), (BOX, BAG, HELD))
    for has_face in (True, False)
)


def answers(session, ask):
    """Return every answer that could come to a question of this number, wanted or not."""
    known = {seen.waybill: seen for seen in (BOX, BAG, OTHERS, HELD)}
    return (
        *(on.PersonKnown(ask, who) for who in PEOPLE),
        *(on.PersonUnknown(ask, way, NOTICE) for way in Way),
        *(on.GuardianKnown(ask, "g1", recipient) for recipient in ("7", "8")),
        *(on.ParcelKnown(ask, seen, has_face) for seen in known.values() for has_face in (True, False)),
        *(on.ParcelUnknown(ask, waybill) for waybill in (*known, "JUNK")),
        *(on.FaceMatched(ask, "7", is_free) for is_free in (True, False)),
        *(on.FaceTurn(ask, side) for side in ("left", "up")),
        on.FaceMissed(ask, NOTICE),
        on.Enrolled(ask),
        on.EnrolFailed(ask, NOTICE),
        *(happened for seen in known.values() for happened in released(ask, seen.id)),
    )


def released(ask, parcel_id):
    return on.Released(ask, parcel_id), on.NotReleased(ask, parcel_id, NOTICE)


def fitting(session):
    """Return the answers that the session waits for."""
    known = {seen.waybill: seen for seen in (BOX, BAG, OTHERS, HELD)}
    found = []
    for asked in session.lookups:
        if asked.about in known:
            found += [on.ParcelKnown(asked.ask, known[asked.about], has_face) for has_face in (True, False)]
        found.append(on.ParcelUnknown(asked.ask, asked.about))
    for asked in session.releasing:
        found += released(asked.ask, asked.about)
    if session.check:
        ways = [who for who in PEOPLE if who.way == session.check.about]
        found += [on.PersonKnown(session.check.ask, who) for who in ways]
        found += [on.GuardianKnown(session.check.ask, "g1", recipient) for recipient in ("7", "8")]
        found += [
            on.PersonUnknown(session.check.ask, Way.IDENTITY_CODE, NOTICE),
            on.Enrolled(session.check.ask),
        ]
        found.append(on.EnrolFailed(session.check.ask, NOTICE))
    if session.looking:
        found += [on.FaceMatched(session.looking, "7", is_free) for is_free in (True, False)]
        found += [on.FaceTurn(session.looking, "right"), on.FaceMissed(session.looking, NOTICE)]
    return tuple(found)


def standing_on(screen, **changes):
    """Return a session as full as it can be on this screen."""
    common = {"until": START + timedelta(seconds=5), "asks": 9, "said": NOTICE, "notice": NOTICE}
    full = Session(screen, person=person(BOX, BAG, HELD), releasing=(Asked(4, BOX.id),), **common)
    alone = Session(screen, held=(OTHERS,), lookups=(Asked(5, BAG.waybill),), **common)
    known = {Screen.FOUND, Screen.LEFTOVERS, Screen.DONE, Screen.NOTHING}
    enrolling = {here for here in Screen if here.value.startswith("enrol")}
    session = full if screen in known | enrolling else alone
    if screen in {Screen.WRONG_PARCEL, Screen.STILL_THERE, Screen.STAFF}:
        session = replace(full, before=Screen.FOUND)
    if screen in {Screen.CHECKING, Screen.ENROL_FACE, Screen.ENROL_GUARDIAN}:
        session = replace(session, check=Asked(6, "enrol" if screen in enrolling else Way.FACE))
    if screen in {Screen.FACE, Screen.WHO}:
        session = replace(session, looking=7)
    if base(session) is Screen.FACE_TAIL:
        session = replace(session, face_recipient="7")
    return replace(session, **changes)
