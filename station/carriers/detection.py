"""Reading a waybill: its canonical text, the carriers it may belong to, and two scans that ran together.

Pure and without certainty: domestic Chinese numbers have no public check digit and several carriers share
forms, so the answer is a ranked list of proposals. What is done with them is check-in's business.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from station.carriers.catalogue import CARRIERS, OWN, PATTERNS, Era, Pattern, weight_of

SHORTEST = 8  # characters: Deppon's legacy numbers (DOMAIN.md 2.6)
LONGEST = 32  # source: ours; domestic and postal forms are shorter (DOMAIN.md 2.6)
_RAW_LIMIT = 80  # two waybills of LONGEST with what stands between; more is no scan of a waybill

# How far the carrier of the batch lifts its own candidates, as a part of what is missing to 1. Source:
# ours; with 2/3 a mere length beats a form that leaves 3 of 10 numbers (0.63) and yields to one that leaves
# 5 of 100 (0.76).
_PRIOR_LIFT = 2 / 3

_S10 = re.compile(r"[A-Z]{2}\d{9}[A-Z]{2}", re.ASCII)
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)

_OWN = re.compile(r"GB(\d{11})", re.ASCII)
OWN_DIGITS = 10  # of a number of our own, before its check digit

_TEXT = re.compile(r"[A-Za-z]*\d[A-Za-z0-9]*", re.ASCII)
# The hyphen and the dashes that NFKC leaves as they are.
_SPACES_AND_HYPHENS = dict.fromkeys(map(ord, " -\u2010\u2012\u2013\u2014\u2212"))
_PICKUP_CODE = re.compile(r"[A-Za-z0-9]{1,4}([- ])\d{1,2}\1\d{1,5}", re.ASCII)
# As long as the JD numbers of catalogue.PATTERNS and the shorter and longer ones in their source's tests.
_JD_ONLY_BOX = re.compile(r"(JD[A-Z0-9]{2}\d{8,13})-1-1-?", re.ASCII | re.IGNORECASE)
_LINE_ENDS = re.compile(r"[\t\r\n\v\f]+")

# USPS parcels carry up to 34 digits: routing 420, ZIP code and 22 or 26 digits. Source: USPS Publication 199.
_LONG_SINGLE = re.compile(r"420\d{5}(?:\d{4})?9[1-5]\d{20}(?:\d{4})?|9[1-4]\d{20}(?:\d{4})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A carrier that a number may belong to.

    `score`: a rank, not a probability: how specific the matching form is, from the share of numbers of that
    length and shape that fit it (catalogue.weight_of), lifted for the carrier of the batch. Below 1 for every
    domestic form; 1 only where an S10 check digit or our own was verified. `reason`: a key of catalogue.REASONS.
    """

    carrier: str
    score: float
    reason: str


def _lifted(score: float) -> float:
    return round(score + (1 - score) * _PRIOR_LIFT, 3)


@dataclass(frozen=True, slots=True)
class _Form:
    """A pattern with both its answers made beforehand, so that detection builds no objects."""

    pattern: Pattern
    plain: Candidate
    lifted: Candidate


def _form(pattern: Pattern) -> _Form:
    plain = Candidate(pattern.carrier, pattern.weight, pattern.reason)
    return _Form(pattern, plain, Candidate(plain.carrier, _lifted(plain.score), plain.reason))


def _by_length(patterns: Iterable[Pattern]) -> Mapping[int, tuple[_Form, ...]]:
    """Group by length, best first, so that a carrier's first hit is its best."""
    ranked = sorted(patterns, key=lambda pattern: -pattern.weight)
    forms = [_form(pattern) for pattern in ranked]
    lengths = {length for pattern in ranked for length in pattern.lengths}
    return {length: tuple(form for form in forms if length in form.pattern.lengths) for length in lengths}


# Forms that say more than a length: what half of a glued scan has to fit. 1/100 asks a legacy form for
# letters.
_SPECIFIC = [p for p in PATTERNS if p.era is Era.CURRENT or p.share < 1 / 100]
_FORMS = _by_length(PATTERNS)
_SPECIFIC_FORMS = _by_length(_SPECIFIC)
_ORDER = {code: place for place, code in enumerate(CARRIERS)}


def detect(number: str, *, prior: str | None = None, limit: int = 5) -> tuple[Candidate, ...]:
    """Propose carriers for a canonical waybill.

    `prior`: code of the batch's or courier's carrier; it lifts that carrier's candidate, and adds or
    removes none. Ordering/limits: best score first, equal scores in the order of CARRIERS, each carrier
    once, at most `limit`; empty when no form fits. An S10 number whose check digit is wrong fits no S10
    form.
    """
    if is_own(number):
        return _IS_OWN[: max(limit, 0)]
    found: dict[str, Candidate] = {}
    for candidate in _s10_candidates(number, prior):
        found[candidate.carrier] = candidate
    for form in _FORMS.get(len(number), ()):
        carrier = form.plain.carrier
        if carrier not in found and form.pattern.regex.fullmatch(number):
            found[carrier] = form.lifted if carrier == prior else form.plain
    ranked = sorted(found.values(), key=lambda candidate: (-candidate.score, _ORDER[candidate.carrier]))
    return tuple(ranked[: max(limit, 0)])


