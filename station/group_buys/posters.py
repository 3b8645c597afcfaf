"""A campaign's poster: one sheet of A4 with what it costs, until when, and the code that leads to its page."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass

from qrcode.constants import ERROR_CORRECT_M
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from station.core import letters
from station.core.i18n import gettext as _
from station.core.letters import BOLD, REGULAR, folded
from station.core.moments import moment, whole_day
from station.core.money import format_money
from station.group_buys.queries import Offer
from station.network.queries import StationFacts
from station.parcels.attachments import Picture
from station.shelves import cards
from station.shelves.cards import QrDrawing

MARGIN = 15 * mm  # cheap printers leave 5 to 10 mm white
# Read from two metres by a phone of 12 megapixels, which sees 36 dots an inch there (4,000 over 2.8 m, a lens of 70°):
# a test reads the page at that resolution. A tenth of the distance, the usual rule, would leave no room for words.
QR_SIDE = 90 * mm
QUIET = 4  # modules of white around a QR code (ISO/IEC 18004, 5.3.8)
HIGHEST_PICTURE = 80 * mm
SMALLEST_PICTURE = 25 * mm  # below that it shows nothing
LEADING = 1.3  # of a line, in its size
ROOM = A4[0] - 2 * MARGIN
FOOT = MARGIN + QR_SIDE + 2 * mm  # what is above must end here
# The size of the title, and in how many lines; the first that fits.
TITLES = (
    (64, 1),
    (48, 2),
    (38, 2),
    (30, 2),
)
UNIT_SIZE, UNIT_LINES, TEXT_SIZE, TEXT_LINES = 18, 2, 14, 3
PRICE_SIZE, TIER_SIZE = 40, 18
INK, SOFT, BRAND = 0x171B1A, 0x4B5250, 0x0B5A4F  # the tokens of app.css


@dataclass(frozen=True, slots=True)
class Style:
    """How a line is set."""

    size: float
    face: str = REGULAR
    colour: int = INK


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def qr(link: str) -> QrDrawing:
    """Draw the code that leads to a campaign's page."""
    return cards.draw(link, ERROR_CORRECT_M)


def pdf(offer: Offer, station: StationFacts, *, link: str, picture: Picture | None) -> bytes:
    """Return the poster as PDF, in the language spoken now."""
    file = io.BytesIO()
    canvas = letters.canvas(file, title=offer.campaign.title, author=station.name)
    draw(canvas, offer, station, link=link, picture=picture)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def draw(canvas: Canvas, offer: Offer, station: StationFacts, *, link: str, picture: Picture | None) -> float:
    """Draw the poster on a page; return where what stands above the code ends, in points from the bottom.

    The picture takes what the words leave, so nothing reaches into the code.
    """
    sheet = _Sheet(canvas)
    sheet.lines(folded(station.name, 16, ROOM), Style(16, colour=SOFT), most=1)
    sheet.space(4)
    size, most = _title_size(offer.campaign.title)
    sheet.lines(folded(offer.campaign.title, size, ROOM, BOLD), Style(size, BOLD), most=most)
    sheet.lines(folded(offer.campaign.unit, UNIT_SIZE, ROOM), Style(UNIT_SIZE, colour=SOFT), most=UNIT_LINES)
    text = letters.cut(folded(offer.campaign.text, TEXT_SIZE, ROOM), TEXT_LINES)
    if picture:
        sheet.picture(picture, room=sheet.y - _needed(offer, len(text)) - FOOT)
    _prices(sheet, offer)
    sheet.lines(text, Style(TEXT_SIZE), most=TEXT_LINES)
    end = sheet.y
    _foot(sheet, offer, station, link)
    return end


def _title_size(title: str) -> tuple[float, int]:
    """Return the largest size in which a title fits, else the smallest, and in how many lines."""
    fitting = ((size, most) for size, most in TITLES if len(folded(title, size, ROOM, BOLD)) <= most)
    return next(fitting, TITLES[-1])


