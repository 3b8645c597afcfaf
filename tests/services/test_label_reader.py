"""The label reader's process: the real one once, then its queue, its end, its time and its memory."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator

import pytest
from PIL import Image

from station.core.errors import StationError
from station.labels import reader
from station.labels.reader import LARGEST, PLACES, Reader
from station.labels.reading import read
from tests.labels import Label, draw, encoded

WAIT_S = 60.0  # for a machine that is busy with everything else; what is awaited takes tenths of a second
MOST_MB = 700  # station/labels/engine.py says why

# Programs in the reader's place. Each begins like it: a socket as its standard input.
BEGIN = "import socket, os, time; from station.labels import frames; peer = socket.socket(fileno=0)\n"
SAID = json.dumps({"width": 1, "height": 1, "lines": [], "codes": [], "peak_mb": 1, "cpu_ms": 1})
ANSWER = f"frames.send(peer, {SAID.encode()!r}); frames.send(peer, b'')\n"
ECHO = f"{BEGIN}while True:\n  frames.receive(peer)\n  {ANSWER}"
ONCE = f"{BEGIN}frames.receive(peer)\n{ANSWER}"
SLOW = f"{BEGIN}while True:\n  frames.receive(peer)\n  time.sleep(60)\n"
BROKEN = f"{BEGIN}frames.receive(peer)\nos._exit(3)\n"


def made(program: str, **limits: float) -> Reader:
    return Reader((sys.executable, "-c", program), **limits)


def refusal(asked: Reader, picture: bytes = b"picture") -> str:
    with pytest.raises(StationError) as refused:
        asked.read(picture)
    return refused.value.code


@pytest.fixture(scope="module")
def real() -> Iterator[Reader]:
    pytest.importorskip("rapidocr", reason="the label reader is not installed (make ocr)")
    asked = Reader(answer_s=100)
    yield asked
    asked.close()


def test_real_reader_reads_a_drawn_chinese_label(real: Reader) -> None:
    fields = read(real.read(encoded(draw(Label()))))

    assert [one[0].value for one in (fields.waybills, fields.phones, fields.names, fields.carriers)] == [
        "YT1234567890123",
        "13812344068",
        "陈晓明",
        "yto",
    ]
    assert [one.value for one in fields.phones] == ["13812344068", "170****5678"]


def test_real_reader_turns_a_picture_as_its_camera_says(real: Reader) -> None:
    sideways = Image.Exif()
    sideways[0x0112] = 6  # EXIF 2.3, Orientation: the top is on the right-hand side

    sight = real.read(encoded(draw(Label()).rotate(90, expand=True), exif=sideways))

    assert sight.height > sight.width
    assert read(sight).phones[0].value == "13812344068"
    assert b"Exif" not in sight.picture


def test_real_reader_stays_within_its_memory_with_the_largest_picture(real: Reader) -> None:
    large = draw(Label()).resize((4284, 5712))

    sight = real.read(encoded(large, quality=70))
    again = real.read(encoded(draw(Label()), "PNG"))

    assert read(sight).waybills[0].value == "YT1234567890123"
    assert max(sight.peak_mb, again.peak_mb) < MOST_MB


def png_of(width: int, height: int) -> bytes:
    """Return a PNG that says it has that size; nobody has to unpack it to know (ISO/IEC 15948, 11.2.2)."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(99)))


def chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content).to_bytes(4, "big")
    return len(content).to_bytes(4, "big") + name + content + check


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (b"", "bad_input"),
        (b"GIF89a" + bytes(99), "bad_input"),
        (b"\xff\xd8\xff" + bytes(99), "bad_input"),
        (png_of(60_000, 60_000), "too_large"),
        (png_of(9_000, 9_000), "too_large"),
        (bytes(LARGEST + 1), "too_large"),
    ],
    ids=["empty", "gif", "broken", "bomb", "large", "too many bytes"],
)
def test_real_reader_refuses_what_is_no_picture_and_lives_on(real: Reader, picture: bytes, code: str) -> None:
    before = real.pid

    assert refusal(real, picture) == code
    assert real.pid == before or before is None


