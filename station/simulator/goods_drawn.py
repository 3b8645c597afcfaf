"""The demo's pictures of goods, drawn from circles and a few lines: no photo has to be shipped."""

import io
import math
from collections.abc import Callable, Sequence
from functools import cache

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1200, 900  # points of a finished picture
FINE = 2  # drawn so many times larger, then made small: edges come out smooth
LEAF, LEAF_DARK, STALK, CREAM, INK = "#4f8a3c", "#356428", "#6b4a2b", "#fffaf0", "#3a2e28"

Point = tuple[float, float]


class Sheet:
    """A sheet to draw on, measured in points of the finished picture."""

    def __init__(self, ground: str) -> None:
        self._image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), ground)
        self._pen = ImageDraw.Draw(self._image)

    def oval(self, x: float, y: float, wide: float, high: float, colour: str) -> None:
        """Fill an oval around (x, y)."""
        self._pen.ellipse(self._box(x, y, wide, high), fill=colour)

    def box(self, x: float, y: float, wide: float, high: float, colour: str, *, corner: float = 0) -> None:
        """Fill a box around (x, y), its corners rounded."""
        self._pen.rounded_rectangle(self._box(x, y, wide, high), corner * FINE, fill=colour)

    def area(self, corners: Sequence[Point], colour: str) -> None:
        """Fill an area."""
        self._pen.polygon([(x * FINE, y * FINE) for x, y in corners], fill=colour)

    def line(self, points: Sequence[Point], colour: str, thick: float) -> None:
        """Draw a line through some points, its ends round."""
        scaled = [(x * FINE, y * FINE) for x, y in points]
        self._pen.line(scaled, fill=colour, width=round(thick * FINE), joint="curve")
        for x, y in (points[0], points[-1]):
            self.oval(x, y, thick / 2, thick / 2, colour)

    def jpeg(self) -> bytes:
        """Return the picture."""
        file = io.BytesIO()
        self._image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(file, "JPEG", quality=85)
        return file.getvalue()

    @staticmethod
    def _box(x: float, y: float, wide: float, high: float) -> tuple[float, float, float, float]:
        return ((x - wide) * FINE, (y - high) * FINE, (x + wide) * FINE, (y + high) * FINE)


def _curve(begin: Point, bend: Point, end: Point) -> list[Point]:
    """Return points of a quadratic Bézier curve."""
    steps = [step / 24 for step in range(25)]
    return [
        (
            (1 - t) ** 2 * begin[0] + 2 * t * (1 - t) * bend[0] + t**2 * end[0],
            (1 - t) ** 2 * begin[1] + 2 * t * (1 - t) * bend[1] + t**2 * end[1],
        )
        for t in steps
    ]


