"""The kiosk's sentences: whole in both languages, all used, none missing."""

import re
from pathlib import Path

import pytest

from kiosk import refusals, words
from kiosk.session import keypad, looking, proving
from kiosk.session.state import Screen
from kiosk.web import spoken, view
from station.carriers.catalogue import CARRIERS, OTHER

ROOM = Path(words.__file__).parent
TABLES = {"sentences.py", "notices.py"}
TEXTS = {
    path.relative_to(ROOM).as_posix(): path.read_text("utf-8")
    for path in ROOM.rglob("*")
    if path.suffix in {".py", ".html", ".js"} and path.name not in TABLES
}
PLACE = re.compile(r"%\((\w+)\)s")
NAMED = re.compile(r"""\b(?:say|counted|Notice|Say)\((?:[^()'"]*,\s*)?['"]([a-z0-9_]+[a-z0-9])['"]""")
# Keys that the code puts together, by what it puts them together from.
MADE = (
    refusals.keys()
    | {f"demo_{scene}" for screen in Screen for scene in view.demo_scenes(screen)}
    | {f"fault_{part}" for part in ("camera", "spool", "list", "clock", "other")}
    | {f"carrier_{code}" for code in CARRIERS if code != OTHER}
    | {f"size_{size}" for size in ("small", "medium", "large")}
    | {f"cold_{storage}" for storage in ("chilled", "frozen")}
    | {f"camera_{what}{more}" for what in ("code", "face") for more in ("", "_more")}
    | {f"{key}_one" for key in words.TABLE if f"{key}_one" in words.TABLE}
    | set(looking.SIDES.values())
    | set(proving.PROMPTS.values())
)


def quoted(key: str) -> bool:
    return any(f'"{key}"' in text or f"'{key}'" in text for text in TEXTS.values())


def test_every_key_that_is_named_has_a_sentence():
    named = {key for text in TEXTS.values() for key in NAMED.findall(text)} | MADE | set(spoken.SPOKEN)

    assert sorted(named - set(words.TABLE)) == []


def test_every_sentence_is_used():
    assert [key for key in words.TABLE if key not in MADE and not quoted(key)] == []


def test_no_key_has_two_sentences():
    assert len(words.TABLE) == len(words.SENTENCES) + len(words.NOTICES)


@pytest.mark.parametrize("key", words.TABLE)
def test_both_languages_say_the_same_things(key):
    english, chinese = words.TABLE[key]

    assert english.strip()
    assert chinese.strip()
    assert set(PLACE.findall(english)) == set(PLACE.findall(chinese)) or key.endswith("_one")
    assert set(PLACE.findall(english)) <= set(PLACE.findall(chinese)) | {"count"}


@pytest.mark.parametrize("key", words.TABLE)
def test_sentences_keep_to_the_house_style(key):
    english, chinese = words.TABLE[key]

    assert "!" not in english
    assert "invalid" not in english.lower()
    assert "你" not in chinese  # residents are addressed as 您
    assert not re.search(r"[一-鿿][,;?!]", chinese)  # Chinese has full-width punctuation
    assert not re.search(r"[一-鿿][0-9]|[0-9][一-鿿]", chinese)


@pytest.mark.parametrize("code", sorted(set(CARRIERS) - {OTHER}))
def test_carriers_are_called_as_at_the_counter(code):
    facts = CARRIERS[code]

    assert words.TABLE[f"carrier_{code}"] == (facts.short_name("en"), facts.short_name("zh"))


def test_say_fills_in_the_values():
    assert words.say("place", "zh", shelf="5", layer=2) == "5 号架 第 2 层"


def test_say_speaks_english_where_the_language_is_not_ours():
    assert words.say("leave", "fr") == "Leave"


def test_counted_has_a_form_for_one():
    assert words.counted("leftovers_title", "en", 1) == "1 parcel stays here"
    assert words.counted("leftovers_title", "en", 2) == "2 parcels stay here"


def test_every_key_of_the_proxies_codes_is_on_the_keypad():
    drawn = re.search(r"for key in '(\w+)' ", TEXTS["web/templates/_letters.html"])

    assert drawn is not None
    assert set(drawn[1]).isdisjoint("0O1IL")
    assert all(keypad.PROXY.allowed(char) for char in drawn[1])
