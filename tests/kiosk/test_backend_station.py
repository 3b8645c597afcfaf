"""The whole way over a real socket: enrol, learn, show a code, take a parcel, lose the server, come back."""

from datetime import UTC, datetime

import pytest

from kiosk import settings
from kiosk.backend import Backend
from kiosk.enrolment import enrol
from kiosk.session.events import PersonKnown
from kiosk.spool.lifecycle import State
from kiosk.timely import Timely
from station.core.db import transaction
from station.kiosks import enrolment as codes
from tests import factories
from tests.browser.server import Server
from tests.kiosk.kiosks import ALL_WAYS, Kiosk, World, allow, hand_overs


class RealTime:
    """The clock on the wall, as the server's threads see it."""

    @property
    def now(self):
        return datetime.now(UTC)

    def elapsed_s(self):
        return self.now.timestamp()


@pytest.fixture
def world(web, tmp_path):
    made = World(web, factories.make_station(), RealTime(), tmp_path)
    allow(made, ALL_WAYS)
    yield made
    made.close()


@pytest.fixture
def server(web):
    made = Server(web)
    yield made
    made.stop()


@pytest.fixture
def http():
    made = Timely()
    yield made
    made.close()


@pytest.fixture
def kiosk(world, server, http):
    with transaction():
        code = codes.make_code(world.station.manager, name="Door").code
    enrol(server.url, code, folder=world.folder, http=http)
    enrolment = settings.read_enrolment(world.folder)
    made = Kiosk(
        world.folder,
        world.app,
        enrolment.token,
        world.time,
        backend=Backend(server.url, enrolment.token, http=http),
    )
    world.made.append(made)
    return made


def test_collection_over_a_socket(world, kiosk):
    person = factories.recipient(world.station)
    stored = world.store(to=person)
    world.code(person.id)
    kiosk.syncing.turn()

    shown = kiosk.show(world.code(person.id))

    assert isinstance(shown, PersonKnown)
    assert kiosk.take(shown.person, shown.person.parcels[0])
    assert len(hand_overs(stored.parcel_id)) == 1


def test_server_that_answers_as_a_dying_gateway_falls_back_to_the_offline_rules(world, kiosk, server):
    person = factories.recipient(world.station)
    stored = world.store(to=person)
    world.code(person.id)
    kiosk.syncing.turn()
    shown = kiosk.show(world.code(person.id)).person
    server.lose_replies(2)

    assert kiosk.take(shown, shown.parcels[0])

    assert kiosk.state(stored.parcel_id) is State.OPENED_OFFLINE
    kiosk.syncing.turn()
    assert len(hand_overs(stored.parcel_id)) == 1
    assert kiosk.spool.length() == 0
