"""Agreeing to collect with one's face, with a guardian where one is needed, and taking it back."""

import pytest

from kiosk.model import Way
from kiosk.session import effects as fx
from kiosk.session import events as on
from kiosk.session.events import Action
from kiosk.session.state import Screen
from tests.kiosk.visits import BOX, NOTICE, Visit, kinds, person


def reading(**rules):
    """Return a visit in which somebody reads the agreement."""
    visit = Visit(**rules)
    visit.known(BOX)
    visit.touch(Action.ENROL)
    return visit


def guarded():
    visit = reading()
    visit.touch(Action.MINOR)
    visit.do(on.IdentitySeen("ID:G"))
    return visit


def test_who_is_14_or_older_agrees_and_is_enrolled() -> None:
    visit = reading()
    visit.touch(Action.LANGUAGE, "zh")
    who = visit.session.person
    assert visit.touch(Action.ADULT) == (fx.EnrolFace(2, who, "zh", None),)
    visit.do(on.FaceTurn(2, "left"), on.Enrolled(2))
    assert (visit.screen, visit.session.person.has_face) == (Screen.ENROL_DONE, True)
    visit.touch(Action.OK)
    assert visit.screen is Screen.FOUND


def test_under_14_a_guardians_own_code_is_needed() -> None:
    visit = guarded()
    assert visit.effects == (fx.CheckGuardian(2, "ID:G"),)
    assert visit.screen is Screen.ENROL_GUARDIAN
    visit.do(on.GuardianKnown(2, "g1", "8"))
    assert visit.effects == (fx.EnrolFace(3, visit.session.person, "en", "g1"),)


def test_nobody_is_their_own_guardian() -> None:
    visit = guarded()
    visit.do(on.GuardianKnown(2, "g1", "7"))
    assert (visit.screen, visit.notice) == (Screen.ENROL_GUARDIAN, "guardian_is_other")
    assert not kinds(visit.log, fx.EnrolFace)


def test_a_guardian_who_is_none_may_be_followed_by_another() -> None:
    visit = guarded()
    visit.do(on.PersonUnknown(2, Way.IDENTITY_CODE, NOTICE))
    assert (visit.screen, visit.session.notice) == (Screen.ENROL_GUARDIAN, NOTICE)
    visit.do(on.IdentitySeen("ID:H"))
    assert visit.effects == (fx.CheckGuardian(3, "ID:H"),)


def test_only_the_last_guardian_shown_counts() -> None:
    visit = guarded()
    visit.do(
        on.IdentitySeen("ID:H"),
        on.GuardianKnown(2, "g1", "8"),
        on.PersonUnknown(2, Way.IDENTITY_CODE, NOTICE),
    )
    assert (visit.screen, visit.session.check.ask) == (Screen.ENROL_GUARDIAN, 3)


def test_a_guardians_code_shows_the_guardians_parcels_to_nobody() -> None:
    visit = guarded()
    who = visit.session.person
    visit.do(on.PersonKnown(2, person(BOX, recipient_id="8")))
    assert (visit.screen, visit.session.person) == (Screen.ENROL_GUARDIAN, who)


def test_going_back_enrols_nobody() -> None:
    visit = reading()
    visit.touch(Action.BACK)
    assert visit.screen is Screen.FOUND
    visit.touch(Action.ENROL)
    visit.touch(Action.ADULT)
    assert visit.touch(Action.BACK) == (fx.StopFace(),)
    visit.do(on.Enrolled(2))
    assert (visit.screen, visit.session.person.has_face) == (Screen.FOUND, False)


def test_a_face_that_cannot_be_enrolled_says_why_and_the_visit_goes_on() -> None:
    visit = reading()
    visit.touch(Action.ADULT)
    visit.do(on.EnrolFailed(2, NOTICE))
    assert (visit.screen, visit.session.notice) == (Screen.REFUSED, NOTICE)
    visit.wait(15)
    assert visit.screen is Screen.FOUND


def test_nothing_is_enrolled_without_the_station() -> None:
    visit = Visit()
    visit.known(BOX)
    visit.do(on.Connection(is_offline=True))
    visit.touch(Action.ENROL)
    assert (visit.screen, visit.notice) == (Screen.FOUND, "enrol_needs_network")


def test_a_network_that_goes_while_reading_ends_it() -> None:
    visit = reading()
    visit.do(on.Connection(is_offline=True))
    visit.touch(Action.ADULT)
    assert (visit.screen, visit.notice) == (Screen.REFUSED, "enrol_needs_network")


@pytest.mark.parametrize(("rules", "facts"), [({"takes_faces": False}, {}), ({}, {"may_enrol": False})])
def test_who_may_not_enrol_reads_no_agreement(rules, facts) -> None:
    visit = Visit(**rules)
    visit.known(BOX, **facts)
    visit.touch(Action.ENROL)
    assert visit.screen is Screen.FOUND


def test_a_face_is_forgotten_at_once() -> None:
    visit = Visit()
    visit.known(BOX, has_face=True)
    who = visit.session.person
    assert kinds(visit.touch(Action.FORGET_FACE), fx.ForgetFace) == [fx.ForgetFace(who)]
    assert (visit.notice, visit.session.person.has_face) == ("face_forgotten", False)
    assert visit.touch(Action.FORGET_FACE) == ()


def test_who_only_knows_a_code_forgets_nobodys_face() -> None:
    visit = Visit()
    visit.do(on.ProxySeen("ABCD2345"), on.PersonKnown(1, person(BOX, way=Way.PROXY_CODE, has_face=True)))
    assert visit.touch(Action.FORGET_FACE) == ()
