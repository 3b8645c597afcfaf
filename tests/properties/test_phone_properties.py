"""Any text: phones, names and fields never raise, keep their promises and show no more than they say."""

import unicodedata

from hypothesis import assume, given
from hypothesis import strategies as st

from station.core import names, text
from station.core.phones import PhoneKind, parse, tail_of

MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
EXTENSIONS = st.from_regex(r"[0-9]{3,4}", fullmatch=True)
PHONE_LIKE = st.text("0123456789+-()#*x,;. 转分机", max_size=45)
LATIN = st.text("abcdefghijklmnopqrstuvwxyzéüßİ", min_size=1, max_size=12)
HAN = st.text("陈晓明欧阳锋王小二李", min_size=1, max_size=5)
NAMES = st.one_of(HAN, st.lists(LATIN, min_size=1, max_size=3).map(" ".join))


@given(st.one_of(PHONE_LIKE, st.text(max_size=60)), st.sampled_from(["CN", "US", "GB", "ZZ", ""]))
def test_parse_never_raises_and_its_key_is_read_back(raw, region):
    phone = parse(raw, region)
    tail = tail_of(raw)

    assert tail is None or (tail.isascii() and tail.isdigit() and 3 <= len(tail) <= 4)
    if phone is not None:
        assert parse(phone.key) == phone
        assert len(phone.tail) <= 4


@given(MOBILES, st.sampled_from([",", "转", "-", "#", " ext ", "，", " 转 "]), EXTENSIONS)
def test_privacy_numbers_of_any_spelling_are_one_value(number, separator, extension):
    phone = parse(f"{number}{separator}{extension}")

    assert phone is not None
    assert (phone.kind, phone.key, phone.tail) == (PhoneKind.PRIVACY, f"{number},{extension}", extension)


@given(MOBILES, st.one_of(st.none(), EXTENSIONS))
def test_a_masked_phone_shows_beginning_and_tail_only_and_gives_the_tail(number, extension):
    phone = parse(number if extension is None else f"{number},{extension}")

    shown = "".join(filter(str.isdigit, phone.display_masked))
    assert shown == number[:3] + phone.tail
    assert parse(phone.display_masked) is None
    assert tail_of(phone.display_masked) == phone.tail


@given(st.text(max_size=60))
def test_a_clean_name_is_stable_bounded_and_printable(raw):
    name = names.clean(raw)

    if name is not None:
        assert names.clean(name) == name
        assert 0 < len(name) <= names.LONGEST
        assert text.clean_line(name, limit=names.LONGEST) == name
        assert len(names.masked(name)) <= len(name) + 3


@given(st.one_of(NAMES, st.text(max_size=60)))
def test_a_masked_name_shows_the_first_word_at_most(name):
    shown = names.masked(name)

    assert shown == "" or shown.endswith("**")
    words = name.split()
    visible = shown.removesuffix("**").rstrip()
    assert visible in ("", *words[:1], *[word[0] for word in words[:1]])
    assert len(words) != 1 or len(visible) <= 1


@given(st.one_of(NAMES, st.text(max_size=60)))
def test_prefixes_are_few_short_and_folded(name):
    prefixes = names.search_prefixes(name)

    assert len(set(prefixes)) == len(prefixes) <= names.MOST_PREFIXES
    assert all(1 <= len(prefix) <= 8 for prefix in prefixes)
    if unicodedata.is_normalized("NFC", name):
        assert names.search_prefixes(unicodedata.normalize("NFD", name)) == prefixes


@given(NAMES, st.data())
def test_every_beginning_of_a_name_finds_it(name, data):
    words = name.split()
    start = data.draw(st.sampled_from([name, words[-1], *words[1:2]]))
    typed = start[: data.draw(st.integers(1, len(start)))]
    letters = typed.replace(" ", "")
    # One letter of a longer word finds nothing where words have spaces; İ folds to two characters, cut or not.
    assume(len(letters) > 1 or typed[0] > "\u3000")

    assert names.search_key(typed) in names.search_prefixes(name)
    assert names.matches(name, typed)


@given(st.text(max_size=80), st.integers(1, 70))
def test_printable_is_one_bounded_line_that_can_be_written(raw, limit):
    shown = text.printable(raw, limit)

    assert len(shown) <= limit
    assert len(shown.splitlines()) <= 1
    assert all(map(text.is_harmless, shown))
    shown.encode("utf-8")


@given(st.text(max_size=80), st.integers(1, 70))
def test_clean_fields_are_stable_and_bounded(raw, limit):
    line, block = text.clean_line(raw, limit=limit), text.clean_block(raw, limit=limit)

    if line is not None:
        assert len(line) <= limit
        assert text.clean_line(line, limit=limit) == line
        assert len(line.splitlines()) <= 1
    if block is not None:
        assert len(block) <= limit
        assert text.clean_block(block, limit=limit) == block
        assert "\r" not in block
