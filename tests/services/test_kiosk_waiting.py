"""The waiting list of a kiosk: whole once, then what changed; in words that name nobody; on both databases."""

import base64
import hashlib
import hmac
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.core.phones import parse
from station.kiosks import list_queries, waiting
from station.kiosks.list_queries import PROXIES_MOST, Waiting
from station.kiosks.rules import KioskRules
from station.kiosks.waiting import Page
from station.parcels import codes, handling, solving
from station.parcels.hand_over import Taker, hand_over
from station.parcels.intake import CheckedIn
from station.parcels.models import Parcel
from station.residents import merging, proxies
from station.residents.proxies import Wish
from station.residents.service import Known
from tests.cold import add_cold_shelves
from tests.factories import Station, make_station, recipient, store
from tests.services import kiosks

OTHER_PHONE = "13900002222"
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.fixture
def kiosk(station: Station) -> Actor:
    return kiosks.make_kiosk(station)


@pytest.fixture
def person(station: Station) -> Known:
    return recipient(station)


def page(kiosk: Actor, after: str = "", *, limit: int = 500) -> Page:
    with reading():
        return waiting.changes(kiosk, after, limit=limit)


def listed(kiosk: Actor, parcel: CheckedIn) -> Waiting:
    return next(one for one in page(kiosk).changed if one.parcel_id == parcel.parcel_id)


def changed(found: Page) -> list[int]:
    return [one.parcel_id for one in found.changed]


def hashed(salt: bytes, text: str) -> str:
    """Write down the contract with the kiosk a second time, by hand."""
    return base64.b64encode(hmac.new(salt, text.encode(), hashlib.sha256).digest()[:16]).decode()


# What a parcel says


def test_a_parcel_is_told_masked_with_its_place(station: Station, kiosk: Actor, person: Known) -> None:
    parcel = store(station, to=person, layer_id=station.layer("2", 3))
    found = listed(kiosk, parcel)

    assert (found.waybill, found.carrier, found.pickup_code) == (parcel.waybill, "sf", parcel.pickup_code)
    assert (found.shelf, found.layer, found.layers, found.size) == ("2", 3, 3, "medium")
    assert (found.name, found.is_held, found.aliases) == ("陈**", False, ())


@pytest.mark.parametrize(("code", "storage"), [("C", "chilled"), ("F", "frozen"), ("2", None)])
def test_a_parcel_says_how_cold_its_shelf_is(
    station: Station, kiosk: Actor, person: Known, code: str, storage: str | None
) -> None:
    add_cold_shelves(station)
    parcel = store(station, to=person)
    layer_id = station.layer(code)
    with transaction():
        solving.move(station.clerk, parcel.parcel_id, layer_id)

    assert listed(kiosk, parcel).storage == storage


def test_nothing_that_tells_who_it_is_leaves_the_station(
    station: Station, kiosk: Actor, person: Known
) -> None:
    store(station, to=person)
    said = str(page(kiosk))

    assert all(text not in said for text in ("13812344068", "4068", "陈晓明"))


def test_a_visit_says_until_which_day_of_the_station_a_parcel_stays(station: Station, person: Known) -> None:
    arrived = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
    with clock.use(lambda: arrived):
        parcel = store(station, to=person)
    for passed, day in ((timedelta(hours=1), date(2026, 3, 12)), (timedelta(days=8), None)):
        with clock.use(lambda passed=passed: arrived + passed), reading():
            assert list_queries.last_days(station.id, [parcel.parcel_id]).get(parcel.parcel_id) == day


def test_its_hashes_are_what_the_contract_says(station: Station, kiosk: Actor, person: Known) -> None:
    parcel = store(station, to=person)
    found, salt = listed(kiosk, parcel), page(kiosk).salt
    code = codes.canonical(codes.parse(parcel.pickup_code))

    assert len(salt) == 32
    assert found.weak == (hashed(salt, f"{code}|4068"),)
    assert found.tail == hashed(salt, f"{found.owner}|4068")


def test_a_moved_parcel_has_its_old_code_as_an_alias(station: Station, kiosk: Actor, person: Known) -> None:
    parcel, layer_id = store(station, to=person), station.layer("3", 1)
    with transaction():
        handling.move(station.clerk, parcel.parcel_id, layer_id)
    found = listed(kiosk, parcel)

    assert (found.shelf, found.aliases) == ("3", (codes.canonical(codes.parse(parcel.pickup_code)),))
    assert len(found.weak) == 2


