"""A stranger's parcel before the camera: nothing is asked for and no door opens until it is taken away."""

import pytest

from kiosk.model import Way
from kiosk.session import effects as fx
from kiosk.session import events as on
from kiosk.session.events import Action
from kiosk.session.idle import LIMITS
from kiosk.session.state import Screen
from tests.kiosk.visits import BAG, BOX, OTHERS, Visit, kinds, parcel, person

PUT_BACK_S = LIMITS[Screen.WRONG_PARCEL]


def known(*parcels, **rules):
    visit = Visit(**rules)
    visit.known(*parcels)
    return visit


def doors(visit):
    return [door.parcel_id for door in kinds(visit.log, fx.OpenDoor)]


def releases(visit):
    return [release.parcel for release in kinds(visit.log, fx.Release)]


def alerts(visit):
    return [(alert.kind, alert.parcel_id) for alert in kinds(visit.log, fx.Alert)]


def test_own_parcels_beside_a_strangers_wait_until_it_is_gone() -> None:
    visit = known(BOX, BAG)
    visit.hold(OTHERS)
    visit.do(on.WaybillSeen(BAG.waybill), on.WaybillSeen(BOX.waybill))
    assert (visit.screen, releases(visit)) == (Screen.WRONG_PARCEL, [])
    visit.do(on.WaybillGone(OTHERS.waybill))
    assert (visit.screen, releases(visit)) == (Screen.FOUND, [BAG, BOX])


def test_a_door_that_is_about_to_open_waits_until_the_strangers_parcel_is_gone() -> None:
    visit = known(BOX, BAG)
    visit.do(on.WaybillSeen(BOX.waybill), on.WaybillSeen(BAG.waybill))
    visit.hold(OTHERS)
    visit.answer_release(BAG)
    visit.answer_release(BOX)
    assert (visit.screen, doors(visit)) == (Screen.WRONG_PARCEL, [])
    visit.do(on.WaybillGone(OTHERS.waybill))
    assert (visit.screen, doors(visit)) == (Screen.DONE, [BAG.id, BOX.id])


def test_an_own_parcel_waits_while_it_is_not_known_whose_lies_beside_it() -> None:
    visit = known(BOX)
    visit.do(on.WaybillSeen(OTHERS.waybill), on.WaybillSeen(BOX.waybill))
    assert releases(visit) == []
    visit.do(on.ParcelKnown(visit.session.lookups[0].ask, OTHERS))
    assert (visit.screen, releases(visit)) == (Screen.WRONG_PARCEL, [])


def test_a_label_that_is_nobodys_keeps_no_door_closed() -> None:
    visit = known(BOX)
    visit.do(on.WaybillSeen("JUNK"), on.WaybillSeen(BOX.waybill))
    visit.do(on.ParcelUnknown(visit.session.lookups[0].ask, "JUNK"))
    visit.answer_release(BOX)
    assert (visit.screen, doors(visit)) == (Screen.DONE, [BOX.id])


def test_a_label_that_left_before_its_answer_keeps_no_door_closed() -> None:
    visit = known(BOX)
    visit.do(on.WaybillSeen("JUNK"), on.WaybillSeen(BOX.waybill), on.WaybillGone("JUNK"))
    assert releases(visit) == [BOX]


def test_only_the_last_strangers_parcel_ends_the_warning() -> None:
    visit, other = known(BOX), parcel("202", "wang")
    visit.do(on.WaybillSeen(BOX.waybill))
    visit.hold(OTHERS, other)
    visit.answer_release(BOX)
    visit.do(on.WaybillGone(other.waybill), on.WaybillGone(BOX.waybill))
    assert (visit.screen, doors(visit)) == (Screen.WRONG_PARCEL, [])
    visit.do(on.WaybillGone(OTHERS.waybill))
    assert doors(visit) == [BOX.id]


