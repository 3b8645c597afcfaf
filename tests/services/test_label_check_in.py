"""Check-in by what was confirmed of a label: the steps of a scan, and the announcement never overruled unseen."""

import pytest
from sqlalchemy import select

from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.core.phones import parse
from station.labels import queries, service
from station.labels.queries import Match
from station.labels.reading import Fields, Found, Kind
from station.labels.service import Confirmed
from station.labels.sight import Box
from station.parcels import batches, counter
from station.parcels.announce import Announcement, announce
from station.parcels.counter import Asks
from station.parcels.models import OpenQuestion, Parcel
from tests.factories import Station, open_batch, store, waybill

PHONE = "13812344068"


def check_in(station: Station, number: str, phone: str = "", **said: object) -> dict:
    confirmed = Confirmed(number, phone=parse(phone), shown=phone, **said)  # type: ignore[arg-type]
    with transaction():
        return service.check_in(station.clerk, confirmed)


def expect(station: Station, phone: str | None = PHONE) -> str:
    number = waybill()
    who = parse(phone) if phone else None
    with transaction():
        announce(station.clerk, Announcement(number, "sf", who, "陈晓明" if phone else None))
    return number


def stored(station: Station, number: str) -> tuple[str, int | None]:
    with reading():
        query = select(Parcel.state, Parcel.recipient_id).where(Parcel.waybill == number)
        return db.session.execute(query.where(Parcel.station_id == station.id)).one()._tuple()


def test_confirmed_label_is_stored_on_the_row_of_the_batch(station: Station) -> None:
    batch_id, number = open_batch(station), waybill()

    said = check_in(station, number, PHONE, name="陈晓明")

    assert (said["kind"], said["parcel"]["row"]["tag"], said["parcel"]["tail"]) == ("stored", "1-1", "4068")
    with reading():
        assert batches.get(station.clerk, batch_id).id == batch_id
        assert db.session.scalar(select(Parcel.batch_id).where(Parcel.waybill == number)) == batch_id


def test_without_a_shelf_nothing_is_stored(station: Station) -> None:
    with pytest.raises(StationError, match="shelf card") as refused:
        check_in(station, waybill(), PHONE)

    assert refused.value.code == "scan_a_shelf_first"


def test_hidden_digits_leave_the_question_open(station: Station) -> None:
    batch_id = open_batch(station)

    said = check_in(station, waybill(), "138****4068")

    with reading():
        question = counter.open_question(station.clerk, batch_id)
    assert (said["kind"], said.get("parcel")) == ("question", None)
    assert question is not None
    assert question.asks is Asks.NO_PHONE


def test_carrier_of_the_label_answers_what_the_number_does_not_tell(station: Station) -> None:
    open_batch(station)

    said = check_in(station, "ABCDEF99", PHONE, carrier="yto")

    assert (said["kind"], said["parcel"]["carrier"]) == ("stored", "yto")


def test_the_parcel_that_waited_for_an_answer_is_set_aside_and_told(station: Station) -> None:
    open_batch(station)
    first = check_in(station, waybill())

    said = check_in(station, waybill(), PHONE)

    assert first["kind"] == "question"
    assert said["kind"] == "stored"
    assert said["aside"]["waybill"] == first["waybill"]
    with reading():
        assert db.session.scalar(select(OpenQuestion.waybill)) is None


@pytest.mark.parametrize("shown", [PHONE, "138****4068", "****4068", ""])
def test_announced_parcel_whose_label_agrees_goes_to_whom_it_was_announced_for(
    station: Station, shown: str
) -> None:
    open_batch(station)
    number = expect(station)

    said = check_in(station, number, shown)

    assert (said["kind"], said["parcel"]["tail"]) == ("stored", "4068")
    assert stored(station, number)[0] == "stored"


@pytest.mark.parametrize("shown", ["13900001111", "138****4069", "139****4068"])
def test_announced_parcel_whose_label_differs_is_refused_until_somebody_says_whose_it_is(
    station: Station, shown: str
) -> None:
    open_batch(station)
    number = expect(station)

    with pytest.raises(StationError) as refused:
        check_in(station, number, shown)
    said = check_in(station, number, shown, is_theirs=True)

    assert refused.value.code == "label_differs"
    assert (said["kind"], said["parcel"]["tail"]) == ("stored", "4068")


def test_parcel_announced_without_a_person_takes_the_one_on_the_label(station: Station) -> None:
    open_batch(station)
    number = expect(station, phone=None)

    assert check_in(station, number, "17012345678,8462", name="赵敏")["parcel"]["tail"] == "8462"


def test_parcel_here_already_is_refused(station: Station) -> None:
    open_batch(station)
    here = store(station)

    with pytest.raises(StationError) as refused:
        check_in(station, here.waybill, PHONE)

    assert refused.value.code == "already_checked_in"


@pytest.mark.parametrize(
    ("shown", "match"),
    [
        (["138****4068"], Match.SAME),
        (["13900001111", "138****4068"], Match.SAME),
        (["139****4068"], Match.DIFFERS),
        ([], Match.NOT_SHOWN),
    ],
)
def test_books_tell_whether_the_label_can_be_the_announced_one(
    station: Station, shown: list[str], match: Match
) -> None:
    number = expect(station)
    fields = Fields(phones=tuple(Found(Kind.MASKED, one, 1, Box(0, 0, 1, 1)) for one in shown))

    with reading():
        books = queries.of_waybill(station.id, number, fields)

    assert books.announced is not None
    assert (books.announced.name_masked, books.announced.match) == ("陈**", match)


def test_books_know_nothing_of_another_station_s_parcel(station: Station) -> None:
    number = expect(station)

    with reading():
        assert queries.of_waybill(station.id + 1, number, Fields()) == queries.Books()


def test_books_tell_of_a_parcel_that_is_here(station: Station) -> None:
    here = store(station)

    with reading():
        assert queries.of_waybill(station.id, here.waybill, Fields()).pickup_code == here.pickup_code
