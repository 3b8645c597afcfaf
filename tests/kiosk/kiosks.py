"""A station with kiosks whose every part is real but the camera, the wire and the clock."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import select

from kiosk.backend import Backend, UnreachableError
from kiosk.drift import Clock
from kiosk.known import Known
from kiosk.letters import Letters
from kiosk.releasing import Releasing
from kiosk.session import effects as ask
from kiosk.session.events import Released
from kiosk.spool import Spool
from kiosk.syncing import Health, Syncing, Ties
from kiosk.visits import Visits
from kiosk.waiting_list import WaitingList
from kiosk.ways import Books, Ways
from station.core import clock
from station.core.actor import Actor, ActorKind, system_actor
from station.core.db import connection, reading, transaction
from station.core.permissions import Role
from station.kiosks import enrolment, rules
from station.kiosks.rules import KioskRules
from station.parcels import handling
from station.parcels.models import HandOver
from station.residents import agreements, identity, proxies
from station.residents.agreement_texts import CURRENT, Purpose
from station.residents.proxies import Wish
from tests import factories
from tests.kiosk.line import Line

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = bytes(range(32))
ALL_WAYS = KioskRules(
    takes_pickup_codes=True, takes_faces=True, face_always_asks_tail=True, takes_photos=True
)
TAIL = "4068"
JPEG = b"\xff\xd8\xff\xe0 a parcel and two hands"
_asks = count(1)


class Time:
    """A clock that stands still until it is moved; the station's and, unless told otherwise, the kiosk's."""

    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now

    def elapsed_s(self):
        return (self.now - START).total_seconds()

    def pass_(self, **length):
        self.now += timedelta(**length)


@dataclass
class World:
    """A station, its clock, and what makes kiosks of it."""

    app: object
    station: factories.Station
    time: Time
    folder: object
    made: list = field(default_factory=list)

    def enrol(self):
        with transaction():
            code = enrolment.make_code(self.station.manager, name=f"Kiosk {len(self.made) + 1}").code
        line = Line(self.app)
        return Backend("http://station", "", http=line).enrol(code, "0.1.0").token

    def kiosk(self, name="kiosk", **parts):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        kiosk = Kiosk(folder, self.app, self.enrol(), self.time, **parts)
        self.made.append(kiosk)
        kiosk.syncing.turn()
        return kiosk

    def restarted(self, kiosk):
        """Return a kiosk as it comes up after its power went."""
        again = kiosk.restart()
        self.made[self.made.index(kiosk)] = again
        return again

    def move(self, parcel_id, *, to="2"):
        """Move a parcel to another shelf; return its new code."""
        layer_id = self.station.layer(to)
        with transaction():
            return handling.move(self.station.clerk, parcel_id, layer_id).pickup_code

    def store(self, **values):
        return factories.store(self.station, **values)

    def code(self, recipient_id):
        """Return the text of the identity code that is on a resident's phone now."""
        with transaction():
            identity.prepare()
        with reading():
            return identity.codes(self.station.id, recipient_id)[0].text

    def withdraw_face(self, recipient_id):
        """Let a resident take back what they agreed to."""
        with transaction():
            agreements.withdraw(system_actor(self.station.id), recipient_id, Purpose.FACE)

    def proxy_code(self, recipient_id):
        """Return a code by which somebody may collect for a resident."""
        with transaction():
            return proxies.give(system_actor(self.station.id), Wish(recipient_id)).code

    def close(self):
        for kiosk in self.made:
            kiosk.close()


class Kiosk:
    """One kiosk. `restart` returns it as it comes up after its power went."""

    def __init__(self, folder, app, token, time, *, skew=timedelta(0), faces=frozenset(), backend=None):
        self.folder, self.app, self.token, self.time = folder, app, token, time
        self.skew, self.faces = skew, faces
        self.told, self.forgotten = [], []
        self.line = Line(app)
        self.backend = backend or Backend("http://station", token, http=self.line)
        self.spool = Spool(folder, KEY)
        self.clock = Clock(self.spool.memory, self.here, monotonic_s=time.elapsed_s)
        self.waiting = WaitingList(folder)
        self.known = Known(self.spool.memory)
        self.visits = Visits()
        self.books = Books(self.spool, self.waiting, self.known, self.clock, self.visits)
        self.ways = Ways(self.backend, self.books, enrolled=lambda: self.faces)
        self.releasing = Releasing(self.backend, self.books)
        self.letters = Letters(self.books, on_new=lambda: None)
        self.look = None
        self.ties = Ties(
            health=lambda: Health("ok", len(self.faces), is_demo=False),
            tell=self.told.append,
            forget_faces=self.forgotten.extend,
            thumbnail=lambda: self.look,
        )
        self.syncing = Syncing(self.backend, self.books, self.releasing, self.ties)

    def here(self):
        return self.time.now + self.skew

    def restart(self):
        self.close()
        return Kiosk(self.folder, self.app, self.token, self.time, skew=self.skew, faces=self.faces)

    def close(self):
        self.spool.close()
        self.waiting.close()

    def turn(self):
        """Do one turn of syncing; a line that breaks ends it, as in the thread that runs it."""
        with suppress(UnreachableError):
            self.syncing.turn()

    def show(self, text):
        return self.ways.check(ask.CheckIdentity(next(_asks), text))

    def show_guardian(self, text):
        return self.ways.check(ask.CheckGuardian(next(_asks), text))

    def type_pickup_code(self, code, tail=TAIL):
        return self.ways.check(ask.CheckPickupCode(next(_asks), code, tail))

    def type_six_digits(self, tail, digits):
        return self.ways.check(ask.CheckSixDigits(next(_asks), tail, digits))

    def type_proxy_code(self, code):
        return self.ways.check(ask.CheckProxyCode(next(_asks), code))

    def see_face(self, recipient_id, tail=TAIL):
        return self.ways.check(ask.CheckFace(next(_asks), str(recipient_id), tail))

    def look_up(self, waybill):
        return self.ways.look_up(ask.LookUp(next(_asks), waybill))

    def release(self, person, parcel):
        return self.releasing.release(ask.Release(next(_asks), person, parcel))

    def take(self, person, parcel):
        """Release and, where that is a yes, open; return whether the door opened."""
        is_open = isinstance(self.release(person, parcel), Released)
        if is_open:
            self.releasing.opened(parcel.id)
        return is_open

    def state(self, parcel_id):
        intent = self.spool.intents.newest(str(parcel_id))
        return intent.state if intent else None


def allow(world, chosen):
    """Let the station's kiosks do this."""
    with transaction():
        rules.change(world.station.manager, chosen)


def agree_to_face(world, recipient_id):
    """Let a resident agree to collecting by face."""
    actor = Actor(ActorKind.RESIDENT, recipient_id, world.station.id, Role.RESIDENT, "")
    with transaction():
        agreements.give(actor, recipient_id, Purpose.FACE, version=CURRENT[Purpose.FACE])


def hand_overs(parcel_id):
    """Return the hand-overs of a parcel that stand in the books."""
    with reading():
        mine = select(HandOver.id).where(HandOver.parcel_id == int(parcel_id), HandOver.undone_at.is_(None))
        return list(connection().scalars(mine))


def ticking(time):
    """Let the station's clock be `time` inside the block."""
    return clock.use(time)
