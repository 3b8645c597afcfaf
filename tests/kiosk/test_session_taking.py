"""Fetch and scan: what opens a door, what does not, and how a collection ends."""

from dataclasses import replace

from kiosk.model import Way
from kiosk.session import effects as fx
from kiosk.session import events as on
from kiosk.session.events import Action
from kiosk.session.state import Screen
from tests.kiosk.visits import BAG, BOX, HELD, NOTICE, OTHERS, Visit, kinds, parcel, person


def known(*parcels, **rules):
    visit = Visit(**rules)
    visit.known(*parcels)
    return visit


def test_a_scanned_parcel_is_asked_for_and_opened_for_once() -> None:
    visit = known(BOX, BAG)
    who = visit.session.person
    assert visit.do(on.WaybillSeen(BOX.waybill)) == (fx.Release(2, who, BOX),)
    assert kinds(visit.do(on.Released(2, BOX.id)), fx.OpenDoor) == [fx.OpenDoor(BOX.id)]
    assert visit.do(on.Released(2, BOX.id)) == ()
    assert (visit.screen, visit.session.taken) == (Screen.FOUND, (BOX.id,))


def test_a_parcel_is_asked_for_once_however_often_it_is_seen() -> None:
    visit = known(BOX, BAG)
    visit.do(on.WaybillSeen(BOX.waybill), on.WaybillSeen(BOX.waybill))
    visit.answer_release(BOX)
    visit.do(on.WaybillSeen(BOX.waybill))
    assert len(kinds(visit.log, fx.Release)) == 1


def test_several_parcels_of_one_picture_leave_together() -> None:
    visit = known(BOX, BAG)
    visit.do(on.WaybillSeen(BOX.waybill), on.WaybillSeen(BAG.waybill))
    assert [asked.about for asked in visit.session.releasing] == [BOX.id, BAG.id]
    visit.do(on.Released(3, BAG.id), on.Released(2, BOX.id))
    assert [door.parcel_id for door in kinds(visit.log, fx.OpenDoor)] == [BAG.id, BOX.id]


def test_the_last_parcel_ends_the_collection_without_a_touch() -> None:
    visit = known(BOX)
    visit.take(BOX)
    assert visit.screen is Screen.DONE
    assert kinds(visit.effects, fx.PrintTicket) == [fx.PrintTicket((BOX.id,))]


def test_a_photo_is_taken_where_the_station_takes_photos() -> None:
    for takes_photos in (True, False):
        visit = known(BOX, takes_photos=takes_photos)
        visit.take(BOX)
        assert bool(kinds(visit.log, fx.TakePhoto)) is takes_photos


def test_an_answer_about_another_parcel_opens_nothing() -> None:
    visit = known(BOX, BAG)
    visit.do(on.WaybillSeen(BOX.waybill))
    assert not kinds(visit.do(on.Released(2, BAG.id), on.Released(9, BOX.id)), fx.OpenDoor)


def test_a_release_that_is_answered_after_leaving_opens_nothing_and_staff_are_told() -> None:
    visit = known(BOX)
    visit.do(on.WaybillSeen(BOX.waybill))
    visit.wait(61)
    assert (visit.screen, visit.do(on.Released(2, BOX.id))) == (Screen.HOME, (fx.Alert("recover", BOX.id),))


def test_a_release_of_somebody_before_opens_nothing_for_the_next() -> None:
    visit = known(BOX)
    visit.do(on.WaybillSeen(BOX.waybill))
    visit.wait(61)
    visit.known(BOX)
    visit.do(on.WaybillSeen(BOX.waybill))
    assert not kinds(visit.do(on.Released(2, BOX.id)), fx.OpenDoor)
    assert kinds(visit.do(on.Released(4, BOX.id)), fx.OpenDoor)


def test_a_refused_release_says_why_and_may_be_tried_again() -> None:
    visit = known(BOX)
    visit.do(on.WaybillSeen(BOX.waybill), on.NotReleased(2, BOX.id, NOTICE))
    assert (visit.screen, visit.session.notice, visit.session.taken) == (Screen.FOUND, NOTICE, ())
    assert visit.do(on.NotReleased(2, BOX.id, NOTICE)) == ()
    assert kinds(visit.do(on.WaybillSeen(BOX.waybill)), fx.Release)


