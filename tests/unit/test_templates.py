"""A station's own words: what is accepted, what is refused and how that is said."""

import pytest

from station.core.i18n import LANGUAGES, speaking
from station.notices import templates
from station.notices.templates import LIMIT, Variable
from station.notices.texts import Topic

GOOD = "凭 {codes} 取件，请于{day}前到{station}领取，共 {count} 件。 {link}"


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        "取件码：{codes}",
        "Pickup code {codes}.",
        "Your codes are {codes}, see {link}",
        "请凭取件码 {codes}。营业时间 9:00 到 21:00，{day}前来取😀",
    ],
)
def test_good_words(body):
    assert templates.problems("stored", body) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "Put {codes}"),
        ("Your parcel is here", "Put {codes}"),
        ("Code {codes} {phone}", "no variable {phone}"),
        ("Code {codes} {name.__class__}", "no variable {name.__class__}"),
        ("Code {codes} {0}", "no variable {0}"),
        ("Code {codes} {}", "no variable {}"),
        ("Code {codes} {codes!r}", "no variable {codes!r}"),
        ("Code {codes} {day:>99}", "no variable {day:>99}"),
        ("Code {codes} {{day}}", "braces only"),
        ("Code {codes} {", "braces only"),
        ("Code {codes} ｛day｝", "braces only"),
        ("Code {codes} %s", "percent sign"),
        ("Code {codes} %(day)s", "percent sign"),
        ("Code {codes}, code {codes}", "{codes} once"),
        ("Code {codes}\nby {day}", "one line"),
        ("Code {codes} \x1b[31m", "one line"),
        ("Code {codes} \u202eevil", "one line"),
        ("Code {codes} " + "x" * LIMIT, "one line"),
        ("Code {codes}, call 057188886666", "four and more digits"),
        ("Code {codes}, call ０５７１", "four and more digits"),
        ("Code {codes}, open 9-21", "joined"),
        ("Code {codes}, from 28.11", "joined"),
        ("Code {codes}, shelf A-12", "joined"),
        ("凭 {codes} 到 3 号柜", "locker"),
        ("【店】凭 {codes} 取件", "station's name"),
        ("凭{codes}取件", "space before and after {codes}"),
        ("Code {codes}{day}", "space before and after {day}"),
        ("Code {codes} 1{count}", "space before and after {count}"),
        ("Code {codes} {link}查看", "space before and after {link}"),
        ("Here it is: {codes}", "right before {codes}"),
        ("{codes} is your code", "right before {codes}"),
    ],
)
def test_bad_words_are_refused_in_plain_sentences(body, said):
    assert any(said in sentence for sentence in templates.problems("stored", body))


def test_words_that_take_a_code_back_must_not_look_like_a_new_one():
    assert templates.problems("undone", "请忽略关于 {codes} 的通知") == []
    assert any("taken back" in sentence for sentence in templates.problems("undone", "请忽略取件码 {codes}"))


def test_last_reminders_name_the_day():
    assert any("Put {day}" in sentence for sentence in templates.problems("alert", "Code {codes}"))
    assert templates.problems("remind", "Code {codes}") == []


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_sentences_are_complete_in_every_language(language):
    with speaking(language):
        for body in ("", "{x} {codes}{codes} {", "凭{codes} 1234 1-2 柜 【 %s", "\x00"):
            for sentence in templates.problems("stored", body):
                assert "%(" not in sentence


def test_every_topic_says_what_it_takes():
    assert set(templates.ALLOWED) == set(templates.REQUIRED) == set(Topic)
    assert all(templates.REQUIRED[topic] <= templates.ALLOWED[topic] for topic in Topic)


def test_values_are_filled_in_once_and_never_read_again():
    values = dict.fromkeys(Variable, "{codes} {0} %s {x.__class__}")

    assert templates.fill("a {day} b", values) == "a {codes} {0} %s {x.__class__} b"


def test_a_web_address_ends_before_the_words_go_on():
    (said,) = templates.problems("stored", "http://a.example/凭 {codes}")
    assert "space behind a web address" in said
    assert templates.problems("stored", "http://a.example/ 凭 {codes}") == []
