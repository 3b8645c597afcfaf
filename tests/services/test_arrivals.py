"""Parcels that come all at once from another system: a refused one leaves nothing of itself behind."""

from contextlib import suppress

from sqlalchemy import func, select

from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.core.phones import parse
from station.parcels.arrivals import Arrivals, Delivered
from station.parcels.models import Parcel
from station.residents.models import Recipient
from tests.factories import Station, recipient, store, waybill


def people() -> set[str]:
    """Return the phone tails the station knows."""
    with reading():
        return set(connection().scalars(select(Recipient.phone_tail)))


def count(model: type[Recipient | Parcel]) -> int:
    with reading():
        return connection().scalar(select(func.count()).select_from(model)) or 0


def bring(station: Station, *delivered: Delivered) -> list[int]:
    """Return the parcels that were stored of those a carrier brings."""
    stored = []
    with transaction():
        arrivals = Arrivals(station.clerk)
        for one in delivered:
            with suppress(StationError):
                stored.append(arrivals.add(one).parcel_id)
        arrivals.write()
    return stored


def test_a_refused_parcel_leaves_no_person_behind(station: Station) -> None:
    full, room = station.layer("2"), station.layer("3")
    for _ in range(40):
        store(station, layer_id=full)
    people_before, parcels_before = count(Recipient), count(Parcel)
    stranger = {"phone": parse("13900000001"), "name": "王芳"}
    newcomer = {"phone": parse("13900000002"), "name": "李雷"}
    stored = bring(
        station,
        Delivered(waybill(), full, **stranger),
        Delivered(waybill(), room, **newcomer),
        Delivered(waybill(), full, **newcomer),
        Delivered(waybill(), room, **newcomer),
    )
    assert len(stored) == 2
    assert (count(Recipient), count(Parcel)) == (people_before + 1, parcels_before + 2)
    assert "0002" in people()
    assert "0001" not in people()


def test_a_person_refused_at_first_is_known_with_their_next_parcel(station: Station) -> None:
    number, room = waybill(), station.layer("3")
    person = {"phone": parse("13900000001"), "name": "王芳"}
    first, second = bring(
        station,
        Delivered(number, room),
        Delivered(number, room, **person),
        Delivered(waybill(), room, **person),
    )
    assert first != second
    assert people() == {"0001"}


def test_people_who_are_known_stay_the_same(station: Station) -> None:
    known = recipient(station, "13900000001", "王芳")
    bring(station, Delivered(waybill(), station.layer("3"), phone=parse("13900000001"), name="王芳"))
    with reading():
        owners = set(connection().scalars(select(Parcel.recipient_id)))
    assert owners == {known.id}
