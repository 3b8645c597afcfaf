"""A camera at the USB port or any other that Video for Linux knows, read with OpenCV."""

from typing import cast

import cv2

from kiosk.cameras.source import FPS, HEIGHT, WIDTH, CameraError, Image


class VideoDevice:
    """A V4L2 device: its number, or its path, which stays the same when devices are plugged in another order."""

    def __init__(self, device: int | str) -> None:
        self.name = f"/dev/video{device}" if isinstance(device, int) else device
        self._device = device
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        """Open the device at 1280x720. Raises CameraError."""
        capture = cv2.VideoCapture(self._device, cv2.CAP_V4L2)
        if not capture.isOpened():
            capture.release()
            raise CameraError(f"{self.name} cannot be opened")
        # USB 2 carries 1280x720 at this rate only as MJPEG; one buffer, so that what is read is what is seen now.
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
        capture.set(cv2.CAP_PROP_FPS, FPS)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._capture = capture

    def read(self) -> Image:
        """Wait for the next picture. Raises CameraError when the device gives none: it was unplugged."""
        if self._capture is None:
            raise CameraError(f"{self.name} is not open")
        is_read, image = self._capture.read()
        if not is_read:
            raise CameraError(f"{self.name} gave no picture")
        return cast(Image, image)

    def close(self) -> None:
        """Give the device back."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None
