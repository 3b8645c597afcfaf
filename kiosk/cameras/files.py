"""Cameras that play what was recorded, at the pace of a camera: a video file, a folder of pictures, for ever."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import cv2

from kiosk.cameras.source import FPS, CameraError, Image

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp"})
Clock = Callable[[], float]
Sleep = Callable[[float], None]


class Pace:
    """Waits until the next picture is due, and does not hurry after a delay."""

    def __init__(self, fps: float, clock: Clock = time.monotonic, sleep: Sleep = time.sleep) -> None:
        self._step_s = 1 / fps
        self._clock = clock
        self._sleep = sleep
        self._due_s: float | None = None

    def wait(self) -> None:
        """Return when the next picture is due."""
        now_s = self._clock()
        due_s = now_s if self._due_s is None else self._due_s
        if due_s > now_s:
            self._sleep(due_s - now_s)
        self._due_s = max(due_s, now_s - self._step_s) + self._step_s


class VideoFile:
    """A film, played from the beginning again when it ends. OpenCV would give its frames as fast as they decode."""

    def __init__(self, path: Path, *, clock: Clock = time.monotonic, sleep: Sleep = time.sleep) -> None:
        self.name = path.name
        self._path = path
        self._clock = clock
        self._sleep = sleep
        self._pace = Pace(FPS, clock, sleep)
        self._film: cv2.VideoCapture | None = None

    def open(self) -> None:
        """Open the film. Raises CameraError."""
        film = cv2.VideoCapture(str(self._path))
        if not film.isOpened():
            film.release()
            raise CameraError(f"{self._path} is no film that can be read")
        fps = film.get(cv2.CAP_PROP_FPS)
        self._pace = Pace(fps if fps > 0 else FPS, self._clock, self._sleep)
        self._film = film

    def read(self) -> Image:
        """Return the next picture when it is due. Raises CameraError when the film has none at all."""
        if self._film is None:
            raise CameraError(f"{self._path} is not open")
        self._pace.wait()
        is_read, image = self._film.read()
        if not is_read:
            self._film.set(cv2.CAP_PROP_POS_FRAMES, 0)
            is_read, image = self._film.read()
        if not is_read:
            raise CameraError(f"{self._path} has no pictures")
        return cast(Image, image)

    def close(self) -> None:
        """Close the film."""
        if self._film is not None:
            self._film.release()
            self._film = None


class PictureFolder:
    """The pictures of a folder in the order of their names, and from the first again. They may differ in size."""

    def __init__(
        self, folder: Path, *, fps: float = FPS, clock: Clock = time.monotonic, sleep: Sleep = time.sleep
    ) -> None:
        self.name = folder.name
        self._folder = folder
        self._pace = Pace(fps, clock, sleep)
        self._paths: list[Path] = []
        self._next = 0

    def open(self) -> None:
        """List the folder. Raises CameraError when it holds no picture."""
        if self._folder.is_dir():
            self._paths = sorted(path for path in self._folder.iterdir() if path.suffix.lower() in PICTURES)
        if not self._paths:
            raise CameraError(f"{self._folder} holds no pictures")
        self._next = 0

    def read(self) -> Image:
        """Return the next picture when it is due. Raises CameraError when it cannot be read."""
        if not self._paths:
            raise CameraError(f"{self._folder} is not open")
        self._pace.wait()
        path = self._paths[self._next % len(self._paths)]
        self._next += 1
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if image is None:
            raise CameraError(f"{path} cannot be read as a picture")
        return cast(Image, image)

    def close(self) -> None:
        """Forget the list."""
        self._paths = []
