"""Every way to say who one is, in both orders, and every refusal of it."""

import pytest

from kiosk.model import Way
from kiosk.session import effects as fx
from kiosk.session import events as on
from kiosk.session.events import Action
from kiosk.session.state import Screen
from tests.kiosk.visits import BAG, BOX, NOTICE, OTHERS, Visit, kinds, person


def begun(way, **rules):
    visit = Visit(**rules)
    visit.touch(Action.WAY, way)
    return visit


def test_an_identity_code_is_asked_about_and_known() -> None:
    visit = Visit()
    assert visit.do(on.IdentitySeen("ID:X")) == (fx.CheckIdentity(1, "ID:X"),)
    assert visit.screen is Screen.CHECKING
    visit.do(on.PersonKnown(1, person(BOX)))
    assert (visit.screen, visit.session.person.parcels) == (Screen.FOUND, (BOX,))


def test_a_pickup_code_is_asked_about_with_the_tail() -> None:
    visit = begun("pickup_code")
    assert visit.type("5-2-101") == ()
    assert visit.type("1234") == (fx.CheckPickupCode(1, "5-2-101", "1234"),)


def test_six_digits_are_asked_about_after_the_tail() -> None:
    visit = begun("six_digits")
    visit.type("1234")
    assert visit.type("567890") == (fx.CheckSixDigits(1, "1234", "567890"),)


def test_a_proxy_code_is_asked_about_typed_or_shown() -> None:
    assert begun("proxy_code").type("abcd2345") == (fx.CheckProxyCode(1, "ABCD2345"),)
    assert Visit().do(on.ProxySeen("ABCD2345")) == (fx.CheckProxyCode(1, "ABCD2345"),)


def test_a_code_that_is_shown_wins_over_what_is_typed() -> None:
    visit = begun("pickup_code")
    visit.touch(Action.KEY, "5")
    visit.do(on.IdentitySeen("ID:X"))
    assert (visit.screen, visit.session.typed) == (Screen.CHECKING, "")


@pytest.mark.parametrize(
    ("way", "text"), [("six_digits", "123"), ("proxy_code", "ABCD"), ("pickup_code", "5-2")]
)
def test_a_field_that_is_not_complete_asks_nothing(way, text) -> None:
    visit = begun(way)
    assert visit.type(text) == (fx.Sound("warn"),)
    assert (visit.screen, visit.notice, visit.session.typed) == (way, "type_all", text)


def test_a_field_takes_no_more_than_it_holds_and_nothing_else() -> None:
    visit = begun("six_digits")
    for char in ("1", "A", "-", "", "12", "٣", "2", "3", "4", "5"):
        visit.touch(Action.KEY, char)
    assert visit.session.typed == "1234"


def test_a_shelf_may_have_letters_of_any_script() -> None:
    visit = begun("pickup_code")
    visit.type("冷藏-1-7")
    assert visit.session.typed_before == "冷藏-1-7"


def test_erasing_goes_back_to_the_field_before() -> None:
    visit = begun("six_digits")
    visit.type("1234")
    visit.touch(Action.KEY, "5")
    visit.touch(Action.ERASE)
    visit.touch(Action.ERASE)
    visit.touch(Action.ERASE)
    assert (visit.session.typed_before, visit.session.typed) == ("", "123")


def test_going_back_forgets_what_was_typed_but_not_the_language() -> None:
    visit = begun("six_digits")
    visit.touch(Action.LANGUAGE, "zh")
    visit.type("1234")
    assert visit.touch(Action.BACK) == (fx.EndSession(),)
    assert (visit.screen, visit.session.typed_before) == (Screen.HOME, "")
    assert visit.session.look.language == "zh"


@pytest.mark.parametrize("way", ["six_digits", "proxy_code"])
def test_what_only_the_station_can_check_is_closed_offline(way) -> None:
    visit = Visit()
    visit.do(on.Connection(is_offline=True))
    visit.touch(Action.WAY, way)
    assert (visit.screen, visit.notice) == (Screen.REFUSED, "way_needs_network")


def test_what_was_begun_online_is_not_asked_about_offline() -> None:
    visit = begun("proxy_code")
    visit.do(on.Connection(is_offline=True))
    assert not kinds(visit.type("ABCD2345"), fx.CheckProxyCode)
    assert not kinds(visit.do(on.ProxySeen("ABCD2345")), fx.CheckProxyCode)
    assert (visit.screen, visit.notice) == (Screen.REFUSED, "way_needs_network")


