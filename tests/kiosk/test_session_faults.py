"""Parts that fail, staff that are called, releases that nobody finished, and how the screen looks and sounds."""

import pytest

from kiosk.session import effects as fx
from kiosk.session import events as on
from kiosk.session.events import Action
from kiosk.session.state import Screen, Session
from tests.kiosk.visits import BAG, BOX, OTHERS, Visit, kinds, person

PARTS = ("camera", "spool", "list", "clock")
TYPED = ("pickup_code", "six_digits", "proxy_code", "face")


@pytest.mark.parametrize("part", PARTS)
def test_what_no_parcel_can_leave_without_sends_everybody_to_the_counter(part) -> None:
    visit = Visit()
    visit.known(BOX)
    assert visit.do(on.Fault(part)) == (fx.EndSession(), fx.Alert("fault", part=part))
    assert (visit.screen, visit.session.person) == (Screen.FAULT, None)


@pytest.mark.parametrize("way", TYPED)
def test_without_a_camera_no_typed_way_is_open(way) -> None:
    visit = Visit()
    visit.do(on.Fault("camera"))
    visit.touch(Action.WAY, way)
    visit.do(on.IdentitySeen("ID:X"), on.WaybillSeen(BOX.waybill))
    assert (visit.screen, kinds(visit.log, fx.CheckIdentity, fx.LookUp)) == (Screen.FAULT, [])


def test_the_kiosk_goes_on_when_every_part_works_again() -> None:
    visit = Visit()
    visit.do(on.Fault("camera"), on.Fault("spool"), on.FaultOver("camera"))
    assert visit.screen is Screen.FAULT
    visit.do(on.FaultOver("spool"))
    assert visit.screen is Screen.HOME


def test_a_fault_is_told_once_while_it_lasts() -> None:
    visit = Visit()
    visit.do(on.Fault("camera"), on.Fault("camera"))
    assert len(kinds(visit.log, fx.Alert)) == 1


@pytest.mark.parametrize("part", ["faces", "printer", "door"])
def test_any_other_part_is_told_and_the_visit_goes_on(part) -> None:
    visit = Visit()
    visit.known(BOX)
    assert visit.do(on.Fault(part)) == (fx.Alert("fault", part=part),)
    assert visit.screen is Screen.FOUND


def test_who_waits_for_a_door_gets_it_though_a_part_fails() -> None:
    visit = Visit()
    visit.known(BOX)
    visit.do(on.WaybillSeen(BOX.waybill), on.Fault("camera"))
    assert visit.screen is Screen.FAULT
    assert kinds(visit.answer_release(BOX), fx.OpenDoor)
    visit.do(on.WaybillGone(BOX.waybill))
    visit.wait(45)
    assert visit.session == Session(Screen.FAULT, asks=2, faults=frozenset({"camera"}))


def test_who_waits_for_a_door_goes_on_when_the_part_works_again() -> None:
    visit = Visit()
    visit.known(BOX, BAG)
    visit.do(on.WaybillSeen(BOX.waybill), on.Fault("camera"), on.FaultOver("camera"))
    visit.answer_release(BOX)
    assert (visit.screen, visit.session.taken) == (Screen.FOUND, (BOX.id,))


def test_an_unfinished_release_waits_for_staff() -> None:
    visit = Visit()
    visit.do(on.Unfinished(BOX), on.Unfinished(BAG), on.Unfinished(BOX))
    assert kinds(visit.log, fx.Alert) == [fx.Alert("recover", BOX.id), fx.Alert("recover", BAG.id)]
    visit.do(on.IdentitySeen("ID:X"), on.Touch(Action.WAY, "face"))
    visit.wait(400)
    assert visit.screen is Screen.RECOVER
    visit.do(on.Settled(BOX.id), on.Settled(OTHERS.id))
    assert visit.screen is Screen.RECOVER
    visit.do(on.Settled(BAG.id))
    assert visit.session == Session()


def test_after_staff_settled_a_fault_still_counts() -> None:
    visit = Visit()
    visit.do(on.Unfinished(BOX), on.Fault("camera"))
    assert visit.screen is Screen.RECOVER
    visit.do(on.Settled(BOX.id))
    assert visit.screen is Screen.FAULT


def test_what_is_settled_without_having_waited_changes_nothing() -> None:
    visit = Visit()
    visit.known(BOX)
    visit.do(on.Settled(BOX.id))
    assert visit.screen is Screen.FOUND


@pytest.mark.parametrize("screen", [Screen.HOME, Screen.FAULT, Screen.RECOVER])
def test_staff_can_be_called_where_nobody_has_begun(screen) -> None:
    visit = Visit()
    visit.do(*{Screen.FAULT: (on.Fault("clock"),), Screen.RECOVER: (on.Unfinished(BOX),)}.get(screen, ()))
    assert kinds(visit.touch(Action.STAFF), fx.Alert) == [fx.Alert("staff_called")]
    assert visit.screen is Screen.STAFF
    visit.touch(Action.OK)
    assert visit.screen is screen


def test_staff_are_called_once_while_it_says_so() -> None:
    visit = Visit()
    visit.known(BOX)
    visit.touch(Action.STAFF)
    visit.touch(Action.STAFF)
    assert len(kinds(visit.log, fx.Alert)) == 1
    visit.wait(30)
    assert visit.screen is Screen.FOUND


def test_a_visit_goes_on_below_what_covers_it() -> None:
    visit = Visit()
    visit.do(on.IdentitySeen("ID:X"))
    visit.touch(Action.STAFF)
    visit.touch(Action.LANGUAGE, "zh")
    assert (visit.screen, visit.session.look.language) == (Screen.STAFF, "zh")
    visit.do(on.PersonKnown(1, person(BOX)))
    assert visit.screen is Screen.FOUND


def test_a_language_that_the_station_does_not_speak_is_passed_over() -> None:
    visit = Visit(languages=("en",))
    visit.touch(Action.LANGUAGE, "zh")
    visit.touch(Action.LANGUAGE)
    assert visit.session.look.language == "en"


def test_languages_come_one_after_the_other() -> None:
    visit = Visit()
    seen = []
    for _ in range(2):
        visit.touch(Action.LANGUAGE)
        seen.append(visit.session.look.language)
    assert seen == ["zh", "en"]


def test_without_voice_nothing_is_said_and_everything_sounds() -> None:
    visit = Visit()
    visit.touch(Action.VOICE)
    visit.known(BOX)
    assert kinds(visit.log, fx.Say) == []
    assert kinds(visit.log, fx.Sound) == [fx.Sound("ok")]


def test_what_was_said_last_is_said_again() -> None:
    visit = Visit()
    assert visit.touch(Action.SAY_AGAIN) == ()
    visit.known(BOX)
    assert visit.touch(Action.SAY_AGAIN) == (fx.Say("found_lead"),)


def test_a_button_that_does_not_exist_does_nothing() -> None:
    visit = Visit()
    visit.known(BOX)
    before = visit.session
    assert visit.touch("open_the_door") == ()
    assert visit.session == before
