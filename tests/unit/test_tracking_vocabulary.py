"""The table of tracking codes: every kind of event is told in it or named with the reason why not."""

import pytest

from station.parcels import story
from station.parcels.lifecycle import Problem
from station.tracking.untold import WITHOUT_COUNTERPART
from station.tracking.vocabulary import (
    MEANINGS,
    READINGS,
    TOLD,
    Status,
    Vocabulary,
    meaning,
)
from tests.tracking_table import PAGE, draw

UNTOLD = [kind for kinds in WITHOUT_COUNTERPART.values() for kind in kinds]


def test_every_kind_of_event_is_mapped_or_has_its_reason() -> None:
    named = [*TOLD, *UNTOLD]

    assert set(story.SENTENCES) - set(named) == set()
    assert len(named) == len(set(named))


def test_every_status_has_a_code_and_a_source() -> None:
    assert set(MEANINGS) == set(Status) == {one.status for one in READINGS}
    assert all(one.codes and one.source for one in MEANINGS.values())
    assert all(one.codes.keys() <= set(Vocabulary) for one in MEANINGS.values())


def test_what_no_code_says_is_reported() -> None:
    shared = [one.status for one in MEANINGS.values() if not one.lost]
    words = [tuple(MEANINGS[status].codes.items()) for status in shared]

    assert len(words) == len(set(words))
    assert all(set(MEANINGS[status].codes) == set(Vocabulary) for status in shared)


@pytest.mark.parametrize(
    ("kind", "data", "status"),
    [
        ("handed_over", {"taken_by": "proxy"}, Status.COLLECTED_BY_PROXY),
        ("handed_over", {"taken_by": "recipient"}, Status.COLLECTED),
        ("checked_in", {"problem": None}, Status.STORED),
        ("checked_in", {"problem": "damaged"}, Status.DAMAGED),
        ("return_started", {"reason": "refused"}, Status.REFUSED),
        ("return_started", {"reason": "not_collected"}, Status.RETURNING),
    ],
)
def test_an_event_s_data_tell_statuses_apart(kind: str, data: dict[str, str], status: Status) -> None:
    assert meaning(kind, data) is MEANINGS[status]


@pytest.mark.parametrize("problem", Problem)
def test_no_parcel_set_aside_is_told_as_ready(problem: Problem) -> None:
    for kind in ("checked_in", "problem_marked"):
        found = meaning(kind, {"problem": problem})
        assert found
        assert found.status is not Status.STORED


def test_what_is_nobody_s_business_is_not_told() -> None:
    assert meaning("personal_data_shown", {}) is None
    assert meaning("sent_to_the_moon", {}) is None


def test_the_page_is_drawn_from_the_table() -> None:
    assert draw() == PAGE.read_text(encoding="utf-8")
