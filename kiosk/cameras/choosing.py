"""Which camera this kiosk uses: the one that was named, else the first that is there, else the drawn one."""

import os
import re
from pathlib import Path

from kiosk.cameras import picamera
from kiosk.cameras.demo import DemoCamera
from kiosk.cameras.files import PictureFolder, VideoFile
from kiosk.cameras.opencv import VideoDevice
from kiosk.cameras.source import Camera

CAMERA = (
    "KIOSK_CAMERA"  # demo, pi, a device (/dev/video0 or 0), a film or a folder of pictures; nothing: look
)
SCENE = "KIOSK_SCENE"
SCENE_NAME = "scene.json"
DEVICES = Path("/dev")


def scene_path(home: Path) -> Path:
    """Return where the demo camera's scene file is, for the kiosk whose folder is `home`."""
    return Path(os.environ.get(SCENE) or home / SCENE_NAME)


def choose(home: Path) -> Camera:
    """Return the camera to use, not opened yet. Raises ValueError for a name that means nothing."""
    named = os.environ.get(CAMERA, "")
    return named_camera(named, home) if named else present_camera(home)


def named_camera(name: str, home: Path) -> Camera:
    """Return the camera of a name. Raises ValueError."""
    if name == "demo":
        return DemoCamera(scene_path(home))
    if name == "pi":
        return picamera.PiCamera()
    if re.fullmatch(r"\d{1,2}", name):
        return VideoDevice(int(name))
    path = Path(name)
    if path.is_relative_to(DEVICES):
        return VideoDevice(name)
    if path.is_dir():
        return PictureFolder(path)
    if path.is_file():
        return VideoFile(path)
    raise ValueError(f"{CAMERA}: {name} is no camera; say demo, pi, a device, a film or a folder of pictures")


def present_camera(home: Path) -> Camera:
    """Return the Pi's own camera when it can be driven, else the first video device, else the demo camera."""
    devices = sorted(DEVICES.glob("video[0-9]*"), key=lambda path: int(path.name.removeprefix("video")))
    if picamera.is_present():
        return picamera.PiCamera()
    return VideoDevice(str(devices[0])) if devices else DemoCamera(scene_path(home))
