"""What the demo camera sees, drawn flat: the shelves behind, a phone with an identity code, a parcel with its label.

The colours and the phone are those of the mock-up's kiosk (UI.md screen c). How a thing is held is posing.py's.
"""

from dataclasses import dataclass

import numpy as np
import qrcode
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont
from qrcode.constants import ERROR_CORRECT_M

from kiosk.cameras.code128 import draw_code128
from kiosk.cameras.source import HEIGHT, WIDTH, Image

Picture = Pictures.Image
Pen = ImageDraw.ImageDraw

TOP, BOTTOM = (0x3E, 0x51, 0x4B), (0x1B, 0x29, 0x25)
RAIL, BOX = "#4C625B", "#50675F"
PHONE, SCREEN, INK, TEAL, GREY = "#0E1211", "#F4F2EC", "#171B1A", "#07433B", "#B9B4A6"
SKIN, ARM = "#D4A788", "#C99B7C"
CARDBOARD, EDGE, TAPE, WHITE, YELLOW = "#D9B78B", "#B08D5F", "#C8A473", "#FFFFFF", "#FFC931"

PHONE_SIZE = (420, 980)
PARCEL_SIZE = (760, 560)
LABEL = (90, 70, 670, 490)  # left, top, right, bottom
CODE_WIDTH = 520  # pixels: 3.2 for a module of a 15-character waybill


@dataclass(frozen=True, slots=True)
class ShownParcel:
    """What stands on a parcel: its carrier's label, and the station's sticker with the pickup code."""

    waybill: str
    carrier: str | None = None
    pickup_code: str | None = None


def draw_backdrop() -> Image:
    """Return the shelves behind everything: uint8, (HEIGHT, WIDTH, 3), BGR."""
    shade = np.linspace(0, 1, HEIGHT)[:, None, None]
    column = (np.array(TOP) * (1 - shade) + np.array(BOTTOM) * shade).astype(np.uint8)
    picture = Pictures.fromarray(np.repeat(column, WIDTH, axis=1))
    pen = ImageDraw.Draw(picture)
    for rail in (154, 321):
        pen.rectangle((0, rail, WIDTH, rail + 12), fill=RAIL)
    for left, top, right, bottom in (
        (20, 40, 130, 154), (160, 70, 260, 154), (320, 52, 440, 154), (470, 84, 548, 154),
        (824, 40, 980, 154), (1010, 76, 1090, 154), (1130, 30, 1250, 154), (40, 220, 170, 321),
        (310, 232, 460, 321), (880, 246, 1000, 321), (1060, 214, 1200, 321),
    ):  # fmt: skip
        pen.rectangle((left, top, right, bottom), fill=BOX)
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


def draw_phone(text: str) -> Image:
    """Return a phone held by a hand that reaches up from below, an identity code on its screen: uint8, BGRA."""
    picture, pen = _empty(PHONE_SIZE)
    width, bottom = PHONE_SIZE[0], PHONE_SIZE[1]
    pen.polygon(((60, 470), (150, 340), (300, 340), (372, 440), (344, bottom), (96, bottom)), fill=ARM)
    pen.rounded_rectangle((50, 8, width - 50, 620), 40, fill=PHONE)
    pen.rounded_rectangle((64, 24, width - 64, 604), 28, fill=SCREEN)
    pen.rounded_rectangle((76, 110, width - 76, 110 + width - 152), 14, fill=WHITE)
    picture.paste(_qr(text, width - 176), (88, 122))
    pen.rounded_rectangle((118, 414, width - 118, 438), 12, fill=TEAL)
    pen.rounded_rectangle((146, 456, width - 146, 474), 9, fill=GREY)
    pen.rounded_rectangle((26, 450, 76, 640), 25, fill=SKIN)
    pen.rounded_rectangle((width - 78, 400, width - 26, 620), 25, fill=SKIN)
    return _bgra(picture)


def draw_parcel(parcel: ShownParcel) -> Image:
    """Return a parcel from above, label up: uint8, BGRA."""
    picture, pen = _empty(PARCEL_SIZE)
    width, height = PARCEL_SIZE
    pen.rounded_rectangle((0, 0, width - 1, height - 1), 10, fill=CARDBOARD, outline=EDGE, width=6)
    pen.rectangle((0, height // 2 - 34, width, height // 2 + 34), fill=TAPE)
    pen.rectangle(LABEL, fill=WHITE)
    _draw_label(picture, pen, parcel)
    if parcel.pickup_code:
        pen.rounded_rectangle((430, 496, 740, 550), 10, fill=YELLOW)
        pen.text((585, 523), parcel.pickup_code, fill=INK, font=_font(38), anchor="mm")
    return _bgra(picture)


def _draw_label(picture: Picture, pen: Pen, parcel: ShownParcel) -> None:
    left, top, right, bottom = LABEL
    pen.text((left + 24, top + 16), (parcel.carrier or "").upper(), fill=INK, font=_font(46))
    pen.text(
        (right - 24, top + 22),
        f"{parcel.waybill[-3:]}-{parcel.waybill[-5:-3]}",
        fill=INK,
        font=_font(40),
        anchor="ra",
    )
    bars = draw_code128(parcel.waybill, 1)
    factor = max(CODE_WIDTH // bars.shape[1], 1)
    code = Pictures.fromarray(np.kron(bars, np.ones((110, factor), np.uint8)))
    middle = (left + right) // 2
    picture.paste(code, (middle - code.width // 2, top + 90))
    pen.text((middle, top + 222), parcel.waybill, fill=INK, font=_font(30), anchor="mm")
    pen.line((left, top + 246, right, top + 246), fill=INK, width=3)
    for row, length in enumerate((300, 350, 240, 320)):
        pen.rectangle((left + 24, top + 272 + row * 34, left + 24 + length, top + 286 + row * 34), fill=GREY)
    picture.paste(_qr(parcel.waybill, 150), (right - 166, bottom - 162))


def _qr(text: str, side: int) -> Picture:
    """Return a QR code as large as whole pixels for each module allow, in a white square of `side`."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make()
    modules = np.where(np.array(code.get_matrix()), 0, 255).astype(np.uint8)
    factor = max((side - 8) // len(modules), 1)
    drawn = Pictures.fromarray(np.kron(modules, np.ones((factor, factor), np.uint8)))
    square = Pictures.new("RGBA", (side, side), WHITE)
    square.paste(drawn, ((side - drawn.width) // 2, (side - drawn.height) // 2))
    return square


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _empty(size: tuple[int, int]) -> tuple[Picture, Pen]:
    picture = Pictures.new("RGBA", size, (0, 0, 0, 0))
    return picture, ImageDraw.Draw(picture)


def _bgra(picture: Picture) -> Image:
    """Return a picture as posing.place wants it; what is drawn here is solid or not there, so nothing to multiply."""
    return np.ascontiguousarray(np.asarray(picture)[:, :, [2, 1, 0, 3]])
