"""The carriers as data: names, service phones, label sizes and the forms of their waybill numbers.

Reading a number with these forms is detection.py's work; nothing here looks at a parcel.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from station.core.i18n import lazy as _l


@dataclass(frozen=True, slots=True)
class LabelSize:
    """A printed label, in millimetres."""

    width_mm: int
    height_mm: int


# Source: DOMAIN.md 2.5, where 76 x 130 is the default of YTO and ZTO and the others belong to no carrier.
ONE_PART = LabelSize(76, 130)
LABEL_SIZES = (ONE_PART, LabelSize(100, 150), LabelSize(100, 180), LabelSize(100, 100))


@dataclass(frozen=True, slots=True)
class CarrierFacts:
    """What is known of a carrier.

    `service_phone`: the national line, None where none is known.
    `label_sizes`: the sizes known for this carrier, else all that are usual.
    """

    code: str
    name_en: str
    name_zh: str
    short_en: str
    short_zh: str
    service_phone: str | None = None
    label_sizes: tuple[LabelSize, ...] = LABEL_SIZES

    def name(self, language: str) -> str:
        """Return the full name: Chinese for `zh`, else English."""
        return self.name_zh if language == "zh" else self.name_en

    def short_name(self, language: str) -> str:
        """Return the name for a badge: Chinese for `zh`, else English."""
        return self.short_zh if language == "zh" else self.short_en


OTHER = "other"
OWN = "own"  # the station itself: bags of group buys are parcels that no company brought

# The order settles equal scores. Service phones: public lists of carriers, which agree.
CARRIERS: dict[str, CarrierFacts] = {
    facts.code: facts
    for facts in (
        CarrierFacts("sf", "SF Express", "顺丰速运", "SF", "顺丰", "95338"),
        CarrierFacts("zto", "ZTO Express", "中通快递", "ZTO", "中通", "95311", (ONE_PART,)),
        CarrierFacts("yto", "YTO Express", "圆通速递", "YTO", "圆通", "95554", (ONE_PART,)),
        CarrierFacts("sto", "STO Express", "申通快递", "STO", "申通", "95543"),
        CarrierFacts("yunda", "Yunda Express", "韵达速递", "Yunda", "韵达", "95546"),
        CarrierFacts("jd", "JD Logistics", "京东物流", "JD", "京东", "950616"),
        CarrierFacts("ems", "China Post and EMS", "中国邮政 EMS", "EMS", "邮政", "11183"),
        CarrierFacts("jt", "J&T Express", "极兔速递", "J&T", "极兔", "956025"),
        CarrierFacts("deppon", "Deppon Express", "德邦快递", "Deppon", "德邦", "95353"),
        CarrierFacts("cainiao", "Cainiao", "菜鸟速递", "Cainiao", "菜鸟"),
        CarrierFacts("s10", "Foreign post", "外国邮政", "Post", "外邮"),
        CarrierFacts(OTHER, "Other carrier", "其他快递", "Other", "其他"),
        CarrierFacts(OWN, "This station", "本站", "Station", "本站"),
    )
}
COMPANIES = {code: facts for code, facts in CARRIERS.items() if code != OWN}
"""The carriers that somebody may choose."""


class Era(StrEnum):
    """Whether a carrier still gives out numbers of a form."""

    CURRENT = "current"
    LEGACY = "legacy"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One form of a carrier's numbers.

    `share`: the part of all numbers of the same length, with letters and digits in the same places, that fits
    `regex` (1 = says nothing but the length). `weight`: see weight_of. `reason`: a key of REASONS.
    """

    carrier: str
    regex: re.Pattern[str]
    lengths: range
    share: float
    era: Era
    reason: str

    @property
    def weight(self) -> float:
        """Return the rank of a number of this form, above 0 and below 1."""
        return weight_of(self.share, self.era)


def weight_of(share: float, era: Era) -> float:
    """Turn specificity into a rank: the smaller the share, the higher; current forms above legacy ones.

    Source: ours. Current forms lie in [0.50, 1), legacy ones in [0.05, 0.45); within a band 1 - share^(1/4):
    the root spreads shares from 1 to 1/17,576 over the band. Only the order means anything.
    """
    specific = 1 - math.sqrt(math.sqrt(share))
    return round(0.5 + 0.5 * specific, 3) if era is Era.CURRENT else round(0.05 + 0.4 * specific, 3)


_ONE_LETTER = 1 / 26
_TWO_LETTERS = 1 / 26**2
_THREE_LETTERS = 1 / 26**3
_STO_LEGACY = r"(?:268|368|468|568|588|668|688|768|868|888|968)\d{9,10}"


def _patterns(era: Era, rows: Iterable[tuple[str, str, range, float, str]]) -> tuple[Pattern, ...]:
    return tuple(
        Pattern(carrier, re.compile(form, re.ASCII), lengths, share, era, reason)
        for carrier, form, lengths, share, reason in rows
    )


def _length(shortest: int, longest: int = 0) -> range:
    return range(shortest, max(shortest, longest) + 1)


