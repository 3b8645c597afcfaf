"""Telling whose app a scanned payment code (付款码) comes from. Pure: a code is looked at and handed on, never kept."""

import re
import unicodedata

from station.payments.catalogue import WAYS, Way

# 18 digits that begin with 10 … 15 (pay.weixin.qq.com/wiki/doc/api/micropay.php?chapter=5_1).
WECHAT = re.compile(r"1[0-5][0-9]{16}", re.ASCII)


def plain(text: str) -> str:
    """Return what was scanned without blanks, digits as such whatever keyboard they went through."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def way_of(code: str) -> Way | None:
    """Return through which provider a payment code is charged, None for anything else."""
    return next(
        (way for way, facts in WAYS.items() if facts.payer_code and facts.payer_code.fullmatch(code)), None
    )


def is_wechat(code: str) -> bool:
    """Tell whether it is a payment code of WeChat Pay."""
    return WECHAT.fullmatch(code) is not None


def is_any(code: str) -> bool:
    """Tell whether it is a payment code, of an app that the station takes or of another."""
    return is_wechat(code) or way_of(code) is not None
