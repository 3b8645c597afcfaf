"""Reading Alipay's bill: its real layout, and files that are broken, hostile or somebody else's."""

import io
import zipfile

import pytest

from station.core.errors import StationError
from station.payments import alipay_bill
from station.payments.provider import FileLine, Kind
from tests.alipay import HEADER, bill, bill_row, zipped

PAID = bill_row("2026112022001", "77", "12.50", fee="0.08")
BACK = bill_row("2026112022001", "77", "-2.50", "退款", "88", fee="-0.02")


def refused(content):
    with pytest.raises(StationError) as error:
        alipay_bill.read(content)
    return error.value.code


@pytest.mark.parametrize(
    "wrap", [lambda content: content, lambda content: zipped(detail=content, sums="#汇总".encode("gb18030"))]
)
def test_payments_and_refunds_are_read(wrap):
    assert alipay_bill.read(wrap(bill(PAID, BACK))) == [
        FileLine(Kind.PAYMENT, "77", "2026112022001", 1250, "CNY", "77", 8),
        FileLine(Kind.REFUND, "88", "2026112022001", 250, "CNY", "77", -2),
    ]


def test_which_way_a_fee_went_is_said_by_the_line_not_by_its_sign():
    paid = bill_row("2026112022001", "77", "12.50", fee="-0.08")
    back = bill_row("2026112022001", "77", "-2.50", "退款", "88", fee="0.02")
    assert [line.fee_minor for line in alipay_bill.read(bill(paid, back))] == [8, -2]


def test_a_refund_without_a_number_of_its_own_is_named_by_its_trade():
    (line,) = alipay_bill.read(bill(bill_row("2026112022001", "77", "-2.50", "退款")))
    assert (line.number, line.payment) == ("2026112022001", "77")


def test_a_day_without_payments_is_empty():
    assert alipay_bill.read(bill()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"rubbish",
        b"PK\x03\x04 broken",
        zipped(),
        zipped(sums="#汇总".encode("gb18030")),
        b"\xff\xff\xff",
        bill(bill_row("=cmd|x", "77", "12.50")),
        bill(bill_row("2026", "=1+1", "12.50")),
        bill(bill_row("2026", "77", "=1+1")),
        bill(bill_row("2026", "77", "12.505")),
        bill(bill_row("2026", "77", "1e3")),
        bill(bill_row("2026", "77", "--5.00")),
        bill(bill_row("2026", "77", "12.50", "转账")),
        bill(bill_row("2026", "77", "12.50", fee="=1+1")),
        bill("2026,77"),
        bill('"open'),
        HEADER.encode("utf-16"),
    ],
)
def test_what_is_no_bill_is_refused(content):
    assert refused(content) == "file_unreadable"


def test_a_zip_that_unpacks_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(alipay_bill, "MOST_BYTES", 10_000)
    assert refused(zipped(bomb=b"0" * 1_000_000)) == "too_large"
    assert refused(zipped(**{f"part{number}": b"#" * 3_000 for number in range(5)})) == "too_large"
    assert refused(b"#" * 10_001) == "too_large"


def test_a_zip_of_many_files_or_a_large_one_is_refused(monkeypatch):
    assert refused(zipped(**{f"n{number}": b"#" for number in range(9)})) == "too_large"
    monkeypatch.setattr(alipay_bill, "MOST_PACKED", 100)
    assert refused(zipped(detail=bill(PAID))) == "too_large"


def test_a_line_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(alipay_bill, "LONGEST_LINE", 500)
    assert refused(bill(bill_row("2026", "77" + "7" * 600, "12.50"))) == "file_unreadable"


def test_files_of_other_kinds_in_the_zip_are_left_alone():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../readme.txt", b"x")
        archive.writestr("detail.csv", bill(PAID))
    assert len(alipay_bill.read(out.getvalue())) == 1


@pytest.mark.parametrize(("text", "minor"), [("0.01", 1), ("12.5", 1250), ("12", 1200), ("0", 0)])
def test_yuan_become_fen_exactly(text, minor):
    assert alipay_bill.minor(text) == minor


@pytest.mark.parametrize("text", ["-1", "+1", "1.001", "1,000", "１", "", " 1", "1 ", "1.", "NaN"])
def test_what_is_no_amount_is_none(text):
    with pytest.raises(ValueError, match="amount"):
        alipay_bill.minor(text)


@pytest.mark.parametrize("minor", [1, 99, 100, 1250, 10**9])
def test_fen_become_yuan_and_back(minor):
    assert alipay_bill.minor(alipay_bill.yuan(minor)) == minor
