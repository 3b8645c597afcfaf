"""PDFs read back for tests, by PDFium, which Chrome and Android print with."""

import re

import pypdfium2
from PIL import Image

POINTS = 72  # in an inch


def texts(content: bytes) -> list[str]:
    """Return what can be read on each page; each piece of text in a line of its own."""
    with pypdfium2.PdfDocument(content) as document:
        return [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in document]


def pictures(content: bytes, dots_per_inch: int) -> list[Image.Image]:
    """Return the pages as they look at a resolution."""
    scale = dots_per_inch / POINTS
    with pypdfium2.PdfDocument(content) as document:
        return [page.render(scale=scale).to_pil().convert("L") for page in document]


def loose_fonts(content: bytes) -> set[bytes]:
    """Return the names of fonts that a file uses and does not embed: no subset's mark (ISO 32000-1, 9.6.4)."""
    named = re.findall(rb"/BaseFont\s*/([^\s/]+)", content)
    assert named
    return {name for name in named if not re.match(rb"[A-Z]{6}\+", name)}
