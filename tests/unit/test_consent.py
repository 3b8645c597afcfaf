"""The ground on which a parcel is accepted: the recipient's word before the courier's, and no yes from nowhere."""

import pytest

from station.parcels.consent import UNWILLING, ground
from station.parcels.lifecycle import ConsentBasis
from station.residents.service import CHOICES


@pytest.mark.parametrize(
    ("said", "standing_choice", "expected"),
    [
        (None, None, "unknown"),
        (None, "station", "standing"),
        ("declared_by_courier", None, "declared_by_courier"),
        ("declared_by_courier", "station", "standing"),
        ("declared_by_courier", "door", "unknown"),
        ("declared_by_courier", "ask", "unknown"),
        ("this_parcel", None, "this_parcel"),
        ("this_parcel", "door", "this_parcel"),
        ("standing", None, "unknown"),
        ("standing", "door", "unknown"),
        ("unknown", None, "unknown"),
    ],
)
def test_ground_is_the_recipients_word_before_the_couriers(said, standing_choice, expected) -> None:
    assert ground(said, standing_choice) == expected


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("said", [None, *ConsentBasis])
def test_every_choice_is_a_yes_or_has_a_problem(said, choice) -> None:
    is_yes = ground(said, choice) is not ConsentBasis.UNKNOWN
    assert is_yes or choice in UNWILLING