def test_a_held_parcel_is_handed_over_at_the_counter() -> None:
    visit = known(HELD)
    assert not kinds(visit.do(on.WaybillSeen(HELD.waybill)), fx.Release)
    assert visit.notice == "held"


def test_a_strangers_parcel_is_caught_and_nobody_is_named() -> None:
    visit = known(BOX)
    visit.hold(OTHERS)
    assert visit.screen is Screen.WRONG_PARCEL
    assert visit.effects == (fx.Sound("bad"), fx.Say("not_yours"), fx.Alert("wrong_parcel", OTHERS.id))


def test_a_parcel_of_the_same_person_is_wrong_where_it_is_not_among_what_they_may_take() -> None:
    visit = known(BOX)
    visit.hold(BAG)
    assert visit.screen is Screen.WRONG_PARCEL


def test_the_warning_about_a_wrong_parcel_that_left_goes_by_a_touch_or_by_itself() -> None:
    for dismiss in (lambda visit: visit.touch(Action.OK), lambda visit: visit.wait(20)):
        visit = known(BOX)
        visit.do(on.WaybillSeen(OTHERS.waybill), on.WaybillGone(OTHERS.waybill), on.ParcelKnown(2, OTHERS))
        assert visit.screen is Screen.WRONG_PARCEL
        dismiss(visit)
        assert visit.screen is Screen.FOUND


def test_a_second_wrong_parcel_is_told_too() -> None:
    visit = known(BOX)
    visit.hold(OTHERS)
    visit.wait(9)
    visit.hold(parcel("202", "wang"))
    visit.wait(9)
    assert (visit.screen, len(kinds(visit.log, fx.Alert))) == (Screen.WRONG_PARCEL, 2)


def test_a_look_alike_after_the_last_parcel_is_caught() -> None:
    visit = known(BOX)
    visit.take(BOX)
    visit.hold(OTHERS)
    assert (visit.screen, visit.session.before) == (Screen.WRONG_PARCEL, Screen.DONE)


def test_another_parcel_of_the_same_owner_needs_its_own_pickup_code() -> None:
    visit = Visit()
    visit.touch(Action.WAY, "pickup_code")
    visit.type("5-2-101")
    visit.type("1234")
    visit.do(on.PersonKnown(1, person(BOX, way=Way.PICKUP_CODE)))
    visit.hold(BAG)
    assert (visit.screen, visit.notice) == (Screen.FOUND, "other_code")
    assert not kinds(visit.log, fx.Release, fx.Alert)


def test_parcel_first_everything_in_the_hands_leaves_when_the_person_is_known() -> None:
    visit = Visit()
    visit.hold(BOX, BAG)
    assert (visit.screen, visit.session.held) == (Screen.WHO, (BOX, BAG))
    visit.known(BOX, BAG)
    assert [effect.parcel for effect in kinds(visit.log, fx.Release)] == [BOX, BAG]
    assert visit.session.held == ()


def test_parcel_first_a_strangers_parcel_in_the_hands_stays() -> None:
    visit = Visit()
    visit.hold(BOX, OTHERS)
    visit.known(BOX)
    assert not kinds(visit.log, fx.Release)
    assert (visit.screen, kinds(visit.log, fx.Alert)) == (
        Screen.WRONG_PARCEL,
        [fx.Alert("wrong_parcel", OTHERS.id)],
    )


def test_parcel_first_a_parcel_that_was_looked_up_as_another_is_not_released() -> None:
    visit = Visit()
    visit.hold(parcel("999", "chen"))
    visit.known(BOX)
    assert not kinds(visit.log, fx.Release)


def test_parcel_first_the_persons_own_list_says_what_leaves() -> None:
    visit = Visit()
    visit.hold(replace(BOX, id="99"))  # as an older list knows it
    visit.known(BOX)
    assert [effect.parcel for effect in kinds(visit.log, fx.Release)] == [BOX]


def test_a_parcel_that_does_not_wait_here_is_told() -> None:
    visit = Visit()
    visit.do(on.WaybillSeen("JUNK"), on.ParcelUnknown(1, "JUNK"))
    assert (visit.screen, visit.notice) == (Screen.REFUSED, "parcel_not_here")


