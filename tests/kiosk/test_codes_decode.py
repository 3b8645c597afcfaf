"""`python -m kiosk decode`: what it prints, how hard it tries, and what it says of files that are no pictures."""

import json

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from kiosk import decode
from kiosk.cameras.posing import Pose
from kiosk.codes import unbend
from kiosk.codes.still import read_still
from tests.kiosk import drawn

LONG = "Stationmaster reads what a station gets to see, however it is held"


@pytest.fixture
def write(tmp_path):
    def written(name, picture):
        path = tmp_path / name
        Image.fromarray(picture).save(path)
        return str(path)

    return written


def qr(text=LONG, scale=4, code_format=zxingcpp.BarcodeFormat.QRCode):
    code = zxingcpp.create_barcode(text, code_format)
    return np.array(code.to_image(scale=scale, add_quiet_zones=True))


def said(capsys, *arguments):
    assert decode.main(list(arguments)) == 0
    return capsys.readouterr()


def test_one_line_for_each_code(write, capsys):
    two = drawn.frame(
        (drawn.label(), Pose(300, 300, turn=35)), (drawn.label("YT1234567890123"), Pose(900, 300))
    )
    path = write("two.png", two[:, :, 0])
    assert sorted(said(capsys, path).out.splitlines()) == [drawn.WAYBILL, "YT1234567890123"]


def test_json_names_file_format_and_text(write, capsys):
    pictures = [write("a.png", qr()), write("b.png", drawn.tilted(0)[:, :, 0])]
    assert [json.loads(line) for line in said(capsys, *pictures, "--json").out.splitlines()] == [
        {"file": pictures[0], "format": "QRCode", "text": LONG},
        {"file": pictures[1], "format": "Code128", "text": drawn.WAYBILL},
    ]


def test_nothing_is_printed_for_a_picture_without_a_code(write, capsys):
    answer = said(capsys, write("none.png", drawn.without_code("text", np.random.default_rng(1))))
    assert (answer.out, answer.err) == ("", "")


def test_a_file_that_is_no_picture_stops_nobody(write, tmp_path, capsys):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG nothing")
    answer = said(capsys, str(tmp_path / "none.png"), str(broken), str(tmp_path), write("a.png", qr()))
    assert answer.out == f"{LONG}\n"
    assert [line.partition(": ")[2] for line in answer.err.splitlines()] == [
        "there is no such file.",
        "this cannot be read as a picture.",
        "this is a folder; name the pictures in it.",
    ]


def test_line_ends_in_a_text_stay_on_one_line(write, capsys):
    path = write("lines.png", qr("one\r\ntwo\u2028three"))
    assert said(capsys, path).out == "one\\r\\ntwo\\u2028three\n"
    assert json.loads(said(capsys, path, "--json").out)["text"] == "one\r\ntwo\u2028three"


def test_chinese_is_printed_as_it_is(write, capsys):
    assert said(capsys, write("zh.png", qr("取件码")), "--json").out.count("取件码") == 1


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "LA", "1"])
def test_every_kind_of_picture_is_loaded(mode, tmp_path, capsys):
    path = tmp_path / "picture.png"
    Image.fromarray(qr()).convert(mode).save(path)
    assert said(capsys, str(path)).out == f"{LONG}\n"


def test_what_is_transparent_counts_as_paper(tmp_path, capsys):
    dark = qr()
    path = tmp_path / "clear.png"
    Image.fromarray(np.dstack([np.zeros_like(dark)] * 3 + [255 - dark])).save(path)
    assert said(capsys, str(path)).out == f"{LONG}\n"


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("inverted", lambda grey: 255 - grey),
        ("mirrored", lambda grey: np.ascontiguousarray(grey[:, ::-1])),
        ("small", lambda grey: cv2.resize(grey, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)),
        ("blurred", lambda grey: cv2.GaussianBlur(grey, (0, 0), 2.2)),
        ("pale", lambda grey: (grey // 12 + 120).astype(np.uint8)),
        (
            "noisy",
            lambda grey: np.clip(grey + np.random.default_rng(1).normal(0, 70, grey.shape), 0, 255).astype(
                "u1"
            ),
        ),
        ("shaded", lambda grey: (grey * np.linspace(0.08, 1, grey.shape[1])).astype(np.uint8)),
        ("turned", lambda grey: cv2.rotate(grey, cv2.ROTATE_90_CLOCKWISE)),
    ],
)
def test_a_poor_picture_is_read(name, make):
    assert [reading.text for reading in read_still(make(qr()))] == [LONG]


@pytest.mark.parametrize("turn", range(-90, 90, 15))
def test_a_label_is_read_at_any_angle(turn):
    assert [reading.text for reading in read_still(drawn.tilted(turn)[:, :, 0])] == [drawn.WAYBILL]


def crumpled(amount):
    """Return a QR code whose straight lines became curves."""
    flat = cv2.resize(qr(), (unbend.SIDE, unbend.SIDE), interpolation=cv2.INTER_CUBIC)
    flat = cv2.copyMakeBorder(flat, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=255)
    line = np.linspace(-1, 1, len(flat), dtype=np.float32)
    x, y = np.meshgrid(line, line)
    to_pixels = (len(flat) - 1) / 2
    left, top = x * (1 + amount * y * y), y + amount * (1 - x * x)
    return cv2.remap(flat, (left + 1) * to_pixels, (top + 1) * to_pixels, cv2.INTER_LINEAR, borderValue=255)


def test_a_code_on_something_crumpled_is_bent_back():
    grey = crumpled(0.09)
    assert not zxingcpp.read_barcodes(grey)
    assert unbend.read_unbent(grey) == LONG


def test_what_cannot_be_bent_back_is_given_up(monkeypatch):
    monkeypatch.setattr(unbend, "MOST_TRIES", 20)
    assert unbend.read_unbent(crumpled(0.25)) is None


def test_goods_codes_are_read_when_two_views_agree():
    grey = qr("4006381333931", 3, zxingcpp.BarcodeFormat.EAN13)
    assert [(reading.format, reading.text) for reading in read_still(grey)] == [("EAN13", "4006381333931")]


@pytest.mark.parametrize("small", ["MicroQRCode", "RMQRCode"])
def test_codes_too_small_to_be_sure_of_are_not_read(small):
    assert read_still(qr("819759", 8, zxingcpp.BarcodeFormat[small])) == ()


@pytest.mark.parametrize("shape", [(1, 1), (1, 100), (100, 1), (3, 3), (40, 2)])
def test_a_tiny_picture_holds_nothing(shape):
    assert read_still(np.zeros(shape, np.uint8)) == ()
