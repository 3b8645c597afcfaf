"""The same request twice acts once; refusals are answers; crashes are not."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from station.core import clock, idempotency, throttle
from station.core.db import db, reading, transaction
from station.core.errors import CountedError, StationError
from station.core.idempotency import Answer, Request
from station.events.models import RefusedScan
from station.events.service import Refusal, keep_refused_scan
from tests.factories import Station, make_station


def request(station: Station, key: str = "key-00000001", **body: object) -> Request:
    return Request(station.clerk, "test", key, dict(body))


def test_the_second_time_answers_the_same_and_does_nothing(station: Station) -> None:
    calls: list[int] = []

    def act() -> dict[str, object]:
        calls.append(1)
        return {"n": len(calls)}

    first = idempotency.once(request(station, a=1), act)
    second = idempotency.once(request(station, a=1), act)
    assert first == Answer(200, {"n": 1})
    assert second == Answer(200, {"n": 1}, replayed=True)


def test_another_body_under_the_same_key_is_refused(station: Station) -> None:
    idempotency.once(request(station, a=1), dict)
    with pytest.raises(StationError, match="another body"):
        idempotency.once(request(station, a=2), dict)


def test_a_refusal_rolls_back_and_is_answered_again(station: Station) -> None:
    tries: list[int] = []

    def act() -> dict[str, object]:
        tries.append(1)
        keep_refused_scan(station.clerk, Refusal("test", "not_found", "rolled back"))
        raise StationError("not_found", "gone", waybill="SF1")

    def keep(error: StationError) -> None:
        keep_refused_scan(station.clerk, Refusal("test", error.code, "SF1"))

    first = idempotency.once(request(station), act, on_refusal=keep)
    second = idempotency.once(request(station), act, on_refusal=keep)
    assert first.status == 404
    assert first.body == {"code": "not_found", "message": "gone", "waybill": "SF1"}
    assert second.body == first.body
    assert len(tries) == 1
    with reading():
        assert [scan.raw for scan in db.session.query(RefusedScan)] == ["SF1"]


def test_a_refusal_that_counts_keeps_what_it_counted_once(station: Station) -> None:
    def act() -> dict[str, object]:
        throttle.count("guess", window=timedelta(minutes=15))
        raise CountedError("six_digits_wrong", "no")

    def keep(error: StationError) -> None:
        keep_refused_scan(station.clerk, Refusal("test", error.code, "guess"))

    first = idempotency.once(request(station), act, on_refusal=keep)
    again = idempotency.once(request(station), act, on_refusal=keep)
    with reading():
        tries = db.session.scalar(select(throttle.Attempts.tries))
        kept = db.session.scalars(select(RefusedScan.reason)).all()
    assert (first.status, again.status, again.replayed) == (422, 422, True)
    assert (tries, kept) == (1, ["six_digits_wrong"])


def test_a_crash_keeps_no_answer_so_that_a_retry_runs_again(station: Station) -> None:
    with pytest.raises(ZeroDivisionError):
        idempotency.once(request(station), lambda: {"n": 1 // 0})
    assert idempotency.once(request(station), lambda: {"n": 1}).body == {"n": 1}


def test_keys_of_two_stations_do_not_meet(station: Station) -> None:
    other = make_station("Harbour Lane")
    idempotency.once(request(station), lambda: {"n": 1})
    assert idempotency.once(request(other), lambda: {"n": 2}).body == {"n": 2}


@pytest.mark.parametrize("key", ["", "short", "x" * 81, "no spaces here", "引号引号引号引号"])
def test_an_unusable_key_is_refused(station: Station, key: str) -> None:
    with pytest.raises(StationError) as refusal:
        request(station, key)
    assert refusal.value.code == "idempotency_key_missing"


def test_old_answers_are_forgotten_after_thirty_days(station: Station) -> None:
    idempotency.once(request(station), lambda: {"n": 1})
    later = clock.now() + timedelta(days=31)
    with clock.use(lambda: later), transaction():
        assert idempotency.forget_old(station.id) == 1
    assert idempotency.once(request(station), lambda: {"n": 2}).body == {"n": 2}