def test_another_label_on_a_parcel_in_the_hands_disturbs_nothing() -> None:
    visit = known(BOX)
    visit.do(on.WaybillSeen("JUNK"), on.ParcelUnknown(2, "JUNK"))
    assert (visit.screen, visit.notice) == (Screen.FOUND, "parcel_not_here")


def test_an_answer_for_another_waybill_or_question_is_passed_over() -> None:
    visit = Visit()
    visit.do(
        on.WaybillSeen(BOX.waybill), on.ParcelKnown(1, BAG), on.ParcelKnown(2, BOX), on.ParcelUnknown(2, "X")
    )
    assert (visit.screen, visit.session.held) == (Screen.HOME, ())


def test_a_waybill_is_asked_about_once_while_the_answer_is_awaited() -> None:
    visit = Visit()
    visit.do(on.WaybillSeen(BOX.waybill), on.WaybillSeen(BOX.waybill))
    assert len(kinds(visit.log, fx.LookUp)) == 1


def test_questions_that_nobody_answers_do_not_pile_up() -> None:
    visit = Visit()
    visit.do(*(on.WaybillSeen(str(number)) for number in range(40)))
    assert [asked.about for asked in visit.session.lookups] == [str(number) for number in range(24, 40)]


def test_staff_are_told_once_of_each_parcel_that_is_not_found() -> None:
    visit = known(BOX, BAG)
    visit.touch(Action.CANNOT_FIND, BAG.id)
    visit.touch(Action.CANNOT_FIND, BAG.id)
    visit.touch(Action.CANNOT_FIND)
    visit.touch(Action.CANNOT_FIND)
    assert kinds(visit.log, fx.Alert) == [fx.Alert("not_found", BAG.id), fx.Alert("not_found", BOX.id)]
    assert visit.notice == "staff_told"


def test_nobody_reports_a_strangers_parcel() -> None:
    visit = known(BOX)
    assert not kinds(visit.touch(Action.CANNOT_FIND, OTHERS.id), fx.Alert)


def test_leftovers_are_asked_about_once() -> None:
    visit = known(BOX, BAG)
    visit.take(BOX)
    visit.touch(Action.FINISH)
    assert visit.screen is Screen.LEFTOVERS
    visit.touch(Action.BACK)
    visit.touch(Action.FINISH)
    assert (visit.screen, kinds(visit.effects, fx.PrintTicket)) == (Screen.DONE, [fx.PrintTicket((BOX.id,))])


def test_finishing_with_leftovers_ends_the_collection() -> None:
    visit = known(BOX)
    visit.touch(Action.FINISH)
    visit.touch(Action.FINISH)
    assert (visit.screen, kinds(visit.log, fx.PrintTicket)) == (Screen.DONE, [])


def test_a_leftover_that_is_scanned_after_all_goes_on() -> None:
    visit = known(BOX, BAG)
    visit.touch(Action.FINISH)
    visit.do(on.WaybillSeen(BOX.waybill))
    assert visit.screen is Screen.FOUND
    visit.answer_release(BOX)
    visit.touch(Action.FINISH)
    visit.do(on.WaybillSeen(BAG.waybill))
    assert visit.screen is Screen.FOUND


def test_nobody_leaves_while_a_door_is_about_to_open() -> None:
    visit = known(BOX, BAG)
    visit.do(on.WaybillSeen(BOX.waybill))
    for action in (Action.LEAVE, Action.FINISH):
        visit.touch(action)
        assert (visit.screen, visit.notice) == (Screen.FOUND, "one_moment")
    visit.answer_release(BOX)
    assert visit.touch(Action.LEAVE) == (fx.EndSession(),)
    assert visit.screen is Screen.HOME


def test_nothing_waits_for_somebody_who_is_known() -> None:
    visit = known()
    assert visit.screen is Screen.NOTHING
    visit.hold(BOX)
    assert visit.screen is Screen.WRONG_PARCEL


def test_an_identity_code_that_is_still_held_up_changes_nothing() -> None:
    visit = known(BOX)
    until = visit.session.until
    visit.now = until.replace(microsecond=1)
    assert visit.do(on.IdentitySeen("ID:NEXT")) == ()
    assert visit.session.until == until
