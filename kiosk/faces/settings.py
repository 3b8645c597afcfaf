"""Every number that decides about faces, with where it comes from. docs/kiosk-faces.md says what they mean together.

Measured: on the pictures described there (392 of Labeled Faces in the Wild, "LFW" below), x86_64, 2026-11-21.
"""

import os
from dataclasses import dataclass
from datetime import timedelta
from math import isfinite

# -- finding a face ------------------------------------------------------------------------------------------------
# RECIPES.md "Faces": HOG at 640 wide without upsampling takes 22 ms; its smallest face is 80 wide
DETECT_WIDTH = 640
CHIP_SIDE = 150  # what dlib's network was trained on (dlib, dnn_face_recognition_ex.cpp)
CHIP_PADDING = 0.25  # the same
SHIFTS = 0.05  # of the box, for trying whether the landmarks stay where they are; our choice

# -- quality of a picture (gates.py) -------------------------------------------------------------------------------
# between the eyes' centres; half of the LFW pictures the error rates come from have less than 41
EYES_MIN_PX = 40
PATCH = (100, 110)  # width and height of the upright grey patch that light and sharpness are measured on
PATCH_EYES = ((27.0, 36.0), (73.0, 36.0))  # where its eyes are
# variance of the Laplacian (Pech-Pacheco 2000); 1 % of LFW has less than 18, 5 % less than 26
SHARPNESS_MIN = 20.0
# mean grey level; the darkest LFW face has 68, but dark skin in fair light must pass as well
LIGHT_MIN = 35.0
LIGHT_MAX = 200.0  # the brightest has 186
CONTRAST_MIN = 17.0  # standard deviation of grey levels; the flattest LFW face has 19
# of the first one's width: nearer than that two people stand here; 95 % of LFW has less than .58
SECOND_FACE = 0.6
# landmarks when the box is shifted, in eye distances; 99 % of LFW has less. When it was tried, limits of .05, .10
# and .15 let the same 3 of some 1,100 views of flat pictures pass
SPREAD_MAX = 0.10
# |nose| (liveness.Pose) of a face that looks at the camera; 90 % of LFW has less than .18
NOSE_FRONTAL = 0.20
NOSE_PROFILE = 0.40  # above it the landmarks cannot be trusted; the largest in LFW is .37

# -- the head turn (liveness.py) -----------------------------------------------------------------------------------
EYES_PER_NOSE = 0.84  # on 379 LFW faces log(width of one eye / other) = -0.84 nose, standard deviation .05
# 3 of 1,000 views of flat pictures look like it (REACHED below); the one filmed head .41
TURN_WANTED = 0.25
TURN_BEGUN = 0.12  # half of it: a picture of the face from the side, for the probe
BASE_FRAMES = 3  # frontal frames whose median is where the turn begins; our choice
TURNED_FRAMES = 2  # frames that must show the whole turn: one may be a failed landmark

# -- one try (attempt.py) ------------------------------------------------------------------------------------------
PROBE_FRAMES = 3  # RECIPES.md "Faces": three frames miss .092 where one misses .19 or more
ENROL_FRAMES = 5  # the same: a template is the mean of 3 to 5 pictures
APART_S = 0.3  # the same
TRY_S = 12.0  # how long a person is looked at; our choice, half a minute is felt as broken
GAP_S = 1.0  # without a good frame for so long it may be somebody else: begin again; our choice
JUMP = 0.5  # of the box's width between two frames: somebody else; a head moves less in 0.2 s
GROWTH = 1.45  # the same for the box's width; one step of dlib's pyramid is 1.2
COHERENT = 0.40  # distance of a frame to the mean of its try; LFW pictures of years apart: 99 % below .37

# -- who is it (scoring.py) ----------------------------------------------------------------------------------------
# RECIPES.md "Faces", gallery of 60: 1:1 false accept < 5e-5 seen (bound 7e-4), miss .092. Ours, 54 of
# LFW: false accept 0 seen (bound .016), miss .31; at 3.5 false accept .00019, miss .074 (docs/kiosk-faces.md).
K_DEFAULT = 4.0
# docs/kiosk-faces.md: at 3 one comparison in 100 to 300 is wrong, at 5 hardly anybody is known
K_RANGE = (3.0, 5.0)


def chosen_k(text: str | None) -> float:
    """Return what an operator chose by `faces evaluate`, kept within K_RANGE; the default when it is no number."""
    try:
        k = float(text or K_DEFAULT)
    except ValueError:
        return K_DEFAULT
    return min(max(k, K_RANGE[0]), K_RANGE[1]) if isfinite(k) else K_DEFAULT


K_ONE = chosen_k(os.environ.get("KIOSK_FACES_K"))  # 1:1, standard deviations above the mean impostor
K_MANY = (
    K_ONE  # 1:N with a margin and the phone tail: .002 of strangers, miss .092, before the tail (RECIPES.md)
)
MARGIN = 0.5  # to the second best, in standard deviations; our choice: two people alike are told apart or nobody is
ENROLLED_MIN = 15  # with fewer people the impostor scores say nothing
# then: false accept .0012, miss .40 on the worst subset measured, and the tail is asked
STRICT_DISTANCE = 0.40
DUPLICATE_DISTANCE = 0.30  # the same person enrolled twice; different people in LFW are at least .33 apart

# -- keeping templates (gallery.py) --------------------------------------------------------------------------------
UNUSED_FOR = timedelta(days=365)  # issue "The kiosk" 6: 12 months without use
# DOMAIN.md: from here the operator files with the authority within 30 working days (CAC, 2025)
PEOPLE_LIMIT = 100_000
PEOPLE_WARNING = 50_000  # "long before"; our choice


@dataclass(frozen=True, slots=True)
class Separation:
    """How well the head turn tells people from pictures: parts of tries that go wrong, 95 % upper bounds."""

    flat_passed: float
    live_missed: float


# What hands-free release needs: at most 1 % of pictures pass, at most 10 % of people have to try again.
TARGET = Separation(flat_passed=0.01, live_missed=0.10)
# What was reached: 3 of 41 flat pictures pass in at least one way of holding them, upper bound .19 (`python -m kiosk
# faces flats`, 2026-11-21); of people who turn there is one clip with one person, which bounds nothing.
REACHED = Separation(flat_passed=0.19, live_missed=1.0)
