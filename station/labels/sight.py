"""What a reader saw in one picture of a label: lines of text and barcodes, each with its box, and the picture itself.

Values only. What they mean is `reading`'s business; how they are found is the reader process's (engine.py).
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle upright in the picture, in its pixels: the left top corner, and the size."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> float:
        """Where its middle lies, from the top."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text. `score`: how sure the text recognition is, 0 to 1, as it says itself."""

    text: str
    box: Box
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Code:
    """A barcode, and what it says. Its own check digits held, else it is none."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Sight:
    """All that was seen. `picture`: a JPEG, upright and small enough to be shown; the boxes are in its pixels."""

    width: int
    height: int
    lines: tuple[Line, ...] = ()
    codes: tuple[Code, ...] = ()
    picture: bytes = b""
    peak_mb: int = 0  # the most memory the reader process has used so far, in 2^20 bytes
    cpu_ms: int = 0  # processor time this picture took


def from_json(said: dict[str, Any], picture: bytes) -> Sight:
    """Return what a reader process said (engine.py) as values."""
    lines = tuple(Line(one["text"], Box(*one["box"]), one["score"]) for one in said["lines"])
    codes = tuple(Code(one["text"], Box(*one["box"])) for one in said["codes"])
    return Sight(said["width"], said["height"], lines, codes, picture, said["peak_mb"], said["cpu_ms"])
