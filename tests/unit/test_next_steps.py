"""The one next thing to do with a parcel in a list."""

from datetime import UTC, datetime, timedelta

import pytest

from station.parcels.clock_rules import StorageLevel
from station.parcels.lifecycle import Problem
from station.parcels.queries import Listed
from station.parcels.steps import Step, next_step

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def parcel(**changes: object) -> Listed:
    values: dict = dict.fromkeys(Listed.__slots__)
    values |= {"id": 1, "waybill": "SF1", "state": "stored", "recipient_id": 2, "stored_at": NOW}
    values |= {"level": StorageLevel.NONE, "waited": 0, "elapsed": timedelta(0)}
    return Listed(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "message", "expected"),
    [
        ({}, None, Step.OPEN),
        ({}, "sent", Step.OPEN),
        ({}, "dead", Step.RESEND),
        ({"level": StorageLevel.REMIND}, "sent", Step.OPEN),
        ({"level": StorageLevel.OVERDUE}, "sent", Step.REMIND),
        ({"level": StorageLevel.OVERDUE}, "dead", Step.RESEND),
        ({"level": StorageLevel.ALERT}, "dead", Step.CALL),
        ({"level": StorageLevel.RETURN}, None, Step.START_RETURN),
        ({"level": StorageLevel.RETURN, "hold_reason": "complaint"}, None, Step.OPEN),
        ({"level": StorageLevel.RETURN, "problem": Problem.DAMAGED}, None, Step.SOLVE),
        ({"problem": Problem.NO_PHONE, "recipient_id": None}, None, Step.GIVE_PHONE),
        ({"recipient_id": None}, None, Step.GIVE_PHONE),
        ({"problem": Problem.UNKNOWN_CARRIER}, None, Step.CHOOSE_CARRIER),
        ({"problem": Problem.ASK}, None, Step.ASK_CONSENT),
        ({"problem": Problem.DOOR_WANTED}, None, Step.ASK_CONSENT),
        ({"problem": Problem.NO_PLACE}, None, Step.MOVE),
        ({"state": "returning", "problem": Problem.REFUSED}, None, Step.GIVE_BACK),
        ({"state": "lost"}, None, Step.FIND_AGAIN),
        ({"state": "lost", "problem": Problem.DAMAGED, "hold_reason": "complaint"}, None, Step.FIND_AGAIN),
        ({"state": "lost", "write_off_by": "staff:1"}, None, Step.OPEN),
        ({"state": "written_off", "write_off_by": "staff:1"}, None, Step.OPEN),
        ({"state": "returned"}, None, Step.OPEN),
        ({"state": "expected"}, None, Step.OPEN),
        ({"state": "handed_over", "problem": Problem.DAMAGED}, "dead", Step.OPEN),
    ],
)
def test_next_step_is_the_one_that_helps(changes: dict, message: str | None, expected: Step) -> None:
    assert next_step(parcel(**changes), message) is expected


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_has_a_step_that_works_on_it(problem: Problem) -> None:
    assert next_step(parcel(problem=problem), None) not in (Step.OPEN, Step.REMIND)
