"""Notes and coins: which a currency has, and what so many of each come to. Pure.

A station has each currency's own pieces to count by: what the issuer has in circulation, without what it withdraws or
no longer hands out. Sources, the issuers' own pages and announcements:

- CNY: People's Bank of China, announcements 2015 no. 23 (100), 2019 no. 4 (50, 20, 10, 1 and coins), 2020 no. 7 (5).
  Notes of 5 and 1 jiao of the fourth series are still about (2018 no. 6); they are counted with the coins.
- EUR: European Central Bank, "Banknotes" (the 500 is no longer issued since April 2019) and "Coins".
- GBP: Bank of England, "Current banknotes"; The Royal Mint, "United Kingdom circulating coins".
- HKD: Hong Kong Monetary Authority, "Notes in circulation" and "Coins in circulation".
- JPY: Bank of Japan, "Banknotes and coins currently issued".
- KRW: Bank of Korea, "Banknotes and coins in circulation"; coins of 5 and 1 won are no longer made since 1992.
- MOP: Autoridade Monetária de Macau, "Notes and coins in circulation".
- SGD: Monetary Authority of Singapore, "Circulation currency": notes of 1000 are no longer issued since 2021, coins
  of 1 cent since 2002.
- USD: U.S. Currency Education Program, "Denominations"; United States Mint, "Circulating coins".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from station.core.errors import StationError
from station.core.i18n import gettext as _

MOST = 9_999  # ours: of one kind at once; a drawer that holds more is no drawer


class Form(StrEnum):
    """What a piece of money is made as."""

    NOTE = "note"
    COIN = "coin"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of note or coin, by what it is worth in minor units."""

    form: Form
    worth_minor: int

    @property
    def code(self) -> str:
        """What it is kept and typed under, such as note_10000."""
        return f"{self.form}_{self.worth_minor}"


Pieces = Mapping[Kind, int]
"""So many of each kind; what is not there is not named."""

NO_PIECES: Pieces = MappingProxyType({})


def _kinds(notes: tuple[int, ...], coins: tuple[int, ...]) -> tuple[Kind, ...]:
    """Return kinds in the order they are counted in: the largest first, notes before coins."""
    return (*(Kind(Form.NOTE, worth) for worth in notes), *(Kind(Form.COIN, worth) for worth in coins))


IN_USE: dict[str, tuple[Kind, ...]] = {
    "CNY": _kinds((10000, 5000, 2000, 1000, 500, 100), (100, 50, 10)),
    "EUR": _kinds((20000, 10000, 5000, 2000, 1000, 500), (200, 100, 50, 20, 10, 5, 2, 1)),
    "GBP": _kinds((5000, 2000, 1000, 500), (200, 100, 50, 20, 10, 5, 2, 1)),
    "HKD": _kinds((100000, 50000, 10000, 5000, 2000, 1000), (1000, 500, 200, 100, 50, 20, 10)),
    "JPY": _kinds((10000, 5000, 2000, 1000), (500, 100, 50, 10, 5, 1)),
    "KRW": _kinds((50000, 10000, 5000, 1000), (500, 100, 50, 10)),
    "MOP": _kinds((100000, 50000, 10000, 5000, 2000, 1000), (1000, 500, 200, 100, 50, 20, 10)),
    "SGD": _kinds((10000, 5000, 1000, 500, 200), (100, 50, 20, 10, 5)),
    "USD": _kinds((10000, 5000, 2000, 1000, 500, 200, 100), (100, 50, 25, 10, 5, 1)),
}
"""The kinds of each currency, as they are counted."""


def total(pieces: Pieces) -> int:
    """Return what pieces come to, in minor units."""
    return sum(kind.worth_minor * number for kind, number in pieces.items())


def check(pieces: Pieces, currency: str) -> None:
    """Raise StationError `bad_input` for pieces that the currency does not have, or no number of them."""
    if not pieces.keys() <= set(IN_USE[currency]):
        raise StationError("bad_input", _("This currency has no such note or coin. Load the page again."))
    if not all(0 < number <= MOST for number in pieces.values()):
        raise StationError(
            "bad_input", _("Of one kind of note or coin there are at most %(most)s.", most=MOST)
        )


def write(pieces: Pieces) -> str:
    """Return pieces as they are kept: JSON with sorted keys and no spaces, empty for none."""
    codes = {kind.code: number for kind, number in pieces.items()}
    return json.dumps(codes, sort_keys=True, separators=(",", ":")) if codes else ""


def read(text: str) -> Pieces:
    """Return pieces that were kept, as they are counted; kinds that are no longer in use, too."""
    found = {_kind(code): number for code, number in json.loads(text or "{}").items()}
    return dict(sorted(found.items(), key=lambda one: (one[0].form is Form.COIN, -one[0].worth_minor)))


def _kind(code: str) -> Kind:
    form, worth = code.split("_")
    return Kind(Form(form), int(worth))
