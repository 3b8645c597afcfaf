"""Announcing many at once decides as announcing one by one, and the counter then knows what was said."""

import pytest
from sqlalchemy import select

from station.core import clock
from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.core.phones import parse
from station.events.models import CustodyEvent
from station.parcels import counter
from station.parcels.announce import Announcement, Expected, announce, announce_many
from station.parcels.lifecycle import ConsentBasis
from station.parcels.models import Parcel
from station.residents import service as residents
from station.residents.models import ConsentRecord, PhoneStation, Recipient, RecipientPrefix
from tests.factories import Station, make_station, open_batch, recipient, store, waybill

PHONE = parse("13812344068")


def many(station: Station, *said: Announcement) -> list[Expected | StationError]:
    with transaction():
        return announce_many(station.clerk, said)


def parcel(parcel_id: int) -> Parcel:
    with reading():
        return db.session.scalars(select(Parcel).where(Parcel.id == parcel_id)).one()


def new(station: Station, said: Announcement) -> Expected:
    (outcome,) = many(station, said)
    assert isinstance(outcome, Expected)
    return outcome


def shape(model: type, *left_out: str) -> list[dict[str, object]]:
    with reading():
        rows = db.session.execute(select(model.__table__)).mappings()
        return [{key: value for key, value in row.items() if key not in left_out} for row in rows]


def test_many_write_what_one_by_one_writes(station: Station) -> None:
    other = make_station("Elm")
    said = [
        Announcement(waybill(), "sf", PHONE, "陈晓明"),
        Announcement(waybill(), "zto", PHONE, "Li Ming", size_class="large"),
        Announcement(waybill(), "yto", parse("17012345678,8462"), None),
        Announcement(
            waybill(), "sf", PHONE, "陈晓明", consent=ConsentBasis.DECLARED_BY_COURIER, consent_how="courier"
        ),
        Announcement(waybill(), "sf"),
    ]
    many(station, *said)
    with transaction():
        for one in said:
            announce(other.clerk, one)
    ids = ("station_id", "id", "recipient_id", "parcel_id", "phone", "name", "recorded_by")
    moments = ("announced_at", "created_at", "recorded_at")
    for model in (Parcel, Recipient, RecipientPrefix, PhoneStation, ConsentRecord):
        mine = [row for row in shape(model) if row["station_id"] == station.id]
        theirs = [row for row in shape(model) if row["station_id"] == other.id]
        bare = [
            sorted(
                str({key: value for key, value in row.items() if key not in ids + moments}) for row in rows
            )
            for rows in (mine, theirs)
        ]
        assert bare[0] == bare[1], model


def test_a_waybill_twice_and_one_that_is_here_are_one_parcel(station: Station) -> None:
    here, number = store(station), waybill()
    outcomes = many(
        station,
        Announcement(number, "sf", PHONE),
        Announcement(number, "sf"),
        Announcement(here.waybill, "sf"),
    )
    assert [one.is_new for one in outcomes if isinstance(one, Expected)] == [True, False, False]
    assert outcomes[0].parcel_id == outcomes[1].parcel_id  # type: ignore[union-attr]
    assert outcomes[2].parcel_id == here.parcel_id  # type: ignore[union-attr]


def test_a_yes_that_nobody_gave_is_refused_alone(station: Station) -> None:
    bad = Announcement(waybill(), "sf", None, consent=ConsentBasis.DECLARED_BY_COURIER, consent_how="courier")
    standing = Announcement(waybill(), "sf", PHONE, consent=ConsentBasis.STANDING)
    first, second, third = many(station, bad, standing, Announcement(waybill(), "sf", PHONE))
    assert isinstance(first, StationError)
    assert isinstance(second, StationError)
    assert isinstance(third, Expected)


def test_a_known_person_is_found_again_and_the_merged_one_too(station: Station) -> None:
    known = recipient(station, "13812344068", "陈晓明")
    assert (
        parcel(new(station, Announcement(waybill(), "sf", PHONE, "陈晓明")).parcel_id).recipient_id
        == known.id
    )


def test_the_counter_knows_person_size_and_consent(station: Station) -> None:
    said = Announcement(
        waybill(),
        "sf",
        PHONE,
        "陈晓明",
        size_class="large",
        consent=ConsentBasis.DECLARED_BY_COURIER,
        consent_how="courier",
    )
    expected = new(station, said)
    batch_id = open_batch(station)
    with transaction():
        outcome = counter.scan(station.clerk, batch_id, said.waybill, scanned_at=clock.now())
    assert outcome.stored is not None
    assert outcome.stored.parcel_id == expected.parcel_id
    assert outcome.stored.recipient is not None
    assert outcome.stored.recipient.name_masked == "陈**"
    row = parcel(expected.parcel_id)
    assert (row.state, row.size_class, row.consent_basis) == ("stored", "large", "declared_by_courier")
    with reading():
        kinds = db.session.scalars(
            select(CustodyEvent.kind)
            .where(CustodyEvent.parcel_id == expected.parcel_id)
            .order_by(CustodyEvent.seq)
        ).all()
    assert kinds == ["announced", "consent_recorded", "checked_in"]


def test_a_standing_no_still_sets_aside(station: Station) -> None:
    known = recipient(station, "13812344068", "陈晓明")
    with transaction():
        residents.record_consent(station.clerk, known.id, choice="door", how="phone_call")
    number = waybill()
    new(station, Announcement(number, "sf", PHONE, "陈晓明"))
    batch_id = open_batch(station)
    with transaction():
        outcome = counter.scan(station.clerk, batch_id, number, scanned_at=clock.now())
    assert outcome.stored is not None
    assert outcome.stored.problem == "door_wanted"


@pytest.mark.parametrize("count", [0, 1])
def test_few_are_fine(station: Station, count: int) -> None:
    assert len(many(station, *[Announcement(waybill(), "sf") for _ in range(count)])) == count
