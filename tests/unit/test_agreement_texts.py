"""The texts of agreements: whole, in both languages, and those that were shown once stay as they were."""

import pytest

from station.core.i18n import LANGUAGES
from station.residents.agreement_texts import CURRENT, TEXTS, Purpose, current

# What people have agreed to. A better text is a new version with a line of its own; no line is ever changed.
PINNED = {
    (Purpose.PHOTOS, 1, "en"): "fdf3691b7b27b8166bb13cb35a42dc9b0b40b98b7d070c5398320f902eb313c7",
    (Purpose.PHOTOS, 1, "zh"): "b3f5b8719a49b4393a85054f60d5709e5a9987e49dcdc2f756b8dd6e4e076f9e",
    (Purpose.PHOTOS, 2, "en"): "775e0de9be8eb1503c0c22344203f08a0c4a3a8b8b38591225c95c68ea2a7bbf",
    (Purpose.PHOTOS, 2, "zh"): "03d6006fd59b01a331e20ab0077b273264425869dd58f044b395d1d3c0ad9867",
    (Purpose.FACE, 1, "en"): "bb358e5a217c516d31f242a4bac4ce72c3cbee3b899ab9d7fabbc0f883f0e0ba",
    (Purpose.FACE, 1, "zh"): "c7dae38ba6c845ea2c5dc95f5fcdbe37b19af5c00600b3500a66b929b5960b30",
}


def test_no_text_that_was_shown_has_changed() -> None:
    assert {key: text.sha256.hex() for key, text in TEXTS.items()} == PINNED


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", Purpose)
def test_the_current_text_is_there_in_both_languages(purpose: Purpose, language: str) -> None:
    text = current(purpose, language)
    assert text is TEXTS[purpose, CURRENT[purpose], language]
    assert "14" in text.body
    assert len(text.paragraphs) == len(current(purpose, "en").paragraphs)


def test_a_language_without_a_text_reads_english() -> None:
    assert current(Purpose.FACE, "tlh") is current(Purpose.FACE, "en")
