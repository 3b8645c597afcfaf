"""What the lines and barcodes of a label may mean: waybills, phone numbers, names, the carrier; each a proposal.

Pure, and never certain: somebody looks at every field before a parcel is checked in. Digits that the label hides stay
hidden; they are compared (`agrees`), never completed.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from station.carriers.catalogue import COMPANIES, OTHER
from station.carriers.detection import canonical_waybill, detect
from station.core import names, phones
from station.core.phones import PhoneKind
from station.labels.sight import Box, Line, Sight

MOST = 5  # proposals of a kind; source: ours, as many as can be looked through at a glance

# How much a find is worth, as a part of 1. Source: ours; only their order matters. A barcode checks itself, so one of
# an unknown form still beats a number read as text; the sender's phone and name stand on the label too, and lose.
BARCODE_BASE = 0.6
TEXT_SHARE = 0.55
OF_RECIPIENT, OF_NOBODY, OF_SENDER = 1.0, 0.7, 0.2
BESIDE_PHONE, ALONE = 1.0, 0.6
LEAST = 0.1  # less is noise: parts of routing codes that fit a form by their length only


class Kind(StrEnum):
    """What a find is."""

    WAYBILL = "waybill"
    PHONE = "phone"
    PRIVACY = "privacy"
    MASKED = "masked"
    NAME = "name"
    CARRIER = "carrier"


@dataclass(frozen=True, slots=True)
class Found:
    """One proposal. `score`: a rank from 0 to 1, not a probability. `box`: where in the picture it stands."""

    kind: Kind
    value: str
    score: float
    box: Box


@dataclass(frozen=True, slots=True)
class Fields:
    """What a label may say, the best proposal of each kind first, at most MOST of each.

    `phones`: whole numbers, privacy numbers, and such with hidden digits (`138****4068`). `names`: hidden parts stay
    `*`. `carriers`: codes of COMPANIES.
    """

    waybills: tuple[Found, ...] = ()
    phones: tuple[Found, ...] = ()
    names: tuple[Found, ...] = ()
    carriers: tuple[Found, ...] = ()


_STARS = "*●•×※"
_JOIN = r"(?:,|;|转|分机|#|ext\.?)"
_PHONE = re.compile(
    rf"(?<![\dA-Za-z{_STARS}])(?:\+?86[- ]?)?(?:1[3-9]\d[- ]?\d{{4}}[- ]?\d{{4}}|0\d{{2,3}}-\d{{7,8}})"
    rf"(?:\s*(?:{_JOIN}|-)\s*\d{{3,4}})?(?![\d{_STARS}])",
    re.ASCII | re.IGNORECASE,
)
_MASKED = re.compile(
    rf"(?<![\dA-Za-z])(?P<head>\d{{0,7}})(?:[{_STARS}]{{2,9}}|[xX]{{3,9}})(?P<tail>\d{{0,4}})"
    rf"(?:\s*{_JOIN}\s*(?P<extension>\d{{3,4}}))?(?![\d{_STARS}])",
    re.ASCII | re.IGNORECASE,
)
_SHORTEST_TAIL = 4  # digits: fewer fit one person in a thousand or less (DESIGN.md 5 asks for four)

_HAN = "\u3400-\u9fff"
_TO = re.compile(rf"(?:收[件货]人?|收方|收(?![{_HAN}])|TO\b)[:\s]*", re.IGNORECASE)
_FROM = re.compile(rf"(?:[寄发][件货]人?|寄方|[寄发](?![{_HAN}])|FROM\b)[:\s]*", re.IGNORECASE)
_LABELS = re.compile(r"(?:姓名|电话|手机|联系人|地址|TEL|PHONE|NAME)[:\s]*", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s:,;/|()\[\]【】。、_\-]+")
_HAN_NAME = re.compile(rf"[{_HAN}]{{2,4}}|[{_HAN}]{{1,8}}·[{_HAN}]{{1,8}}|[{_HAN}]{{1,2}}\*{{1,3}}[{_HAN}]?")
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z'.]*(?: [A-Za-z][A-Za-z'.]*){1,3}", re.ASCII)
_PLACES = re.compile("[省市区县镇乡村街路巷弄号楼栋幢室苑]")
_STAMPS = (
    "已验视",
    "已实名",
    "已安检",
    "收件",
    "寄件",
    "验视",
    "代收",
    "到付",
    "保价",
    "签收",
    "快递",
    "速递",
    "物流",
)
_FIRMS = tuple(carrier.short_zh for code, carrier in COMPANIES.items() if code != OTHER)
_WORD = re.compile(r"[A-Za-z0-9-]+", re.ASCII)


def read(sight: Sight) -> Fields:
    """Return what a label may say."""
    lines = [_Placed(line, _plain(line.text), _section(line, sight.lines)) for line in sight.lines]
    return Fields(
        _best([*_coded(sight), *(found for line in lines for found in line.waybills())]),
        _best(found for line in lines for found in line.phones()),
        _best(found for line in lines for found in line.names()),
        _best(found for line in lines for found in line.carriers()),
    )


def is_masked(text: str) -> bool:
    """Tell whether digits or letters of a phone number or a name are hidden."""
    return any(star in _plain(text) for star in _STARS) or _MASKED.fullmatch(_plain(text)) is not None


def agrees(shown: str, key: str) -> bool:
    """Tell whether a number on a label can be the one with `key` (phones.Phone.key): every digit it shows is there.

    A whole number has to be the same. Of a masked one the digits before the mask begin the number, those behind it end
    it, and an extension, where it shows one, is the number's own. What shows too little to tell never agrees.
    """
    whole = phones.parse(shown)
    if whole is not None:
        return whole.key == key
    masked = _MASKED.fullmatch(_plain(shown))
    if masked is None or not _says_enough(masked):
        return False
    number, _comma, extension = key.partition(",")
    said = masked["extension"]
    hides_some = len(masked["head"]) + len(masked["tail"]) < len(number)
    fits = number.startswith(masked["head"]) and number.endswith(masked["tail"]) and hides_some
    return fits and (said is None or said == extension)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line in plain characters, and how likely it speaks of the recipient."""

    line: Line
    text: str
    share: float

    def waybills(self) -> Iterator[Found]:
        rest = _MASKED.sub(" ", _PHONE.sub(" ", self.text))
        for text in {rest.strip(), *_WORD.findall(rest)}:
            number = canonical_waybill(text)
            forms = detect(number, limit=1) if number else ()
            if number and forms:
                yield self._found(Kind.WAYBILL, number, TEXT_SHARE * forms[0].score, of_anyone=1)

    def phones(self) -> Iterator[Found]:
        for match in _PHONE.finditer(self.text):
            phone = phones.parse(match[0])
            if phone is not None:
                kind = Kind.PRIVACY if phone.kind is PhoneKind.PRIVACY else Kind.PHONE
                yield self._found(kind, phone.key, 1)
        for match in _MASKED.finditer(self.text):
            if _says_enough(match):
                yield self._found(Kind.MASKED, _shown(match), 1)

    def names(self) -> Iterator[Found]:
        rest = _MASKED_PHONE_ONLY.sub(" ", _PHONE.sub(" ", self.text))
        place = BESIDE_PHONE if rest != self.text else ALONE
        for marker in (_TO, _FROM):
            rest = marker.sub("", rest, count=1) if marker.match(rest) else rest
        rest = _LABELS.sub(" ", rest).strip(" :,")
        for name in _names_in(rest, is_beside=place == BESIDE_PHONE):
            yield self._found(Kind.NAME, name, place)

    def carriers(self) -> Iterator[Found]:
        for code, carrier in COMPANIES.items():
            if code != OTHER and carrier.short_zh in self.text:
                yield self._found(Kind.CARRIER, code, 1, of_anyone=1)

    def _found(self, kind: Kind, value: str, worth: float, *, of_anyone: float | None = None) -> Found:
        share = self.share if of_anyone is None else of_anyone
        return Found(kind, value, round(self.line.score * worth * share, 3), self.line.box)