def test_no_touch_takes_the_warning_away_nor_gives_time_while_the_parcel_lies_there() -> None:
    visit = known(BOX)
    visit.hold(OTHERS)
    visit.wait(5)
    until = visit.session.until
    for action in Action:
        if action not in (Action.LEAVE, Action.STAFF):
            visit.touch(action)
            assert (visit.screen, visit.session.until) == (Screen.WRONG_PARCEL, until), action


def test_staff_are_alerted_again_where_the_parcel_is_not_put_back() -> None:
    visit = known(BOX)
    visit.hold(OTHERS)
    visit.wait(PUT_BACK_S)
    assert (visit.screen, visit.session.is_stuck) == (Screen.WRONG_PARCEL, True)
    assert alerts(visit) == [("wrong_parcel", OTHERS.id), ("wrong_parcel", None)]
    assert kinds(visit.effects, fx.Say) == [fx.Say("wrong_call_staff")]
    visit.do(on.WaybillGone(OTHERS.waybill))
    assert (visit.screen, visit.session.is_stuck) == (Screen.FOUND, False)


def test_the_visit_ends_where_the_parcel_stays_on_and_staff_see_to_the_door() -> None:
    visit = known(BOX)
    visit.do(on.WaybillSeen(BOX.waybill))
    visit.hold(OTHERS)
    visit.answer_release(BOX)
    visit.wait(PUT_BACK_S + 45)
    assert (visit.screen, doors(visit), alerts(visit)[-1]) == (Screen.HOME, [], ("recover", BOX.id))


def test_leaving_with_a_door_that_never_opened_tells_staff() -> None:
    visit = known(BOX)
    visit.do(on.WaybillSeen(BOX.waybill))
    visit.hold(OTHERS)
    visit.touch(Action.LEAVE)
    assert (visit.screen, visit.notice) == (Screen.WRONG_PARCEL, "one_moment")
    visit.answer_release(BOX)
    assert visit.touch(Action.LEAVE) == (fx.Alert("recover", BOX.id), fx.EndSession())
    assert kinds(visit.do(on.WaybillGone(OTHERS.waybill)), fx.OpenDoor) == []


def test_the_warning_comes_back_after_staff_were_called() -> None:
    visit = known(BOX)
    visit.hold(OTHERS)
    visit.touch(Action.STAFF)
    assert visit.screen is Screen.STAFF
    visit.touch(Action.OK)
    assert (visit.screen, visit.session.before) == (Screen.WRONG_PARCEL, Screen.FOUND)


def test_a_parcel_that_is_gone_while_staff_are_called_lets_the_visit_go_on() -> None:
    visit = known(BOX, BAG)
    visit.hold(OTHERS)
    visit.touch(Action.STAFF)
    visit.do(on.WaybillGone(OTHERS.waybill), on.WaybillSeen(BOX.waybill))
    visit.touch(Action.OK)
    assert (visit.screen, releases(visit)) == (Screen.FOUND, [BOX])


def test_nobody_finishes_while_a_parcel_waits() -> None:
    visit = known(BOX)
    visit.hold(OTHERS)
    visit.do(on.WaybillSeen(BOX.waybill))
    visit.touch(Action.FINISH)
    assert (visit.screen, visit.session.before, visit.notice) == (
        Screen.WRONG_PARCEL,
        Screen.FOUND,
        "one_moment",
    )


def test_a_missing_camera_asks_for_nothing_that_waited_and_keeps_the_door_closed() -> None:
    visit = known(BOX, BAG)
    visit.do(on.WaybillSeen(BOX.waybill))
    visit.hold(OTHERS)
    visit.do(on.WaybillSeen(BAG.waybill), on.Fault("camera"))
    visit.answer_release(BOX)
    assert (visit.screen, doors(visit), releases(visit)) == (Screen.FAULT, [], [BOX])
    visit.do(on.FaultOver("camera"))
    assert visit.screen is Screen.WRONG_PARCEL
    visit.do(on.WaybillGone(OTHERS.waybill))
    assert (doors(visit), releases(visit)) == ([BOX.id], [BOX])


