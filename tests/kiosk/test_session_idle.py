"""Every screen ends by itself, and nothing of anybody is left."""

from datetime import timedelta

import pytest

from kiosk.session import effects as fx
from kiosk.session import events as on
from kiosk.session.events import Action
from kiosk.session.idle import LIMITS, PATIENT
from kiosk.session.moves import RESTING
from kiosk.session.state import Look, Screen, Session
from tests.kiosk.visits import BOX, NOTICE, OTHERS, START, Visit, kinds, standing_on


@pytest.mark.parametrize("screen", sorted(PATIENT))
def test_where_people_take_their_time_they_are_warned_and_then_sent_home(screen) -> None:
    visit = Visit(standing_on(screen, until=START + timedelta(seconds=45), releasing=()))
    visit.wait(44)
    assert visit.screen is screen
    visit.wait(1)
    assert (visit.screen, visit.session.before) == (Screen.STILL_THERE, screen)
    assert kinds(visit.effects, fx.Sound) == [fx.Sound("warn")]
    visit.wait(14)
    assert visit.screen is Screen.STILL_THERE
    visit.wait(1)
    assert (visit.session, visit.effects) == (Session(asks=9), (fx.EndSession(),))


ENDS = {
    Screen.CHECKING: Screen.REFUSED,
    Screen.FACE: Screen.REFUSED,
    Screen.WRONG_PARCEL: Screen.FOUND,
    Screen.DONE: Screen.HOME,
    Screen.NOTHING: Screen.HOME,
    Screen.REFUSED: Screen.WHO,
    Screen.ENROL_FACE: Screen.REFUSED,
    Screen.ENROL_DONE: Screen.FOUND,
    Screen.STAFF: Screen.FOUND,
}


@pytest.mark.parametrize("screen", LIMITS)
def test_the_other_screens_end_by_themselves(screen) -> None:
    visit = Visit(standing_on(screen, until=START + timedelta(seconds=LIMITS[screen])))
    visit.wait(LIMITS[screen] - 1)
    assert visit.screen is screen
    visit.wait(1)
    assert visit.screen is ENDS[screen]


def test_every_screen_ends_or_rests() -> None:
    assert {*PATIENT, *LIMITS, *RESTING, Screen.STILL_THERE} == set(Screen)
    assert ENDS.keys() == LIMITS.keys()


@pytest.mark.parametrize("screen", Screen)
def test_a_screen_that_is_left_alone_ends_at_a_resting_one(screen) -> None:
    visit = Visit(standing_on(screen))
    visit.wait(400)
    assert visit.session == Session(asks=visit.session.asks)


def test_a_touch_or_a_scan_gives_time_again() -> None:
    visit = Visit()
    visit.known(BOX, OTHERS)
    visit.wait(44)
    visit.do(on.WaybillSeen("JUNK"))
    visit.wait(44)
    visit.touch(Action.LARGER_TEXT)
    visit.wait(44)
    assert visit.screen is Screen.FOUND


@pytest.mark.parametrize("event", [on.Touch(Action.OK), on.Touch(Action.VOICE), on.WaybillSeen(BOX.waybill)])
def test_who_is_still_there_goes_on(event) -> None:
    visit = Visit()
    visit.known(BOX)
    visit.wait(46)
    assert visit.screen is Screen.STILL_THERE
    visit.do(event)
    assert visit.screen is Screen.FOUND
    visit.wait(44)
    assert visit.screen is Screen.FOUND


@pytest.mark.parametrize(
    "event", [on.Connection(is_offline=True), on.IdentitySeen("ID:NEXT"), on.Fault("printer")]
)
def test_what_happens_by_itself_keeps_nobody_here(event) -> None:
    visit = Visit()
    visit.known(BOX)
    visit.wait(46)
    visit.do(event)
    assert visit.screen is Screen.STILL_THERE
    visit.wait(14)
    assert visit.screen is Screen.HOME


def test_a_door_that_opens_during_the_warning_opens() -> None:
    visit = Visit()
    visit.known(BOX)
    visit.do(on.WaybillSeen(BOX.waybill))
    visit.wait(46)
    assert kinds(visit.answer_release(BOX), fx.OpenDoor)
    assert visit.screen is Screen.DONE


def test_the_look_goes_with_the_person() -> None:
    visit = Visit()
    for action in (Action.LANGUAGE, Action.LARGER_TEXT, Action.CONTRAST, Action.VOICE):
        visit.touch(action)
    assert visit.session.look == Look("zh", is_large=True, has_contrast=True, has_voice=False)
    visit.wait(45)
    assert (visit.session, visit.effects) == (Session(), (fx.EndSession(),))


def test_a_try_that_failed_ends_with_nothing_left() -> None:
    visit = Visit()
    visit.touch(Action.LARGER_TEXT)
    visit.do(on.IdentitySeen("ID:X"), on.PersonUnknown(1, "identity_code", NOTICE))
    visit.wait(15)
    assert (visit.session, visit.effects) == (Session(asks=1), (fx.EndSession(),))


def test_a_label_that_is_never_looked_up_is_forgotten() -> None:
    visit = Visit()
    visit.do(on.WaybillSeen(BOX.waybill))
    visit.wait(45)
    assert visit.session == Session(asks=1, in_view=frozenset({BOX.waybill}))
    visit.do(on.WaybillGone(BOX.waybill))
    assert visit.session == Session(asks=1)


def test_the_stations_first_language_is_the_one_at_rest() -> None:
    visit = Visit(languages=("zh", "en"))
    visit.do(on.Tick())
    assert visit.session.look.language == "zh"
    visit.touch(Action.LANGUAGE)
    visit.wait(45)
    assert visit.session.look.language == "zh"


def test_the_stations_times_count() -> None:
    visit = Visit(idle_s=20, warning_s=5)
    visit.known(BOX)
    visit.wait(20)
    assert visit.screen is Screen.STILL_THERE
    visit.wait(5)
    assert visit.screen is Screen.HOME


def test_a_clock_that_was_set_back_keeps_nobodys_parcels_on_the_screen() -> None:
    visit = Visit()
    visit.known(BOX)
    visit.now -= timedelta(hours=8)
    visit.wait(61)
    assert visit.screen is Screen.HOME


def test_nothing_that_changes_nothing_makes_a_new_session() -> None:
    visit = Visit()
    visit.known(BOX)
    before = visit.session
    visit.wait(3)
    assert visit.session is before