def test_cut_picture_is_refused(real: Reader) -> None:
    whole = encoded(draw(Label()))

    assert refusal(real, whole[: len(whole) // 3]) == "bad_input"


def test_animation_and_transparency_are_taken_as_a_picture(real: Reader) -> None:
    content = io.BytesIO()
    frame = Image.new("RGBA", (40, 30), (255, 0, 0, 10))
    frame.save(content, "WEBP", save_all=True, append_images=[frame])

    assert real.read(content.getvalue()).lines == ()


def test_nothing_runs_before_the_first_picture() -> None:
    assert made(ECHO).pid is None


def test_one_process_answers_many_pictures() -> None:
    asked = made(ECHO)
    asked.read(b"one")
    pid = asked.pid
    asked.read(b"two")

    assert asked.pid == pid is not None
    asked.close()


def test_process_that_breaks_is_told_in_words_and_the_next_picture_starts_another() -> None:
    asked = made(BROKEN)

    assert refusal(asked) == "label_reader_failed"
    assert asked.pid is None
    assert refusal(asked) == "label_reader_failed"


def test_process_that_went_after_an_earlier_picture_is_started_again_unnoticed() -> None:
    asked = made(ONCE)
    asked.read(b"one")
    first = asked.pid

    asked.read(b"two")

    assert asked.pid != first
    asked.close()


def test_killed_process_is_started_again() -> None:
    asked = made(ECHO)
    asked.read(b"one")
    assert asked.pid is not None
    os.kill(asked.pid, signal.SIGKILL)

    assert asked.read(b"two").width == 1
    asked.close()


def test_picture_that_takes_too_long_is_given_up_and_its_process_ended() -> None:
    asked = made(SLOW, answer_s=0.3)

    assert refusal(asked) == "label_reader_failed"
    assert asked.pid is None


def test_full_queue_answers_busy_at_once() -> None:
    asked = made(SLOW, answer_s=WAIT_S, wait_s=WAIT_S)
    codes: list[str] = []
    waiting = [threading.Thread(target=lambda: codes.append(refusal(asked))) for _ in range(PLACES)]
    for thread in waiting:
        thread.start()
    while asked._places._value:
        time.sleep(0.01)

    assert refusal(asked) == "label_reader_busy"
    assert codes == []  # those before it wait on
    while any(thread.is_alive() for thread in waiting):
        if process := asked._process:
            process.kill()
        time.sleep(0.01)
    assert codes == ["label_reader_failed"] * PLACES


def test_who_waits_too_long_for_others_is_told_that_it_is_busy() -> None:
    asked = made(ECHO, wait_s=0.1)

    with asked._turn:
        assert refusal(asked) == "label_reader_busy"
    assert asked.read(b"picture").width == 1
    asked.close()


def test_process_ends_when_nobody_asks() -> None:
    asked = made(ECHO, rest_s=0.1)
    asked.read(b"one")
    deadline = time.monotonic() + WAIT_S
    while asked.pid and time.monotonic() < deadline:
        time.sleep(0.02)

    assert asked.pid is None
    assert asked.read(b"two").width == 1
    asked.close()


def test_process_ends_with_the_station() -> None:
    """The socket closes with whoever holds its other end, however that goes."""
    program = (
        "import os, sys; from station.labels.reader import Reader\n"
        f"asked = Reader((sys.executable, '-c', {ECHO!r})); asked.read(b'x'); print(asked.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    pid, deadline = int(done.stdout), time.monotonic() + WAIT_S
    while time.monotonic() < deadline and is_running(pid):
        time.sleep(0.02)

    assert not is_running(pid)


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_station_s_own_process_imports_no_vision() -> None:
    # numpy is not looked for: the reader of Excel files takes it where it is.
    program = (
        "import sys, station.web.factory, station.labels.reader as r; r.is_installed()\n"
        "print([name for name in ('cv2', 'zxingcpp', 'rapidocr', 'onnxruntime') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_reader_is_known_without_importing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PACKAGES", ("a_package_that_nobody_has",))
    reader.is_installed.cache_clear()

    assert not reader.is_installed()
    monkeypatch.undo()
    reader.is_installed.cache_clear()