# Like _MASKED, but with a digit: `陈**` is a name with its mask, not a number.
_MASKED_PHONE_ONLY = re.compile(
    rf"(?<![\dA-Za-z])\d{{1,7}}(?:[{_STARS}]{{2,9}}|[xX]{{3,9}})\d{{0,4}}(?:\s*{_JOIN}\s*\d{{3,4}})?"
    rf"|[{_STARS}]{{2,9}}(?:\d{{4}}|\s*{_JOIN}\s*\d{{3,4}})",
    re.ASCII | re.IGNORECASE,
)


def _names_in(text: str, *, is_beside: bool) -> Iterator[str]:
    if is_beside and _LATIN_NAME.fullmatch(text):
        yield text
        return
    for token in _BETWEEN.split(text):
        is_name = _HAN_NAME.fullmatch(token) and not any(stamp in token for stamp in (*_STAMPS, *_FIRMS))
        if is_name and (is_beside or not _PLACES.search(token)) and names.clean(token):
            yield token


def _coded(sight: Sight) -> Iterator[Found]:
    for code in sight.codes:
        number = canonical_waybill(code.text)
        if number:
            forms = detect(number, limit=1)
            lift = forms[0].score if forms else 0
            yield Found(Kind.WAYBILL, number, round(BARCODE_BASE + (1 - BARCODE_BASE) * lift, 3), code.box)


def _section(line: Line, lines: Iterable[Line]) -> float:
    """Return how likely a line is the recipient's: by the nearest word that says whose the lines beside it are.

    A word on a line of its own stands beside its lines, one with text behind it above them.
    """
    nearest, share = float("inf"), OF_NOBODY
    for other in lines:
        text = _plain(other.text)
        marker = _TO.match(text) or _FROM.match(text)
        if marker is None:
            continue
        away = line.box.middle - other.box.middle
        if marker.end() < len(text) and away < -other.box.height / 2:
            continue  # it speaks of itself and of what stands below
        if abs(away) < nearest:
            nearest, share = abs(away), OF_RECIPIENT if _TO.match(text) else OF_SENDER
    return share


def _says_enough(match: re.Match[str]) -> bool:
    return len(match["tail"]) >= _SHORTEST_TAIL or match["extension"] is not None


def _shown(match: re.Match[str]) -> str:
    extension = f",{match['extension']}" if match["extension"] else ""
    return f"{match['head']}****{match['tail']}{extension}"


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _best(found: Iterable[Found]) -> tuple[Found, ...]:
    """Return each value once, its best find, best first and then from the top."""
    ranked = sorted(found, key=lambda one: (-one.score, one.box.y, one.box.x, one.value))
    once = {one.value: one for one in reversed(ranked)}
    return tuple(one for one in ranked if once[one.value] is one and one.score >= LEAST)[:MOST]
