"""Money as whole minor units: which currencies there are, how an amount is written, and how a typed one is read.

Nothing here calculates; amounts are plain integers everywhere else.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_currency, get_currency_symbol

from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import language as spoken
from station.core.moments import LOCALES


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency: its code and how many digits its minor unit has (ISO 4217, list one), and its own sign."""

    code: str
    digits: int
    symbol: str


CURRENCIES: dict[str, Currency] = {
    row.code: row
    for row in (
        Currency("CNY", 2, "¥"),
        Currency("EUR", 2, "€"),
        Currency("GBP", 2, "£"),
        Currency("HKD", 2, "HK$"),
        Currency("JPY", 0, "¥"),
        Currency("KRW", 0, "₩"),
        Currency("MOP", 2, "MOP$"),
        Currency("SGD", 2, "S$"),
        Currency("USD", 2, "$"),
    )
}
DEFAULT_CURRENCY = "CNY"
# Ours: no station handles more at once, and the sum of nine million such amounts still fits 63 bits.
MOST_MINOR = 10**12 - 1
# Digits as people type them, thousands in commas or not, then the part behind the point.
_TYPED = re.compile(r"(\d{1,16}|\d{1,3}(?:,\d{3}){1,5})(?:\.(\d{1,6}))?", re.ASCII)


def format_money(amount_minor: int, currency: str, language: str | None = None) -> str:
    """Write an amount with its currency's own sign, such as ¥12.50, in `language` or else in the one spoken now.

    CLDR writes CN¥ in English and JP¥ in Chinese, so that currencies can be told apart; a station has one.
    """
    known, locale = CURRENCIES[currency], LOCALES[language or spoken()]
    written = str(format_currency(Decimal(amount_minor).scaleb(-known.digits), currency, locale=locale))
    return written.replace(get_currency_symbol(currency, locale), known.symbol)


def plain_money(amount_minor: int, currency: str) -> str:
    """Write an amount in digits and a point alone, such as 12.50: for fields and files."""
    return format(Decimal(amount_minor).scaleb(-CURRENCIES[currency].digits), "f")


def parse_money(text: str, currency: str) -> int:
    """Read a typed amount as minor units, zero or more; full-width digits and the currency's sign are understood.

    Raises StationError `bad_input` for anything else: negative, rubbish, too much, parts of a minor unit.
    """
    known = CURRENCIES.get(currency)
    if known is None:
        raise StationError("bad_input", _("This currency is not known: %(currency)s.", currency=currency[:8]))
    typed = unicodedata.normalize("NFKC", text).strip()
    for sign in (known.symbol, known.code):
        typed = typed.removeprefix(sign).removesuffix(sign).strip()
    found = _TYPED.fullmatch(typed)
    if found is None:
        raise StationError("bad_input", _("Type an amount in digits, such as 12.50."))
    whole, part = found[1].replace(",", ""), (found[2] or "").rstrip("0")
    if len(part) > known.digits:
        raise StationError("bad_input", _("%(currency)s has no smaller part than that.", currency=currency))
    amount = int(whole + part.ljust(known.digits, "0"))
    if amount > MOST_MINOR:
        raise StationError("bad_input", _("This amount is too large."))
    return amount
