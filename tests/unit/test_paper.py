"""Tables on A4: every page says which it is, sums stay with rows, any letter shows as something."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.core import letters, paper
from station.core.i18n import speaking
from station.core.letters import BOLD, REGULAR
from station.core.paper import Paper, figures, file_name, words
from tests.papers import loose_fonts, texts

PAPER = Paper(
    station="枫林苑驿站",
    title="Account statement",
    about=(("Account", "王㛃𬭎"), ("Period", "2026-10-01 – 2026-10-31")),
    columns=(words("Day"), words("What"), figures("Amount")),
    rows=(),
    sums=(("Balance before", "¥0.00"), ("Balance after", "¥1,234.50")),
    signers=("For the station", "For the partner"),
)


def rows(count):
    return [(f"row-{number}", "赣南脐橙 " * 9, f"-HK${number:,}.50") for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 26, 27, 28, 29, 30, 31, 40, 300])
def test_every_row_is_on_one_page_and_the_sums_are_never_alone(count):
    pages = texts(paper.as_pdf(replace(PAPER, rows=rows(count))))

    assert [int(number) for page in pages for number in re.findall(r"row-(\d+)", page)] == list(range(count))
    assert all(page.count("Amount") == 1 for page in pages)  # the head of the table
    assert ["Balance after" in page for page in pages] == [False] * (len(pages) - 1) + [True]
    assert "For the partner" in pages[-1]
    if count > 1:
        assert pages[-1].count("row-") >= min(count, 2)
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page


def test_titles_stand_in_one_line_where_there_is_room():
    columns = (words("Date"), figures("Fee for a parcel"), figures("Amount"))
    short = [("2026-10-01", "¥0.30", "¥0.90")]

    assert "Fee for a parcel" in texts(paper.as_pdf(replace(PAPER, columns=columns, rows=short)))[0]


def test_the_papers_speak_the_language_of_who_reads_them():
    with speaking("zh"):
        content = paper.as_pdf(replace(PAPER, rows=rows(3)))

    assert "第 1 页，共 1 页" in texts(content)[0]
    assert "枫林苑驿站" in texts(content)[0]


def test_every_font_is_embedded():
    assert loose_fonts(paper.as_pdf(replace(PAPER, rows=rows(3)))) == set()


def test_letters_that_no_face_has_show_as_something():
    assert letters.shown("王㛃𬭎") == "王㛃𬭎"
    assert letters.shown("🍊赣南脐橙\u200d❤️ 现摘") == "赣南脐橙 现摘"
    assert letters.shown("สวัสดี\n¥12") == "〓〓〓〓 ¥12"
    assert letters.shown("\U00033479") == "〓"


@pytest.mark.parametrize("face", [REGULAR, BOLD])
@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=60), room=st.floats(40, 200))
def test_lines_keep_every_letter_and_fit(face, text, room):
    lines = letters.folded(text, 9, room, face)

    assert "".join(lines).replace(" ", "") == letters.shown(text).replace(" ", "")
    assert all(letters.width(line, 9, face) <= room for line in lines)


def test_chinese_lines_do_not_begin_with_a_stop():
    lines = letters.folded("坏果包赔，少一赔一。坏果包赔，少一赔一。（含运费）坏果包赔", 9, 9 * 5.5)

    assert len(lines) > 3
    assert not any(line[0] in letters.NEVER_FIRST or line[-1] in letters.NEVER_LAST for line in lines)


def test_figures_too_long_for_the_paper_stay_on_it():
    wide = replace(
        PAPER, columns=(words("Day"), figures("A"), figures("B")), rows=[("x", "9" * 60, "9" * 60)]
    )

    assert "".join(texts(paper.as_pdf(wide))).replace("\n", "").count("9") >= 120


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("结算单", "山里果园", "2026-10-01"), "结算单-山里果园-2026-10-01.pdf"),
        (("Order", "", "a/b\\c: d\n"), "Order-a_b_c_d.pdf"),
        (("../..", "x" * 99), f"{'x' * 24}.pdf"),
    ],
)
def test_files_are_named_for_what_they_are(parts, name):
    assert file_name(*parts, suffix="pdf") == name