def test_one_phone_is_one_owner(station: Station, kiosk: Actor, person: Known) -> None:
    spouse = recipient(station, name="李雷雷")
    parcels = [store(station, to=one) for one in (person, spouse, recipient(station, OTHER_PHONE, "张伟"))]
    found = page(kiosk)
    owners = [listed(kiosk, parcel).owner for parcel in parcels]

    assert owners[0] == owners[1] != owners[2]
    assert {one.owner: one.recipient_ids for one in found.people}[owners[0]] == (person.id, spouse.id)


def test_a_parcel_of_nobody_known_opens_to_nobody(station: Station, kiosk: Actor, person: Known) -> None:
    parcel = store(station, to=person)
    with transaction():
        connection().execute(update(Parcel).values(recipient_id=None))
    found = listed(kiosk, parcel)

    assert (found.name, found.weak, found.tail, found.faces) == ("", (), None, ())
    assert found.owner


def test_weak_hashes_go_out_only_where_the_way_is_on(station: Station, kiosk: Actor, person: Known) -> None:
    kiosks.allow(station, KioskRules(takes_pickup_codes=False))

    assert listed(kiosk, store(station, to=person)).weak == ()


# Faces


def test_faces_are_those_who_agreed_the_owner_first(station: Station, kiosk: Actor, person: Known) -> None:
    kiosks.allow(station)
    parcel, collectors = store(station, to=person), []
    for number in range(PROXIES_MOST + 1):
        phone = f"1390000222{number}"
        collectors.append(recipient(station, phone, f"张伟{number}"))
        kiosks.agree(station, collectors[-1], phone)
        with transaction():
            proxies.give(station.clerk, Wish(person.id, phone=parse(phone)))
    assert len(listed(kiosk, parcel).faces) == PROXIES_MOST
    kiosks.agree(station, person)

    faces = listed(kiosk, parcel).faces

    assert (faces[0], len(faces)) == (person.id, 1 + PROXIES_MOST)
    assert set(faces[1:]) < {one.id for one in collectors}


def test_a_proxy_for_one_parcel_is_no_face_of_another(station: Station, kiosk: Actor, person: Known) -> None:
    kiosks.allow(station)
    parcel, second = store(station, to=person), store(station, to=person)
    friend = recipient(station, OTHER_PHONE, "张伟")
    kiosks.agree(station, friend, OTHER_PHONE)
    with transaction():
        proxies.give(station.clerk, Wish(person.id, parcel.parcel_id, phone=parse(OTHER_PHONE)))

    assert listed(kiosk, parcel).faces == (friend.id,)
    assert listed(kiosk, second).faces == ()


def test_no_face_goes_out_where_faces_are_off(station: Station, kiosk: Actor, person: Known) -> None:
    kiosks.agree(station, person)

    assert listed(kiosk, store(station, to=person)).faces == ()


# Reading on


def test_the_whole_list_comes_in_parts_and_what_changed_meanwhile_behind_it(
    station: Station, kiosk: Actor, person: Known
) -> None:
    parcels = [store(station, to=person).parcel_id for _ in range(5)]
    first = page(kiosk, limit=2)
    with transaction():
        hand_over(station.clerk, parcels[0], Taker())
    second = page(kiosk, first.next_cursor, limit=2)
    third = page(kiosk, second.next_cursor, limit=2)
    fourth = page(kiosk, third.next_cursor)

    assert [changed(one) for one in (first, second, third)] == [parcels[:2], parcels[2:4], parcels[4:]]
    assert [one.is_complete for one in (first, second, third, fourth)] == [False, False, False, True]
    assert (changed(fourth), fourth.gone) == ([], [parcels[0]])


def read_up(kiosk: Actor) -> str:
    found = page(kiosk)
    assert found.is_complete
    return found.next_cursor


