"""What screens are drawn from: which parcel is next, what fits, what time it is, what is said aloud."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.model import Rules
from kiosk.session.state import Asked, Look, Screen, Session
from kiosk.web import spoken, view
from kiosk.web.app import SHARED
from tests.kiosk.fake_desk import NOW, FakeDesk, parcels, person, scenes


def collecting(count: int, **others) -> Session:
    return replace(Session(screen=Screen.FOUND, person=person(count)), **others)


def states(session: Session) -> list[str]:
    return [card.state for card in view.shelf(session).cards]


def test_next_parcel_is_the_first_that_can_be_fetched():
    parcels = list(person(5).parcels)
    parcels[1] = replace(parcels[1], is_held=True)
    session = collecting(5, taken=("1",), releasing=(Asked(1, "3"),), not_found=("4",))
    session = replace(session, person=replace(person(5), parcels=tuple(parcels)))

    assert states(session) == ["done", "held", "busy", "missed", "next"]


def test_only_one_parcel_is_next():
    assert states(collecting(3)) == ["next", "waiting", "waiting"]


@pytest.mark.parametrize(
    ("count", "density"), [(1, "roomy"), (3, "roomy"), (4, "snug"), (6, "dense"), (40, "dense")]
)
def test_cards_become_smaller_with_their_number(count, density):
    assert view.shelf(collecting(count)).density == density


def test_list_that_does_not_fit_begins_at_the_next_parcel():
    taken = tuple(str(number) for number in range(1, 6))
    shelf = view.shelf(collecting(20, taken=taken))

    assert [card.parcel.id for card in shelf.cards] == [str(number) for number in range(6, 16)]
    assert (shelf.taken, shelf.total, shelf.more) == (5, 20, 5)


def test_list_that_does_not_fit_stays_full_at_its_end():
    taken = tuple(str(number) for number in range(1, 20))
    shelf = view.shelf(collecting(20, taken=taken))

    assert [card.parcel.id for card in shelf.cards][-1] == "20"
    assert len(shelf.cards) == view.DENSE[0]
    assert shelf.more == 0


def test_larger_text_shows_fewer():
    shelf = view.shelf(collecting(20, look=Look(is_large=True)))

    assert len(shelf.cards) == view.DENSE[1]


@pytest.mark.parametrize(
    ("days", "english", "chinese"),
    [(("2026-12-01", None, "2026-11-28"), "28 Nov", "11 月 28 日"), ((None,), None, None)],
)
def test_the_first_day_on_which_one_goes_back_is_said(days, english, chinese):
    left = tuple(replace(parcel, until=day) for parcel, day in zip(parcels(3), days, strict=False))
    assert view.until(left, "en") == english
    assert view.until(left, "zh") == chinese


def test_leftovers_and_taken_are_told_apart():
    session = collecting(3, taken=("2",))

    assert [parcel.id for parcel in view.left_over(session)] == ["1", "3"]
    assert [parcel.id for parcel in view.taken(session)] == ["2"]


def test_clock_is_the_stations():
    assert view.clock(FakeDesk().snapshot()) == "17:42"


@pytest.mark.parametrize(("language", "other"), [("en", "zh"), ("zh", "en")])
def test_language_button_names_the_other_language(language, other):
    desk = FakeDesk()
    desk.put(Session(look=Look(language=language)))

    assert view.other_language(desk.snapshot()) == other


def test_language_button_names_its_own_where_there_is_no_other():
    desk = FakeDesk()
    desk.put(Session(), rules=Rules(languages=("en",)))

    assert view.other_language(desk.snapshot()) == "en"


def test_seconds_left_never_go_below_nothing():
    desk = FakeDesk()
    desk.put(Session(until=NOW - timedelta(seconds=3)))

    assert view.closes_in(desk.snapshot()) == 0


def test_kind_names_what_is_known():
    parcel = person(1).parcels[0]

    assert view.kind_of(parcel, "en") == "SF, small parcel"
    assert view.kind_of(parcel, "zh") == "顺丰，小件"
    assert view.kind_of(replace(parcel, carrier=None, size=None), "en") == ""
    assert view.kind_of(replace(parcel, carrier="other", size="huge"), "en") == ""


@pytest.mark.parametrize(
    ("storage", "english", "chinese"),
    [
        ("chilled", "In the fridge", "在冷藏柜"),
        ("frozen", "In the freezer", "在冷冻柜"),
        (None, "", ""),
        ("hot", "", ""),
    ],
)
def test_a_cold_place_is_said_and_no_other(storage, english, chinese):
    parcel = replace(person(1).parcels[0], storage=storage)

    assert view.cold(parcel, "en") == english
    assert view.cold(parcel, "zh") == chinese


def test_fault_screen_names_only_what_it_has_words_for():
    assert view.faulty(Session(faults=frozenset({"camera", "faces"}))) == ("camera",)
    assert view.faulty(Session(faults=frozenset({"faces"}))) == ("other",)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_clip_that_is_said_was_spoken(language):
    known = json.loads((SHARED / "voice" / f"{language}.json").read_text("utf-8"))["clips"]

    assert {clip for clips in spoken.SPOKEN.values() for clip in clips} <= set(known)


def test_next_place_is_said_after_a_parcel_was_taken():
    desk = FakeDesk()
    desk.put(scenes("en")["found"], sounds=(("say", "taken", {}),))

    assert spoken.of(desk.snapshot()) == ["handed_over", "tag:5-2-9917"]


def test_sentence_without_clips_sends_people_to_the_screen():
    desk = FakeDesk()
    desk.put(scenes("en")["refused"], sounds=(("say", "refused_other", {}),))

    assert spoken.of(desk.snapshot()) == ["look_at_screen"]
