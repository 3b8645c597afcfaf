"""Recipients: one for each phone and name, and privacy numbers that are somebody else's after a month."""

from datetime import UTC, datetime, timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.phones import parse
from station.parcels import search, search_queries
from station.residents import queries
from station.residents import service as residents
from station.residents.service import PRIVACY_KEPT, Known
from tests.factories import Station, make_station, recipient, store

START = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
PRIVATE, OTHER_EXTENSION = "17012345678,8462", "17012345678,8463"


def known(
    station: Station, phone: str, name: str | None = "陈晓明", *, after: timedelta = timedelta(0)
) -> Known:
    with clock.use(lambda: START + after):
        return recipient(station, phone, name)


def shown(station: Station, phone: str, *, after: timedelta) -> list[int]:
    """Return whom a new parcel may be for, by the whole number and by its tail."""
    parsed = parse(phone)
    assert parsed
    with clock.use(lambda: START + after), reading():
        by_phone, by_tail = queries.by_phone(station.id, parsed), queries.by_tail(station.id, parsed.tail)
    assert by_phone == by_tail
    return [contact.id for contact in by_phone]


def test_a_phone_and_a_name_are_one_recipient(station: Station) -> None:
    first = known(station, "13812344068")
    assert known(station, "138 1234 4068", after=timedelta(days=400)) == first
    assert known(station, "13812344068", "王芳").id != first.id
    assert known(make_station("Elsewhere"), "13812344068").id != first.id


def test_a_privacy_number_is_the_number_with_its_extension(station: Station) -> None:
    first = known(station, PRIVATE)
    assert first.phone_tail == "8462"
    assert known(station, "17012345678转8462") == first
    assert known(station, OTHER_EXTENSION).id != first.id


@pytest.mark.parametrize(
    ("after", "same"), [(PRIVACY_KEPT - timedelta(seconds=1), True), (PRIVACY_KEPT, False)]
)
def test_a_privacy_number_is_somebody_else_s_after_thirty_days(
    station: Station, after: timedelta, same: bool
) -> None:
    first = known(station, PRIVATE)
    assert shown(station, PRIVATE, after=after) == ([first.id] if same else [])
    second = known(station, PRIVATE, after=after)
    assert (second.id == first.id) is same
    assert shown(station, PRIVATE, after=after) == [second.id]


def test_nobody_inherits_the_word_of_who_had_the_number_before(station: Station) -> None:
    first = known(station, PRIVATE)
    with transaction():
        residents.record_consent(station.clerk, first.id, choice="station", how="phone_call")
    assert known(station, PRIVATE, "王芳", after=PRIVACY_KEPT).standing_choice is None
    assert known(station, PRIVATE, after=PRIVACY_KEPT).standing_choice is None


def test_a_parcel_is_found_by_a_number_that_has_expired_until_somebody_else_has_it(station: Station) -> None:
    with clock.use(lambda: START):
        parcel = store(station, to=known(station, PRIVATE))

    def found(text: str) -> list[int]:
        with reading():
            return search_queries.parcel_ids(station.id, search.interpret(text))

    with clock.use(lambda: START + PRIVACY_KEPT):
        assert found(PRIVATE) == found("8462") == [parcel.parcel_id]
        recipient(station, PRIVATE)
        assert found(PRIVATE) == []
        assert found("8462") == [parcel.parcel_id]
