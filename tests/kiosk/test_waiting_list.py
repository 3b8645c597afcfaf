"""The copy of the waiting list: whole or as it was, looked up in every way, masked, and for its owner only."""

import base64
import hmac
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.answers import Waiting, WaitingPage
from kiosk.backend import RefusedError, UnreachableError
from kiosk.model import Parcel
from kiosk.waiting_list import FILE, WaitingList, written

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SALT = bytes(range(32))


def hashed(text, salt=SALT):
    return hmac.digest(salt, text.encode(), "sha256")[:16]


def waiting(number, *, owner="chen", tail="4068", code=None, faces=(), aliases=(), salt=SALT):
    code = code or f"5-2-{number}"
    parcel = Parcel(str(number), f"SF{number}", owner, code, "5", 2, 4)
    weak = tuple(hashed(f"{one}|{tail}", salt) for one in (code, *aliases))
    return Waiting(parcel, "陈**", tuple(aliases), weak, hashed(f"{owner}|{tail}", salt), tuple(faces))


def page(*changed, gone=(), cursor="1", is_complete=True, as_of=NOW, people=None, salt=SALT):
    owners = {"chen": ("7", "8")} if people is None else people
    return WaitingPage(tuple(changed), tuple(gone), owners, cursor, is_complete, as_of, salt)


@pytest.fixture
def list_(tmp_path):
    made = WaitingList(tmp_path)
    yield made
    made.close()


def sync(list_, *pages, now=NOW):
    """Answer with these in turn; return the cursors that were asked for."""
    left, asked = list(pages), []

    def fetch(cursor):
        asked.append(cursor)
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    list_.sync(fetch, now=lambda: now)
    return asked


def unknown():
    return RefusedError("cursor_unknown", "", facts={}, status=409)


def test_file_is_for_its_owner_only(list_, tmp_path):
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_nothing_is_known_before_the_first_list(list_):
    assert list_.standing() is None
    assert list_.age(NOW) is None
    assert list_.by_weak("5-2-1", "4068") is None


def test_parcel_is_found_in_every_way(list_):
    sync(list_, page(waiting(1, faces=("7", "9"), aliases=("1-1-1",))))

    parcel = waiting(1).parcel
    assert list_.by_id("1").parcel == parcel
    assert list_.by_waybill("SF1").parcel == parcel
    assert list_.by_code("5-2-1").parcel == list_.by_code("1-1-1").parcel == parcel
    assert [one.parcel for one in list_.by_recipient("8")] == [parcel]
    assert [one.parcel for one in list_.by_face("9")] == [parcel]
    assert list_.by_weak("1-1-1", "4068")[0].parcel == parcel
    assert list_.by_weak("1-1-1", "4069") is None
    assert list_.fits_tail("7", "4068")
    assert list_.fits_tail("7", "0000") is False
    assert list_.fits_tail("9", "4068") is None


def test_hash_is_written_as_the_api_does(list_):
    sync(list_, page(waiting(1)))

    proof = list_.by_weak("5-2-1", "4068")[1]

    assert base64.b64decode(written(proof)) == hashed("5-2-1|4068")


def test_changes_are_taken_over(list_):
    sync(list_, page(waiting(1, faces=("7",)), waiting(2)))

    asked = sync(list_, page(waiting(2, code="6-1-2"), gone=("1",), cursor="2"))

    assert asked == ["1"]
    assert list_.by_id("1") is None
    assert list_.by_face("7") == []
    assert list_.by_code("5-2-2") is None
    assert list_.by_code("6-1-2").parcel.id == "2"


def test_shelf_order_is_as_one_walks(list_):
    parcels = [
        waiting(number, code=f"{shelf}-1-{number}") for number, shelf in ((1, "12"), (2, "3"), (3, "M"))
    ]
    changed = [
        Waiting(
            Parcel(one.parcel.id, one.parcel.waybill, "chen", one.parcel.pickup_code, shelf, 1, 3),
            one.name,
            (),
            (),
            None,
            (),
        )
        for one, shelf in zip(parcels, ("12", "3", "M"), strict=True)
    ]

    sync(list_, page(*changed))

    assert [one.parcel.shelf for one in list_.by_recipient("7")] == ["3", "12", "M"]


