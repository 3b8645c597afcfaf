"""Photos are drawn anew: small, upright, and without anything that a phone wrote into them."""

import io

import pytest
from PIL import Image

from station.core.errors import StationError
from station.core.photos import LARGEST, drawn_anew

GPS = 0x8825  # the tag of where a photo was taken (CIPA DC-008, Exif 2.32, 4.6.3)
ORIENTATION, ON_ITS_SIDE = 0x0112, 6  # 4.6.4: turn it a quarter clockwise to see it upright


def photo(form: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **saved: object) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size).save(file, form, **saved)
    return file.getvalue()


def seen(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("size", "kept"),
    [((3200, 800), (1600, 400)), ((10, 2000), (8, 1600)), ((40, 20), (40, 20))],
)
def test_only_large_photos_become_smaller(form, size, kept):
    drawn = seen(drawn_anew(photo(form, size)))

    assert (drawn.format, drawn.size) == ("JPEG", kept)


def test_side_may_be_smaller():
    assert seen(drawn_anew(photo("JPEG", (640, 480)), side=320)).size == (320, 240)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_points_is_drawn(mode):
    assert seen(drawn_anew(photo("PNG", mode=mode))).mode == "RGB"


def test_see_through_photos_lie_on_white():
    assert seen(drawn_anew(photo("PNG", mode="RGBA"))).getpixel((3, 3)) == (255, 255, 255)


def test_where_it_was_taken_is_gone_and_it_stands_upright():
    exif = Image.Exif()
    exif[ORIENTATION] = ON_ITS_SIDE
    exif.get_ifd(GPS)[1] = "N"
    content = photo("JPEG", exif=exif, comment=b"Maple Court 5")
    assert b"Maple Court 5" in content

    drawn = drawn_anew(content)

    assert seen(drawn).size == (20, 40)
    assert not seen(drawn).getexif()
    assert b"Maple Court 5" not in drawn


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg onload=alert(1)>",
        photo("GIF"),
        photo("PNG")[:60],
        photo("JPEG")[:200],
        photo("PNG", (10_000, 5_001), "1"),
        photo("PNG") + bytes(LARGEST),
    ],
    ids=["nothing", "svg", "gif", "half a png", "half a jpeg", "too many points", "too many bytes"],
)
def test_what_is_no_photo_or_too_large_is_refused_in_a_sentence(content):
    with pytest.raises(StationError, match="at most 8 MB"):
        drawn_anew(content)