@pytest.mark.parametrize("way", ["pickup_code", "face"])
def test_pickup_codes_and_faces_work_offline(way) -> None:
    visit = Visit()
    visit.do(on.Connection(is_offline=True))
    visit.touch(Action.WAY, way)
    assert visit.screen == way


@pytest.mark.parametrize(("way", "rule"), [("pickup_code", "takes_pickup_codes"), ("face", "takes_faces")])
def test_a_way_that_the_station_closed_is_refused(way, rule) -> None:
    visit = begun(way, **{rule: False})
    assert (visit.screen, visit.notice) == (Screen.REFUSED, "way_off")


def test_faces_that_cannot_be_looked_for_are_refused() -> None:
    visit = Visit()
    visit.do(on.Fault("faces"))
    visit.touch(Action.WAY, "face")
    assert (visit.screen, visit.notice) == (Screen.REFUSED, "way_off")


def test_a_code_that_proves_nobody_says_why_and_another_may_be_shown() -> None:
    visit = Visit()
    visit.do(on.IdentitySeen("ID:X"), on.PersonUnknown(1, Way.IDENTITY_CODE, NOTICE))
    assert (visit.screen, visit.session.notice) == (Screen.REFUSED, NOTICE)
    assert visit.do(on.IdentitySeen("ID:Y")) == (fx.CheckIdentity(2, "ID:Y"),)


def test_an_answer_to_an_earlier_question_is_nobodys() -> None:
    visit = Visit()
    visit.do(on.IdentitySeen("ID:X"))
    visit.touch(Action.BACK)
    visit.do(on.IdentitySeen("ID:Y"), on.PersonKnown(1, person(BOX)))
    assert (visit.screen, visit.session.person) == (Screen.CHECKING, None)


def test_an_answer_after_leaving_shows_nothing() -> None:
    visit = Visit()
    visit.do(on.IdentitySeen("ID:X"))
    visit.touch(Action.LEAVE)
    assert visit.do(on.PersonKnown(1, person(BOX))) == ()
    assert (visit.screen, visit.session.person) == (Screen.HOME, None)


def test_an_answer_by_another_way_than_asked_is_nobodys() -> None:
    visit = Visit()
    visit.do(on.IdentitySeen("ID:X"), on.PersonKnown(1, person(BOX, way=Way.FACE)))
    assert visit.session.person is None


def test_in_the_middle_of_a_visit_nobody_else_is_known() -> None:
    visit = Visit()
    visit.known(BOX)
    visit.touch(Action.ENROL)
    visit.touch(Action.ADULT)
    visit.do(on.EnrolFailed(visit.session.check.ask, NOTICE))
    for event in (on.IdentitySeen("ID:Y"), on.ProxySeen("ABCD2345"), on.Touch(Action.WAY, "six_digits")):
        assert visit.do(event) == ()
        assert visit.screen is Screen.REFUSED


def test_person_first_a_face_always_asks_the_tail() -> None:
    visit = begun("face", face_always_asks_tail=False)
    assert kinds(visit.log, fx.FindFace) == [fx.FindFace(1)]
    visit.do(on.FaceTurn(1, "left"))
    assert visit.session.turn_to == "left"
    visit.do(on.FaceMatched(1, "7", is_hands_free=True))
    assert (visit.screen, visit.session.person) == (Screen.FACE_TAIL, None)
    assert visit.type("1234") == (fx.CheckFace(2, "7", "1234"),)


def test_a_face_that_is_not_found_says_so() -> None:
    visit = begun("face")
    assert kinds(visit.do(on.FaceMissed(1, NOTICE)), fx.StopFace)
    assert (visit.screen, visit.session.notice) == (Screen.REFUSED, NOTICE)


def test_a_look_that_was_given_up_finds_nobody() -> None:
    visit = begun("face")
    assert kinds(visit.do(on.IdentitySeen("ID:X")), fx.StopFace)
    visit.do(on.FaceMatched(1, "7", is_hands_free=True))
    assert (visit.screen, visit.session.face_recipient) == (Screen.CHECKING, None)


def test_parcel_first_compares_with_those_who_may_take_it_only() -> None:
    visit = Visit()
    visit.hold(BOX, has_face=True)
    assert visit.screen is Screen.WHO
    assert kinds(visit.log, fx.CompareFace, fx.FindFace) == [fx.CompareFace(2, (BOX.id,))]
    visit.touch(Action.WAY, "face")
    assert kinds(visit.effects, fx.CompareFace, fx.FindFace) == [fx.CompareFace(3, (BOX.id,))]


