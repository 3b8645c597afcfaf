"""Erasing somebody who collected for others by their phone: their name with the hand-overs goes like other proof."""

import pytest

from station.accounts import service as accounts
from station.accounts.queries import Resident
from station.core import clock
from station.core.actor import Actor, ActorKind
from station.core.db import reading, transaction
from station.core.permissions import Role
from station.core.phones import parse
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from station.residents import erasure, export, proxies
from station.residents.erasure import EVIDENCE_KEPT
from station.residents.proxies import Wish
from station.residents.service import phone_hash
from tests.factories import Station, make_station, recipient, store
from tests.services import leaving

PHONE, NAME = "13911112222", "韩梅梅"


def collect(station: Station, *, phone: str = PHONE, name: str = NAME) -> None:
    """Let somebody collect another person's parcel by their phone."""
    owner = recipient(station)
    parcel = store(station, to=owner)
    with transaction():
        actor = Actor(ActorKind.RESIDENT, 1, station.id, Role.RESIDENT)
        made = proxies.give(actor, Wish(owner.id, parcel.parcel_id, parse(phone), name))
        hand_over.hand_over(station.clerk, parcel.parcel_id, Taker(proxy_id=made.proxy_id))


def signed_in() -> Resident:
    with transaction():
        return accounts.sign_in_resident(phone_hash(PHONE))


@pytest.fixture
def collector(station: Station) -> Resident:
    recipient(station, PHONE, "Han Meimei")
    collect(station)
    collect(station, phone="13933334444", name="李雷雷")
    return signed_in()


def forget(station: Station) -> int:
    with transaction():
        return erasure.forget_evidence(station.id)


def erase(resident: Resident) -> int:
    with transaction():
        return erasure.erase(resident)


def test_the_name_stays_as_proof_for_ninety_days(station: Station, collector: Resident) -> None:
    assert erase(collector) == 1
    assert forget(station) == 0
    assert leaving.places((NAME,)) == {"hand_overs.proxy_name"}
    when = clock.now() + EVIDENCE_KEPT
    with clock.use(lambda: when):
        assert forget(station) == 1
        assert forget(station) == 0
    assert leaving.places((NAME,)) == set()
    assert "hand_overs.proxy_name" in leaving.places(("李雷雷",))


def test_what_is_old_already_goes_at_once(collector: Resident) -> None:
    when = clock.now() + EVIDENCE_KEPT
    with clock.use(lambda: when):
        erase(collector)
    assert leaving.places((NAME,)) == set()


def test_names_of_who_was_not_erased_stay(station: Station, collector: Resident) -> None:
    when = clock.now() + EVIDENCE_KEPT
    with clock.use(lambda: when):
        assert forget(station) == 0
    assert "hand_overs.proxy_name" in leaving.places((NAME,))


def test_a_station_that_knows_them_only_as_a_collector_forgets_them_too(
    station: Station, collector: Resident
) -> None:
    other = make_station("Lotus Garden")
    collect(other)
    assert erase(collector) == 2
    assert erase(collector) == 0
    assert leaving.places((NAME,)) == {"hand_overs.proxy_name"}
    when = clock.now() + EVIDENCE_KEPT
    with clock.use(lambda: when):
        assert [forget(one) for one in (station, other)] == [1, 1]
    assert leaving.places((NAME,)) == set()


def test_the_export_says_for_whom_they_were_let_collect(station: Station, collector: Resident) -> None:
    collect(make_station("Lotus Garden"))
    with reading():
        found = export.everything(collector)
    assert [one.name for one in found.stations] == ["Maple Court", "Lotus Garden"]
    for one in found.stations:
        assert [(fact["name"], fact["state"]) for fact in one.kept["collecting"]] == [(NAME, "used")]
        assert one.kept["proxies"] == []
