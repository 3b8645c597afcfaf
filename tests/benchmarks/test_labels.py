"""A label's photo: processor time and memory of the reader's process, beside nothing but rapidocr on it."""

import json
import statistics
import subprocess
import sys

import pytest

from station.labels.reader import Reader
from station.labels.reading import read
from tests.benchmarks.measure import median_of, result
from tests.labels import Label, draw, encoded

ROUNDS = 5
PHOTO = (3000, 5132)  # a 15 megapixel photo of a label that fills it
MOST_MB = 700  # station/labels/engine.py says why

# Its own process too, so that its memory is its own; the same picture at the same size, read again and again.
BARE = """
import io, json, sys, time
from pathlib import Path
import numpy
from PIL import Image
from rapidocr import RapidOCR

recognise = RapidOCR(params={"Global.log_level": "critical"})
picture = numpy.asarray(Image.open(io.BytesIO(sys.stdin.buffer.read())))[:, :, ::-1]
times = []
for _ in range(int(sys.argv[1]) + 1):
    began = time.process_time()
    recognise(picture)
    times.append(time.process_time() - began)
lines = Path("/proc/self/status").read_text().splitlines()
peak = next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM:"))
print(json.dumps({"times": times[1:], "peak_mb": peak}))
"""


def test_photo_of_a_label() -> None:
    pytest.importorskip("rapidocr", reason="the label reader is not installed (make ocr)")
    label = draw(Label())
    photo, small = encoded(label.resize(PHOTO), quality=85), encoded(label.resize(small_size()))
    asked = Reader(answer_s=120)
    sights = [asked.read(photo) for _ in range(ROUNDS + 1)]
    asked.close()
    ours = statistics.median(sight.cpu_ms for sight in sights[1:])
    bare = bare_rapidocr(small)
    limit = statistics.median(bare["times"]) * 1000
    peak = max(sight.peak_mb for sight in sights)

    assert peak < MOST_MB
    result(
        "label photo of 15 megapixels: processor time",
        f"{ours:,.0f} ms",
        f"{limit:,.0f} ms bare rapidocr, scaled already",
        f"{ours / limit:.2f}",
        "",
    )
    result(
        "label photo of 15 megapixels: peak memory",
        f"{peak} MB",
        f"{bare['peak_mb']} MB bare rapidocr",
        f"{peak / bare['peak_mb']:.2f}",
        f"< {MOST_MB} MB",
    )


def test_what_a_label_may_say() -> None:
    pytest.importorskip("rapidocr", reason="the label reader is not installed (make ocr)")
    asked = Reader(answer_s=120)
    sight = asked.read(encoded(draw(Label())))
    asked.close()

    took = median_of(lambda: read(sight), ROUNDS)

    result("label: meaning of what was read", f"{took * 1000:.2f} ms", "", "", "")


def small_size() -> tuple[int, int]:
    engine = pytest.importorskip(
        "station.labels.engine", reason="the label reader is not installed (make ocr)"
    )
    share = (engine.AREA_FOR_TEXT / (PHOTO[0] * PHOTO[1])) ** 0.5
    return round(PHOTO[0] * share), round(PHOTO[1] * share)


def bare_rapidocr(picture: bytes) -> dict:
    command = [sys.executable, "-c", BARE, str(ROUNDS)]
    return json.loads(subprocess.run(command, input=picture, capture_output=True, check=True).stdout)
