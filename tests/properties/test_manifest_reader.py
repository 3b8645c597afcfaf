"""Whatever is uploaded as a manifest: the reader never crashes, and rows keep the numbers a spreadsheet shows."""

import csv
import io
import zipfile
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from station.core import clock
from station.manifests import rows, sheets, words, workbook
from station.manifests.cells import Fault, tidy
from station.manifests.columns import Field, propose
from station.manifests.rows import Rules, Said
from station.manifests.sheets import SheetError

TODAY = clock.now().date()
RULES = Rules("zto", TODAY, TODAY)
CELLS = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\0\ufffd\ufeff"), max_size=20
)
EVERY = {field: place for place, field in enumerate(Field)}


def read(content: bytes) -> list[sheets.Row]:
    file = io.BytesIO(content)
    return list(sheets.rows(file, sheets.layout_of(file)))


@given(st.binary(max_size=2000) | st.binary(max_size=300).map(lambda tail: b"PK\x03\x04" + tail))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        found = read(content)
    except SheetError as error:
        found = [(0, [words.SHEETS[error.why]])]
    numbers = [number for number, _cells in found]
    assert numbers == sorted(set(numbers))


@given(st.lists(st.lists(CELLS, min_size=2, max_size=6), min_size=1, max_size=12), st.sampled_from(",;\t|"))
def test_rows_keep_their_numbers(table: list[list[str]], delimiter: str) -> None:
    out = io.StringIO()
    head = ["waybill", "phone", "name"]
    csv.writer(out, delimiter=delimiter).writerows([head, *table])
    found = dict(read(out.getvalue().encode("utf-8-sig")))
    for number, cells in enumerate(table, 2):
        kept = [cell.strip() for cell in cells]
        assert [cell.strip() for cell in found.get(number, [""] * len(cells))] == kept


@given(st.lists(CELLS, max_size=10))
def test_any_row_is_read_or_has_a_fault(cells: list[str]) -> None:
    assert isinstance(rows.read(cells, EVERY, RULES), Said | Fault)


@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(_book())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(SheetError):
        read(bytes(content))


@cache  # the same for every example
def _book() -> bytes:
    book = Workbook()
    for place in range(3):
        book.active.append([f"SF123456789012{place}", 13812344068, None])  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/other.xml"])
def test_a_flood_is_refused_before_it_is_unpacked(part: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(part, "w") as file:
        for _ in range(workbook.PART_LIMIT // (1024 * 1024) + 1):
            file.write(bytes(1024 * 1024))
    assert len(out.getvalue()) < 1024 * 1024
    with pytest.raises(SheetError, match="too_large_inside"):
        read(out.getvalue())


def test_a_workbook_that_names_an_entity_is_refused() -> None:
    source, out = zipfile.ZipFile(io.BytesIO(_book())), io.BytesIO()
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa">]>'
    with zipfile.ZipFile(out, "w") as archive:
        for name in source.namelist():
            text = source.read(name).decode()
            if name.endswith("sheet1.xml"):
                text = bomb + text.replace("SF123", "&a;")
            archive.writestr(name, text)
    with pytest.raises(SheetError, match="broken_workbook"):
        read(out.getvalue())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_is_found_out(encoding: str) -> None:
    text = "快递单号；备注,收件人手机号（必填）,姓名\n776012345678901,138****8000,欧阳**\n\n776012345678902,,王芳\n"
    found = read(text.encode(encoding))
    assert [number for number, _cells in found] == [1, 2, 4]
    assert propose(["快递单号", "收件人手机号（必填）", "姓名"]) == {
        Field.WAYBILL: 0,
        Field.PHONE: 1,
        Field.NAME: 2,
    }
    assert found[1][1][2] == "欧阳**"


def test_a_few_broken_bytes_break_their_row_only() -> None:
    good = "".join(f"7760123456789{place:02d},王芳\n" for place in range(50)).encode()
    found = read("运单号,姓名\n".encode() + good + b"776012345678999,\xff\xfe\n" + good)
    mapping = {Field.WAYBILL: 0, Field.NAME: 1}
    faults = [number for number, cells in found[1:] if isinstance(rows.read(cells, mapping, RULES), Fault)]
    assert faults == [52]


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("'776012345678901", "776012345678901"),
        ('="776012345678901"', "776012345678901"),
        ("\t12 \u00a0", "12"),
    ],
)
def test_what_surrounds_a_cell_is_undone(cell: str, meant: str) -> None:
    assert tidy(cell) == meant
