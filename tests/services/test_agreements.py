"""Separate agreements: each for itself, to a text that is kept, withdrawn at once, never given by anybody else."""

import pytest
from sqlalchemy import select, update

from station.core.actor import Actor, ActorKind
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.core.i18n import speaking
from station.core.permissions import Role
from station.events.models import CustodyEvent
from station.network.service import fill_reference_tables
from station.residents import agreement_texts, agreements
from station.residents.agreement_texts import CURRENT, Purpose
from station.residents.agreements import Guardian, InForce
from station.residents.models import Agreement, AgreementText
from tests.factories import Station, make_station, recipient

PARENT = Guardian("王芳", "139 0000 1111")


def resident(station: Station) -> Actor:
    return Actor(ActorKind.RESIDENT, 77, station.id, Role.RESIDENT)


def give(station: Station, person: int, purpose: Purpose, guardian: Guardian | None = None) -> None:
    with transaction(), speaking("zh"):
        agreements.give(resident(station), person, purpose, version=CURRENT[purpose], guardian=guardian)


def withdraw(station: Station, person: int, purpose: Purpose) -> None:
    with transaction():
        agreements.withdraw(resident(station), person, purpose)


def held(station: Station, person: int, purpose: Purpose) -> InForce | None:
    with reading():
        return agreements.in_force(station.id, person, purpose)


def records(station: Station) -> list[Agreement]:
    with reading():
        query = select(Agreement.__table__).where(Agreement.station_id == station.id).order_by(Agreement.id)
        return list(connection().execute(query))


def test_each_purpose_is_agreed_to_by_itself(station: Station) -> None:
    ming = recipient(station).id
    give(station, ming, Purpose.PHOTOS)
    found = held(station, ming, Purpose.PHOTOS)
    assert found is not None
    assert (found.version, found.language, found.given_by) == (CURRENT[Purpose.PHOTOS], "zh", "self")
    assert held(station, ming, Purpose.FACE) is None


def test_withdrawing_ends_it_and_keeps_what_was(station: Station) -> None:
    ming = recipient(station).id
    give(station, ming, Purpose.FACE)
    withdraw(station, ming, Purpose.FACE)
    assert held(station, ming, Purpose.FACE) is None
    give(station, ming, Purpose.FACE)
    assert held(station, ming, Purpose.FACE) is not None
    assert [row.word for row in records(station)] == ["given", "withdrawn", "given"]


def test_twice_is_recorded_once(station: Station) -> None:
    ming = recipient(station).id
    withdraw(station, ming, Purpose.PHOTOS)
    for _again in range(2):
        give(station, ming, Purpose.PHOTOS)
    for _again in range(2):
        withdraw(station, ming, Purpose.PHOTOS)
    assert [row.word for row in records(station)] == ["given", "withdrawn"]


def test_a_guardian_is_kept_encrypted_and_out_of_the_log(station: Station) -> None:
    ming = recipient(station).id
    give(station, ming, Purpose.FACE, PARENT)
    (row,) = records(station)
    assert (row.given_by, row.guardian_name, row.guardian_phone) == ("guardian", "王芳", "13900001111")
    with reading():
        raw = connection().exec_driver_sql("SELECT guardian_name, guardian_phone FROM agreements").one()
        logged = connection().scalar(select(CustodyEvent.data).where(CustodyEvent.kind == "agreement_given"))
    assert b"13900001111" not in b"".join(map(bytes, raw))
    assert logged
    assert "王芳" not in logged
    assert agreement_texts.TEXTS[Purpose.FACE, 1, "zh"].sha256.hex() in logged


@pytest.mark.parametrize(
    ("guardian", "words"),
    [
        (Guardian("", "13900001111"), "guardian's name"),
        (Guardian("王芳", "123"), "phone number"),
        (Guardian("王芳", "17012345678,8462"), "phone number"),
    ],
)
def test_a_guardian_has_a_name_and_a_phone(station: Station, guardian: Guardian, words: str) -> None:
    ming = recipient(station).id
    with pytest.raises(StationError, match=words), transaction():
        agreements.give(resident(station), ming, Purpose.FACE, version=1, guardian=guardian)
    assert records(station) == []


def test_staff_agree_for_nobody_but_may_withdraw(station: Station) -> None:
    ming = recipient(station).id
    with pytest.raises(StationError) as refused, transaction():
        agreements.give(station.manager, ming, Purpose.FACE, version=1)
    assert refused.value.code == "forbidden"
    give(station, ming, Purpose.FACE)
    with transaction():
        agreements.withdraw(station.clerk, ming, Purpose.FACE)
    assert held(station, ming, Purpose.FACE) is None


def test_an_old_text_is_not_agreed_to_and_holds_no_more(station: Station, monkeypatch) -> None:
    ming = recipient(station).id
    give(station, ming, Purpose.PHOTOS)
    monkeypatch.setitem(CURRENT, Purpose.PHOTOS, CURRENT[Purpose.PHOTOS] + 1)
    assert held(station, ming, Purpose.PHOTOS) is None
    with pytest.raises(StationError) as refused, transaction():
        agreements.give(resident(station), ming, Purpose.PHOTOS, version=1)
    assert refused.value.code == "stale"
    withdraw(station, ming, Purpose.PHOTOS)
    assert [row.word for row in records(station)] == ["given", "withdrawn"]


def test_another_stations_person_is_not_known(station: Station) -> None:
    stranger = recipient(make_station("Elsewhere")).id
    with pytest.raises(StationError) as refused:
        give(station, stranger, Purpose.PHOTOS)
    assert refused.value.code == "not_found"


def test_a_text_that_was_shown_is_never_changed(station: Station) -> None:
    with transaction():
        shown = AgreementText.purpose == "face"
        connection().execute(update(AgreementText).where(shown).values(body="as it was shown"))
        fill_reference_tables()
    with reading():
        kept = connection().execute(select(AgreementText.purpose, AgreementText.body)).all()
    assert {row.body for row in kept if row.purpose == "face"} == {"as it was shown"}
    assert len(kept) == len(agreement_texts.TEXTS)