def _needed(offer: Offer, lines: int) -> float:
    """Return the height of prices and text, in points."""
    return LEADING * (PRICE_SIZE + TIER_SIZE * (len(offer.tiers) - 1) + TEXT_SIZE * lines) + 7 * mm


def _prices(sheet: "_Sheet", offer: Offer) -> None:
    sheet.space(3)
    for tier in offer.tiers:
        price = format_money(tier.unit_price_minor, offer.campaign.currency)
        if tier.from_total == 1:
            sheet.lines([price], Style(PRICE_SIZE, BOLD, BRAND), most=1)
        else:
            words = _("%(price)s from %(total)s ordered in all", price=price, total=tier.from_total)
            sheet.lines([words], Style(TIER_SIZE, colour=BRAND), most=1)
    sheet.space(2)


def _foot(sheet: "_Sheet", offer: Offer, station: StationFacts, link: str) -> None:
    """Draw the code, and beside it what to do and until when, standing on the same line."""
    drawing = qr(link)
    sheet.qr(drawing)
    left = MARGIN + QR_SIDE + 2 * mm
    sentences = (
        (_("Scan to order"), Style(30, BOLD)),
        (_("Order until %(when)s", when=moment(offer.campaign.cut_off_at, station.zone)), Style(20, BOLD)),
        (_("Arrives %(day)s", day=whole_day(offer.campaign.arrives_on)), Style(18)),
        (_("Or order at the counter."), Style(14, colour=SOFT)),
    )
    room = A4[0] - MARGIN - left
    parts = [(folded(words, style.size, room, style.face), style) for words, style in sentences]
    height = sum(len(lines) * style.size * LEADING + 3 * mm for lines, style in parts)
    sheet.y = MARGIN + (QR_SIDE + height) / 2
    for lines, style in parts:
        sheet.lines(lines, style, most=len(lines), left=left)
        sheet.space(3)


class _Sheet:
    """A sheet that is filled from the top."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.y = A4[1] - MARGIN

    def space(self, millimetres: float) -> None:
        self.y -= millimetres * mm

    def lines(self, lines: list[str], style: Style, *, most: int, left: float = MARGIN) -> None:
        """Write at most so many lines; what does not fit ends with three dots."""
        self.canvas.setFillColor(HexColor(style.colour))
        self.canvas.setFont(style.face, style.size)
        for line in letters.cut(lines, most):
            self.y -= style.size * LEADING
            self.canvas.drawString(left, self.y + style.size * (LEADING - 1), line)

    def picture(self, picture: Picture, *, room: float) -> None:
        """Draw the picture as large as it fits into `room`; one that cannot be drawn or seen is left out."""
        try:
            image = ImageReader(io.BytesIO(picture.content))
        except OSError:
            return
        wide, high = image.getSize()
        height = min(HIGHEST_PICTURE, room - 4 * mm, ROOM * high / wide)
        if height < SMALLEST_PICTURE:
            return
        self.space(4)
        self.y -= height
        self.canvas.drawImage(image, MARGIN, self.y, height * wide / high, height, mask="auto")

    def qr(self, drawing: QrDrawing) -> None:
        """Draw the code at the lower left; its quiet zone reaches over the margin, where the paper is white."""
        module = QR_SIDE / (drawing.size + QUIET)
        path = self.canvas.beginPath()
        for x, y, length in dark(drawing):
            path.rect(MARGIN + x * module, MARGIN + (drawing.size - y - 1) * module, length * module, module)
        self.canvas.setFillColorRGB(0, 0, 0)
        self.canvas.drawPath(path, stroke=0, fill=1)


def dark(drawing: QrDrawing) -> Iterator[tuple[int, int, int]]:
    """Yield (x, y, length) of each dark run of the path that cards.draw makes: `Mx yhNv1h-Nz`."""
    for part in drawing.path.split("M")[1:]:
        place, _h, rest = part.partition("h")
        x, y = place.split()
        yield int(x), int(y), int(rest.split("v")[0])