def test_a_cold_place_is_kept_for_when_the_station_is_away(list_, tmp_path):
    one = waiting(1)
    sync(list_, page(replace(one, parcel=replace(one.parcel, storage="frozen"))))

    again = WaitingList(tmp_path)
    kept = again.by_id("1").parcel
    again.close()
    assert kept.storage == "frozen"


def test_several_pages_are_one_list(list_):
    asked = sync(
        list_, page(waiting(1), cursor="a", is_complete=False), page(waiting(2), cursor="b", is_complete=True)
    )

    assert asked == ["", "a"]
    assert list_.cursor() == "b"
    assert len(list_.by_recipient("7")) == 2


def test_line_that_breaks_leaves_the_list_that_was(list_):
    sync(list_, page(waiting(1)))

    with pytest.raises(UnreachableError):
        sync(list_, page(waiting(2), cursor="2", is_complete=False), UnreachableError("cut"))

    assert list_.by_id("1")
    assert list_.by_id("2") is None
    assert list_.cursor() == "1"


def test_list_of_another_version_replaces_the_whole(list_):
    sync(list_, page(waiting(1)))
    salt = bytes(32)

    asked = sync(list_, unknown(), page(waiting(2, salt=salt), salt=salt, cursor="new-1"))

    assert asked == ["1", ""]
    assert list_.by_id("1") is None
    assert list_.by_weak("5-2-2", "4068")[0].parcel.id == "2"


def test_version_that_changes_between_two_pages_begins_again(list_):
    asked = sync(list_, page(waiting(1), cursor="a", is_complete=False), unknown(), page(waiting(2)))

    assert asked == ["", "a", ""]
    assert list_.by_id("1") is None
    assert list_.by_id("2")


def test_beginning_that_is_refused_is_told(list_):
    with pytest.raises(RefusedError):
        sync(list_, unknown())


def test_age_is_by_the_stations_clock_and_is_renewed(list_):
    sync(list_, page(waiting(1)))
    assert list_.age(NOW + timedelta(hours=3)) == timedelta(hours=3)

    list_.confirm(as_of=NOW + timedelta(hours=2), asked_at=NOW + timedelta(hours=2))

    assert list_.age(NOW + timedelta(hours=3)) == timedelta(hours=1)


def test_waybill_of_two_parcels_names_neither(list_):
    one, other = waiting(1), waiting(2)
    twin = Waiting(Parcel("2", "SF1", "liu", "5-2-2", "5", 2, 4), other.name, (), other.weak, other.tail, ())

    sync(list_, page(one, twin))

    assert list_.by_waybill("SF1") is None


def test_who_may_take_all_parcels_is_compared_and_nobody_else(list_):
    sync(list_, page(waiting(1, faces=("7", "9")), waiting(2, faces=("7",)), waiting(3, faces=("5",))))

    assert list_.candidates(("1",)) == ["7", "9"]
    assert list_.candidates(("1", "2")) == ["7"]
    assert list_.candidates(("1", "3")) == []
    assert list_.recipients() == {"5", "7", "9"}


def test_people_of_whom_nothing_waits_are_forgotten(list_):
    sync(list_, page(waiting(1)))

    sync(list_, page(gone=("1",), people={}))

    assert list_.by_recipient("7") == []
    assert list_._read("SELECT * FROM people") == []


def test_list_survives_a_restart(list_, tmp_path):
    sync(list_, page(waiting(1)))
    list_.close()

    again = WaitingList(tmp_path)

    assert again.by_id("1").name == "陈**"
    again.close()


@pytest.mark.parametrize("damage", [b"this is no database", b""])
def test_damaged_list_begins_anew(list_, tmp_path, damage):
    sync(list_, page(waiting(1)))
    list_.close()
    (tmp_path / FILE).write_bytes(damage)

    again = WaitingList(tmp_path)

    assert again.standing() is None
    assert sync(again, page(waiting(2))) == [""]
    again.close()


def test_list_of_another_format_begins_anew(list_, tmp_path):
    sync(list_, page(waiting(1)))
    list_._connection.execute("PRAGMA user_version = 99")
    list_.close()

    again = WaitingList(tmp_path)

    assert again.standing() is None
    again.close()


def test_cleared_list_says_nothing(list_):
    sync(list_, page(waiting(1)))

    list_.clear()

    assert list_.standing() is None
    assert list_.cursor() == ""
    assert list_.by_id("1") is None
