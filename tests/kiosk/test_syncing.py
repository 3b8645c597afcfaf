"""Keeping in step: reports, set-up, list, settled hand-overs, and what waits to be told, across losses and restarts."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from kiosk import syncing
from kiosk.backend import RefusedError
from kiosk.session.effects import Alert
from kiosk.session.events import Settled, Unfinished
from kiosk.spool.lifecycle import State
from kiosk.syncing import Syncing
from station.accounts import devices
from station.core.db import connection, reading, transaction
from station.kiosks import pictures, unfinished
from station.kiosks.rules import KioskRules
from station.kiosks.watch_models import KioskAlert, KioskReport
from tests import factories
from tests.kiosk.kiosks import JPEG, agree_to_face, allow, hand_overs
from tests.kiosk.line import Loss


@pytest.fixture
def person(world):
    return factories.recipient(world.station)


@pytest.fixture
def stored(world, person):
    return world.store(to=person)


@pytest.fixture
def kiosk(world, person, stored):
    world.code(person.id)
    return world.kiosk()


def step(world, kiosk, **length):
    world.time.pass_(**length or {"seconds": 15})
    kiosk.syncing.turn()


def alerts():
    with reading():
        return list(connection().scalars(select(KioskAlert.kind).order_by(KioskAlert.id)))


def test_report_says_how_the_kiosk_is(world, kiosk):
    kiosk.letters.alert(Alert("staff_called"))
    step(world, kiosk, minutes=2)

    with reading():
        said = connection().execute(select(KioskReport)).one()
    assert (said.queue_length, said.list_age_s, said.camera) == (1, 120, "ok")


def test_nothing_new_costs_one_request(world, kiosk):
    kiosk.line.sent.clear()

    step(world, kiosk)

    assert [path for _, path, _ in kiosk.line.sent] == ["/reports"]


def test_new_rules_are_learnt_and_survive_a_restart(world, kiosk):
    assert kiosk.known.rules.takes_pickup_codes
    allow(world, KioskRules(takes_pickup_codes=False))

    step(world, kiosk)

    assert not kiosk.known.rules.takes_pickup_codes
    again = world.restarted(kiosk)
    assert not again.known.rules.takes_pickup_codes
    assert again.known.station.name == "Maple Court"


def test_set_up_in_another_form_is_asked_for_again(world, kiosk):
    kiosk.spool.memory.put("setup", {"version": "of an older program"})

    again = world.restarted(kiosk)

    assert again.known.setup is None
    step(world, again)
    assert again.known.station.name == "Maple Court"


def test_list_follows_the_shelves(world, kiosk, person, stored):
    new = world.store(to=person)
    shown = kiosk.show(world.code(person.id)).person
    kiosk.take(shown, next(one for one in shown.parcels if one.id == str(stored.parcel_id)))

    step(world, kiosk)

    assert kiosk.waiting.by_waybill(stored.waybill) is None
    assert kiosk.waiting.by_waybill(new.waybill).parcel.id == str(new.parcel_id)


def test_list_begins_again_with_the_day_and_is_never_empty_meanwhile(world, kiosk, stored):
    salt = kiosk.waiting.standing().salt
    world.time.pass_(hours=16)
    kiosk.line.lose("/waiting", Loss.NONE, Loss.BEFORE)

    kiosk.turn()

    assert kiosk.waiting.standing().salt == salt
    assert kiosk.waiting.by_waybill(stored.waybill)
    step(world, kiosk)
    assert kiosk.waiting.standing().salt != salt
    assert kiosk.waiting.by_waybill(stored.waybill)


def test_list_of_many_pages_is_read_whole(world, kiosk, person):
    for _ in range(7):
        world.store(to=person)
    kiosk.waiting.clear()

    kiosk.waiting.sync(lambda cursor: kiosk.backend.waiting(cursor, limit=3), now=kiosk.clock.here)

    assert len(kiosk.waiting.by_recipient(str(person.id))) == 8


def test_alert_reaches_the_counter_once_whatever_the_line_does(world, kiosk):
    kiosk.letters.alert(Alert("wrong_parcel"))
    kiosk.line.lose("/alerts", Loss.AFTER, Loss.TWICE)

    kiosk.turn()
    again = world.restarted(kiosk)
    step(world, again)

    with reading():
        assert list(connection().scalars(select(KioskAlert.times))) == [1]
    assert again.spool.length() == 0


def test_outbox_keeps_its_order(world, kiosk):
    kiosk.line.is_cut = True
    for kind in ("fault", "not_found", "staff_called"):
        kiosk.letters.alert(Alert(kind, part="camera" if kind == "fault" else None))
    kiosk.line.is_cut = False

    step(world, kiosk)

    assert alerts() == ["fault", "not_found", "staff_called"]


def test_receipt_of_a_deleted_face_is_told_at_last(world, kiosk, person):
    kiosk.line.is_cut = True
    kiosk.letters.face_gone(str(person.id), "withdrawn")
    kiosk.letters.faces_used([str(person.id)])
    kiosk.turn()
    assert kiosk.spool.length() == 2
    kiosk.line.is_cut = False

    step(world, kiosk)

    assert kiosk.spool.length() == 0


def test_what_the_station_does_not_take_is_not_sent_for_ever(world, kiosk, person, stored):
    shown = kiosk.show(world.code(person.id)).person
    kiosk.take(shown, shown.parcels[0])
    kiosk.letters.photo(str(stored.parcel_id), b"no jpeg", world.time.now)

    step(world, kiosk)

    assert kiosk.spool.photos.count() == 0


@pytest.mark.parametrize(("status", "left"), [(429, 1), (403, 1), (422, 0), (404, 0)])
def test_what_is_refused_for_now_is_sent_again(kiosk, monkeypatch, status, left):
    kiosk.letters.alert(Alert("fault"))

    def refuse(*_):
        raise RefusedError("code", "", facts={}, status=status)

    monkeypatch.setattr(kiosk.backend, "tell", refuse)
    kiosk.syncing.turn()

    assert kiosk.spool.length() == left


def test_no_photo_is_kept_where_the_station_takes_none(world, kiosk, person, stored):
    allow(world, KioskRules(takes_photos=False))
    step(world, kiosk)
    shown = kiosk.show(world.code(person.id)).person
    kiosk.take(shown, shown.parcels[0])

    kiosk.letters.photo(str(stored.parcel_id), JPEG, world.time.now)

    assert kiosk.spool.photos.count() == 0


def test_photos_of_an_earlier_enrolment_are_dropped(world, kiosk, person, stored, monkeypatch):
    shown = kiosk.show(world.code(person.id)).person
    kiosk.take(shown, shown.parcels[0])
    kiosk.letters.photo(str(stored.parcel_id), JPEG, world.time.now)
    monkeypatch.setattr("tests.kiosk.kiosks.KEY", bytes(32))

    again = world.restarted(kiosk)
    step(world, again)

    assert again.spool.photos.count() == 0


def test_photo_of_a_conflict_is_not_kept_for_ever(world, kiosk, person, stored):
    other = world.kiosk("other")
    world.time.pass_(seconds=30)
    kiosk.line.is_cut = True
    shown = kiosk.show(world.code(person.id)).person
    kiosk.take(shown, shown.parcels[0])
    kiosk.letters.photo(str(stored.parcel_id), JPEG, world.time.now)
    world.time.pass_(seconds=30)
    theirs = other.show(world.code(person.id)).person
    other.take(theirs, theirs.parcels[0])
    kiosk.line.is_cut = False

    step(world, kiosk)
    step(world, kiosk)

    assert kiosk.spool.photos.count() == 0
    assert kiosk.state(stored.parcel_id) is None


def test_thumbnail_is_sent_when_somebody_asks(world, kiosk):
    with transaction():
        pictures.ask(world.station.manager, int(kiosk.known.setup.said["kiosk"]["id"]))
    kiosk.look = {"taken_at": world.time.now.isoformat(), "jpeg": "/9j/4AA="}

    step(world, kiosk)

    assert len(kiosk.line.posts("/thumbnails")) == 1


def test_faces_that_must_go_are_told(world, person, stored):
    agree_to_face(world, person.id)
    kiosk = world.kiosk(faces=frozenset({str(person.id)}))
    shown = kiosk.show(world.code(person.id)).person
    version, _text = kiosk.backend.agreement("en")
    wish = {"session_id": shown.key, "version": version, "language": "en", "at": world.time.now.isoformat()}
    kiosk.backend.agree_face(wish, "agree-12345")
    world.withdraw_face(person.id)

    step(world, kiosk)

    assert kiosk.forgotten == [str(person.id)]


def test_staff_settle_what_is_unfinished_and_the_kiosk_goes_on(world, kiosk, person, stored):
    shown = kiosk.show(world.code(person.id)).person
    kiosk.release(shown, shown.parcels[0])
    kiosk = world.restarted(kiosk)
    step(world, kiosk)
    assert alerts() == ["recover"]
    assert kiosk.state(stored.parcel_id) is State.UNFINISHED

    hand_over_id = hand_overs(stored.parcel_id)[0]
    with transaction():
        unfinished.it_is_here(world.station.clerk, hand_over_id)
    step(world, kiosk)

    assert kiosk.told == [Settled(str(stored.parcel_id))]
    step(world, kiosk)
    assert kiosk.waiting.by_waybill(stored.waybill)
    again = kiosk.show(world.code(person.id)).person
    assert kiosk.take(again, again.parcels[0])


def test_doubt_that_ends_as_handed_over_is_left_to_staff(world, kiosk, person, stored):
    shown = kiosk.show(world.code(person.id)).person
    kiosk.waiting.clear()
    kiosk.line.lose("/releases", Loss.AFTER, Loss.AFTER)
    kiosk.take(shown, shown.parcels[0])

    step(world, kiosk, minutes=12)

    assert kiosk.told == [Unfinished(shown.parcels[0])]


def test_revoked_kiosk_keeps_nobodys_parcels_and_what_it_owes(world, kiosk, person, stored):
    kiosk.line.is_cut = True
    shown = kiosk.show(world.code(person.id)).person
    kiosk.take(shown, shown.parcels[0])
    kiosk.line.is_cut = False
    with transaction():
        devices.revoke_device(world.station.manager, int(kiosk.known.setup.said["kiosk"]["id"]))

    with pytest.raises(RefusedError):
        kiosk.syncing.turn()

    assert kiosk.waiting.by_recipient(str(person.id)) == []
    assert kiosk.spool.intents.owed() == 1


def test_drift_is_measured_and_reported(world, person):
    kiosk = world.kiosk("fast", skew=timedelta(seconds=20))

    step(world, kiosk)

    assert kiosk.clock.drift() == timedelta(seconds=20)
    assert kiosk.line.posts("/reports")[-1]["clock_drift_ms"] == 20_000


# The thread


class Turns(Syncing):
    """Counts turns in the place of doing them."""

    def __init__(self, parts, *, fails=()):
        super().__init__(*parts)
        self.turned = threading.Semaphore(0)
        self.fails = list(fails)

    def turn(self):
        self.turned.release()
        if self.fails:
            raise self.fails.pop(0)


@pytest.fixture
def parts(kiosk):
    return kiosk.backend, kiosk.books, kiosk.releasing, kiosk.ties


def test_thread_turns_at_once_and_when_it_is_woken(parts):
    turns = Turns(parts, fails=[ValueError("a bug must not end it")])
    turns.start()

    assert turns.turned.acquire(timeout=60)
    turns.wake()
    assert turns.turned.acquire(timeout=60)
    turns.stop()


def test_pauses_grow_without_a_line_and_shrink_with_it(parts):
    turns = Turns(parts, fails=[syncing.UnreachableError("cut")] * 4)

    pauses = []
    for _ in range(6):
        turns._pause_s = turns._try_turn()
        pauses.append(turns._pause_s)

    assert pauses == [30, 60, 60, 60, 15, 15]
