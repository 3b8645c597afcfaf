"""Every message about parcels can be read by phones: by a reader that also reads what other stations send."""

import re
import unicodedata
from datetime import date
from itertools import product

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from station.core.i18n import LANGUAGES, speaking
from station.notices import templates, texts
from station.notices.texts import CODES_SHOWN, Facts, Topic
from tests.unit.phone_reader import read, read_anywhere

FORMATS = (
    *(
        "15-1-7231",
        "4-6-7602",
        "2-3-05025",
        "24-4-3882",
        "109-6-4006",
        "5-5-9-13",
        "M-2-5341",
        "D4-7048",
        "S3-2043",
    ),
    *("Q7-32", "A1-11", "B3-01175", "H-683", "96-014", "267961", "TT6143", "JD2044", "1号柜902144"),
)
SENTENCES = (
    "【菜鸟驿站】您的包裹已到站，凭{}到某小区店取件。",
    "【某某快递】取件码：{}，请于11月28日21:00前领取，地址：某路12号。",
    "【某某驿站】请凭取货码 {} 取件，详情 https://example.org/t/20261128-3-1234",
    "Your pickup code is {}. Collect by Nov 28, 9 am.",
    "提货码为“{}”，3天内有效",
)
SHELVES = ("1", "12", "109", "A", "M", "D4", "KIOSK", "冷藏", "取件", "01")
NAMES = ("Maple Court", "枫林苑驿站", "3-2-1 Stop", "2026号店", "1号柜", "A-12", "18.5 Mile")
TOLD = [topic for topic in Topic if topic is not Topic.UNDONE]
LINK = "https://station.example.org/l/4-5-6789x"


@pytest.mark.parametrize(("code", "sentence"), [*product(FORMATS, SENTENCES)])
def test_reader_reads_what_other_stations_send(code, sentence):
    assert read(sentence.format(code)) == [code]


def test_reader_reads_several_codes():
    assert read("凭 6-5-3002, 6-2-3006 取件") == ["6-5-3002", "6-2-3006"]
    assert read("取件码：6-5-3002，6-2-3006、6-2-3007。") == ["6-5-3002", "6-2-3006", "6-2-3007"]


@pytest.mark.parametrize(
    "text", ["11月28日到12号店", "请看 https://a.example/l/12-3-4567", "code of Nov 28: none", ""]
)
def test_reader_takes_nothing_else_for_a_code(text):
    assert read(text) == []


def facts(shelf, count, *, name="Maple Court", **more):
    codes = tuple(f"{shelf}-{1 + place % 9}-{3210 + place * 37 % 6000:04d}" for place in range(count))
    return Facts(name, codes, date(2026, 11, 28), **({"asks_consent": True} | more))


def write(topic, told, own=None):
    """Return a message as it is sent."""
    return texts.signed(told.station, texts.write(topic, told, own))


@pytest.mark.parametrize(("topic", "language"), [*product(TOLD, LANGUAGES)])
@pytest.mark.parametrize("link", [None, LINK])
def test_phones_read_exactly_the_codes(topic, language, link):
    for shelf, count in product(SHELVES, range(1, 13)):
        told = facts(shelf, count, link=link)
        with speaking(language):
            text = write(topic, told)
        assert read(text) == list(told.codes[:CODES_SHOWN]), text
        assert read_anywhere(text) == list(told.codes[:CODES_SHOWN]), text


@pytest.mark.parametrize(("name", "language"), [*product(NAMES, LANGUAGES)])
def test_stations_name_is_not_taken_for_a_code(name, language):
    told = facts("12", 2, name=name)
    with speaking(language):
        text = write(Topic.STORED, told)

    assert read_anywhere(text) == list(told.codes)


@pytest.mark.parametrize(
    ("name", "shown"), [("Maple 2", "Maple 2"), ("Maple 3-2", "Maple"), ("12-3456", "Pickup station")]
)
def test_stations_name_in_a_message(name, shown):
    assert texts.named(name) == shown


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_phones_read_no_code_where_one_is_taken_back(language):
    with speaking(language):
        text = write(Topic.UNDONE, facts("12", 3))

    assert read(text) == []
    assert "12-1-3210" in text


@pytest.mark.parametrize(("topic", "language"), [*product(Topic, LANGUAGES)])
def test_our_words_are_good_as_a_stations_own(topic, language):
    with speaking(language):
        draft = texts.draft(topic)
        told = facts("12", 1, asks_consent=False)

        assert templates.problems(topic, draft) == []
        assert write(topic, told, draft) == write(topic, told)


# What a manager may type, pieced together: words, marks, numbers, every variable, and tricks.
PIECES = st.sampled_from(
    [
        "{codes}", "{codes}", " {codes} ", "{day}", "{count}", "{link}", "{station}", " ", " ", "，", "。", ".", "-",
        "凭", "凭 ", "取件码：", "取件", "Pickup code ", "code", "Please come by ", "请于", "前领取", "9", "12", "2026",
        "138", "A1", "号柜", "号", "柜", "３２１０", "①②③④", "1号", "B-", "/", "http://a.example/", "【", "】",
        "{", "}", "｛codes｝", "{0}", "{x.__class__}", "%s", "%(codes)s", "\n", "\u202e", "\u200b", "😀", "٣٢١٠",
    ]
)  # fmt: skip
START = st.sampled_from(["凭 {codes} ", "取件码：{codes}", "Code {codes}", "{codes} ", ""])
WORDS = st.builds(
    lambda *pieces: "".join(pieces),
    st.lists(PIECES, max_size=4).map("".join),
    START,
    st.lists(PIECES, max_size=8).map("".join),
)
PHONES = st.integers(13_000_000_000, 19_999_999_999).map(str)
FACTS = st.builds(
    facts,
    st.sampled_from(SHELVES),
    st.integers(1, 12),
    name=st.sampled_from(NAMES),
    link=st.sampled_from([None, LINK]),
    asks_consent=st.booleans(),
)


@given(
    topic=st.sampled_from(list(Topic)),
    words=WORDS,
    told=FACTS,
    phone=PHONES,
    language=st.sampled_from(sorted(LANGUAGES)),
)
def test_accepted_words_stay_readable_and_leak_nothing(topic, words, told, phone, language):
    body = templates.clean(words)
    if body is None or templates.problems(topic, body):
        return
    event(f"accepted for {topic}")
    with speaking(language):
        text = write(topic, told, body)

    codes = list(told.codes[:CODES_SHOWN])
    assert read(text) == ([] if topic is Topic.UNDONE else codes)
    rest = without(text, codes)
    assert not any(phone[place : place + 4] in rest for place in range(8))
    assert read_anywhere(rest) == []


@given(
    topic=st.sampled_from(list(Topic)),
    told=FACTS,
    phone=PHONES,
    language=st.sampled_from(sorted(LANGUAGES)),
)
def test_our_own_words_leak_nothing(topic, told, phone, language):
    with speaking(language):
        text = write(topic, told)

    rest = without(text, told.codes[:CODES_SHOWN])
    assert not any(phone[place : place + 4] in rest for place in range(8))


def without(text, codes):
    """Return a message without its pickup codes and its link, digits of every script as ASCII."""
    rest = text.replace(LINK, " ")
    for code in codes:
        assert rest.count(code) >= 1
        rest = rest.replace(code, " ", 1)
    plain = unicodedata.normalize("NFKC", rest)
    return re.sub(r"\d", lambda digit: str(unicodedata.digit(digit[0])), plain)
