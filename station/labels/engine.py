"""The reader process: `python -m station.labels.engine`, with a socket as its standard input.

It takes one picture after the other and answers what is seen in it. The only module of the station that knows computer
vision, and nothing of the station imports it: its packages would cost every process hundreds of megabytes, and what a
broken picture does to them ends this process only. Pictures stay in memory and go nowhere else.

Answers: a JSON object, then the picture to be shown. `{"refused": "picture" | "size"}` for what cannot be read.
"""

import ctypes
import io
import json
import logging
import os
import resource
import socket
import sys
import time
from pathlib import Path
from typing import Any

import numpy
import zxingcpp
from PIL import Image, ImageOps
from rapidocr import RapidOCR

from station.labels import frames

# Pixels: 24 megapixels as phones count them, 5712 x 4284 (their 24 MP mode); a picture with more is refused unread.
MOST_PIXELS = 24_500_000
FORMATS = ("JPEG", "PNG", "WEBP")
# Pixels for the text recognition, and a longer side for narrow bars. Source: our measurement of the drawn labels
# (tests/labels.py): every line is right, and memory grows with the area: 460 MB with 1.1, 640 MB with 2 megapixels.
AREA_FOR_TEXT = 1_100_000
FOR_CODES = 2400
SHOWN_QUALITY = 80  # of the JPEG shown; text stays sharp, 100 to 300 kB
SURE_ENOUGH = 0.5  # rapidocr's own limit: text less sure than that is not said
LONGEST_LINE = 120  # characters: no field of a label is longer
MOST_LINES = 80  # of text that are read: twice what the fullest label has; a page of a book takes no longer
MB = 2**20
NICENESS = 5  # scans at the counter go before pictures
# The memory this process may ask for; beyond it a picture fails, not the machine. Ours: at most 700 MB in use. Source:
# our measurement (tests/benchmarks/test_labels.py): of 640 MB asked for at most 540 were in use, so 800 stay below 700.
MEMORY_MB = 800
THREADS = 2  # the smallest machine we promise has two cores


class UnreadableError(Exception):
    """The picture cannot be read; `why` says what is wrong with it: `picture` or `size`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def main() -> None:
    """Answer pictures until the station closes its side."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_MB * MB, MEMORY_MB * MB))
    os.nice(NICENESS)
    with socket.socket(fileno=sys.stdin.fileno()) as peer:
        try:
            serve(peer)
        except frames.GoneError:
            return


def serve(peer: socket.socket) -> None:
    """Answer one picture after the other. Raises frames.GoneError when nobody asks any more."""
    recognise = _recogniser()
    while True:
        content = frames.receive(peer)
        said, shown = _answer(content, recognise)
        frames.send(peer, json.dumps(said).encode())
        frames.send(peer, shown)
        del content, shown
        _give_back()


def _give_back() -> None:
    """Give memory that nothing uses back to the system, where the C library can: the next picture begins low."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _peak_mb() -> int:
    """Return the most memory that was in use. Linux's own count: getrusage's begins with what the parent used."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM:")), 0)


def _answer(content: bytes, recognise: Any) -> tuple[dict[str, Any], bytes]:
    began = time.process_time()
    try:
        picture = _opened(content)
    except UnreadableError as error:
        return {"refused": error.why}, b""
    small = _within(picture, AREA_FOR_TEXT)
    said = {
        "width": small.width,
        "height": small.height,
        "codes": _codes(picture, small.width),
    }
    del picture
    said["lines"] = _lines(small, recognise)
    said["cpu_ms"] = round((time.process_time() - began) * 1000)
    said["peak_mb"] = _peak_mb()
    return said, _jpeg(small)


def _recogniser() -> Any:
    logging.disable(logging.CRITICAL)  # it logs what it reads
    engine = "EngineConfig.onnxruntime"
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Det.max_candidates": MOST_LINES,
            f"{engine}.intra_op_num_threads": THREADS,
            f"{engine}.inter_op_num_threads": 1,
            f"{engine}.enable_cpu_mem_arena": False,
        }
    )


def _opened(content: bytes) -> Any:
    """Return the picture upright and in colour, its size checked before anything is unpacked."""
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise UnreadableError("size")
        picture.draft("RGB", (FOR_CODES, FOR_CODES))  # a JPEG is unpacked no larger than needed
        smaller = _resized(picture, FOR_CODES / max(picture.size))
        upright: Any = ImageOps.exif_transpose(smaller).convert("RGB")
    except (MemoryError, Image.DecompressionBombError) as error:
        raise UnreadableError("size") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:  # what Pillow raises for broken files
        raise UnreadableError("picture") from error
    return upright


def _within(picture: Any, area: int) -> Any:
    return _resized(picture, (area / (picture.width * picture.height)) ** 0.5)


def _resized(picture: Any, share: float) -> Any:
    if share >= 1:
        return picture.copy()
    return picture.resize(tuple(max(1, round(one * share)) for one in picture.size))


def _codes(picture: Any, shown_width: int) -> list[dict[str, Any]]:
    share = shown_width / picture.width
    found = zxingcpp.read_barcodes(numpy.asarray(picture.convert("L")))
    return [
        {"text": one.text[:LONGEST_LINE], "box": _box(_corners(one.position), share)}
        for one in found
        if one.valid
    ]


def _corners(position: Any) -> list[tuple[float, float]]:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return [(corner.x, corner.y) for corner in corners]


def _lines(picture: Any, recognise: Any) -> list[dict[str, Any]]:
    found = recognise(numpy.asarray(picture)[:, :, ::-1])  # BGR, as the recogniser was taught
    if found.boxes is None:
        return []
    return [
        {"text": text[:LONGEST_LINE], "score": round(float(score), 3), "box": _box(box.tolist(), 1)}
        for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
        if score >= SURE_ENOUGH
    ]


def _box(corners: list[tuple[float, float]], share: float) -> tuple[int, int, int, int]:
    across, down = [x * share for x, _y in corners], [y * share for _x, y in corners]
    left, top = max(0, round(min(across))), max(0, round(min(down)))
    return left, top, max(1, round(max(across)) - left), max(1, round(max(down)) - top)


def _jpeg(picture: Any) -> bytes:
    shown = io.BytesIO()
    picture.save(shown, "JPEG", quality=SHOWN_QUALITY)
    return shown.getvalue()


if __name__ == "__main__":
    main()
