"""Who a face belongs to, on made-up vectors: thresholds from the enrolled people themselves."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.faces import scoring, settings
from tests.kiosk.faces_kit import someone

PEOPLE = 40


def index_of(count=PEOPLE, templates=None):
    vectors = templates if templates is not None else [someone(number) for number in range(count)]
    return scoring.build([f"r{number}" for number in range(len(vectors))], vectors)


def everybody(index):
    return scoring.rows_of(index, index.ids)


@given(st.integers(settings.ENROLLED_MIN, 60), st.integers(0, 1000))
def test_mean_and_deviation_are_those_of_all_pairs(count, seed):
    templates = np.random.default_rng(seed).standard_normal((count, 16)).astype(np.float32)

    scale = scoring.scale_of(templates)

    assert scale is not None
    directions = templates - templates.mean(axis=0)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    pairs = (directions @ directions.T)[np.triu_indices(count, 1)]
    assert scale.mean == pytest.approx(pairs.mean(), abs=1e-5)
    assert scale.deviation == pytest.approx(pairs.std(), rel=1e-3)


def test_too_few_people_have_no_scale():
    assert index_of(settings.ENROLLED_MIN - 1).scale is None
    assert index_of(settings.ENROLLED_MIN).scale is not None


def test_somebody_enrolled_twice_counts_once():
    people = [someone(number) for number in range(settings.ENROLLED_MIN - 1)]
    again = someone(0, spread=0.1)

    index = index_of(templates=[*people, again])

    assert index.scale is None
    assert len(index.ids) == settings.ENROLLED_MIN


def test_twins_do_not_change_the_scale():
    people = [someone(number) for number in range(PEOPLE)]
    once, twice = index_of(templates=people), index_of(templates=[*people, *(people[:10])])

    assert once.scale is not None
    assert twice.scale is not None
    assert twice.scale.deviation == pytest.approx(once.scale.deviation)


def test_one_of_many_candidates_must_be_as_sure_as_one_alone():
    normal = NormalDist()

    assert scoring.k_for(1) == pytest.approx(settings.K_ONE)
    for count in range(2, 6):
        assert scoring.k_for(count) > scoring.k_for(count - 1)
        whole_try = count * normal.cdf(-scoring.k_for(count))
        assert whole_try == pytest.approx(normal.cdf(-settings.K_ONE))


@pytest.mark.parametrize("decide", [scoring.compare, scoring.search])
def test_own_face_is_found(decide):
    index = index_of()

    for number in range(PEOPLE):
        match = decide(index, someone(number, spread=0.25), everybody(index))
        assert match == scoring.Match(f"r{number}", is_measured=True)


def test_strangers_are_nobody():
    index = index_of()
    few = scoring.rows_of(index, index.ids[:5])
    strangers = [someone(number) for number in range(1000, 1500)]

    assert not any(scoring.compare(index, stranger, few) for stranger in strangers)
    found = sum(scoring.search(index, stranger, everybody(index)) is not None for stranger in strangers)
    assert found <= 0.01 * len(strangers)  # RECIPES.md "Faces" gives .002 for 1:N


@pytest.mark.parametrize("decide", [scoring.compare, scoring.search])
def test_who_is_no_candidate_is_never_returned(decide):
    index = index_of()
    others = scoring.rows_of(index, [f"r{number}" for number in range(1, PEOPLE)])

    assert decide(index, someone(0), others) is None
    assert decide(index, someone(0), others[:0]) is None


def test_two_people_alike_are_told_apart_or_nobody_is():
    people = [someone(number) for number in range(PEOPLE)]
    twin = (someone(0) + someone(0, spread=0.35, grain=1)) / 2
    index = index_of(templates=[*people, twin])
    between = (someone(0) + twin) / 2

    assert scoring.search(index, between, everybody(index)) is None
    assert scoring.search(index, someone(0), everybody(index)) == scoring.Match("r0", is_measured=True)


@pytest.mark.parametrize("decide", [scoring.compare, scoring.search])
def test_below_the_least_enrolled_only_the_strict_distance_counts(decide):
    index = index_of(3)
    rows = everybody(index)

    near = decide(index, someone(1, spread=settings.STRICT_DISTANCE - 0.01), rows)

    assert near == scoring.Match("r1", is_measured=False)
    assert decide(index, someone(1, spread=settings.STRICT_DISTANCE + 0.01), rows) is None
    assert decide(index, someone(77), rows) is None


def test_an_empty_gallery_knows_nobody():
    index = index_of(0)

    assert scoring.rows_of(index, ["r1"]).size == 0
    assert scoring.search(index, someone(1), everybody(index)) is None


def test_nothing_shows_its_numbers():
    index = index_of()

    assert "array" not in repr(index)
    assert "0." not in repr(index.scale)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, 4.0),
        ("", 4.0),
        ("3.5", 3.5),
        ("1", 3.0),
        ("99", 5.0),
        ("much", 4.0),
        ("nan", 4.0),
        ("inf", 4.0),
    ],
)
def test_an_operator_chooses_k_within_bounds(text, expected):
    assert settings.chosen_k(text) == expected
