"""Looking for somebody and enrolling them, frame by frame, with an embedder that sees what the test says."""

import logging
from datetime import UTC, datetime

import numpy as np
import pytest

from kiosk.faces import enrol, finder, settings
from kiosk.faces.enrol import FaceEnroller, Taken
from kiosk.faces.finder import FaceFinder, Matched, Missed, Progress, TurnAsked
from kiosk.faces.gallery import Gallery, Reason
from kiosk.faces.liveness import Side
from kiosk.faces.settings import Separation
from tests.kiosk.faces_kit import STEP_S, TEXTURE, FakeEmbedder, face, play, someone, turning

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PEOPLE = 20
BEGAN_S = 100.0


def left(sides):
    return Side.LEFT


@pytest.fixture
def gallery(tmp_path):
    made = Gallery(tmp_path, b"k" * 32, now=NOW)
    for number in range(PEOPLE):
        made.add(f"r{number}", someone(number), now=NOW, expires_at=NOW + settings.UNUSED_FOR)
    yield made
    made.close()


@pytest.fixture
def fake():
    return FakeEmbedder()


@pytest.fixture
def looking(gallery, fake):
    return FaceFinder(gallery, fake, left)


def visit(number, *, side="left", spread=0.15):
    """Return the frames of somebody who does what they are asked."""
    return [(turn, someone(number, spread, grain)) for grain, turn in enumerate(turning(side))]


def ended(outcomes):
    return next(each for each in outcomes if isinstance(each, Matched | Missed | Taken))


def test_the_owner_is_matched_by_their_parcel(looking, fake):
    assert looking.start_compare(["r3"], BEGAN_S) == TurnAsked(Side.LEFT)

    outcomes = play(looking, fake, visit(3))

    assert ended(outcomes) == Matched("r3", is_hands_free=False)
    assert not looking.is_looking
    assert fake.embedded == settings.PROBE_FRAMES


def test_somebody_enrolled_who_may_not_take_it_is_nobody(looking, fake):
    looking.start_compare(["r3", "r4"], BEGAN_S)

    assert ended(play(looking, fake, visit(5))) == Missed("face_not_found")


def test_anybody_who_waits_is_found(looking, fake):
    looking.start_find([f"r{number}" for number in range(PEOPLE)], BEGAN_S)

    assert ended(play(looking, fake, visit(7))) == Matched("r7", is_hands_free=False)


def test_a_stranger_is_nobody(looking, fake):
    looking.start_find([f"r{number}" for number in range(PEOPLE)], BEGAN_S)

    assert ended(play(looking, fake, visit(999))) == Missed("face_not_found")


def test_nobody_enrolled_is_said_at_once(looking):
    assert looking.start_find(["r99"], BEGAN_S) == Missed("face_nobody_enrolled")
    assert looking.start_compare([], BEGAN_S) == Missed("face_nobody_enrolled")
    assert not looking.is_looking


def test_who_withdrew_while_we_looked_is_not_matched(looking, fake, gallery):
    looking.start_compare(["r3"], BEGAN_S)
    gallery.forget("r3", Reason.WITHDRAWN, now=NOW)

    assert ended(play(looking, fake, visit(3))) == Missed("face_not_found")


def test_hands_free_only_parcel_first_with_enough_people_and_a_turn_that_holds(looking, fake, monkeypatch):
    monkeypatch.setattr(settings, "REACHED", Separation(flat_passed=0.0, live_missed=0.0))

    looking.start_compare(["r3"], BEGAN_S)
    assert ended(play(looking, fake, visit(3))) == Matched("r3", is_hands_free=True)
    looking.start_find(["r3", "r4"], BEGAN_S)
    assert ended(play(looking, fake, visit(3))) == Matched("r3", is_hands_free=False)


def test_with_few_people_it_is_never_hands_free(tmp_path, fake, monkeypatch):
    monkeypatch.setattr(settings, "REACHED", Separation(flat_passed=0.0, live_missed=0.0))
    small = Gallery(tmp_path, b"k" * 32, now=NOW)
    small.add("r1", someone(1), now=NOW, expires_at=NOW + settings.UNUSED_FOR)
    few = FaceFinder(small, fake, left)

    few.start_compare(["r1"], BEGAN_S)

    assert ended(play(few, fake, visit(1))) == Matched("r1", is_hands_free=False)
    small.close()


def test_a_turn_to_the_other_side_ends_it(looking, fake):
    looking.start_compare(["r3"], BEGAN_S)

    assert ended(play(looking, fake, visit(3, side="right"))) == Missed("face_turn_other_way")


