"""Drawing a Code 128 as bars. Only the demo camera and the decode test of `doctor` draw codes; zxing-cpp reads them."""

import numpy as np

from kiosk.cameras.source import Image

# Source: ISO/IEC 15417, table 1: widths of bars and spaces in turn, for the values 0 to 105 and the stop pattern.
_WIDTHS = (
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213", "221312",
    "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132", "221231", "213212",
    "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211", "212123", "212321", "232121",
    "111323", "131123", "131321", "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331",
    "132131", "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131", "311123",
    "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111", "111224", "111422", "121124",
    "121421", "141122", "141221", "112214", "112412", "122114", "122411", "142112", "142211", "241211", "221114",
    "413111", "241112", "134111", "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112",
    "421211", "212141", "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311",
    "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
)  # fmt: skip
_START_B, _START_C, _TO_C, _STOP = 104, 105, 99, 106
_MODULUS = 103
_FIRST = ord(" ")  # set B: value 0
QUIET = 10  # modules on either side (ISO/IEC 15417, 4.3.2)
DARK, LIGHT = 0, 255


def draw_code128(text: str, height: int) -> Image:
    """Return the bars of a text of printable ASCII, one pixel a module, quiet zones too: uint8, (height, modules)."""
    values = _values(text)
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % _MODULUS
    widths = "".join(_WIDTHS[value] for value in (*values, check, _STOP))
    shades = [LIGHT] * QUIET
    for place, width in enumerate(widths):
        shades += [LIGHT if place % 2 else DARK] * int(width)
    row = np.array(shades + [LIGHT] * QUIET, np.uint8)
    return np.tile(row, (height, 1))


def _values(text: str) -> list[int]:
    """Return start and data: set B, and from where only pairs of digits follow, set C, as carriers print it."""
    digits = len(text) - len(text.rstrip("0123456789"))
    paired = digits - digits % 2 if digits >= 4 else 0
    head, pairs = text[: len(text) - paired], text[len(text) - paired :]
    values = [_START_B, *(ord(char) - _FIRST for char in head)] if head else [_START_C]
    if head and pairs:
        values.append(_TO_C)
    return values + [int(pairs[place : place + 2]) for place in range(0, len(pairs), 2)]
