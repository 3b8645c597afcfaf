"""Which column of a file means what: proposed from its headers, in Chinese and English, and changed by people. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum


class Field(StrEnum):
    """What a manifest can say of a parcel."""

    WAYBILL = "waybill"
    PHONE = "phone"
    NAME = "name"
    SIZE = "size"
    CONSENT = "consent"
    CONSENT_HOW = "consent_how"
    CARRIER = "carrier"
    DAY = "day"


# Headers as carriers' systems and people write them, folded (see `_folded`). Source: the field's words, DOMAIN.md 2.1.
HEADERS: dict[Field, str] = {
    Field.WAYBILL: "waybill waybillno waybillnumber trackingnumber trackingno tracking parcelnumber awb barcode mailno"
    " 运单号 运单号码 快递单号 快递单 面单号 单号 物流单号 运单编号 条码 包裹号 邮件号",
    Field.PHONE: "phone phonenumber mobile mobilenumber tel telephone recipientphone receiverphone consigneephone"
    " 手机 手机号 手机号码 电话 电话号码 联系电话 收件人电话 收件人手机 收件人手机号 收件人联系电话 收件电话"
    " 收件手机 收货人电话 收货人手机 隐私号",
    Field.NAME: "name recipient recipientname receiver receivername consignee consigneename"
    " 姓名 收件人 收件人姓名 收货人 收货人姓名 客户姓名",
    Field.SIZE: "size sizeclass parcelsize 尺寸 大小 包裹大小 规格 件型",
    Field.CONSENT: "consent consentbasis 同意 同意依据 收件人同意 是否同意 是否同意入站 入站同意 投递意愿",
    Field.CONSENT_HOW: "consenthow how confirmedby 同意方式 确认方式 征得方式 如何得知",
    Field.CARRIER: "carrier carriercode express courier couriercompany 快递公司 承运商 物流公司 快递 快递品牌",
    Field.DAY: "expectedon expectedday expecteddate day date arrivaldate eta"
    " 预计到达 预计到站日期 预计到达日期 预计到件日期 到达日期 到站日期 到件日期 日期",
}
MEANING = {header: field for field, headers in HEADERS.items() for header in headers.split()}
_NOT_LETTERS = re.compile(r"[\W_]+")
_NOTE = re.compile(r"[(（\[【].*", re.DOTALL)  # `手机号（必填）`

Mapping = dict[Field, int]
"""The column, counted from 0, in which each field stands."""


def _folded(header: str) -> str:
    plain = unicodedata.normalize("NFKC", header).casefold()
    return _NOT_LETTERS.sub("", _NOTE.sub("", plain))


def meaning(header: str) -> Field | None:
    """Return what a header means, None for one that is not known."""
    return MEANING.get(_folded(header))


def propose(headers: Sequence[str]) -> Mapping:
    """Return the column of each field that the headers name; of two with one meaning the first."""
    found: Mapping = {}
    for place, header in enumerate(headers):
        field = meaning(header)
        if field is not None:
            found.setdefault(field, place)
    return found


def header_row(rows: Sequence[Sequence[str]]) -> int | None:
    """Return which of the first rows holds the headers: the one that names most fields; None when no row names any."""
    named = [len(propose(row)) for row in rows]
    best = max(named, default=0)
    return named.index(best) if best else None
