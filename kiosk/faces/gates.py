"""Whether a picture of a face is good enough to be measured: size, light, sharpness, one person, steady landmarks.

A picture that is refused says why in the kiosk's words, so that the person can do something about it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.faces import settings
from kiosk.faces.embedder import Face, Image
from kiosk.faces.liveness import Pose, pose_of


@dataclass(frozen=True, slots=True)
class Good:
    """A face that may be measured, and how its head is turned."""

    face: Face
    pose: Pose


@dataclass(frozen=True, slots=True)
class Bad:
    """A picture without a usable face. `hint` is a key of the kiosk's words."""

    hint: str


def judge(image: Image, faces: tuple[Face, ...]) -> Good | Bad:
    """Judge a frame by its faces, the widest first."""
    if not faces:
        return Bad("face_not_seen")
    face = faces[0]
    if any(other.width >= settings.SECOND_FACE * face.width for other in faces[1:]):
        return Bad("face_several")
    if eye_distance(face) < settings.EYES_MIN_PX:
        return Bad("face_too_far")
    pose = pose_of(face.landmarks)
    if abs(pose.nose) > settings.NOSE_PROFILE:
        return Bad("face_turned_away")
    if face.spread > settings.SPREAD_MAX:
        return Bad("face_unsteady")
    hint = flaw(patch(image, face))
    return Bad(hint) if hint else Good(face, pose)


def eye_distance(face: Face) -> float:
    """Return how far the eyes' centres are apart, in pixels of the frame."""
    return float(np.linalg.norm(face.landmarks[:2].mean(axis=0) - face.landmarks[2:4].mean(axis=0)))


def patch(image: Image, face: Face) -> NDArray[np.uint8]:
    """Cut the face out upright, at one size, in grey: uint8, (110, 100)."""
    right, left = face.landmarks[:2].mean(axis=0), face.landmarks[2:4].mean(axis=0)
    aim_left, aim_right = (np.array(point) for point in settings.PATCH_EYES)
    eyes, aim = right - left, aim_right - aim_left
    turn = complex(*aim) / complex(*eyes)  # a turn and a scale, as one complex number
    linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    shift = aim_left - linear @ left
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    cut = cv2.warpAffine(grey, np.column_stack([linear, shift]), settings.PATCH, flags=cv2.INTER_LINEAR)
    return np.asarray(cut, np.uint8)


def flaw(grey: NDArray[np.uint8]) -> str | None:
    """Say what is wrong with the light or the sharpness of a patch."""
    light, contrast = float(grey.mean()), float(grey.std())
    if light < settings.LIGHT_MIN:
        return "face_too_dark"
    if light > settings.LIGHT_MAX:
        return "face_too_bright"
    if contrast < settings.CONTRAST_MIN or sharpness(grey) < settings.SHARPNESS_MIN:
        return "face_blurred"
    return None


def sharpness(grey: NDArray[np.uint8]) -> float:
    """Return the variance of the Laplacian: small when there are no edges left (Pech-Pacheco and others, 2000)."""
    return float(np.var(cv2.Laplacian(grey, cv2.CV_64F)))
