"""What kiosks did offline: into the books with its own time, or kept as a conflict; never twice, never over another."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.core.phones import parse
from station.events import queries as events
from station.kiosks import releases, waiting
from station.kiosks.lifecycle import OFFLINE_FOR, Way
from station.kiosks.models import KioskSession
from station.kiosks.releases import Wanted
from station.kiosks.replays import Shown, Told
from station.kiosks.watch_models import KioskConflict
from station.parcels import hand_over, handling
from station.parcels.hand_over import Taker
from station.parcels.intake import CheckedIn
from station.parcels.models import HandOver, Parcel
from station.residents import identify, proxies
from station.residents.proxies import Wish
from station.residents.service import Known
from tests import invariants
from tests.factories import Station, make_station, recipient, store
from tests.services import kiosks
from tests.services.kiosks import by_code, replay, told

OTHER_PHONE = "13900002222"


@pytest.fixture
def kiosk(station: Station) -> Actor:
    kiosks.allow(station)
    return kiosks.make_kiosk(station)


@pytest.fixture
def person(station: Station) -> Known:
    return recipient(station)


@pytest.fixture
def parcel(station: Station, person: Known) -> CheckedIn:
    return store(station, to=person)


@pytest.fixture
def an_hour_later(parcel: CheckedIn) -> Iterator[datetime]:
    """Let the line come back an hour after the hand-over; give the moment of the hand-over."""
    then = clock.now() + timedelta(seconds=5)
    with clock.use(lambda: then + timedelta(hours=1)):
        yield then


def weak_hash(kiosk: Actor, parcel: CheckedIn, at: datetime) -> str:
    with clock.use(lambda: at), reading():
        page = waiting.changes(kiosk, "")
    return next(one.weak[0] for one in page.changed if one.parcel_id == parcel.parcel_id)


def reasons(station: Station) -> list[str]:
    with reading():
        mine = KioskConflict.station_id == station.id
        return list(connection().scalars(select(KioskConflict.reason).where(mine).order_by(KioskConflict.id)))


def hand_overs(station: Station) -> list[tuple[str, datetime]]:
    with reading():
        mine = HandOver.station_id == station.id
        return [
            (row.method, row.at)
            for row in connection().execute(select(HandOver.method, HandOver.at).where(mine))
        ]


# What is believed


def test_a_hand_over_comes_into_the_books_with_its_own_time(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn, an_hour_later: datetime
) -> None:
    done = replay(kiosk, told(parcel, by_code(station, person, an_hour_later), an_hour_later))

    assert (done.outcome.conflict_id, done.reason) == (None, None)
    assert hand_overs(station) == [("kiosk_identity_code", an_hour_later)]
    with reading():
        assert connection().scalar(select(Parcel.left_at)) == an_hour_later
        left = events.story(station.id, parcel.parcel_id)[-1]
    assert (left.kind, left.data["at"]) == ("handed_over", an_hour_later.isoformat())
    invariants.check(station.id)
    invariants.chain_is_whole(station.id)


def test_one_code_stands_for_all_that_was_taken_in_its_visit(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn, an_hour_later: datetime
) -> None:
    with clock.use(lambda: an_hour_later - timedelta(seconds=3)):
        second = store(station, to=person)
    shown = by_code(station, person, an_hour_later)
    replay(kiosk, told(parcel, shown, an_hour_later))
    later = an_hour_later + timedelta(minutes=2)
    replay(kiosk, told(second, shown, later, key="offline-key-2"))

    assert [at for _method, at in hand_overs(station)] == [an_hour_later, later]
    with reading():
        assert len(connection().execute(select(KioskSession.id)).all()) == 1


def test_pickup_code_and_tail_are_checked_by_the_list_of_their_day(
    station: Station, kiosk: Actor, parcel: CheckedIn, an_hour_later: datetime
) -> None:
    shown = Shown(Way.PICKUP_CODE, an_hour_later, code_hash=weak_hash(kiosk, parcel, an_hour_later))
    replay(kiosk, told(parcel, shown, an_hour_later))

    assert hand_overs(station) == [("kiosk_pickup_code", an_hour_later)]


def test_a_list_of_the_day_before_still_counts(station: Station, kiosk: Actor, parcel: CheckedIn) -> None:
    now = clock.now()
    code_hash = weak_hash(kiosk, parcel, now)
    at = now + timedelta(hours=11, minutes=59)
    with clock.use(lambda: at):
        replay(kiosk, told(parcel, Shown(Way.PICKUP_CODE, at, code_hash=code_hash), at))

    assert hand_overs(station) == [("kiosk_pickup_code", at)]


def test_a_face_counts_if_it_was_agreed_to_at_the_time(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    kiosks.agree(station, person)
    at = clock.now()
    kiosks.disagree(station, person)
    later = at + timedelta(hours=1)
    with clock.use(lambda: later):
        replay(kiosk, told(parcel, Shown(Way.FACE, at, recipient_id=person.id), at))

    assert hand_overs(station) == [("kiosk_face", at)]


def test_who_was_let_collect_that_day_did_so(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn, an_hour_later: datetime
) -> None:
    friend = recipient(station, OTHER_PHONE, "张伟")
    with clock.use(lambda: an_hour_later), transaction():
        proxies.give(station.clerk, Wish(person.id, phone=parse(OTHER_PHONE)))
    shown = by_code(station, friend, an_hour_later)
    tomorrow = an_hour_later + timedelta(days=1)
    with clock.use(lambda: tomorrow):
        replay(kiosk, told(parcel, shown, an_hour_later))

    assert [method for method, _at in hand_overs(station)] == ["kiosk_identity_code"]


# Once


def test_a_key_is_settled_once(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn, an_hour_later: datetime
) -> None:
    one = told(parcel, by_code(station, person, an_hour_later), an_hour_later)

    assert replay(kiosk, one) == replay(kiosk, one)
    assert len(hand_overs(station)) == 1
    assert reasons(station) == []


def test_a_conflict_is_made_once_and_told_again(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn, an_hour_later: datetime
) -> None:
    one = told(parcel, Shown(Way.FACE, an_hour_later, recipient_id=person.id), an_hour_later)

    assert replay(kiosk, one) == replay(kiosk, one)
    assert reasons(station) == ["face_not_agreed"]


def test_a_release_whose_answer_was_lost_is_no_conflict_with_itself(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    text = kiosks.identity_code(station, person)
    visit = kiosks.begin(kiosk, Way.IDENTITY_CODE, text=text)
    done = kiosks.release(kiosk, visit, parcel, key="one-key-for-both")
    at = clock.now()
    again = replay(kiosk, told(parcel, Shown(Way.IDENTITY_CODE, at, text=text), at, key="one-key-for-both"))

    assert again.outcome.hand_over_id == done.hand_over_id
    assert reasons(station) == []


def test_a_release_that_comes_after_its_replay_is_answered_so(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    text = kiosks.identity_code(station, person)
    visit, at = kiosks.begin(kiosk, Way.IDENTITY_CODE, text=text), clock.now()
    first = replay(kiosk, told(parcel, Shown(Way.IDENTITY_CODE, at, text=text), at, key="one-key-for-both"))
    late = kiosks.release(kiosk, visit, parcel, key="one-key-for-both")

    assert first.outcome == late
    assert len(hand_overs(station)) == 1


def test_a_release_that_comes_after_its_conflict_opens_nothing(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    visit, at = (
        kiosks.begin(kiosk, Way.IDENTITY_CODE, text=kiosks.identity_code(station, person)),
        clock.now(),
    )
    replay(kiosk, told(parcel, Shown(Way.FACE, at, recipient_id=person.id), at, key="one-key-for-both"))

    with pytest.raises(StationError, match="settled otherwise"):
        kiosks.release(kiosk, visit, parcel, key="one-key-for-both")
    assert hand_overs(station) == []


def test_a_visit_that_began_online_goes_on_offline(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    text, at = kiosks.identity_code(station, person), clock.now()
    kiosks.begin(kiosk, Way.IDENTITY_CODE, text=text)
    done = replay(kiosk, told(parcel, Shown(Way.IDENTITY_CODE, at, text=text), at))

    assert done.reason is None


def test_a_key_of_one_kiosk_says_nothing_of_another_s(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    visit = kiosks.begin(kiosk, Way.IDENTITY_CODE, text=kiosks.identity_code(station, person))
    kiosks.release(kiosk, visit, parcel, key="one-key-for-both")
    second = another(station)
    with reading():
        assert releases.settled(second, "one-key-for-both") is None


def another(station: Station) -> Actor:
    return kiosks.make_kiosk(station, "Door")


# Conflicts


def test_the_first_hand_over_stands_and_the_second_is_kept_beside_it(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn, an_hour_later: datetime
) -> None:
    with transaction():
        first = hand_over.hand_over(station.clerk, parcel.parcel_id, Taker())
    done = replay(kiosk, told(parcel, by_code(station, person, an_hour_later), an_hour_later))

    assert done.reason == "already_handed_over"
    with reading():
        row = connection().execute(select(KioskConflict)).mappings().one()
        kinds = [event.kind for event in events.story(station.id, parcel.parcel_id)]
    assert (row["hand_over_id"], row["recipient_id"]) == (first.hand_over_id, person.id)
    assert row["handed_over_at"] == an_hour_later
    assert [method for method, _at in hand_overs(station)] == ["counter"]
    assert kinds[-2:] == ["handed_over", "kiosk_conflict"]


def test_a_code_that_was_used_at_the_counter_meanwhile_is_a_conflict(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn, an_hour_later: datetime
) -> None:
    shown = by_code(station, person, an_hour_later)
    with clock.use(lambda: an_hour_later), transaction():
        identify.by_code(station.clerk, shown.text)

    assert replay(kiosk, told(parcel, shown, an_hour_later)).reason == "identity_code_used"


def test_a_code_that_was_used_at_another_kiosk_is_a_conflict(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn, an_hour_later: datetime
) -> None:
    shown = by_code(station, person, an_hour_later)
    with clock.use(lambda: an_hour_later):
        kiosks.begin(another(station), Way.IDENTITY_CODE, text=shown.text)

    assert replay(kiosk, told(parcel, shown, an_hour_later)).reason == "identity_code_used"


def test_a_code_taken_offline_opens_nothing_online_any_more(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    text, at = kiosks.identity_code(station, person), clock.now()
    replay(kiosk, told(parcel, Shown(Way.IDENTITY_CODE, at, text=text), at))

    assert kiosks.refusal(another(station), Way.IDENTITY_CODE, text=text) == "identity_code_used"


def test_somebody_else_s_parcel_is_a_conflict(
    station: Station, kiosk: Actor, parcel: CheckedIn, an_hour_later: datetime
) -> None:
    shown = by_code(station, recipient(station, OTHER_PHONE, "张伟"), an_hour_later)

    assert replay(kiosk, told(parcel, shown, an_hour_later)).reason == "not_your_parcel"
    assert hand_overs(station) == []


def test_what_the_station_no_longer_allows_is_a_conflict(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn, an_hour_later: datetime
) -> None:
    with transaction():
        handling.start_return(station.manager, parcel.parcel_id, reason="refused")
    done = replay(kiosk, told(parcel, by_code(station, person, an_hour_later), an_hour_later))

    assert done.reason == "illegal_transition"
    invariants.check(station.id)


def test_another_waybill_is_a_conflict(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn, an_hour_later: datetime
) -> None:
    shown = by_code(station, person, an_hour_later)
    one = Told(Wanted("offline-key-1", parcel.parcel_id, "SF1999999999999"), shown, an_hour_later)

    assert replay(kiosk, one).reason == "waybill_mismatch"


@pytest.mark.parametrize("way", [Way.SIX_DIGITS, Way.PROXY_CODE])
def test_ways_that_need_the_station_prove_nobody_afterwards(
    station: Station, kiosk: Actor, parcel: CheckedIn, an_hour_later: datetime, way: Way
) -> None:
    assert replay(kiosk, told(parcel, Shown(way, an_hour_later), an_hour_later)).reason == "way_off"


@pytest.mark.parametrize("code_hash", ["", "AAAAAAAAAAAAAAAAAAAAAA==", "陈"])
def test_a_wrong_hash_proves_nobody(
    station: Station, kiosk: Actor, parcel: CheckedIn, an_hour_later: datetime, code_hash: str
) -> None:
    shown = Shown(Way.PICKUP_CODE, an_hour_later, code_hash=code_hash)

    assert replay(kiosk, told(parcel, shown, an_hour_later)).reason == "pickup_code_or_tail_wrong"


def test_another_kiosk_s_list_proves_nobody(
    station: Station, kiosk: Actor, parcel: CheckedIn, an_hour_later: datetime
) -> None:
    code_hash = weak_hash(another(station), parcel, an_hour_later)
    shown = Shown(Way.PICKUP_CODE, an_hour_later, code_hash=code_hash)

    assert replay(kiosk, told(parcel, shown, an_hour_later)).reason == "pickup_code_or_tail_wrong"


def test_a_code_counts_for_its_own_moment_only(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn, an_hour_later: datetime
) -> None:
    shown = by_code(station, person, an_hour_later)
    late = Shown(shown.way, an_hour_later + timedelta(minutes=2), text=shown.text)

    assert replay(kiosk, told(parcel, late, late.began_at)).reason == "identity_code_expired"


@pytest.mark.parametrize(
    "case",
    [
        (timedelta(hours=1), timedelta(hours=1, minutes=1), "clock_wrong"),  # later than now
        (timedelta(minutes=-5), timedelta(minutes=-4), "clock_wrong"),  # before it came in
        (timedelta(seconds=5), timedelta(seconds=1), "clock_wrong"),  # left before somebody came
        (timedelta(0), timedelta(minutes=10), "session_over"),
    ],
)
def test_times_that_cannot_be_are_a_conflict(
    station: Station,
    kiosk: Actor,
    person: Known,
    parcel: CheckedIn,
    an_hour_later: datetime,
    case: tuple[timedelta, timedelta, str],
) -> None:
    began, left, reason = case
    shown = by_code(station, person, an_hour_later + began)

    assert replay(kiosk, told(parcel, shown, an_hour_later + left)).reason == reason
    assert hand_overs(station) == []


def test_what_comes_after_more_than_two_weeks_is_a_conflict(
    station: Station, kiosk: Actor, person: Known, parcel: CheckedIn
) -> None:
    at = clock.now()
    shown = by_code(station, person, at)
    with clock.use(lambda: at + OFFLINE_FOR + timedelta(minutes=1)):
        assert replay(kiosk, told(parcel, shown, at)).reason == "clock_wrong"


def test_a_parcel_nobody_knows_is_a_conflict(
    app: Flask, station: Station, kiosk: Actor, person: Known
) -> None:
    elsewhere = make_station("Lotus Garden")
    foreign = store(elsewhere, to=recipient(elsewhere))
    at = clock.now()
    done = replay(kiosk, told(foreign, by_code(station, person, at), at))

    assert (done.reason, done.outcome.parcel_id) == ("not_found", None)
    assert hand_overs(elsewhere) == []
