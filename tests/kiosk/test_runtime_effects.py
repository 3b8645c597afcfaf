"""What a step asks for is done, in order and without waiting; what breaks is answered all the same."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kiosk.hardware.parts import Hardware, PartError
from kiosk.model import Parcel, Person, Rules, Station, Way
from kiosk.runtime.board import Backdrop, Board
from kiosk.runtime.effects import Doer, Helpers
from kiosk.runtime.workers import Workers
from kiosk.session import effects as ask
from kiosk.session.events import NotReleased, ParcelUnknown, PersonUnknown, Released
from kiosk.session.state import Screen, Session

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PARCEL = Parcel("7", "SF1234567890", "o", "12-3-7890", "12", 3, 5)
PERSON = Person("s1", Way.IDENTITY_CODE, "王**", (PARCEL,))
HOME = Session()
WORK_S = 60.0  # for a machine that is busy with everything else


class Fakes:
    """Everything the doer may call; writes down what was asked, and breaks where told to."""

    def __init__(self):
        self.calls, self.told, self.broken, self.done = [], [], None, threading.Event()

    def tell(self, event):
        self.told.append(event)
        self.done.set()

    def note(self, *call):
        if self.broken:
            raise self.broken
        self.calls.append(call)
        self.done.set()

    def check(self, effect):
        self.note("check", effect)

    def look_up(self, effect):
        self.note("look_up", effect)

    def release(self, effect):
        self.note("release", effect.parcel.id)
        self.done.clear()
        return Released(effect.ask, effect.parcel.id)

    def opened(self, parcel_id):
        self.note("opened", parcel_id)

    def alert(self, effect):
        self.note("alert", effect.kind)

    def photo(self, parcel_id, jpeg, at):
        self.note("photo", parcel_id, jpeg, at)

    def find(self, effect):
        self.note("find", effect.ask)

    def stop(self):
        self.note("stop")

    def forget(self):
        self.note("forget")

    def follow(self, session):
        pass

    def seize(self):
        return type("Seen", (), {"at": NOW})()

    def develop(self, seen):
        return b"jpeg"

    def develop_with_face(self, seen):
        return b"jpeg with a face"

    def open(self):
        self.note("door")

    def show(self, kind):
        self.note("lamp", kind)

    def sound(self, kind):
        self.note("beep", kind)

    def print_ticket(self, lines):
        self.note("ticket", tuple(lines))


@pytest.fixture
def fakes():
    return Fakes()


@pytest.fixture
def board():
    station = Station("1", "Lakeside", "Asia/Shanghai")
    return Board(Backdrop(station, Rules(), has_faces=False, is_demo=False), clock=lambda: NOW)


@pytest.fixture
def doer(fakes, board):
    hardware = Hardware(fakes, fakes, fakes, fakes)
    workers = Workers()
    helpers = Helpers(fakes, fakes, fakes, fakes, fakes, hardware, fakes, workers)
    yield Doer(helpers, board, fakes.tell)
    workers.close()


def do(doer, fakes, *effects, before=HOME):
    doer.do(effects, before, HOME)
    assert fakes.done.wait(WORK_S)


def test_release_is_answered_with_its_own_number(doer, fakes):
    do(doer, fakes, ask.Release(3, PERSON, PARCEL))
    assert fakes.told == [Released(3, "7")]


@pytest.mark.parametrize(
    ("effect", "kind"),
    [
        (ask.CheckIdentity(4, "ID:X"), PersonUnknown),
        (ask.CheckSixDigits(4, "1234", "567890"), PersonUnknown),
        (ask.LookUp(4, "SF1"), ParcelUnknown),
        (ask.Release(4, PERSON, PARCEL), NotReleased),
    ],
)
def test_question_that_breaks_is_answered_with_no(doer, fakes, effect, kind):
    fakes.broken = RuntimeError("12-3-7890 of 王**")
    do(doer, fakes, effect)
    assert [type(event) for event in fakes.told] == [kind]
    assert fakes.told[0].ask == 4


def test_log_of_what_broke_holds_no_words_of_it(doer, fakes, caplog):
    fakes.broken = RuntimeError("12-3-7890 of 王**")
    do(doer, fakes, ask.CheckIdentity(4, "ID:X"))
    assert "RuntimeError" in caplog.text
    assert "7890" not in caplog.text
    assert "王" not in caplog.text


def test_door_opens_at_once_and_is_written_down(doer, fakes):
    doer.do((ask.OpenDoor("7"),), HOME, HOME)
    assert fakes.calls == [("door",), ("opened", "7")]


def test_photo_is_developed_and_kept_for_its_parcel(doer, fakes):
    do(doer, fakes, ask.TakePhoto("7"))
    assert fakes.calls == [("photo", "7", b"jpeg", NOW)]


def test_photo_shows_the_face_only_of_who_agreed(doer, fakes):
    for shows_face, jpeg in ((True, b"jpeg with a face"), (False, b"jpeg")):
        fakes.calls.clear()
        fakes.done.clear()
        do(
            doer,
            fakes,
            ask.TakePhoto("7"),
            before=replace(HOME, person=replace(PERSON, shows_face=shows_face)),
        )
        assert fakes.calls == [("photo", "7", jpeg, NOW)]


def test_sound_goes_to_lamp_beeper_and_page_and_words_to_the_page(doer, fakes, board):
    do(doer, fakes, ask.Sound("ok"), ask.Say("taken", {"count": "1"}))
    assert fakes.calls == [("lamp", "ok"), ("beep", "ok")]
    shown = board.after(1, timeout_s=0)
    assert shown.sounds == (("sound", "ok", {}), ("say", "taken", {"count": "1"}))


def test_ticket_names_what_was_taken_by_code_and_last_digits(doer, fakes):
    do(doer, fakes, ask.PrintTicket(("7",)), before=Session(person=PERSON))
    assert fakes.calls == [("ticket", ("Lakeside", "2026-11-21 17:30", "", "12-3-7890  ...7890", ""))]


def test_printer_that_is_off_harms_nothing(doer, fakes, caplog):
    fakes.broken = PartError("the ticket printer does not answer")
    doer.do((ask.PrintTicket(("7",)),), Session(person=PERSON), Session())
    doer._workers._pool.shutdown(wait=True)
    assert "does not answer" in caplog.text


def test_part_that_breaks_leaves_the_other_effects_done(doer, fakes):
    fakes.broken = RuntimeError()
    doer.do((ask.Sound("ok"),), HOME, HOME)
    fakes.broken = None
    do(doer, fakes, ask.Alert("staff_called"))
    assert fakes.calls == [("alert", "staff_called")]


def test_end_of_a_visit_forgets_who_stood_there(doer, fakes):
    do(doer, fakes, ask.EndSession())
    assert fakes.calls == [("stop",), ("forget",)]


def test_every_effect_is_known(doer):
    assert set(doer._does) == set(ask.Effect.__args__)


def test_page_hears_every_sound_since_it_looked_and_none_twice(board):
    board.publish(Session(), (("sound", "ok", {}),))
    board.publish(Session(), (("sound", "bad", {}),))
    assert [sound[1] for sound in board.after(1, timeout_s=0).sounds] == ["ok", "bad"]
    assert [sound[1] for sound in board.after(2, timeout_s=0).sounds] == ["bad"]
    assert board.newest().sounds == ()


def test_nothing_is_told_where_nothing_changed(board):
    board.publish(Session())
    assert board.after(1, timeout_s=0) is None


def test_who_waits_is_woken_by_a_change(board):
    got = []
    waiting = threading.Thread(target=lambda: got.append(board.after(1, timeout_s=WORK_S)))
    waiting.start()
    board.publish(Session(screen=Screen.WHO))
    waiting.join(WORK_S)
    assert got[0].session.screen is Screen.WHO
