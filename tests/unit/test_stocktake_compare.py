"""Comparing a stocktake with the books: a table of cases, and the rank of the places to look in."""

from datetime import UTC, datetime, timedelta

import pytest

from station.stocktakes.compare import Booked, Kind, Sighting, compare
from station.stocktakes.hints import Hint, Reason, Row, ranked
from station.stocktakes.lifecycle import Action, StocktakeState, step
from station.stocktakes.resolutions import Resolution, ways

BEGAN = datetime(2026, 11, 21, 9, tzinfo=UTC)
BEFORE, LATER, LATEST = (BEGAN + timedelta(minutes=minutes) for minutes in (-5, 5, 10))
HERE, THERE, ELSEWHERE = 1, 2, 3
COUNTED = {HERE: BEGAN, THERE: BEGAN}


def booked(layer_id: int | None = HERE, *, since: datetime | None = None, state: str = "stored") -> Booked:
    return Booked(7, "SF1", state, layer_id, "1-1-1", since)


def seen(layer_id: int | None, at: datetime = LATER) -> Sighting:
    return Sighting("SF1", layer_id, at)


@pytest.mark.parametrize(
    ("book", "sighting", "kind"),
    [
        pytest.param(booked(), seen(HERE), None, id="where it should be"),
        pytest.param(booked(), None, Kind.MISSING, id="scanned nowhere"),
        pytest.param(booked(since=BEFORE), None, Kind.MISSING, id="came before the count"),
        pytest.param(booked(), seen(THERE), Kind.MISPLACED, id="in another row"),
        pytest.param(booked(ELSEWHERE), seen(HERE), Kind.MISPLACED, id="of a row nobody counted"),
        pytest.param(booked(None, state="lost"), seen(HERE), Kind.EXTRA, id="lost before"),
        pytest.param(None, seen(HERE), Kind.EXTRA, id="nobody knows it"),
        pytest.param(None, seen(None), None, id="taken out"),
        pytest.param(booked(since=LATEST), seen(THERE, LATER), None, id="moved after it was seen"),
        pytest.param(booked(None, since=LATEST, state="handed_over"), seen(HERE), None, id="left since"),
        pytest.param(
            booked(None, since=BEFORE, state="handed_over"), seen(HERE), Kind.EXTRA, id="left before"
        ),
    ],
)
def test_a_waybill_is_judged(book: Booked | None, sighting: Sighting | None, kind: Kind | None) -> None:
    found = compare(COUNTED, [book] if book else [], [sighting] if sighting else [])

    assert [one.kind for one in found.differences] == ([kind] if kind else [])
    assert found.present == (() if kind else ("SF1",))


@pytest.mark.parametrize(
    "book",
    [
        pytest.param(booked(since=LATER), id="came while the row was counted"),
        pytest.param(booked(ELSEWHERE), id="in a row nobody counted"),
        pytest.param(booked(None, state="handed_over"), id="not on a shelf"),
    ],
)
def test_what_is_not_expected_is_not_missing(book: Booked) -> None:
    found = compare(COUNTED, [book], [])

    assert found.differences == found.present == ()


def test_a_parcel_scanned_and_then_moved_must_be_in_its_new_row_if_that_is_counted_later() -> None:
    counted = {HERE: BEGAN, THERE: LATEST}

    found = compare(counted, [booked(THERE, since=LATER + timedelta(minutes=1))], [seen(HERE)])

    assert [one.kind for one in found.differences] == [Kind.MISSING]


# Shelves 0 to 2 of three layers, and a set-aside shelf; ids are 10 * shelf + layer.
ROWS = [Row(10 * shelf + layer, shelf, layer, False) for shelf in range(3) for layer in (1, 2, 3)]
ROWS.append(Row(99, 3, 1, True))


def test_the_likeliest_place_comes_first() -> None:
    found = ranked(ROWS, 12, scanned=1, before=[21, 2])

    assert [(one.layer_id, one.reason) for one in found] == [
        (1, Reason.SCANNED),
        (12, Reason.CODE),
        (11, Reason.BESIDE),
        (13, Reason.BESIDE),
        (2, Reason.BESIDE),
        (22, Reason.BESIDE),
        (99, Reason.SET_ASIDE),
        (21, Reason.BEFORE),
    ]


def test_a_row_is_named_once_and_one_out_of_use_never() -> None:
    assert ranked(ROWS[:1], 1, scanned=1, before=[1, 500]) == (Hint(1, Reason.SCANNED),)


@pytest.mark.parametrize("state", [StocktakeState.CLOSED, StocktakeState.ABANDONED])
@pytest.mark.parametrize("action", Action)
def test_what_has_ended_stays_so(state: StocktakeState, action: Action) -> None:
    assert step(state, action) is None


@pytest.mark.parametrize(
    ("state", "first"),
    [
        ("lost", Resolution.FOUND),
        ("written_off", Resolution.FOUND),
        ("expected", Resolution.CHECK_IN),
        ("handed_over", Resolution.CHECK_IN),
        ("returned", Resolution.CHECK_IN),
        ("cancelled", Resolution.CHECK_IN),
    ],
)
def test_an_extra_parcel_comes_back_as_its_state_allows(state: str, first: Resolution) -> None:
    found = compare(COUNTED, [booked(None, state=state)], [seen(HERE)])

    assert ways(found.differences[0]) == (first, Resolution.TAKEN_OUT)