def test_parcel_first_a_parcel_of_another_owner_is_compared_anew() -> None:
    visit = Visit()
    visit.hold(BOX, BAG, OTHERS, has_face=True)
    assert [effect.parcel_ids for effect in kinds(visit.log, fx.CompareFace)] == [(BOX.id,), (OTHERS.id,)]


@pytest.mark.parametrize(("has_face", "takes_faces"), [(False, True), (True, False)])
def test_parcel_first_nobody_is_looked_at_without_cause(has_face, takes_faces) -> None:
    visit = Visit(takes_faces=takes_faces)
    visit.hold(BOX, has_face=has_face)
    assert not kinds(visit.log, fx.CompareFace, fx.FindFace)


def test_parcel_first_a_face_may_be_enough_where_the_station_allows_it() -> None:
    visit = Visit(face_always_asks_tail=False)
    visit.hold(BOX, has_face=True)
    assert kinds(visit.do(on.FaceMatched(2, "7", is_hands_free=True)), fx.CheckFace) == [
        fx.CheckFace(3, "7", None)
    ]
    visit.do(on.PersonKnown(3, person(BOX, way=Way.FACE)))
    assert [effect.parcel for effect in kinds(visit.effects, fx.Release)] == [BOX]


@pytest.mark.parametrize(("is_hands_free", "always"), [(True, True), (False, False)])
def test_parcel_first_the_tail_is_asked_otherwise(is_hands_free, always) -> None:
    visit = Visit(face_always_asks_tail=always)
    visit.hold(BOX, has_face=True)
    visit.do(on.FaceMatched(2, "7", is_hands_free))
    assert visit.screen is Screen.FACE_TAIL
    assert visit.type("1234") == (fx.CheckFace(3, "7", "1234"),)


def test_parcel_first_a_missed_face_leaves_the_other_ways() -> None:
    visit = Visit()
    visit.hold(BOX, has_face=True)
    visit.do(on.FaceMissed(2, NOTICE))
    assert (visit.screen, visit.session.notice) == (Screen.WHO, NOTICE)


def test_parcel_first_takes_no_pickup_code() -> None:
    visit = Visit()
    visit.hold(BOX)
    visit.touch(Action.WAY, "pickup_code")
    assert (visit.screen, visit.notice) == (Screen.REFUSED, "code_before_parcel")
    visit.touch(Action.BACK)
    assert visit.screen is Screen.WHO


def test_a_parcel_in_view_before_the_code_is_complete_ends_that_way() -> None:
    visit = begun("pickup_code")
    visit.type("5-2-101")
    visit.do(on.WaybillSeen(BOX.waybill))
    assert not kinds(visit.type("1234"), fx.CheckPickupCode)
    assert visit.notice == "code_before_parcel"


def test_a_parcel_that_is_known_while_a_code_is_typed_asks_who_it_is() -> None:
    visit = begun("pickup_code")
    visit.hold(BOX)
    assert (visit.screen, visit.notice, visit.session.held) == (Screen.WHO, "code_before_parcel", (BOX,))


def test_what_came_into_view_before_a_pickup_codes_answer_is_scanned_again() -> None:
    visit = begun("pickup_code")
    visit.type("5-2-101")
    visit.type("1234")
    visit.hold(BOX)
    visit.do(on.WaybillSeen(BAG.waybill), on.PersonKnown(1, person(BOX, way=Way.PICKUP_CODE)))
    assert (visit.screen, visit.session.held) == (Screen.FOUND, ())
    assert [asked.about for asked in visit.session.lookups] == [BAG.waybill]  # it may be a stranger's
    assert not kinds(visit.log, fx.Release)
    assert kinds(visit.do(on.WaybillGone(BAG.waybill), on.WaybillSeen(BOX.waybill)), fx.Release)


@pytest.mark.parametrize("way", ["six_digits", "proxy_code"])
def test_parcel_first_the_other_codes_may_be_typed(way) -> None:
    visit = Visit()
    visit.hold(BOX)
    visit.touch(Action.WAY, way)
    assert (visit.screen, visit.session.held) == (way, (BOX,))


def test_a_way_that_does_not_exist_is_passed_over() -> None:
    visit = begun("identity_code")
    assert visit.screen is Screen.HOME