def test_a_strangers_parcel_that_comes_while_enrolling_is_caught() -> None:
    visit = known(BOX)
    visit.touch(Action.ENROL)
    visit.hold(OTHERS)
    assert (visit.screen, visit.session.before) == (Screen.WRONG_PARCEL, Screen.ENROL_CONSENT)


def test_a_strangers_parcel_that_was_taken_away_before_its_answer_holds_nothing_up() -> None:
    visit = known(BOX)
    visit.do(on.WaybillSeen(OTHERS.waybill))
    ask = visit.session.lookups[0].ask
    visit.do(on.WaybillGone(OTHERS.waybill), on.ParcelKnown(ask, OTHERS))
    assert (visit.screen, visit.session.strangers) == (Screen.WRONG_PARCEL, frozenset())
    visit.touch(Action.OK)
    assert visit.screen is Screen.FOUND


def test_parcel_first_a_strangers_parcel_is_caught_before_the_own_is_asked_for() -> None:
    visit = Visit()
    visit.hold(BOX, OTHERS)
    visit.known(BOX)
    assert (visit.screen, releases(visit)) == (Screen.WRONG_PARCEL, [])
    visit.do(on.WaybillGone(OTHERS.waybill))
    assert releases(visit) == [BOX]


def left_behind(*parcels):
    """Return a kiosk where somebody put parcels before the camera and left."""
    visit = Visit()
    visit.hold(*parcels)
    visit.touch(Action.LEAVE)
    return visit


def test_a_strangers_parcel_from_the_visit_before_is_asked_about_and_caught() -> None:
    visit = left_behind(OTHERS)
    visit.known(BOX)
    visit.do(on.WaybillSeen(BOX.waybill))
    assert releases(visit) == []
    visit.do(on.ParcelKnown(visit.session.lookups[0].ask, OTHERS))
    assert (visit.screen, visit.session.strangers) == (Screen.WRONG_PARCEL, {OTHERS.waybill})


def test_an_own_parcel_from_the_visit_before_leaves_with_who_showed_an_identity_code() -> None:
    visit = left_behind(BOX)
    visit.known(BOX)
    assert releases(visit) == [BOX]


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_pickup_code_counts_only_when_no_parcel_is_in_view_from_the_visit_before(is_gone) -> None:
    visit = left_behind(BOX)
    if is_gone:
        visit.do(on.WaybillGone(BOX.waybill))
    visit.touch(Action.WAY, "pickup_code")
    assert visit.screen is (Screen.PICKUP_CODE if is_gone else Screen.REFUSED)
    assert visit.notice == (None if is_gone else "code_before_parcel")


def test_a_parcel_that_comes_into_view_while_a_pickup_code_is_checked_is_scanned_again() -> None:
    visit = Visit()
    visit.touch(Action.WAY, "pickup_code")
    visit.type("5-2-101")
    visit.type("1234")
    check = visit.session.check.ask
    visit.do(on.WaybillSeen(BOX.waybill), on.WaybillSeen(OTHERS.waybill))
    visit.do(on.PersonKnown(check, person(BOX, way=Way.PICKUP_CODE)))
    assert releases(visit) == []
    assert [asked.about for asked in visit.session.lookups] == [OTHERS.waybill]
    visit.do(on.WaybillGone(OTHERS.waybill), on.WaybillGone(BOX.waybill), on.WaybillSeen(BOX.waybill))
    assert releases(visit) == [BOX]


def test_what_is_no_parcel_of_here_keeps_no_pickup_code_away() -> None:
    visit = Visit()
    visit.do(on.WaybillSeen("JUNK"), on.ParcelUnknown(1, "JUNK"))
    visit.touch(Action.BACK)
    visit.touch(Action.WAY, "pickup_code")
    assert visit.screen is Screen.PICKUP_CODE
