"""One row of a manifest: what it says of a parcel, or what is wrong with it. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from station.carriers.catalogue import COMPANIES
from station.carriers.detection import canonical_waybill, detect, looks_glued
from station.core import names, phones
from station.core.phones import Phone
from station.manifests.cells import LONGEST, Fault, FaultError, Why, number, tidy
from station.manifests.columns import Field, Mapping
from station.parcels.announce import WAYS
from station.parcels.lifecycle import ConsentBasis

# Ours: an announcement of last month is an old file, one for next quarter a wrong column.
PAST, AHEAD = timedelta(days=31), timedelta(days=92)

SIZES = {
    "small": "small",
    "s": "small",
    "小": "small",
    "小件": "small",
    "medium": "medium",
    "m": "medium",
    "中": "medium",
    "中件": "medium",
    "large": "large",
    "l": "large",
    "大": "large",
    "大件": "large",
}
CONSENTS = {
    "": ConsentBasis.UNKNOWN,
    "unknown": ConsentBasis.UNKNOWN,
    "未知": ConsentBasis.UNKNOWN,
    "this_parcel": ConsentBasis.THIS_PARCEL,
    "本件同意": ConsentBasis.THIS_PARCEL,
    "declared_by_courier": ConsentBasis.DECLARED_BY_COURIER,
    "快递员声明": ConsentBasis.DECLARED_BY_COURIER,
    "快递员已征得同意": ConsentBasis.DECLARED_BY_COURIER,
}
HOW = {
    "courier": "courier",
    "快递员": "courier",
    "phone_call": "phone_call",
    "电话": "phone_call",
    "in_person": "in_person",
    "当面": "in_person",
}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s].*)?", re.ASCII | re.DOTALL)
_MASKED = re.compile(r"\+?[\d\s\-]*[*•●×xX][\d\s\-*•●×xX,;#转分机ext.]*", re.ASCII)
_CARRIER_NAMES = {
    name.casefold(): facts.code
    for facts in COMPANIES.values()
    for name in (
        facts.code,
        facts.name_en,
        facts.name_zh,
        facts.short_en,
        facts.short_zh,
        f"{facts.short_zh}快递",
        f"{facts.short_zh}速递",
    )
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says of a parcel; the waybill is canonical, a masked phone stays as it was written."""

    waybill: str
    carrier: str
    expected_on: date
    phone: Phone | None = None
    masked_phone: str | None = None
    name: str | None = None
    size_class: str = "medium"
    consent: ConsentBasis = ConsentBasis.UNKNOWN
    consent_how: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds where a row says nothing: the carrier, if one was chosen, and the day."""

    carrier: str | None
    expected_on: date
    today: date


def read(cells: Sequence[str], mapping: Mapping, rules: Rules) -> Said | Fault:
    """Return what a row says, or its first fault. Never raises."""
    values = {field: tidy(cells[place]) for field, place in mapping.items() if place < len(cells)}
    try:
        return _said(values, rules)
    except FaultError as error:
        return error.fault


def _said(values: dict[Field, str], rules: Rules) -> Said:
    for field, value in values.items():
        if "\ufffd" in value or len(value) > LONGEST:
            raise FaultError(Fault(field, Why.UNREADABLE, value))
    waybill = _waybill(values.get(Field.WAYBILL, ""))
    phone, masked = _phone(values.get(Field.PHONE, ""))
    consent, how = _consent(values, phone)
    return Said(
        waybill=waybill,
        carrier=_carrier(values.get(Field.CARRIER, ""), waybill, rules),
        expected_on=_day(values.get(Field.DAY, ""), rules),
        phone=phone,
        masked_phone=masked,
        name=_name(values.get(Field.NAME, "")),
        size_class=_size(values.get(Field.SIZE, "")),
        consent=consent,
        consent_how=how,
    )


def _waybill(text: str) -> str:
    if not text:
        raise FaultError(Fault(Field.WAYBILL, Why.WAYBILL_MISSING))
    whole = number(Field.WAYBILL, text)
    waybill = None if looks_glued(whole) else canonical_waybill(whole)
    if waybill is None:
        raise FaultError(Fault(Field.WAYBILL, Why.WAYBILL_WRONG, text))
    return waybill


def _phone(text: str) -> tuple[Phone | None, str | None]:
    """Return a whole number, or one of which the carrier shows some digits only."""
    if not text:
        return None, None
    phone = phones.parse(number(Field.PHONE, text))
    if phone is not None:
        return phone, None
    if is_masked(text):
        return None, text
    raise FaultError(Fault(Field.PHONE, Why.PHONE_WRONG, text))


def is_masked(text: str) -> bool:
    """Say whether a text is a phone number of which only some digits show, four at the end among them."""
    is_short = len(text) <= phones.LONGEST
    return is_short and _MASKED.fullmatch(text) is not None and phones.tail_of(text) is not None


def _name(text: str) -> str | None:
    """Return a name, whole or masked (`陈**`)."""
    if not text:
        return None
    name = names.clean(text)
    if name is None:
        raise FaultError(Fault(Field.NAME, Why.NAME_WRONG, text))
    return name


def _size(text: str) -> str:
    if not text:
        return "medium"
    if text.casefold() not in SIZES:
        raise FaultError(Fault(Field.SIZE, Why.SIZE_WRONG, text))
    return SIZES[text.casefold()]


def _consent(values: dict[Field, str], phone: Phone | None) -> tuple[ConsentBasis, str | None]:
    """Return the ground a row names and how it is known: nothing that nobody gave (announce.WAYS)."""
    said, told = values.get(Field.CONSENT, ""), values.get(Field.CONSENT_HOW, "")
    basis = CONSENTS.get(said.casefold())
    if basis is None:
        raise FaultError(Fault(Field.CONSENT, Why.CONSENT_WRONG, said))
    if basis is ConsentBasis.UNKNOWN:
        return basis, None
    how = HOW.get(told.casefold())
    if how not in WAYS[basis]:
        raise FaultError(Fault(Field.CONSENT_HOW, Why.CONSENT_HOW, told))
    if phone is None:
        raise FaultError(Fault(Field.CONSENT, Why.CONSENT_PHONE, said))
    return basis, how


def _carrier(text: str, waybill: str, rules: Rules) -> str:
    if text:
        code = _CARRIER_NAMES.get(text.casefold())
        if code is None:
            raise FaultError(Fault(Field.CARRIER, Why.CARRIER_WRONG, text))
        return code
    if rules.carrier:
        return rules.carrier
    candidates = detect(waybill, limit=1)
    if not candidates:
        raise FaultError(Fault(Field.CARRIER, Why.CARRIER_MISSING))
    return candidates[0].carrier


def _day(text: str, rules: Rules) -> date:
    if not text:
        return rules.expected_on
    found = _DAY.fullmatch(text)
    try:
        day = date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        day = None
    if day is None:
        raise FaultError(Fault(Field.DAY, Why.DAY_WRONG, text))
    if not rules.today - PAST <= day <= rules.today + AHEAD:
        raise FaultError(Fault(Field.DAY, Why.DAY_FAR, text))
    return day
