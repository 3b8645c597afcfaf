"""Any text and any prior: detection and canonical waybills keep their promises."""

import itertools
import string

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from station.carriers.catalogue import CARRIERS, PATTERNS
from station.carriers.detection import (
    LONGEST,
    SHORTEST,
    canonical_waybill,
    detect,
    is_own,
    is_s10,
    looks_glued,
)

KNOWN = st.sampled_from(PATTERNS).flatmap(lambda p: st.from_regex(p.regex, fullmatch=True))
ALPHANUMERIC = st.text(string.ascii_uppercase + string.digits, max_size=40)
NUMBERS = st.one_of(KNOWN, ALPHANUMERIC, st.text(max_size=60))
PRIORS = st.one_of(st.sampled_from(sorted(CARRIERS)), st.text(max_size=5))


@given(NUMBERS, PRIORS)
def test_prior_raises_its_carrier_and_removes_nobody(number, prior):
    plain = {c.carrier: c for c in detect(number)}
    lifted = {c.carrier: c for c in detect(number, prior=prior)}

    assert plain.keys() == lifted.keys()
    for carrier, candidate in plain.items():
        assert candidate.reason == lifted[carrier].reason
        if carrier == prior and candidate.score < 1:
            assert lifted[carrier].score > candidate.score
        else:
            assert lifted[carrier] == candidate


@given(NUMBERS, PRIORS, st.integers(-2, 8))
def test_detection_is_ranked_bounded_and_the_same_each_time(number, prior, limit):
    candidates = detect(number, prior=prior, limit=limit)

    assert candidates == detect(number, prior=prior, limit=limit)
    assert candidates == detect(number, prior=prior, limit=99)[: max(limit, 0)]
    assert [c.score for c in candidates] == sorted((c.score for c in candidates), reverse=True)
    assert len({c.carrier for c in candidates}) == len(candidates)
    assert all(0 < c.score < 1 or is_s10(number) or is_own(number) for c in candidates)


@given(KNOWN)
def test_a_number_of_a_known_form_has_candidates_and_is_never_glued(number):
    assert detect(number)
    assert not looks_glued(number)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_the_share_of_a_pattern_is_what_its_form_leaves(data):
    pattern = data.draw(st.sampled_from(PATTERNS))
    number = data.draw(st.from_regex(pattern.regex, fullmatch=True))

    same_shape = [string.digits if char.isdigit() else string.ascii_uppercase for char in number[:3]]
    heads = ["".join(head) for head in itertools.product(*same_shape)]
    fitting = sum(pattern.regex.fullmatch(head + number[3:]) is not None for head in heads)

    assert len(number) in pattern.lengths
    assert abs(fitting / len(heads) - pattern.share) < 1e-9


@given(NUMBERS)
def test_canonical_waybill_is_idempotent_and_bounded(raw):
    canonical = canonical_waybill(raw)

    if canonical is not None:
        assert canonical_waybill(canonical) == canonical
        assert SHORTEST <= len(canonical) <= LONGEST
        assert set(canonical) <= set(string.ascii_uppercase + string.digits)
    assert looks_glued(raw) in (True, False)


@given(KNOWN, st.sampled_from(["", " ", "\u3000", "\n"]), st.data())
def test_spelling_does_not_change_the_waybill(number, edge, data):
    cut = data.draw(st.integers(0, len(number)))
    spelled = edge + number[:cut].lower() + " " + number[cut:].lower() + edge

    assert canonical_waybill(spelled) == canonical_waybill(number)


@given(
    st.sampled_from([p for p in PATTERNS if p.era == "current"]).flatmap(
        lambda p: st.tuples(st.from_regex(p.regex, fullmatch=True), st.from_regex(p.regex, fullmatch=True))
    )
)
def test_two_current_numbers_of_one_carrier_in_a_row_are_seen(pair):
    together = "".join(pair)
    # Two numbers from 91 to 94 of China Post look like one USPS number; its known numbers start with 95 to 99.
    assume(not (len(together) == 26 and "91" <= together[:2] <= "94"))

    assert looks_glued(together)
