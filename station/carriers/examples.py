"""Each carrier's forms of numbers in plain words, with a made-up number of each. Pure; the same at every call."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from station.carriers.catalogue import COMPANIES, PATTERNS, REASONS, Era, Pattern
from station.carriers.detection import s10_check_digit
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l

MERE_LENGTH = "legacy_length"
# In a shape: # any digit, everything else itself. In the order of catalogue.PATTERNS.
SHAPES: dict[str, tuple[str, ...]] = {
    "sf": ("SF1############", "############"),
    "zto": ("78############", "############"),
    "yto": ("YT8############", "YT##########", "8###########", "8#################"),
    "sto": ("77#############", "268##########", "#############"),
    "yunda": ("46#############", "52###########", "2############", "2##############"),
    "jd": ("JDVA###########", "JDVA#############"),
    "ems": ("98###########", "PA###########", "52###########", "2############"),
    "jt": ("JT5############", "JT5###########"),
    "deppon": ("DPK############", "2########"),
    "cainiao": ("621############",),
    "other": ("YT2###############",),
}
POSTAL_FORM = _l("Two letters, 9 digits, two letters of the country; the last digit is a check digit.")
# Whose postal items' last letters are which. Source: UPU standard S10, the issuer's ISO 3166-1 code.
COUNTRIES = {"ems": "CN", "s10": "DE"}


@dataclass(frozen=True, slots=True)
class Form:
    """Forms of a carrier's numbers that are said in the same words, with an example of each.

    `is_current`: whether new numbers of this form are still given out.
    """

    words: str
    examples: tuple[str, ...]
    is_current: bool


def forms(carrier: str) -> list[Form]:
    """Return the forms of a carrier's numbers, today's first, in the language spoken now; none where none is known."""
    mine = [pattern for pattern in PATTERNS if pattern.carrier == carrier]
    said: dict[tuple[str, bool], list[str]] = {}
    for pattern, shape in zip(mine, SHAPES.get(carrier, ()), strict=True):
        said.setdefault((_words(pattern), pattern.era is Era.CURRENT), []).append(_made(shape))
    made = [Form(words, tuple(examples), is_current) for (words, is_current), examples in said.items()]
    return [*_postal(carrier), *made]


def everyone() -> Iterator[tuple[str, list[Form]]]:
    """Return every company with its forms, in the catalogue's order."""
    return ((code, forms(code)) for code in COMPANIES)


def _words(pattern: Pattern) -> str:
    if pattern.reason != MERE_LENGTH:
        return _(REASONS[pattern.reason])
    shortest, longest = pattern.lengths[0], pattern.lengths[-1]
    if pattern.regex.pattern.startswith("["):
        return _("%(from)s to %(to)s letters or digits, an older form.", **{"from": shortest, "to": longest})
    if shortest == longest:
        return _("%(count)s digits, an older form.", count=shortest)
    return _("%(from)s to %(to)s digits, an older form.", **{"from": shortest, "to": longest})


def _made(shape: str) -> str:
    digits = random.Random(shape)  # noqa: S311 - an example, the same each time
    return "".join(str(digits.randrange(10)) if letter == "#" else letter for letter in shape)


def _postal(carrier: str) -> list[Form]:
    if carrier not in COUNTRIES:
        return []
    serial = _made("########")
    number = f"RA{serial}{s10_check_digit(serial)}{COUNTRIES[carrier]}"
    return [Form(_(POSTAL_FORM), (number,), is_current=True)]
