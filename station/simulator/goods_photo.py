"""A drawn picture of spoilt fruit, in the place of a phone's photo: for the demo's complaints."""

import io

from PIL import Image, ImageDraw

SIZE = (800, 600)  # points
_BERRIES = tuple((90 + 155 * column, 95 + 140 * row) for row in range(4) for column in range(5))
_SPOILT = {7, 12, 13}  # of them


def drawn() -> bytes:
    """Return a box of berries, three of them mouldy, as JPEG."""
    picture = Image.new("RGB", SIZE, "#D9D4C7")
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((20, 20, 780, 580), 28, fill="#F4F2EC", outline="#8A8577", width=6)
    for number, (x, y) in enumerate(_BERRIES):
        pen.ellipse((x - 62, y - 56, x + 62, y + 56), fill="#B01E17", outline="#7C150F", width=4)
        pen.polygon(((x - 26, y - 52), (x + 26, y - 52), (x, y - 22)), fill="#12703A")
        if number in _SPOILT:
            pen.ellipse((x - 40, y - 24, x + 34, y + 44), fill="#B9C2BD", outline="#5A6B8C", width=3)
    file = io.BytesIO()
    picture.save(file, "JPEG")
    return file.getvalue()
