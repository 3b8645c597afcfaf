"""Whatever is in the books and whatever is scanned: every waybill comes out exactly once."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from station.parcels.lifecycle import ON_SHELF, ParcelState
from station.stocktakes.compare import Booked, Kind, Sighting, compare, is_expected

BEGAN = datetime(2026, 11, 21, 9, tzinfo=UTC)
WAYBILLS = [f"SF{number}" for number in range(8)]
LAYERS = [1, 2, 3]
moments = st.integers(-5, 20).map(lambda minutes: BEGAN + timedelta(minutes=minutes))


@st.composite
def bookings(draw: st.DrawFn) -> list[Booked]:
    made = []
    for number, waybill in enumerate(draw(st.lists(st.sampled_from(WAYBILLS), unique=True))):
        state = draw(st.sampled_from(ParcelState))
        layer_id = draw(st.sampled_from(LAYERS)) if state in ON_SHELF else None
        made.append(Booked(number, waybill, state, layer_id, None, draw(st.none() | moments)))
    return made


sightings = st.lists(
    st.builds(Sighting, st.sampled_from(WAYBILLS), st.none() | st.sampled_from(LAYERS), moments),
    unique_by=lambda one: one.waybill,
)
counts = st.dictionaries(st.sampled_from(LAYERS), moments)


@given(counts, bookings(), sightings)
def test_every_waybill_expected_or_scanned_comes_out_exactly_once(
    counted: dict[int, datetime], books: list[Booked], seen: list[Sighting]
) -> None:
    found = compare(counted, books, seen)

    expected = {one.waybill for one in books if is_expected(one, counted)}
    parts = [set(found.present), *({one.waybill for one in found.of(kind)} for kind in Kind)]
    assert set().union(*parts) == expected | {one.waybill for one in seen}
    assert sum(map(len, parts)) == len(set().union(*parts))
    assert {one.waybill for one in found.of(Kind.MISSING)} <= expected
    assert {one.waybill for kind in (Kind.EXTRA, Kind.MISPLACED) for one in found.of(kind)} <= {
        one.waybill for one in seen
    }


@given(counts, bookings(), sightings, st.sampled_from(WAYBILLS), st.sampled_from(LAYERS))
def test_moving_a_parcel_after_all_counts_began_never_makes_it_differ(
    counted: dict[int, datetime],
    books: list[Booked],
    seen: list[Sighting],
    waybill: str,
    layer_id: int,
) -> None:
    latest = BEGAN + timedelta(hours=1)
    others = [one for one in books if one.waybill != waybill]
    moved = Booked(99, waybill, ParcelState.STORED, layer_id, None, latest)

    found = compare(counted, [*others, moved], seen)

    assert waybill not in {one.waybill for one in found.differences}


@given(counts, bookings())
def test_scanning_everything_where_the_books_say_leaves_no_difference(
    counted: dict[int, datetime], books: list[Booked]
) -> None:
    here = [one for one in books if one.layer_id is not None]
    late = BEGAN + timedelta(hours=1)

    found = compare(counted, books, [Sighting(one.waybill, one.layer_id, late) for one in here])

    assert found.differences == ()