def _leaf(sheet: Sheet, begin: Point, end: Point, *, fat: float = 0.3) -> None:
    across = ((end[1] - begin[1]) * fat, (begin[0] - end[0]) * fat)
    middle = ((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2)
    sides = [(middle[0] + sign * across[0] * 2, middle[1] + sign * across[1] * 2) for sign in (1, -1)]
    sheet.area([*_curve(begin, sides[0], end), *_curve(end, sides[1], begin)], LEAF)
    sheet.line([begin, end], LEAF_DARK, 5)


def _ball(sheet: Sheet, x: float, y: float, size: float, colours: tuple[str, str, str]) -> None:
    """Draw something round: its shade, itself, and the light on it."""
    shade, plain, light = colours
    sheet.oval(x, y, size, size, shade)
    sheet.oval(x - size * 0.06, y - size * 0.07, size * 0.91, size * 0.9, plain)
    sheet.oval(x - size * 0.38, y - size * 0.42, size * 0.2, size * 0.15, light)


def _oranges(sheet: Sheet) -> None:
    sheet.oval(600, 745, 470, 60, "#e5c99a")
    for x, y in ((380, 560), (800, 560), (600, 480)):
        _ball(sheet, x, y, 200, ("#d9730d", "#f28c1c", "#ffc067"))
        sheet.oval(x + 8, y - 150, 16, 10, LEAF_DARK)
    _leaf(sheet, (612, 330), (780, 240))
    sheet.oval(960, 660, 130, 130, "#d9730d")
    sheet.oval(960, 660, 118, 118, CREAM)
    for turn in range(8):
        begin, end = turn * math.tau / 8 + 0.08, (turn + 1) * math.tau / 8 - 0.08
        rim = [(960 + 106 * math.cos(a), 660 + 106 * math.sin(a)) for a in (begin, (begin + end) / 2, end)]
        sheet.area([(960, 660), *rim], "#f7a23b")


def _cherries(sheet: Sheet) -> None:
    sheet.oval(600, 760, 420, 50, "#e9c3c0")
    sheet.line(_curve((640, 160), (420, 260), (400, 520)), LEAF_DARK, 14)
    sheet.line(_curve((640, 160), (760, 300), (770, 540)), LEAF_DARK, 14)
    _leaf(sheet, (640, 165), (900, 150), fat=0.26)
    for x, y in ((400, 610), (775, 620)):
        _ball(sheet, x, y, 150, ("#6d0f1f", "#9d1c30", "#e4788a"))
    _ball(sheet, 590, 660, 120, ("#5d0b1a", "#8a1628", "#d9687b"))


# A pear's neck around its middle: side, breadth and height as parts of its size.
_NECK = ((-1, 0.9, 0.4), (-1, 0.56, 0.88), (1, 0.56, 0.88), (1, 0.9, 0.4))


def _apples(sheet: Sheet) -> None:
    sheet.oval(600, 760, 430, 50, "#d9d6b0")
    for x, y, size in ((380, 560, 170), (810, 560, 170)):
        for colour, scale in (("#a81f22", 1.0), ("#cf3530", 0.92)):
            for side in (-1, 1):
                lift = (1 - scale) * size
                sheet.oval(x + side * size * 0.3 - lift, y - lift, size * scale, size * scale, colour)
            sheet.oval(x - lift * 0.6, y + size * 0.5, size * 0.8 * scale, size * 0.46 * scale, colour)
        sheet.oval(x - size * 0.72, y - size * 0.4, size * 0.16, size * 0.24, "#f29b86")
        sheet.oval(x, y - size * 0.84, size * 0.34, size * 0.1, "#8c1719")
        sheet.line(
            _curve((x, y - size * 0.82), (x + 8, y - size * 1.1), (x + 34, y - size * 1.28)), STALK, 14
        )
        _leaf(sheet, (x + 18, y - size * 1.1), (x + 150, y - size * 1.36))


def _strawberry(sheet: Sheet, x: float, y: float, size: float) -> None:
    top, tip = (x, y - size * 0.8), (x, y + size * 1.3)
    for side in (-1, 1):
        shoulder = (x + side * size * 0.98, y - size * 0.2)
        upper = _curve(top, (x + side * size * 0.95, y - size * 0.95), shoulder)
        lower = _curve(shoulder, (x + side * size * 0.95, y + size * 0.55), tip)
        sheet.area([*upper, *lower], "#d3272f")
    for row, many in enumerate((4, 5, 4, 3, 2)):
        for place in range(many):
            across = (place - (many - 1) / 2) * size * 0.38
            sheet.oval(x + across, y - size * 0.3 + row * size * 0.3, size * 0.035, size * 0.06, "#ffd98a")
    for turn in (-1.0, -0.5, 0.0, 0.5, 1.0):
        _leaf(sheet, (x, y - size * 0.78), (x + turn * size * 0.75, y - size * (1.05 - abs(turn) * 0.55)))


def _strawberries(sheet: Sheet) -> None:
    sheet.oval(600, 770, 460, 48, "#ecc6bf")
    for x, y, size in ((330, 520, 150), (870, 520, 150), (600, 500, 190)):
        _strawberry(sheet, x, y, size)


def _milk(sheet: Sheet) -> None:
    sheet.oval(600, 795, 380, 40, "#b9d0dc")
    for x in (430, 770):
        sheet.box(x, 540, 120, 245, "#d6e2e8", corner=46)
        sheet.box(x - 10, 540, 104, 238, CREAM, corner=40)
        sheet.area([(x - 96, 320), (x - 50, 210), (x + 50, 210), (x + 96, 320)], CREAM)
        sheet.box(x, 190, 62, 32, "#2f79ad", corner=12)
        sheet.box(x - 2, 560, 112, 105, "#5aa0cf")
        sheet.oval(x, 545, 56, 40, CREAM)
        for side in (-1, 1):
            sheet.oval(x + side * 22, 534, 7, 9, INK)
            sheet.area([(x + side * 46, 522), (x + side * 82, 496), (x + side * 70, 540)], CREAM)
        sheet.oval(x, 570, 34, 18, "#f3b9b0")


def _dumplings(sheet: Sheet) -> None:
    sheet.oval(600, 640, 500, 190, "#8a5a34")
    sheet.oval(600, 615, 485, 175, "#c79a63")
    for gap in range(-4, 5):
        reach = 168 * math.sqrt(1 - (gap / 4.85) ** 2)
        sheet.line([(600 + gap * 100, 615 - reach), (600 + gap * 100, 615 + reach)], "#b4864f", 7)
    for x, y in ((330, 560), (600, 500), (870, 560), (465, 670), (740, 670)):
        body = [
            *_curve((x - 140, y + 30), (x, y - 190), (x + 140, y + 30)),
            *_curve((x + 140, y + 30), (x, y + 100), (x - 140, y + 30)),
        ]
        sheet.area(body, CREAM)
        sheet.line(_curve((x - 138, y + 28), (x, y - 188), (x + 138, y + 28)), "#e3d5b8", 10)
        for fold in range(-3, 4):
            top = y - 80 + abs(fold) * abs(fold) * 8
            sheet.line([(x + fold * 32, top + 6), (x + fold * 27, top + 44)], "#d8c7a4", 8)


def _pears(sheet: Sheet) -> None:
    sheet.oval(600, 765, 430, 48, "#d8d2a6")
    for x, y, size in ((390, 590, 165), (800, 590, 165), (600, 560, 190)):
        for colour, scale in (("#b79a2c", 1.0), ("#d6bd4a", 0.91)):
            lift = (1 - scale) * size * 0.6
            sheet.oval(x - lift, y - lift, size * scale, size * scale, colour)
            sheet.oval(x - lift, y - size * 0.86 - lift, size * 0.56 * scale, size * 0.6 * scale, colour)
            sides = [(x - lift + side * size * wide * scale, y - size * high) for side, wide, high in _NECK]
            sheet.area(sides, colour)
        sheet.oval(x - size * 0.45, y - size * 0.3, size * 0.13, size * 0.2, "#f0e29a")
        sheet.line(
            _curve((x, y - size * 1.42), (x + 4, y - size * 1.6), (x + 30, y - size * 1.74)), STALK, 13
        )
        for speck in range(9):
            turn = speck * 2.4
            at = (
                x + math.cos(turn) * size * 0.07 * speck,
                y + size * 0.2 + math.sin(turn) * size * 0.07 * speck,
            )
            sheet.oval(*at, 4, 4, "#a8892a")
    _leaf(sheet, (622, 250), (770, 190))


def _rice(sheet: Sheet) -> None:
    sheet.oval(600, 800, 400, 40, "#d6cfae")
    sack = [
        *_curve((340, 330), (270, 600), (330, 790)),
        (870, 790),
        *_curve((870, 790), (930, 600), (860, 330)),
    ]
    sheet.area(sack, "#e9dcb8")
    sheet.area([(380, 200), (820, 200), (790, 330), (410, 330)], "#e9dcb8")
    sheet.line([(400, 330), (800, 330)], "#b33a2e", 26)
    sheet.oval(600, 560, 165, 165, "#3f7d4d")
    sheet.line(_curve((600, 670), (600, 560), (640, 460)), "#f3dc8e", 9)
    for step in range(6):
        y = 640 - step * 32
        for side in (-1, 1):
            sheet.oval(606 + step * 5 + side * 26, y - 10, 20, 10, "#f3dc8e")
    for place in range(26):
        sheet.oval(240 + place * 29, 806 + place * 37 % 34, 16, 8, CREAM)


def _grapes(sheet: Sheet) -> None:
    sheet.line(_curve((600, 120), (610, 180), (600, 260)), STALK, 20)
    _leaf(sheet, (600, 180), (860, 130), fat=0.3)
    _leaf(sheet, (600, 180), (360, 130), fat=0.3)
    for row, many in enumerate((5, 6, 5, 4, 3, 2, 1)):
        for place in range(many):
            x = 600 + (place - (many - 1) / 2) * 118
            _ball(sheet, x, 285 + row * 86, 68, ("#7fa03a", "#a9c75a", "#e6f2b5"))


def _crabs(sheet: Sheet) -> None:
    sheet.oval(600, 770, 480, 46, "#cfd8cf")
    for side in (-1, 1):
        for leg in range(4):
            y = 520 + leg * 58
            sheet.line(
                [
                    (600 + side * 230, y),
                    (600 + side * (390 + leg * 8), y - 40 + leg * 22),
                    (600 + side * (450 - leg * 12), y + 84),
                ],
                "#93562d",
                26,
            )
        sheet.line([(600 + side * 190, 450), (600 + side * 330, 350), (600 + side * 300, 250)], "#93562d", 44)
        sheet.oval(600 + side * 290, 210, 84, 100, "#b36a37")
        sheet.area([(600 + side * 290, 215), (600 + side * 250, 90), (600 + side * 335, 90)], "#dfe7d8")
        sheet.line([(600 + side * 80, 400), (600 + side * 90, 350)], "#5f6b45", 14)
        sheet.oval(600 + side * 90, 340, 22, 22, INK)
    sheet.oval(600, 570, 290, 190, "#4d5a37")
    sheet.oval(600, 556, 280, 178, "#67774a")
    sheet.line(_curve((430, 590), (600, 690), (770, 590)), "#4d5a37", 14)
    for y in (540, 640):
        sheet.line([(330, y), (870, y)], "#e8c66a", 16)
    sheet.line([(600, 384), (600, 746)], "#e8c66a", 16)


def _nuts(sheet: Sheet) -> None:
    sheet.box(600, 590, 470, 230, "#7b3b2a", corner=30)
    sheet.box(600, 590, 440, 202, "#f1dfbd", corner=18)
    for x in (380, 600, 820):
        sheet.box(x, 590, 92, 180, "#e2c795", corner=14)
    for step in range(12):
        x, y = 340 + step % 3 * 42, 460 + step // 3 * 82
        sheet.oval(x, y, 34, 42, "#8c5a2e")
        sheet.line(_curve((x - 8, y - 34), (x + 12, y), (x - 8, y + 34)), "#6b4120", 6)
        sheet.oval(x + 220, y, 24, 40, "#c88a4a")
        sheet.oval(x + 213, y - 10, 6, 16, "#e3b67e")
        sheet.area(
            [
                *_curve((x + 410, y - 30), (x + 500, y - 20), (x + 470, y + 36)),
                *_curve((x + 470, y + 36), (x + 452, y + 4), (x + 410, y - 30)),
            ],
            "#efd49a",
        )
    sheet.box(600, 330, 470, 44, "#a8322b", corner=16)
    sheet.box(600, 330, 60, 44, "#e8c66a")


def _spoilt(sheet: Sheet) -> None:
    """Draw a box of berries, three of them mouldy, as a buyer shows it."""
    sheet.box(600, 450, 570, 420, "#8a8577", corner=42)
    sheet.box(600, 450, 561, 411, "#f4f2ec", corner=34)
    for number in range(20):
        x, y = 135 + number % 5 * 232, 142 + number // 5 * 205
        _strawberry(sheet, x, y - 14, 84)
        if number in (7, 12, 13):
            sheet.oval(x - 4, y + 20, 58, 50, "#5a6b8c")
            sheet.oval(x - 6, y + 16, 54, 46, "#b9c2bd")


# Ground and what is drawn on it, under the goods' English names.
DRAWN: dict[str, tuple[str, Callable[[Sheet], None]]] = {
    "apples": ("#eef0d8", _apples),
    "cherries": ("#fae6e4", _cherries),
    "crabs": ("#e6ede6", _crabs),
    "dumplings": ("#f4e4cf", _dumplings),
    "grapes": ("#edf3dd", _grapes),
    "milk": ("#d9e8f0", _milk),
    "nuts": ("#f6e9d6", _nuts),
    "oranges": ("#fbecd0", _oranges),
    "pears": ("#f3f1d9", _pears),
    "rice": ("#f0ecd6", _rice),
    "spoilt": ("#d9d4c7", _spoilt),
    "strawberries": ("#fbe3de", _strawberries),
}


@cache
def picture(name: str) -> bytes:
    """Return the picture of some goods as JPEG."""
    ground, draw = DRAWN[name]
    sheet = Sheet(ground)
    draw(sheet)
    return sheet.jpeg()
