"""A campaign's poster: one sheet of A4 with what it costs, until when, and the code that leads to its page.

Chinese letters come from the CID font STSong-Light, which every PDF viewer brings; others from Helvetica, which is one
of the fourteen standard fonts (ISO 32000-1, 9.6.2.2). Neither is embedded, so a poster stays small.
"""

import hashlib
import io
from collections.abc import Iterator

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from station.core.i18n import gettext as _
from station.core.moments import moment, whole_day
from station.core.money import format_money
from station.group_buys.queries import Offer
from station.network.queries import StationFacts
from station.parcels.attachments import Picture
from station.shelves import cards
from station.shelves.cards import QrDrawing

WIDE = "STSong-Light"
LATIN, LATIN_BOLD = "Helvetica", "Helvetica-Bold"
MARGIN = 20 * mm
QR_SIDE = (
    62 * mm
)  # readable from two metres: a tenth of the distance would be 200 mm, a phone's camera needs a third
QUIET = 4  # modules of white around a QR code (ISO/IEC 18004, 5.3.8)
PICTURE = (170 * mm, 78 * mm)
SMALLEST_PICTURE = 25 * mm  # below that it shows nothing
LEADING = 1.25  # of a line, in its size
FOOT = MARGIN + QR_SIDE + 4 * mm  # what is above must end here
TEXT_LINES = 3
INK, SOFT, BRAND = 0x171B1A, 0x4B5250, 0x0B5A4F  # the tokens of app.css


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def qr(link: str) -> QrDrawing:
    """Draw the code that leads to a campaign's page."""
    return cards.draw(link)


