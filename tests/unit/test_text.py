"""Fields and refused scans: what is kept, what is refused, what is shown."""

import pytest

from station.core.text import clean_block, clean_line, printable


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        (" \n", ""),
        ("  North gate, by the tree \r\n", "North gate, by the tree"),
        ("Jose\u0301", "José"),
        ("北门 3 号", "北门 3 号"),
        ("thanks 👍🏽 👨‍👩‍👧", "thanks 👍🏽 👨‍👩‍👧"),
        ("e\u0301" * 10, "é" * 10),
    ],
)
def test_clean_line_keeps_text(text, line):
    assert clean_line(text, limit=30) == line


@pytest.mark.parametrize(
    "text",
    [
        "a" * 31,
        "a" * 1_000_000,
        "a\nb",
        "a\tb",
        "a\x00b",
        "a\x1bb",
        "a\x85b",
        "a\u2028b",
        "safe\u202efdp.exe",
        "\u2066x\u2069",
        "a\u200bb",
        "\ufeffa",
        "\ud83d",
        "\u3164",
    ],
)
def test_clean_line_refuses(text):
    assert clean_line(text, limit=30) is None


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("", ""),
        ("\n\n  \n", ""),
        ("one\r\ntwo\rthree  \n", "one\ntwo\nthree"),
        ("a\tb", "a b"),
        ("one\n\ntwo", "one\n\ntwo"),
    ],
)
def test_clean_block_keeps_lines(text, block):
    assert clean_block(text, limit=20) == block


@pytest.mark.parametrize(
    "text", ["a" * 21, "abcdefghij\n" * 2, "a\n\x00", "a\n\u202eb", "\n" * 1000, "a" * 10**6]
)
def test_clean_block_refuses(text):
    assert clean_block(text, limit=20) is None


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("SF1385628716739", "SF1385628716739"),
        ("", ""),
        ("a\x1b[31m\r\nb", r"a\x1b[31m\r\nb"),
        ("x\u202ey", r"x\u202ey"),
        ("\ud800", r"\ud800"),
        ("陈😀", "陈😀"),
        ("a" * 64, "a" * 64),
        ("a" * 65, "a" * 63 + "…"),
        ("\x00" * 100_000, r"\x00" * 15 + r"\x0" + "…"),
    ],
)
def test_printable_is_safe_to_show(raw, shown):
    assert printable(raw) == shown
