"""Reading Alipay's bill of a day: a zip with a CSV of movements and one of sums, in GB18030. Pure.

The layout is Alipay's own (opendocs.alipay.com, alipay.data.dataservice.bill.downloadurl.query, bill_type trade): lines
of remarks begin with `#`, then a header, then one line a movement, each cell filled up with tabs. What a cell holds is
taken as a number only where it looks like one; nothing of it is ever a formula.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence

from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.payments.provider import NUMBER, FileLine, Kind

ENCODING = "gb18030"
# Ours: a line has about 300 bytes, so this is a day of 60,000 payments; a zip of them is a tenth of it.
MOST_BYTES = 20 * 1024 * 1024
MOST_PACKED = 5 * 1024 * 1024
MOST_FILES = 8  # a bill holds two
LONGEST_LINE = 64 * 1024

REF, NUMBER_OURS, TYPE, AMOUNT, REFUND_NUMBER, FEE = (
    "支付宝交易号",
    "商户订单号",
    "业务类型",
    "订单金额（元）",
    "退款批次号/请求号",
    "服务费（元）",
)
COLUMNS = frozenset({REF, NUMBER_OURS, TYPE, AMOUNT, REFUND_NUMBER, FEE})
KINDS = {"交易": Kind.PAYMENT, "退款": Kind.REFUND}
YUAN = re.compile(r"(\d{1,10})(?:\.(\d{1,2}))?", re.ASCII)


def read(content: bytes) -> list[FileLine]:
    """Return the movements of a bill, zipped or not, in the order of the file.

    Raises StationError `file_unreadable` for anything else, `too_large` for a zip that holds more than it may.
    """
    texts = [_decoded(part) for part in _parts(content)]
    found = [rows for rows in map(_rows, texts) if rows is not None]
    if not found:
        raise _unreadable()
    return [_line(row) for rows in found for row in rows]


def minor(yuan: str) -> int:
    """Return an amount of Alipay's, such as `12.50`, in fen. Raises ValueError for anything else, a sign too."""
    found = YUAN.fullmatch(yuan)
    if found is None:
        raise ValueError("not an amount")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def yuan(amount_minor: int) -> str:
    """Write fen as Alipay wants them, such as `12.50`."""
    return f"{amount_minor // 100}.{amount_minor % 100:02}"


def _parts(content: bytes) -> list[bytes]:
    if not content.startswith(b"PK"):
        return [_bounded(content)]
    if len(content) > MOST_PACKED:
        raise _too_large()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _unpacked(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise _unreadable() from error


def _unpacked(archive: zipfile.ZipFile) -> list[bytes]:
    """Unpack the tables of an archive in memory, counting what comes out: a header may lie about its size."""
    names = [info for info in archive.infolist() if info.filename.lower().endswith(".csv")]
    if len(names) > MOST_FILES:
        raise _too_large()
    parts, left = [], MOST_BYTES
    for info in names:
        with archive.open(info) as member:
            part = member.read(left + 1)
        if len(part) > left:
            raise _too_large()
        left -= len(part)
        parts.append(part)
    return parts


def _bounded(content: bytes) -> bytes:
    if len(content) > MOST_BYTES:
        raise _too_large()
    return content


def _decoded(part: bytes) -> str:
    try:
        return part.decode(ENCODING)
    except UnicodeDecodeError as error:
        raise _unreadable() from error


def _rows(text: str) -> Sequence[Mapping[str, str]] | None:
    """Return the movements of one table, None for a table of something else, such as the sums."""
    lines = (line for line in io.StringIO(text) if line.strip() and not line.startswith("#"))
    try:
        table = list(csv.reader(_short(lines), strict=True))
    except csv.Error as error:
        raise _unreadable() from error
    if not table or not {cell.strip() for cell in table[0]} >= COLUMNS:
        return None
    header = [cell.strip() for cell in table[0]]
    if any(len(row) < len(header) for row in table[1:]):
        raise _unreadable()
    return [dict(zip(header, (cell.strip() for cell in row), strict=False)) for row in table[1:]]


def _short(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if len(line) > LONGEST_LINE:
            raise _unreadable()
        yield line


def _line(row: Mapping[str, str]) -> FileLine:
    kind, payment = KINDS.get(row[TYPE]), row[NUMBER_OURS]
    number = (row[REFUND_NUMBER] or row[REF]) if kind is Kind.REFUND else payment
    if kind is None or not all(NUMBER.fullmatch(one) for one in (number, payment, row[REF])):
        raise _unreadable()
    try:
        amount, fee = (minor(cell.removeprefix("-")) for cell in (row[AMOUNT], row[FEE] or "0"))
    except ValueError as error:
        raise _unreadable() from error
    # Refunds are below zero, and so is a fee in some bills: what a line is says which way its money went.
    return FileLine(kind, number, row[REF], amount, "CNY", payment, -fee if kind is Kind.REFUND else fee)


def _unreadable() -> StationError:
    return StationError("file_unreadable", _("This is not a bill of Alipay. Download the day’s bill again."))


def _too_large() -> StationError:
    return StationError("too_large", _("This bill is larger than any day’s can be."))
