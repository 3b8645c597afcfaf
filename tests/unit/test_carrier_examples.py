"""The forms of carriers' numbers in words: every form has an example that really is one."""

import pytest

from station.carriers.catalogue import CARRIERS, PATTERNS, Era
from station.carriers.detection import canonical_waybill, detect
from station.carriers.examples import SHAPES, everyone, forms


@pytest.mark.parametrize("carrier", SHAPES)
def test_each_pattern_has_an_example_of_its_own_form(carrier):
    patterns = [pattern for pattern in PATTERNS if pattern.carrier == carrier]
    examples = [example for form in forms(carrier) for example in form.examples]
    missing = [
        pattern.regex.pattern for pattern in patterns if not any(map(pattern.regex.fullmatch, examples))
    ]

    assert missing == []
    assert len(SHAPES[carrier]) == len(patterns)


@pytest.mark.parametrize("carrier", CARRIERS)
def test_every_example_is_recognised_as_the_carrier_s(carrier):
    for form in forms(carrier):
        for example in form.examples:
            found = [candidate.carrier for candidate in detect(example)]
            assert canonical_waybill(example) == example
            assert carrier in found
            if form.is_current:
                assert found[0] == carrier


def test_the_words_tell_forms_apart_and_today_s_come_first():
    for _carrier, found in everyone():
        assert len({form.words for form in found}) == len(found)
        assert [form.is_current for form in found] == sorted(
            (form.is_current for form in found), reverse=True
        )


def test_examples_are_the_same_at_every_call():
    assert list(everyone()) == list(everyone())


def test_every_form_known_is_shown():
    assert {pattern.carrier for pattern in PATTERNS} | {"s10"} == {
        code for code, found in everyone() if found
    }
    assert any(pattern.era is Era.LEGACY for pattern in PATTERNS)
