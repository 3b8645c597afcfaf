"""Reading and writing a pickup code are inverse, and reading bears any input."""

from hypothesis import given, settings
from hypothesis import strategies as st

from station.parcels.codes import PickupCode, canonical, display, parse, parse_shelf

QUICK = settings(max_examples=200, deadline=None)

shelves = st.text(min_size=1, max_size=8).map(parse_shelf).filter(lambda shelf: shelf is not None)
ascii_shelves = st.from_regex(r"[A-Z0-9]{1,8}", fullmatch=True)
codes = st.builds(PickupCode, st.one_of(ascii_shelves, shelves), st.integers(1, 99), st.integers(0, 99_999))
gaps = st.text(alphabet="-–— ./－　", min_size=1, max_size=3)


@QUICK
@given(code=codes)
def test_canonical_text_reads_back_as_the_code(code):
    assert parse(canonical(code)) == code


@QUICK
@given(code=codes, digits=st.integers(0, 5))
def test_displayed_text_reads_back_as_the_code(code, digits):
    assert parse(display(code, digits)) == code


@QUICK
@given(code=codes, first=gaps, second=gaps, zeros=st.integers(0, 3))
def test_any_separators_zeros_and_case_read_as_the_same_code(code, first, second, zeros):
    text = f" {code.shelf.lower()}{first}{'0' * zeros}{code.layer}{second}{code.number} "

    # Lower case loses letters in some scripts (ẞ becomes ss or ß): compare with what the shelf reads as.
    shelf = parse_shelf(code.shelf.lower())

    assert parse(text) == (shelf and PickupCode(shelf, code.layer, code.number))


@QUICK
@given(text=st.text(max_size=60))
def test_whatever_is_read_has_one_canonical_text(text):
    code = parse(text)

    assert code is None or canonical(parse(canonical(code))) == canonical(code)


@QUICK
@given(code=codes)
def test_nothing_is_read_without_separators(code):
    assert parse(f"{code.shelf}{code.layer}{code.number}") is None
