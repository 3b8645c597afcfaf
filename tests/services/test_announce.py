"""What an announcement may say of consent: nothing that nobody gave, and what was given is on record."""

import pytest
from sqlalchemy import func, select

from station.core.db import connection, db, reading, transaction
from station.core.errors import StationError
from station.core.phones import parse
from station.events.models import CustodyEvent
from station.parcels.announce import Announcement, announce
from station.parcels.lifecycle import ConsentBasis
from station.parcels.models import Parcel
from station.residents import service as residents
from station.residents.models import ConsentRecord, Recipient
from tests.factories import Station, recipient, waybill

PHONE = parse("13812344068")
NAME = "陈晓明"


def said(consent: ConsentBasis, how: str | None = None, *, known: bool = True) -> Announcement:
    return Announcement(
        waybill(), "sf", PHONE if known else None, NAME if known else None, consent=consent, consent_how=how
    )


def everything() -> dict[str, int]:
    tables = (Parcel, Recipient, ConsentRecord, CustodyEvent)
    with reading():
        return {
            table.__tablename__: connection().scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        }


def refused(station: Station, announcement: Announcement) -> StationError:
    before = everything()
    with pytest.raises(StationError) as caught, transaction():
        announce(station.clerk, announcement)
    assert everything() == before
    return caught.value


def basis_of(parcel_id: int) -> str:
    with reading():
        return str(connection().scalar(select(Parcel.consent_basis).where(Parcel.id == parcel_id)))


@pytest.mark.parametrize(
    ("consent", "how", "known"),
    [
        (ConsentBasis.THIS_PARCEL, None, True),
        (ConsentBasis.THIS_PARCEL, "phone_call", False),
        (ConsentBasis.THIS_PARCEL, "courier", True),
        (ConsentBasis.THIS_PARCEL, "the sender says so", True),
        (ConsentBasis.DECLARED_BY_COURIER, None, True),
        (ConsentBasis.DECLARED_BY_COURIER, "courier", False),
        (ConsentBasis.DECLARED_BY_COURIER, "phone_call", True),
        (ConsentBasis.UNKNOWN, "phone_call", True),
        (ConsentBasis.STANDING, "phone_call", True),
    ],
)
def test_a_yes_without_who_and_how_is_refused(
    station: Station, consent: ConsentBasis, how: str | None, known: bool
) -> None:
    error = refused(station, said(consent, how, known=known))
    assert error.code == "bad_input"
    assert "who gave the consent" in error.message


@pytest.mark.parametrize("choice", [None, "door", "locker", "ask"])
def test_a_standing_yes_that_nobody_gave_is_refused(station: Station, choice: str | None) -> None:
    known = recipient(station, "13812344068", NAME)
    if choice:
        with transaction():
            residents.record_consent(station.clerk, known.id, choice=choice, how="phone_call")
    error = refused(station, said(ConsentBasis.STANDING))
    assert error.code == "bad_input"
    assert "always" in error.message


def test_a_standing_yes_of_nobody_in_particular_is_refused(station: Station) -> None:
    assert refused(station, said(ConsentBasis.STANDING, known=False)).code == "bad_input"


def test_a_standing_yes_on_record_is_kept(station: Station) -> None:
    known = recipient(station, "13812344068", NAME)
    with transaction():
        residents.record_consent(station.clerk, known.id, choice="station", how="in_person")
        parcel_id = announce(station.clerk, said(ConsentBasis.STANDING))
    assert basis_of(parcel_id) == "standing"


@pytest.mark.parametrize(
    ("consent", "how"),
    [
        (ConsentBasis.THIS_PARCEL, "phone_call"),
        (ConsentBasis.THIS_PARCEL, "in_person"),
        (ConsentBasis.DECLARED_BY_COURIER, "courier"),
    ],
)
def test_a_yes_for_this_parcel_is_put_on_record(station: Station, consent: ConsentBasis, how: str) -> None:
    with transaction():
        parcel_id = announce(station.clerk, said(consent, how))
    assert basis_of(parcel_id) == consent
    with reading():
        record = db.session.scalars(select(ConsentRecord)).one()
        kinds = list(
            db.session.scalars(
                select(CustodyEvent.kind)
                .where(CustodyEvent.parcel_id == parcel_id)
                .order_by(CustodyEvent.seq)
            )
        )
    assert (record.parcel_id, record.choice, record.how) == (parcel_id, "station", how)
    assert record.recorded_by == station.clerk.key
    assert kinds == ["announced", "consent_recorded"]


def test_nothing_said_is_unknown(station: Station) -> None:
    with transaction():
        parcel_id = announce(station.clerk, Announcement(waybill(), "sf", PHONE, NAME))
    assert basis_of(parcel_id) == "unknown"
