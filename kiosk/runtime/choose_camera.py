"""Which camera the kiosk looks through, from KIOSK_CAMERA: `auto`, `demo`, a number, a device, a film or a folder."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from kiosk.cameras.demo import DemoCamera
from kiosk.cameras.files import PictureFolder, VideoFile
from kiosk.cameras.opencv import VideoDevice
from kiosk.cameras.picamera import PiCamera, is_present
from kiosk.cameras.source import Camera, CameraError
from kiosk.runtime.demo_face import DemoFace

SCENE = "scene.json"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A camera; where it is a drawn one, `show` puts a scene before it, and `face` is the person in it."""

    camera: Camera
    show: Callable[[str], None] | None = None
    face: DemoFace | None = None


def choose(folder: Path) -> Chosen:
    """Return the camera that the environment names; by itself the first that works, drawn where a scene is given."""
    wanted = os.environ.get("KIOSK_CAMERA", "auto")
    scene = Path(os.environ.get("KIOSK_SCENE") or folder / SCENE)
    if wanted == "demo":
        return _demo(scene)
    if wanted != "auto":
        return Chosen(_named(wanted))
    working = next((camera for camera in _present() if _works(camera)), None)
    if working:
        return Chosen(working)
    return _demo(scene) if scene.exists() else Chosen(VideoDevice(0))  # which may be plugged in later


def _demo(scene: Path) -> Chosen:
    face = DemoFace()
    camera = DemoCamera(scene, face=face)
    return Chosen(camera, camera.show, face)


def _named(wanted: str) -> Camera:
    if wanted.isdecimal():
        return VideoDevice(int(wanted))
    path = Path(wanted)
    if path.is_dir():
        return PictureFolder(path)
    return VideoFile(path) if path.is_file() else VideoDevice(wanted)


def _present() -> Iterable[Camera]:
    """Name the cameras that may be there: the ribbon cable's first, then USB by number."""
    if is_present():
        yield PiCamera()
    numbers = (path.name.removeprefix("video") for path in Path("/dev").glob("video*"))
    yield from (VideoDevice(number) for number in sorted(int(one) for one in numbers if one.isdecimal()))


def _works(camera: Camera) -> bool:
    try:
        camera.open()
        camera.read()
    except CameraError:
        return False
    finally:
        camera.close()
    return True
