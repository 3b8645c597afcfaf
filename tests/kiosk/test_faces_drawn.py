"""Drawn people before the real detector and the real embedder: enrolled, recognised, and told apart."""

from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from kiosk.cameras.drawn_face import Scene, draw_face
from kiosk.cameras.drawn_person import CAST
from kiosk.faces import flats, gates, settings
from kiosk.faces.enrol import FaceEnroller, Taken
from kiosk.faces.finder import FaceFinder, Matched, Missed
from kiosk.faces.gallery import Gallery
from kiosk.faces.gates import Good
from kiosk.faces.liveness import Side, Turn
from tests.kiosk.faces_kit import DRAWN_SIZE, real_embedder, show_drawn

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ME, OTHER = CAST[0], CAST[1]


@pytest.fixture(scope="module")
def real():
    return real_embedder()


@pytest.fixture(scope="module")
def enrolled(real, tmp_path_factory):
    """A gallery of drawn people; only the first was enrolled frame by frame."""
    gallery = Gallery(tmp_path_factory.mktemp("faces"), b"k" * 32, now=NOW)
    enroller = FaceEnroller(real, lambda sides: Side.LEFT)
    enroller.start(100.0)
    taken = show_drawn(enroller, ME, "left")
    assert isinstance(taken, Taken)
    gallery.add(f"r{ME}", taken.template, now=NOW, expires_at=NOW + settings.UNUSED_FOR)
    for seed in CAST[1 : settings.ENROLLED_MIN]:
        picture = draw_face(seed, 0, DRAWN_SIZE)
        template = real.embed(picture, real.find(picture)[0])
        gallery.add(f"r{seed}", template, now=NOW, expires_at=NOW + settings.UNUSED_FOR)
    yield gallery
    gallery.close()


@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
def test_a_drawn_owner_collects(real, enrolled, side):
    finder = FaceFinder(enrolled, real, lambda sides: side)
    finder.start_compare([f"r{ME}", f"r{OTHER}"], 100.0)

    assert show_drawn(finder, ME, side, grain=500, light=0.2) == Matched(f"r{ME}", is_hands_free=False)


def test_a_drawn_person_is_found_among_all(real, enrolled):
    finder = FaceFinder(enrolled, real, lambda sides: Side.LEFT)
    finder.start_find([f"r{seed}" for seed in CAST], 100.0)

    assert show_drawn(finder, ME, Side.LEFT, grain=900) == Matched(f"r{ME}", is_hands_free=False)


def test_somebody_else_does_not_collect(real, enrolled):
    finder = FaceFinder(enrolled, real, lambda sides: Side.LEFT)
    finder.start_compare([f"r{OTHER}", f"r{CAST[2]}"], 100.0)

    assert show_drawn(finder, ME, Side.LEFT, grain=700) == Missed("face_not_found")


def test_a_wall_has_no_face(real):
    assert real.find(np.full((720, 1280, 3), 150, np.uint8)) == ()


def test_a_large_frame_gives_the_face_in_its_own_pixels(real):
    small = draw_face(ME, 0, (640, 360))
    large = cv2.resize(small, (1280, 720), interpolation=cv2.INTER_CUBIC)

    (one,), (two,) = real.find(small), real.find(large)

    assert two.landmarks == pytest.approx(one.landmarks * 2, abs=6)


def test_a_drawn_face_passes_the_gates(real):
    picture = draw_face(ME, 0, DRAWN_SIZE)

    assert isinstance(gates.judge(picture, real.find(picture)), Good)


def test_the_same_number_draws_the_same_picture():
    scene = Scene(grain=3)

    assert np.array_equal(
        draw_face(ME, 10, DRAWN_SIZE, scene=scene), draw_face(ME, 10, DRAWN_SIZE, scene=scene)
    )


def test_a_flat_picture_swung_sideways_is_no_turn(real):
    """The attack that the head turn is there for: a drawn portrait, held up and swung to the asked side."""
    portrait = draw_face(ME, 0, DRAWN_SIZE)
    turn = Turn(Side.LEFT)
    for degrees in (0, 0, 0, 10, 20, 30, 40, 45):
        frame = flats.held(portrait, degrees, 0, 2.5)
        seen = gates.judge(frame, real.find(frame))
        if isinstance(seen, Good):
            turn.see(seen.pose)

    assert turn.is_ready
    assert not turn.is_done
