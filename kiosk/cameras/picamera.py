"""The camera at a Raspberry Pi's ribbon cable, read with picamera2, which only the Pi's own system brings along."""

import importlib
import importlib.util
from typing import Any, cast

from kiosk.cameras.source import FPS, HEIGHT, WIDTH, CameraError, Image

MODULE = "picamera2"


def is_present() -> bool:
    """Tell whether picamera2 is installed; nothing is imported and no camera is touched."""
    return importlib.util.find_spec(MODULE) is not None


class PiCamera:
    """The first camera that libcamera knows."""

    name = "Raspberry Pi camera"

    def __init__(self) -> None:
        self._camera: Any = None

    def open(self) -> None:
        """Start the camera at 1280x720, focusing by itself where it can. Raises CameraError."""
        try:
            self._camera = importlib.import_module(MODULE).Picamera2()
            self._start()
        except (ImportError, RuntimeError, IndexError) as error:  # IndexError: libcamera knows no camera
            self.close()
            raise CameraError(f"The {self.name} cannot be started: {error}") from error

    def _start(self) -> None:
        # "RGB888" lies in memory as B, G, R (picamera2 manual, 4.2.2.2): just what OpenCV means by BGR.
        wanted = self._camera.create_video_configuration(
            main={"size": (WIDTH, HEIGHT), "format": "RGB888"},
            controls={"FrameRate": FPS},
            buffer_count=2,
        )
        self._camera.configure(wanted)
        self._camera.start()
        if "AfMode" in self._camera.camera_controls:
            self._camera.set_controls({"AfMode": 2})  # 2 is continuous (libcamera, AfModeEnum)

    def read(self) -> Image:
        """Wait for the next picture. Raises CameraError."""
        if self._camera is None:
            raise CameraError(f"The {self.name} is not open")
        try:
            return cast(Image, self._camera.capture_array("main"))
        except (RuntimeError, TimeoutError) as error:
            raise CameraError(f"The {self.name} gave no picture: {error}") from error

    def close(self) -> None:
        """Give the camera back."""
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.close()
