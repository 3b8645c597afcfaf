"""How many flat pictures of a face, held at angles before the camera, look like the head turn that is asked for.

The attack is calculated: each picture is seen as a camera sees a print that is turned, tipped and brought near. A
print that is bent around its upright axis, or a video, is not among them and passes more easily.
"""

from collections.abc import Iterator
from itertools import product

import cv2
import numpy as np

from kiosk.faces import gates, settings
from kiosk.faces.embedder import Embedder, Image
from kiosk.faces.gates import Good
from kiosk.faces.liveness import Pose, Side, Turn
from kiosk.faces.rates import Rate

TURNED = (-45, -30, -15, 15, 30, 45)  # degrees about the upright axis
TIPPED = (-25, 0, 25)  # degrees about the level axis
NEAR = (1.2, 2.5)  # distance of the camera, in heights of the picture: held at arm's length, and very near
FRONTAL = 0.12  # |nose| of a portrait worth attacking with


def measure(portraits: Iterator[Image], embedder: Embedder) -> tuple[Rate, Rate]:
    """Return how many single poses look turned far enough, and how many pictures do in any of their poses."""
    passed, poses, pictures, fooled = 0, 0, 0, 0
    for portrait in portraits:
        start = pose_in(portrait, embedder)
        if start is None or abs(start.nose) > FRONTAL:
            continue
        seen = [pose_in(held(portrait, *how), embedder) for how in product(TURNED, TIPPED, NEAR)]
        turned = [is_turned(start, pose) for pose in seen if pose is not None]
        pictures, poses = pictures + 1, poses + len(turned)
        passed, fooled = passed + sum(turned), fooled + any(turned)
    return Rate(passed, poses, pictures), Rate(fooled, pictures, pictures)


def pose_in(image: Image, embedder: Embedder) -> Pose | None:
    """Return the pose of the face in a picture, when the gates let it through."""
    seen = gates.judge(image, embedder.find(image))
    return seen.pose if isinstance(seen, Good) else None


def is_turned(start: Pose, pose: Pose) -> bool:
    """Tell whether this pose, after that start, is as far to one side as is asked for."""
    for side in Side:
        turn = Turn(side)
        for each in (start,) * settings.BASE_FRAMES + (pose,) * settings.TURNED_FRAMES:
            turn.see(each)
        if turn.is_done:
            return True
    return False


def held(picture: Image, turned: float, tipped: float, distance: float) -> Image:
    """Return a picture as a camera sees it when it is turned and tipped before it."""
    height, width = picture.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    flat = np.column_stack([(corners - (width / 2, height / 2)) / height, np.zeros(4)])
    yaw, pitch = np.deg2rad(turned), np.deg2rad(tipped)
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    tip = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    x, y, z = tip @ turn @ flat.T
    seen = np.column_stack([x, y]) * (distance / (distance + z))[:, None] * height + (width / 2, height / 2)
    view = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    return np.asarray(
        cv2.warpPerspective(picture, view, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
