"""A camera for tests: it shows what it is told to, drawn as a sharp picture with real codes in it."""

import threading
import time

import cv2
import numpy as np
import zxingcpp

from kiosk.cameras.source import CameraError

WIDE, HIGH = 1280, 720
TABLE = 200  # grey
FRAME_S = 0.02


class Stage:
    """Implements Camera: every read gives the picture that stands on it now."""

    name = "stage"

    def __init__(self):
        self._picture = blank()
        self._is_there = True
        self._painter = None
        self._turn = threading.Lock()

    def show(self, *pictures):
        """Put these beside each other before the camera, nothing else."""
        scene = blank()
        left = 40
        for picture in pictures:
            high, wide = picture.shape[:2]
            scene[60 : 60 + high, left : left + wide] = picture[:, :, None]
            left += wide + 40
        with self._turn:
            self._picture, self._painter = scene, None

    def paint(self, painter):
        """Let `painter` paint every frame."""
        with self._turn:
            self._painter = painter

    def unplug(self):
        self._is_there = False

    def plug(self):
        self._is_there = True

    def open(self):
        self._look()

    def read(self):
        time.sleep(FRAME_S)  # a camera's own pace; nothing in a test waits for it
        self._look()
        with self._turn:
            picture, painter = self._picture.copy(), self._painter
        if painter:
            painter(picture, 0.0)
        return picture

    def close(self):
        pass

    def _look(self):
        if not self._is_there:
            raise CameraError("unplugged")


def blank():
    return np.full((HIGH, WIDE, 3), TABLE, np.uint8)


def label(waybill):
    """Return a parcel's label: its waybill as Code 128 on white."""
    code = zxingcpp.create_barcode(waybill, zxingcpp.BarcodeFormat.Code128)
    return _framed(np.array(code.to_image(scale=2, add_quiet_zones=True)))


def phone(text):
    """Return a phone's screen with this QR code."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    side = np.array(code.to_image(scale=6, add_quiet_zones=True))
    return _framed(side)


def _framed(picture):
    return cv2.copyMakeBorder(picture, 20, 20, 20, 20, cv2.BORDER_CONSTANT, value=255)