def test_without_a_turn_it_ends_in_time(looking, fake):
    looking.start_compare(["r3"], BEGAN_S)
    still = [(0.0, someone(3))] * (round(settings.TRY_S / STEP_S) + 2)

    outcomes = play(looking, fake, still)

    assert ended(outcomes) == Missed("face_turn_not_seen")
    assert fake.embedded == settings.PROBE_FRAMES - 1  # the last place is kept for the turned head


def test_an_empty_place_ends_in_time_and_says_why(looking, fake):
    looking.start_compare(["r3"], BEGAN_S)

    outcomes = play(looking, fake, [None] * (round(settings.TRY_S / STEP_S) + 2))

    assert outcomes[0] == Progress(0.0, "face_not_seen")
    assert ended(outcomes) == Missed("face_not_seen")


def test_changing_places_in_the_middle_begins_again(looking, fake):
    """A picture of somebody enrolled cannot be followed by the turn of somebody else."""
    looking.start_compare(["r3"], BEGAN_S)
    picture, helper = visit(3)[:4], [(turn, someone(500)) for turn in turning("left")]

    outcomes = play(looking, fake, [*picture, *([None] * 6), *helper])

    assert ended(outcomes) == Missed("face_not_found")


def test_another_face_without_a_gap_is_not_one_person(looking, fake):
    looking.start_compare(["r3"], BEGAN_S)
    frames = [(turn, someone(3 if turn == 0 else 500)) for turn in turning("left")]

    assert ended(play(looking, fake, frames)) == Missed("face_not_one_person")


def test_a_jump_begins_again(looking, fake):
    looking.start_compare(["r3"], BEGAN_S)
    play(looking, fake, visit(3)[:5])
    assert fake.embedded == 2

    fake.faces = (face(left=420),)
    outcome = looking.see(TEXTURE, BEGAN_S + 5 * STEP_S)

    assert outcome == Progress(1 / settings.PROBE_FRAMES / 2, None)


def test_chosen_frames_lie_apart(looking, fake):
    looking.start_compare(["r3"], BEGAN_S)
    fake.faces = (face(),)

    for number in range(5):
        looking.see(TEXTURE, BEGAN_S + number * settings.APART_S / 5)

    assert fake.embedded == 1


def test_progress_grows_to_the_end(looking, fake):
    looking.start_compare(["r3"], BEGAN_S)

    parts = [each.part for each in play(looking, fake, visit(3)) if isinstance(each, Progress)]

    assert parts == sorted(parts)
    assert 0 < parts[0] < parts[-1] < 1


def test_who_begins_with_a_turned_head_is_told_to_look_ahead(looking, fake):
    looking.start_compare(["r3"], BEGAN_S)

    (outcome,) = play(looking, fake, [(0.3, someone(3))])

    assert outcome == Progress(0.0, "face_turned_away")
    assert fake.embedded == 0


def test_stopping_forgets(looking, fake):
    looking.start_compare(["r3"], BEGAN_S)
    play(looking, fake, visit(3)[:4])

    looking.stop()

    assert looking.see(TEXTURE, BEGAN_S + 2) is None


def test_enrolling_gives_the_mean_of_its_pictures(fake):
    enroller = FaceEnroller(fake, left)
    assert enroller.start(BEGAN_S) == TurnAsked(Side.LEFT)
    frames = [(turn, someone(3)) for turn in (*turning("left"), *reversed(turning("left")))]

    taken = ended(play(enroller, fake, frames))

    assert isinstance(taken, Taken)
    assert np.allclose(taken.template, someone(3))
    assert fake.embedded == settings.ENROL_FRAMES
    assert "0." not in repr(taken)


def test_enrolling_without_a_turn_fails(fake):
    enroller = FaceEnroller(fake, left)
    enroller.start(BEGAN_S)

    outcomes = play(enroller, fake, [(0.0, someone(3))] * (round(settings.TRY_S / STEP_S) + 2))

    assert ended(outcomes) == Missed("face_turn_not_seen")
    assert not enroller.is_looking


def test_both_sides_are_asked_for():
    assert set(finder.SIDES) == set(Side)
    assert enrol.SIDES is finder.SIDES


def test_logs_say_nothing_about_who_was_seen(looking, fake, caplog):
    with caplog.at_level(logging.DEBUG):
        looking.start_find([f"r{number}" for number in range(PEOPLE)], BEGAN_S)
        play(looking, fake, visit(7))

    assert caplog.text == ""
