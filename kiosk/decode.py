"""`python -m kiosk decode IMAGE... [--json]`: the codes in pictures, one a line, and nothing where there is none."""

import argparse
import json
import sys
import warnings
from pathlib import Path

import numpy as np
from PIL import Image as Pictures

from kiosk.cameras.source import Image
from kiosk.codes.still import read_still

WHITE = (255, 255, 255, 255)
LINE_ENDS = str.maketrans({end: ascii(end)[1:-1] for end in "\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"})


def main(arguments: list[str]) -> int:
    """Read the pictures in the order named and print their codes; a picture that cannot be read is said on stderr."""
    parser = argparse.ArgumentParser("python -m kiosk decode", description="Read the codes in pictures.")
    parser.add_argument("images", metavar="IMAGE", nargs="+", type=Path)
    parser.add_argument("--json", action="store_true", help="print one object a line: file, format, text")
    chosen = parser.parse_args(arguments)
    for path in chosen.images:
        try:
            grey = load(path)
        except (OSError, ValueError, Pictures.DecompressionBombError) as error:
            sys.stderr.write(f"{path}: {_reason(error)}\n")
            continue
        for code in read_still(grey):
            said = {"file": str(path), "format": code.format, "text": code.text}
            sys.stdout.write(
                (json.dumps(said, ensure_ascii=False) if chosen.json else _one_line(code.text)) + "\n"
            )
    return 0


def load(path: Path) -> Image:
    """Return a picture file in grey, uint8; what is transparent shows white. Raises OSError, ValueError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Pictures.DecompressionBombWarning)  # large is fine, huge is an error
        with Pictures.open(path) as picture:
            if "A" in picture.getbands() or "transparency" in picture.info:
                ground = Pictures.new("RGBA", picture.size, WHITE)
                return np.asarray(Pictures.alpha_composite(ground, picture.convert("RGBA")).convert("L"))
            return np.asarray(picture.convert("L"))


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file."
    if isinstance(error, IsADirectoryError):
        return "this is a folder; name the pictures in it."
    if isinstance(error, PermissionError):
        return "this file may not be read by you."
    return "this cannot be read as a picture."


def _one_line(text: str) -> str:
    """Return a text as one line: line ends in it are written as in a programming language."""
    return text.translate(LINE_ENDS)
