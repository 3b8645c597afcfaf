"""Which pictures of a face may be measured, and how a head turn is told from a picture held at an angle."""

import cv2
import numpy as np
import pytest

from kiosk.faces import gates, settings
from kiosk.faces.gates import Bad, Good
from kiosk.faces.liveness import Pose, Side, Turn, is_good_enough, pose_of
from kiosk.faces.settings import Separation
from tests.kiosk.faces_kit import TEXTURE, face

FRONT = Pose(0.0, 0.0)


def hint(image, *faces):
    seen = gates.judge(image, faces)
    return seen.hint if isinstance(seen, Bad) else None


def test_a_good_picture_passes():
    seen = gates.judge(TEXTURE, (face(0.1),))

    assert isinstance(seen, Good)
    assert seen.pose.nose == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("faces", "expected"),
    [
        ((), "face_not_seen"),
        ((face(), face(width=140, left=0)), "face_several"),
        ((face(eyes=settings.EYES_MIN_PX - 1),), "face_too_far"),
        ((face(0.45),), "face_turned_away"),
        ((face(-0.45),), "face_turned_away"),
        ((face(spread=settings.SPREAD_MAX + 0.01),), "face_unsteady"),
    ],
)
def test_a_bad_face_says_why(faces, expected):
    assert hint(TEXTURE, *faces) == expected


def test_somebody_far_behind_does_not_matter():
    assert hint(TEXTURE, face(), face(width=100, left=0)) is None


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (TEXTURE // 4, "face_too_dark"),
        (TEXTURE // 4 + 190, "face_too_bright"),
        (cv2.GaussianBlur(TEXTURE, (0, 0), 12), "face_blurred"),
        (np.full_like(TEXTURE, 128), "face_blurred"),
    ],
)
def test_bad_light_says_why(image, expected):
    assert hint(image, face()) == expected


def test_the_patch_is_upright():
    picture = np.zeros((480, 640, 3), np.uint8)
    points = np.array(
        [(330.0, 330), (330, 310), (230, 230), (230, 250), (200, 380)]
    )  # a head laid to its side
    tilted = face()
    tilted = gates.Face(200, 100, 220, points, tilted.spread)
    for x, y in (points[:2].mean(axis=0), points[2:4].mean(axis=0)):
        cv2.circle(picture, (round(x), round(y)), 4, (255, 255, 255), -1)

    cut = gates.patch(picture, tilted)

    assert cut.shape == (settings.PATCH[1], settings.PATCH[0])
    for x, y in settings.PATCH_EYES:
        assert cut[round(y), round(x)] > 200


def test_a_pose_does_not_depend_on_size_or_tilt():
    points = face(0.2).landmarks
    angle = np.deg2rad(25)
    turned = points @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * 1.7 + 40

    assert pose_of(turned).nose == pytest.approx(pose_of(points).nose)
    assert pose_of(turned).eyes == pytest.approx(pose_of(points).eyes)


def seen(side, *poses):
    turn = Turn(side)
    for pose in (FRONT,) * settings.BASE_FRAMES + poses:
        turn.see(pose)
    return turn


def head(amount):
    return Pose(amount, -settings.EYES_PER_NOSE * amount)


@pytest.mark.parametrize(("side", "sign"), [(Side.LEFT, 1), (Side.RIGHT, -1)])
def test_a_turn_to_the_asked_side_is_done(side, sign):
    turn = seen(side, head(sign * 0.2), head(sign * 0.3), head(sign * 0.3))

    assert turn.is_done
    assert not turn.is_wrong


@pytest.mark.parametrize(("side", "sign"), [(Side.LEFT, -1), (Side.RIGHT, 1)])
def test_a_turn_to_the_other_side_is_wrong(side, sign):
    turn = seen(side, head(sign * 0.3), head(sign * 0.3))

    assert turn.is_wrong
    assert not turn.is_done


def test_one_frame_is_no_turn():
    assert not seen(Side.LEFT, head(0.3), head(0.0)).is_done


@pytest.mark.parametrize("pose", [Pose(0.39, 0.0), Pose(0.0, -0.4), Pose(0.39, 0.3)])
def test_nose_or_eyes_alone_are_no_turn(pose):
    turn = seen(Side.LEFT, pose, pose, pose)

    assert turn.amount < settings.TURN_BEGUN
    assert not turn.is_done


def test_a_turn_is_measured_from_the_front():
    turn = Turn(Side.LEFT)
    for _ in range(9):
        turn.see(head(0.3))

    assert not turn.is_ready
    assert not turn.is_done


def test_hands_free_needs_both_errors_within_the_target():
    target = Separation(flat_passed=0.01, live_missed=0.10)

    assert is_good_enough(Separation(0.01, 0.10), target)
    assert not is_good_enough(Separation(0.02, 0.10), target)
    assert not is_good_enough(Separation(0.01, 0.11), target)


def test_what_was_reached_does_not_allow_it():
    assert not is_good_enough(settings.REACHED, settings.TARGET)