# Source: DOMAIN.md 2.6. JD prints `waybill-box-boxes-` on each box of a consignment (seen in the tests of
# public packing software); without the hyphens that is the waybill and 2 to 4 digits.
# ZTO's legacy `758` and JD's `JDX`, `JDK`, `JDV` are inside the current forms.
PATTERNS: tuple[Pattern, ...] = (
    *_patterns(
        Era.CURRENT,
        (
            ("sf", r"SF[A-Z0-9]\d{12}", _length(15), _TWO_LETTERS, "prefix_sf"),
            ("zto", r"7[3-68]\d{12}", _length(14), 5 / 100, "prefix_zto"),
            ("yto", r"YT\d{13}", _length(15), _TWO_LETTERS, "prefix_yto"),
            ("sto", r"(?:77|43)\d{12,15}", _length(14, 17), 2 / 100, "prefix_sto"),
            ("yunda", r"[34]\d{14}", _length(15), 2 / 10, "prefix_yunda"),
            ("yunda", r"5\d{12}", _length(13), 1 / 10, "prefix_yunda"),
            ("jd", r"JD[A-Z0-9]{2}\d{11}", _length(15), _TWO_LETTERS, "prefix_jd"),
            ("jd", r"JD[A-Z0-9]{2}\d{13,15}", _length(17, 19), _TWO_LETTERS, "box_jd"),
            ("ems", r"[189]\d{12}", _length(13), 3 / 10, "prefix_ems"),
            ("ems", r"P[A-Z]\d{11}", _length(13), _ONE_LETTER, "prefix_ems"),
            ("jt", r"JT\d{13}", _length(15), _TWO_LETTERS, "prefix_jt"),
            ("deppon", r"DPK\d{12}", _length(15), _THREE_LETTERS, "prefix_deppon"),
            ("cainiao", r"621\d{12}", _length(15), 1 / 1000, "prefix_cainiao"),
            # YunExpress also starts with YT, with three digits more than YTO.
            (OTHER, r"YT\d{16}", _length(18), _TWO_LETTERS, "prefix_yunexpress"),
        ),
    ),
    *_patterns(
        Era.LEGACY,
        (
            ("sf", r"\d{12}", _length(12), 1, "legacy_length"),
            ("zto", r"\d{12}", _length(12), 1, "legacy_length"),
            ("yto", r"YT\d{8,20}", _length(10, 22), _TWO_LETTERS, "legacy_yto"),
            # "10 to 12 letters or digits", narrowed by the second source: two of either, then digits.
            ("yto", r"[A-Z0-9]{2}\d{8,10}", _length(10, 12), 1, "legacy_length"),
            ("yto", r"\d{18}", _length(18), 1, "legacy_length"),
            ("sto", _STO_LEGACY, _length(12, 13), 11 / 1000, "legacy_sto"),
            ("sto", r"\d{12,13}", _length(12, 13), 1, "legacy_length"),
            ("yunda", r"\d{13}", _length(13), 1, "legacy_length"),
            ("yunda", r"\d{15}", _length(15), 1, "legacy_length"),
            ("ems", r"5[0-2]\d{11}", _length(13), 3 / 100, "legacy_ems"),
            ("ems", r"\d{13}", _length(13), 1, "legacy_length"),
            ("jt", r"JT\d{12}", _length(14), _TWO_LETTERS, "legacy_jt"),
            ("deppon", r"\d{8,10}", _length(8, 10), 1, "legacy_length"),
        ),
    ),
)

# Why a carrier is proposed, for the screen.
REASONS: dict[str, str] = {
    "prefix_sf": _l("SF and 13 more characters: SF Express."),
    "prefix_zto": _l("14 digits from 73, 74, 75, 76 or 78: ZTO."),
    "prefix_yto": _l("YT and 13 digits: YTO."),
    "prefix_sto": _l("Starts with 77 or 43, 14 to 17 digits: STO."),
    "prefix_yunda": _l("15 digits from 3 or 4, or 13 digits from 5: Yunda."),
    "prefix_jd": _l("JD and 13 more characters: JD Logistics."),
    "box_jd": _l("A longer JD number, as on one of several boxes."),
    "prefix_ems": _l("13 characters from 1, 8, 9 or P: China Post."),
    "prefix_jt": _l("JT and 13 digits: J&T."),
    "prefix_deppon": _l("DPK and 12 digits: Deppon."),
    "prefix_cainiao": _l("621 and 12 digits: Cainiao."),
    "prefix_yunexpress": _l("YT and 16 digits: YunExpress, not YTO."),
    "legacy_yto": _l("YT and an older length: YTO."),
    "legacy_sto": _l("An older beginning of STO's."),
    "legacy_ems": _l("Starts with 50, 51 or 52: China Post."),
    "legacy_jt": _l("JT and 12 digits: older J&T."),
    "legacy_length": _l("Only the length fits, an older form."),
    "s10": _l("A postal item's number, whoever brings it; the check digit is right."),
    "s10_china": _l("International post from China; the check digit is right."),
    "s10_foreign": _l("International post; the check digit is right."),
    "s10_inbound": _l("International post is brought by China Post."),
    "own": _l("A number of this station’s own, for a bag of a group buy; the check digit is right."),
}