_IS_OWN = (Candidate(OWN, 1.0, "own"),)
_S10_CHINA = (Candidate("ems", 1.0, "s10_china"),)
_S10_FOREIGN = Candidate("s10", 1.0, "s10_foreign")
_S10_INBOUND = Candidate("ems", weight_of(1, Era.CURRENT), "s10_inbound")
_S10_INBOUND_LIFTED = Candidate("ems", _lifted(_S10_INBOUND.score), "s10_inbound")


def _s10_candidates(number: str, prior: str | None) -> tuple[Candidate, ...]:
    if len(number) != 13 or not is_s10(number):
        return ()
    if number.endswith("CN"):
        return _S10_CHINA
    return (_S10_FOREIGN, _S10_INBOUND_LIFTED if prior == "ems" else _S10_INBOUND)


def s10_check_digit(serial: str) -> int:
    """Return the check digit of an eight-digit serial number.

    Source: UPU standard S10, identification of postal items: weights 8 6 4 2 3 5 9 7, 11 - (sum mod 11),
    where 10 becomes 0 and 11 becomes 5.
    """
    total = sum(int(digit) * weight for digit, weight in zip(serial, _S10_WEIGHTS, strict=True))
    check = 11 - total % 11
    return {10: 0, 11: 5}.get(check, check)


def is_s10(number: str) -> bool:
    """Say whether `number` is a postal item number: letters, digits, letters, and the right check digit."""
    if not _S10.fullmatch(number):
        return False
    return s10_check_digit(number[2:10]) == int(number[10])


def own_number(serial: int) -> str:
    """Return the number of a bag of ours: `GB`, ten digits and a check digit. Raises ValueError for more digits."""
    if not 0 <= serial < 10**OWN_DIGITS:
        raise ValueError("the serial has more digits than the number")
    digits = f"{serial:0{OWN_DIGITS}}"
    return f"GB{digits}{own_check_digit(digits)}"


def own_check_digit(digits: str) -> int:
    """Return the digit that finds every single wrong digit and nearly all that changed places.

    Source: ISO/IEC 7064:2003, MOD 11,10, the hybrid system with one decimal check digit (6.1).
    """
    rest = 10
    for digit in digits:
        rest = (rest + int(digit)) % 10 or 10
        rest = rest * 2 % 11
    return (11 - rest) % 10


def is_own(number: str) -> bool:
    """Say whether `number` is a bag of a station like ours: the form, and the right check digit."""
    found = _OWN.fullmatch(number)
    return bool(found) and own_check_digit(number[2:-1]) == int(number[-1])


def canonical_waybill(raw: str) -> str | None:
    """Return the one spelling of a scanned or typed waybill, capitals and digits; None when it is none.

    Width forms are folded (NFKC), spaces and hyphens dropped. JD's `waybill-1-1-` (the only box) becomes the
    waybill; other boxes stay numbers of their own. Refused: anything but letters and digits (prefixed station
    codes, line ends inside, non-ASCII), no digit at all, lengths outside SHORTEST to LONGEST, and the shape
    of a pickup code (`109-6-4006`). Idempotent. A bare phone number passes: 11 digits can be a waybill.
    """
    if len(raw) > _RAW_LIMIT:
        return None
    text = unicodedata.normalize("NFKC", raw).strip()
    only_box = _JD_ONLY_BOX.fullmatch(text)
    if only_box:
        return only_box[1].upper()
    if _PICKUP_CODE.fullmatch(text):
        return None
    squeezed = _squeeze(text)
    return squeezed if squeezed and SHORTEST <= len(squeezed) <= LONGEST else None


def _squeeze(text: str) -> str | None:
    # Checked before upper(), which makes ASCII letters of some that are none (ı, ß).
    squeezed = text.translate(_SPACES_AND_HYPHENS)
    return squeezed.upper() if _TEXT.fullmatch(squeezed) else None


def looks_glued(raw: str) -> bool:
    """Say whether two scans ran together: two waybills on two lines, one number twice, or two in a row.

    Takes raw or canonical text, longer than a waybill too. What fits a known form is one number (YunExpress'
    YT and 16 digits, YTO's 18 digits, USPS' 30); two in a row count only when each half fits a specific
    form. Two different numbers whose form is only a length (SF's old 12 digits) are not recognised.
    """
    if len(raw) > _RAW_LIMIT:
        return False
    text = unicodedata.normalize("NFKC", raw).strip()
    lines = _LINE_ENDS.split(text)
    if len(lines) > 1:
        return all(canonical_waybill(line) for line in lines)
    number = _squeeze(text)
    if number is None or detect(number) or _LONG_SINGLE.fullmatch(number):
        return False
    return _is_one_twice(number) or _is_two_in_a_row(number)


def _is_one_twice(number: str) -> bool:
    half = len(number) // 2
    return number[:half] == number[half:] and bool(detect(number[:half]))


def _is_two_in_a_row(number: str) -> bool:
    return any(
        _is_specific(number[:cut]) and _is_specific(number[cut:]) for cut in range(SHORTEST, len(number))
    )


def _is_specific(number: str) -> bool:
    if is_s10(number):
        return True
    return any(form.pattern.regex.fullmatch(number) for form in _SPECIFIC_FORMS.get(len(number), ()))
