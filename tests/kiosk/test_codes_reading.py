"""Reading codes of drawn frames: every angle, several at once, a budget, and nothing where nothing is."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.cameras.drawing import ShownParcel, draw_backdrop, draw_parcel, draw_phone
from kiosk.cameras.posing import Pose, place
from kiosk.codes.look import find_bars
from kiosk.codes.reading import read_codes
from kiosk.codes.still import read_still
from tests.kiosk import drawn

WIDE = 60.0  # seconds; these tests are about what is read, not how fast


def texts(picture):
    return {reading.text for reading in read_codes(picture, budget_s=WIDE).readings}


@pytest.mark.parametrize("turn", range(0, 360, 10))
def test_a_label_at_any_angle_is_read(turn):
    assert texts(drawn.tilted(turn)) == {drawn.WAYBILL}


@pytest.mark.parametrize("turn", range(5, 180, 25))
def test_a_label_with_wider_bars_is_read_at_any_angle(turn):
    assert texts(drawn.tilted(turn, "JT1234567890123", module=4, height=120)) == {"JT1234567890123"}


@given(
    turn=st.floats(-180, 180),
    scale=st.floats(0.7, 1.0),
    lean=st.floats(-0.06, 0.06),
    light=st.floats(0.6, 1.2),
)
def test_a_parcel_is_read_however_it_is_held(turn, scale, lean, light):
    frame = draw_backdrop()
    parcel = draw_parcel(ShownParcel(drawn.WAYBILL, "sf", "12-3-0123"))
    place(frame, parcel, Pose(640, 360, scale, turn, lean_x=lean, lean_y=-lean, light=light, blur=0.6))
    assert texts(frame) == {drawn.WAYBILL}


def test_a_tilted_label_is_where_the_reading_says():
    readings = read_codes(drawn.tilted(35), budget_s=WIDE).readings
    assert readings[0].middle == pytest.approx((640, 380), abs=12)


def test_all_codes_of_a_frame_are_read():
    picture = drawn.frame(
        (drawn.label("SF1234567890123"), Pose(250, 250, turn=35)),
        (drawn.label("YT1234567890123"), Pose(720, 170, turn=-40)),
        (drawn.label("JT1234567890123"), Pose(300, 560)),
        (draw_phone(drawn.IDENTITY), Pose(960, 740, 0.8)),
    )
    assert texts(picture) == {"SF1234567890123", "YT1234567890123", "JT1234567890123", drawn.IDENTITY}


def test_upright_bars_are_not_turned():
    assert read_codes(drawn.tilted(0), budget_s=WIDE).turns == 0


def test_an_empty_frame_is_not_turned():
    assert read_codes(drawn.frame(), budget_s=WIDE).turns == 0


def test_a_spent_budget_leaves_the_turning_to_the_next_frame():
    clock = itertools.count().__next__
    said = read_codes(drawn.tilted(35), budget_s=0.5, clock=clock)
    assert (said.readings, said.turns, said.is_cut) == ((), 0, True)


@pytest.mark.parametrize("turn", range(-80, 90, 20))
def test_bars_are_found_with_their_angle(turn):
    found = find_bars(drawn.tilted(turn)[:, :, 0])[0]
    assert found.turn == pytest.approx(turn, abs=6)
    assert found.holds(640, 380)


@given(kind=st.sampled_from(sorted(drawn.KINDS)), seed=st.integers(0, 2**32))
def test_nothing_is_read_from_a_frame_without_a_code(kind, seed):
    assert texts(drawn.without_code(kind, np.random.default_rng(seed))) == set()


@pytest.mark.parametrize("kind", drawn.KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_read_from_a_still_picture_without_a_code(kind, seed):
    assert read_still(drawn.without_code(kind, np.random.default_rng(seed))) == ()