def pdf(offer: Offer, station: StationFacts, *, link: str, picture: Picture | None) -> bytes:
    """Return the poster as PDF, in the language spoken now."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, invariant=1)
    canvas.setTitle(offer.campaign.title)
    canvas.setAuthor(station.name)
    draw(canvas, offer, station, link=link, picture=picture)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def draw(canvas: Canvas, offer: Offer, station: StationFacts, *, link: str, picture: Picture | None) -> float:
    """Draw the poster on a page; return where what stands above the code ends, in points from the bottom.

    The picture takes what the words leave, so nothing reaches into the code.
    """
    pdfmetrics.registerFont(UnicodeCIDFont(WIDE))
    sheet = _Sheet(canvas)
    sheet.line(station.name, size=16, colour=SOFT)
    sheet.space(6)
    for part in sheet.wrapped(offer.campaign.title, size=40, most=2):
        sheet.line(part, size=40, is_bold=True)
    sheet.line(offer.campaign.unit, size=20, colour=SOFT)
    text = sheet.wrapped(" ".join(offer.campaign.text.split()), size=14, most=TEXT_LINES)
    if picture:
        sheet.picture(picture, room=sheet.y - _needed(offer, len(text)) - FOOT)
    _prices(sheet, offer)
    for part in text:
        sheet.line(part, size=14)
    end = sheet.y
    _foot(sheet, offer, station, link)
    return end


def _needed(offer: Offer, lines: int) -> float:
    """Return the height of prices and text, in points."""
    return LEADING * (34 + 18 * (len(offer.tiers) - 1) + 14 * lines) + 10 * mm


def _prices(sheet: "_Sheet", offer: Offer) -> None:
    sheet.space(6)
    for tier in offer.tiers:
        price = format_money(tier.unit_price_minor, offer.campaign.currency)
        if tier.from_total == 1:
            sheet.line(price, size=34, colour=BRAND, is_bold=True)
        else:
            sheet.line(
                _("%(price)s from %(total)s ordered in all", price=price, total=tier.from_total),
                size=18,
                colour=BRAND,
            )
    sheet.space(4)


def _foot(sheet: "_Sheet", offer: Offer, station: StationFacts, link: str) -> None:
    sheet.qr(qr(link))
    sheet.at(QR_SIDE + MARGIN - 8 * mm)
    left = MARGIN + QR_SIDE + 8 * mm
    sentences = (
        (_("Scan to order"), 24),
        (_("Order until %(when)s", when=moment(offer.campaign.cut_off_at, station.zone)), 16),
        (_("Arrives %(day)s", day=whole_day(offer.campaign.arrives_on)), 16),
        (_("Or order at the counter."), 14),
    )
    for sentence, size in sentences:
        sheet.line(sentence, size=size, left=left, is_bold=size == 24)


class _Sheet:
    """A sheet that is filled from the top."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.width, self.height = A4
        self.y = self.height - MARGIN

    def space(self, millimetres: float) -> None:
        self.y -= millimetres * mm

    def at(self, y: float) -> None:
        """Go on at a height from the bottom."""
        self.y = y

    def line(
        self, text: str, *, size: int, colour: int = INK, is_bold: bool = False, left: float = MARGIN
    ) -> None:
        """Write one line; each run of letters in the font that has them."""
        self.y -= size * LEADING
        self.canvas.setFillColorRGB(*(((colour >> shift) & 255) / 255 for shift in (16, 8, 0)))
        x = left
        for font, run in _runs(text, LATIN_BOLD if is_bold else LATIN):
            self.canvas.setFont(font, size)
            self.canvas.drawString(x, self.y, run)
            x += pdfmetrics.stringWidth(run, font, size)

    def wrapped(self, text: str, *, size: int, most: int) -> list[str]:
        """Break a text into at most so many lines; what does not fit ends with three dots."""
        room = self.width - 2 * MARGIN
        lines: list[str] = []
        rest = text
        while rest and len(lines) < most:
            cut = _fits(rest, size, room)
            is_last = len(lines) == most - 1 and cut < len(rest)
            lines.append(f"{rest[: max(1, cut - 1)].rstrip()}…" if is_last else rest[:cut].rstrip())
            rest = rest[cut:].lstrip()
        return lines

    def picture(self, picture: Picture, *, room: float) -> None:
        """Draw the picture as large as it fits into `room`; one that cannot be drawn or seen is left out."""
        height = min(PICTURE[1], room - 4 * mm)
        if height < SMALLEST_PICTURE:
            return
        self.space(4)
        self.y -= height
        try:
            image = ImageReader(io.BytesIO(picture.content))
        except OSError:
            return
        self.canvas.drawImage(
            image, MARGIN, self.y, PICTURE[0], height, preserveAspectRatio=True, anchor="w", mask="auto"
        )

    def qr(self, drawing: QrDrawing) -> None:
        """Draw the code at the lower left, with its quiet zone."""
        module = QR_SIDE / (drawing.size + 2 * QUIET)
        path = self.canvas.beginPath()
        for x, y, length in dark(drawing):
            top = MARGIN + QR_SIDE - (QUIET + y + 1) * module
            path.rect(MARGIN + (QUIET + x) * module, top, length * module, module)
        self.canvas.setFillColorRGB(0, 0, 0)
        self.canvas.drawPath(path, stroke=0, fill=1)


def dark(drawing: QrDrawing) -> Iterator[tuple[int, int, int]]:
    """Yield (x, y, length) of each dark run of the path that cards.draw makes: `Mx yhNv1h-Nz`."""
    for part in drawing.path.split("M")[1:]:
        place, _h, rest = part.partition("h")
        x, y = place.split()
        yield int(x), int(y), int(rest.split("v")[0])


def _runs(text: str, latin: str) -> Iterator[tuple[str, str]]:
    """Yield (font, run of letters): Latin-1 in the Latin font, everything else in the wide one."""
    font, run = latin, ""
    for letter in text:
        wanted = latin if ord(letter) < 256 else WIDE
        if wanted != font and run:
            yield font, run
            run = ""
        font, run = wanted, run + letter
    if run:
        yield font, run


def _fits(text: str, size: int, room: float) -> int:
    """Return how many letters of a text fit into a line, broken at a space or between wide letters."""
    width = 0.0
    for place, letter in enumerate(text):
        width += pdfmetrics.stringWidth(letter, WIDE if ord(letter) > 255 else LATIN_BOLD, size)
        if width > room:
            space = text.rfind(" ", 1, place)
            return space if space > 0 and ord(text[place - 1]) < 256 else max(1, place)
    return len(text)
