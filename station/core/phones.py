"""Phone numbers as values: read from typing and labels, one spelling each, masked for showing.

Hashing and encrypting are crypto's; whether a number can be dialled or texted is the notice channels'.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers

LONGEST = 40  # characters of input; source: ours, twice the longest number with country code and extension
HOME = "CN"
_HOME_CODE = 86


class PhoneKind(StrEnum):
    """What a number is, because each is called and texted in its own way."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    PRIVACY = "privacy"
    INTERNATIONAL = "international"


@dataclass(frozen=True, slots=True, repr=False)
class Phone:
    """A phone number.

    `number`: digits as dialled in China (mobile 11 digits, landline with area code and its 0), else `+` and
    digits (ITU-T E.164). `extension`: of a privacy number 3 or 4 digits, of others 1 to 6, else None.
    """

    kind: PhoneKind
    number: str
    extension: str | None = None

    @property
    def key(self) -> str:
        """Return the text that is hashed and stored; `parse(phone.key) == phone`."""
        return self.number if self.extension is None else f"{self.number},{self.extension}"

    @property
    def tail(self) -> str:
        """Return what a person is asked for: the last four digits, of a privacy number its extension."""
        if self.kind is PhoneKind.PRIVACY and self.extension:
            return self.extension
        return self.number[-4:]

    @property
    def display_masked(self) -> str:
        """Return `138****4068`, `170****,8462`: the beginning, if enough stays hidden, and the tail."""
        start = self.number[:3] if len(self.number) >= _MASKED_WITH_START else ""
        separator = "," if self.kind is PhoneKind.PRIVACY else ""
        return f"{start}****{separator}{self.tail}"

    def __repr__(self) -> str:
        """Show the kind only, because logs and traces show it too."""
        return f"Phone({self.kind})"


# Source: ours; with 10 digits and more, 3 shown at the beginning and 4 at the end leave 3 or more hidden.
_MASKED_WITH_START = 10

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_HOME_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})", re.ASCII)
_NUMBER = re.compile(r"\+?\(?\d[0-9() .\-]{4,}", re.ASCII)
_PUNCTUATION = re.compile(r"[() .\-]+")
_WITH_EXTENSION = re.compile(
    r"(?P<number>[+0-9() .\-]{5,}?)\s*(?:[,;#]|转|分机号?|-|ext\.?|x)\s*(?P<extension>\d{1,6})#?",
    re.ASCII | re.IGNORECASE,
)
_PRIVACY_EXTENSION = re.compile(r"\d{3,4}", re.ASCII)
_DASHES = dict.fromkeys(map(ord, "\u2010\u2012\u2013\u2014\u2212"), "-")

_MASK_CHARACTERS = "*•●×xX"
_MASKED = re.compile(rf"\+?[\d\s\-{_MASK_CHARACTERS}]*[{_MASK_CHARACTERS}][\s\-]*(\d[\d\s\-]*)", re.ASCII)
_MASKED_WITH_EXTENSION = re.compile(
    rf"\+?[\d\s\-{_MASK_CHARACTERS}]*[{_MASK_CHARACTERS}][\s\-\d]*(?:[,;#]|转|分机号?|ext\.?)\s*(\d{{3,4}})",
    re.ASCII | re.IGNORECASE,
)
_TAIL = re.compile(r"\d{4}", re.ASCII)


def parse(text: str, region: str = HOME) -> Phone | None:
    """Read a phone number, or return None when the text is not one whole valid number.

    `region`: where numbers without country code are dialled (ISO 3166-1). Extensions stand behind a comma,
    `转`, `分机`, `-`, `#` or `ext`; a Chinese mobile number with one of 3 or 4 digits is a privacy number
    (DESIGN.md 5), each pair of number and extension its own. Masked numbers are none: see tail_of. Limits:
    LONGEST characters; never raises.
    """
    plain = _plain(text)
    if plain is None:
        return None
    if region == HOME and _MOBILE.fullmatch(plain):
        return Phone(PhoneKind.MOBILE, plain)
    whole = _number(plain, region)
    if whole is not None:
        return whole
    parts = _WITH_EXTENSION.fullmatch(plain)
    base = _number(parts["number"], region) if parts else None
    return _extended(base, parts["extension"]) if base and parts else None


def tail_of(text: str) -> str | None:
    """Return the tail of a number that is whole or masked (`138****4068`), or of four digits; else None.

    Of a privacy number, masked too, the tail is its extension.
    """
    plain = _plain(text)
    if plain is None or _TAIL.fullmatch(plain):
        return plain
    phone = parse(plain)
    if phone is not None:
        return phone.tail
    extended = _MASKED_WITH_EXTENSION.fullmatch(plain)
    if extended:
        return extended[1]
    masked = _MASKED.fullmatch(plain)
    digits = _PUNCTUATION.sub("", masked[1]) if masked else ""
    return digits[-4:] if len(digits) >= 4 else None


def _plain(text: str) -> str | None:
    if len(text) > LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", text).strip().translate(_DASHES)
    return plain if plain and len(plain) <= LONGEST else None


def _number(text: str, region: str) -> Phone | None:
    if not _NUMBER.fullmatch(text):
        return None
    digits = _PUNCTUATION.sub("", text)
    mobile = _HOME_MOBILE.fullmatch(digits)
    if mobile and (region == HOME or digits.startswith(("+86", "0086"))):
        return Phone(PhoneKind.MOBILE, mobile[1])
    try:
        found = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    return _as_phone(found) if phonenumbers.is_valid_number(found) else None


def _as_phone(found: phonenumbers.PhoneNumber) -> Phone:
    if found.country_code != _HOME_CODE:
        e164 = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
        return Phone(PhoneKind.INTERNATIONAL, e164)
    national = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.NATIONAL)
    digits = _PUNCTUATION.sub("", national)
    kind = PhoneKind.MOBILE if _MOBILE.fullmatch(digits) else PhoneKind.LANDLINE
    return Phone(kind, digits)


def _extended(base: Phone, extension: str) -> Phone | None:
    if base.kind is not PhoneKind.MOBILE:
        return Phone(base.kind, base.number, extension)
    if not _PRIVACY_EXTENSION.fullmatch(extension):
        return None
    return Phone(PhoneKind.PRIVACY, base.number, extension)