@pytest.mark.parametrize("deed", ["move", "hold", "hand_over", "start_return", "store"])
def test_a_sync_reads_only_what_changed(station: Station, kiosk: Actor, person: Known, deed: str) -> None:
    store(station, to=person)
    parcel, layer_id = store(station, to=person), station.layer("2", 1)
    cursor = read_up(kiosk)
    deeds: dict[str, Any] = {
        "move": lambda: handling.move(station.clerk, parcel.parcel_id, layer_id),
        "hold": lambda: handling.hold(station.clerk, parcel.parcel_id, reason="complaint"),
        "hand_over": lambda: hand_over(station.clerk, parcel.parcel_id, Taker()),
        "start_return": lambda: handling.start_return(station.clerk, parcel.parcel_id, reason="refused"),
    }
    if deed == "store":
        parcel = store(station, to=person)
    else:
        with transaction():
            deeds[deed]()
    found = page(kiosk, cursor)

    is_gone = deed in ("hand_over", "start_return")
    assert (changed(found), found.gone) == (([], [parcel.parcel_id]) if is_gone else ([parcel.parcel_id], []))
    assert page(kiosk, found.next_cursor).changed == []


def test_what_people_decide_changes_who_may_take(station: Station, kiosk: Actor, person: Known) -> None:
    kiosks.allow(station)
    parcel, friend = store(station, to=person), recipient(station, OTHER_PHONE, "张伟")
    store(station, to=recipient(station, "13900003333", "王芳"))
    cursor = read_up(kiosk)
    kiosks.agree(station, person)
    found = page(kiosk, cursor)
    assert [(one.parcel_id, one.faces) for one in found.changed] == [(parcel.parcel_id, (person.id,))]

    kiosks.agree(station, friend, OTHER_PHONE)
    with transaction():
        given = proxies.give(station.clerk, Wish(person.id, phone=parse(OTHER_PHONE)))
    found = page(kiosk, found.next_cursor)
    assert [one.faces for one in found.changed] == [(person.id, friend.id)]

    kiosks.disagree(
        station, friend, OTHER_PHONE
    )  # they take nothing of their own: it concerns whom they collect for
    found = page(kiosk, found.next_cursor)
    assert [one.faces for one in found.changed] == [(person.id,)]

    with transaction():
        proxies.revoke(station.clerk, given.proxy_id)
    assert changed(page(kiosk, found.next_cursor)) == [parcel.parcel_id]


def test_merged_people_are_told_anew(station: Station, kiosk: Actor, person: Known) -> None:
    other = recipient(station, name="陈小明")
    parcel = store(station, to=other)
    cursor = read_up(kiosk)
    with transaction():
        merging.merge(station.clerk, person.id, other.id)

    assert changed(page(kiosk, cursor)) == [parcel.parcel_id]


def test_the_head_is_the_cursor_of_who_has_read_everything(
    station: Station, kiosk: Actor, person: Known
) -> None:
    cursor = read_up(kiosk)
    with reading():
        assert waiting.head(kiosk) == cursor
    store(station, to=person)
    with reading():
        assert waiting.head(kiosk) != cursor


# Versions


def test_each_day_and_each_kiosk_has_a_salt_of_its_own(station: Station, kiosk: Actor) -> None:
    second = kiosks.make_kiosk(station, "Door")
    with clock.use(lambda: NOON):
        today, cursor, elsewhere = page(kiosk).salt, page(kiosk).next_cursor, page(second).salt
    midnight = NOON.replace(hour=16)  # in Shanghai
    with clock.use(lambda: midnight):
        assert page(kiosk).salt not in (today, elsewhere)
        with pytest.raises(StationError, match="begun anew") as refused:
            page(kiosk, cursor)
    assert refused.value.code == "cursor_unknown"
    assert today != elsewhere


def test_other_rules_are_another_list(station: Station, kiosk: Actor) -> None:
    cursor = read_up(kiosk)
    kiosks.allow(station)

    with pytest.raises(StationError, match="begun anew"):
        page(kiosk, cursor)


@pytest.mark.parametrize(
    "cursor", ["x", "1-2-3", "2026112110", f"{'9' * 10}-1", "2026112110-1-1-99999999999999999999"]
)
def test_a_cursor_that_is_none_begins_anew(kiosk: Actor, cursor: str) -> None:
    with pytest.raises(StationError, match="begun anew"):
        page(kiosk, cursor)


def test_nothing_of_another_station_is_told(
    app: Flask, station: Station, kiosk: Actor, person: Known
) -> None:
    store(station, to=person)
    stranger = kiosks.make_kiosk(make_station("Lotus Garden"))

    assert page(stranger).changed == []
    with reading():
        assert connection().scalar(select(func.count()).select_from(Parcel)) == 1
