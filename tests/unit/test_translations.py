"""The Chinese is complete, fits its English, and the check would notice if it did not."""

import re

import pytest
from babel.messages.catalog import Catalog

from station.core import i18n
from station.web import translations

CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Between Chinese characters the half-width marks are a slip of the keyboard.
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;?!]|[\u4e00-\u9fff]\.(?:$|\s)")


def catalog(**messages: str) -> Catalog:
    made = Catalog(locale="zh")
    for text, translation in messages.items():
        made.add(text, translation)
    return made


def test_every_text_has_its_chinese() -> None:
    assert list(translations.faults(translations.extracted(), translations.stored())) == []


def test_chinese_uses_full_width_punctuation() -> None:
    slips = [message.string for message in translations.stored() if HALF_WIDTH.search(str(message.string))]

    assert slips == []


def test_most_texts_are_really_chinese() -> None:
    texts = list(translations.texts(translations.stored()))
    left = [message.id for message in texts if not CHINESE.search(str(message.string))]

    assert len(left) < len(texts) / 50, left


@pytest.mark.parametrize(
    ("known", "fault"),
    [
        ({}, "not translated"),
        ({"%(num)s days": ""}, "not translated"),
        ({"%(num)s days": "天"}, "other places"),
        ({"%(num)s days": "%(number)s 天"}, "other places"),
        ({"%(num)s days": "%(num)s 天", "Gone": "没了"}, "no longer used"),
    ],
)
def test_fault_is_found(known: dict[str, str], fault: str) -> None:
    found = list(translations.faults(catalog(**{"%(num)s days": ""}), catalog(**known)))

    assert len(found) == 1
    assert found[0].startswith(fault)


def test_fuzzy_translation_is_a_fault() -> None:
    known = catalog(Open="开")
    known["Open"].flags.add("fuzzy")

    assert list(translations.faults(catalog(Open=""), known)) == ["fuzzy: 'Open'"]


def test_chinese_is_spoken_inside_its_block_only() -> None:
    with i18n.speaking("zh"):
        inside = i18n.gettext("Sign in")

    assert (inside, i18n.gettext("Sign in")) == ("登录", "Sign in")


def test_unknown_language_means_english() -> None:
    with i18n.speaking("tlh"):
        assert i18n.gettext("Sign in") == "Sign in"
