"""Names: what is stored, what a screen shows, what the blind index holds."""

import pytest

from station.core.names import LONGEST, clean, folded, masked, matches, search_key, search_prefixes


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (" 陈晓明 ", "陈晓明"),
        ("Chen   Wei", "Chen Wei"),
        ("Chen\u3000Wei", "Chen Wei"),
        ("Jose\u0301", "José"),
        ("O'Brien-Smith Jr.", "O'Brien-Smith Jr."),
        ("买买提·阿卜杜拉", "买买提·阿卜杜拉"),
        ("张先生（3号楼）", "张先生（3号楼）"),
        ("\U00031350某", "\U00031350某"),
        ("नीलम", "नीलम"),
        ("陈" * LONGEST, "陈" * LONGEST),
    ],
)
def test_clean_keeps_names(text, name):
    assert clean(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "陈" * (LONGEST + 1),
        "a" * 100_000,
        "陈\n晓明",
        "陈\x00晓明",
        "陈😀",
        "❤️陈",
        "1️⃣陈",
        "陈\u202e明晓",
        "陈\u200b晓明",
        "\u3164",
        "<b>Chen</b>",
        "Chen$",
        "13812344068",
        "***",
        "\ud800陈",
        "陈\ue000",
    ],
)
def test_clean_refuses_what_is_no_name(text):
    assert clean(text) is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("陈晓明", "陈**"),
        ("陈", "陈**"),
        ("欧阳锋", "欧**"),
        ("Chen Wei", "Chen **"),
        ("Chen Wei Ming", "Chen **"),
        ("Madonna", "M**"),
        ("陈 晓明", "陈**"),
        ("买买提·阿卜杜拉", "买**"),
        ("A栋陈晓明 先生", "A**"),
        ("13812344068 Chen", "1**"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_masked_shows_the_beginning(name, shown):
    assert masked(name) == shown


def test_search_prefixes_of_a_name_without_spaces():
    assert search_prefixes("陈晓明") == ("陈", "陈晓", "陈晓明")
    assert search_prefixes("陈") == ("陈",)


def test_search_prefixes_of_words():
    assert search_prefixes("Chen WEI") == ("ch", "we", "che", "wei", "chenw")
    assert search_prefixes("Ａ") == ("a",)
    assert len(search_prefixes("Maximilian Alexander Featherstone")) == 12
    assert search_prefixes("") == search_prefixes("··· !") == ()


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("陈", "陈"),
        ("陈晓明", "陈晓明"),
        ("CHEN", "che"),
        ("chen w", "chenw"),
        ("Carmen", "carme"),
        ("Ｃｈ", "ch"),
        ("c", "c"),
        ("", None),
        (" *.- ", None),
    ],
)
def test_search_key_is_an_indexed_length(typed, key):
    assert search_key(typed) == key


def test_folded_tells_whole_names_apart_where_search_key_does_not():
    assert folded("Chen Wei") == folded("ＣＨＥＮ  wei") == "chenwei"
    assert folded("Chen Wei") != folded("Chen Wu")
    assert search_key("Chen Wei") == search_key("Chen Wen")
    assert folded("") == folded(" · ") == ""


def test_matches_tells_what_a_shortened_key_found_too_much():
    assert search_key("carmen") in search_prefixes("Carmelo Diaz")
    assert not matches("Carmelo Diaz", "carmen")
    assert matches("Carmen Diaz", "carmen")
    assert matches("Maria del Carmen", "CARM")
    assert not matches("陈晓红", "陈晓明")
    assert not matches("陈晓红", "")
