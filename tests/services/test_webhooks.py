"""Webhooks: what is told to which carrier, signed, again after failures, given up, sent anew, and replayed."""

import hashlib
import hmac
from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import transaction
from station.core.errors import StationError
from station.notices import wire
from station.parcels import handling, solving
from station.tracking import deliveries, dispatch, queries, webhooks
from station.tracking.deliveries import BACK_OFF_MIN
from station.tracking.queries import PAGE
from tests.carriers import events_of, hand_over_to, make_webhook, read, tell
from tests.factories import make_station, store
from tests.gateways import http_gateway

LONG = timedelta(days=3)


@pytest.fixture
def receiver():
    with http_gateway() as gateway:
        yield gateway


def refuse(request):
    return 500, "no", {}


def exhaust():
    """Send again and again until the last attempt has failed."""
    later = timedelta(0)
    for minutes in BACK_OFF_MIN:
        tell(later)
        later += timedelta(minutes=minutes, seconds=1)


def ways_of(parcel):
    return [(parcel.waybill, "stored"), (parcel.waybill, "collected")]


def test_a_carrier_is_told_of_its_own_parcels_in_order_and_of_nobody_else_s(station, receiver):
    make_webhook(station, receiver.url)
    mine, other = store(station), store(station, carrier="zto")
    hand_over_to(station, mine)
    hand_over_to(station, other)

    tally = tell()

    assert tally.delivered == 2
    assert events_of(receiver.requests) == ways_of(mine)
    first = receiver.requests[0].json
    assert first["event"]["codes"] == {"kuaidi100": "501", "aftership": "AvailableForPickup_001"}
    assert first["event"]["parcel_id"] == str(mine.parcel_id)
    assert first["attempt"] == 1
    assert tell().delivered == 0


def test_a_request_is_signed_with_the_secret_that_was_shown_once(station, receiver):
    made = make_webhook(station, receiver.url)
    store(station)
    tell()
    (request,) = receiver.requests

    # As docs/api.md describes it, from nothing but the standard library.
    stamp = request.headers["Stationmaster-Timestamp"]
    signed = stamp.encode() + b"." + request.body
    expected = "v1=" + hmac.new(made.secret.encode(), signed, hashlib.sha256).hexdigest()

    assert hmac.compare_digest(request.headers["Stationmaster-Signature"], expected)
    assert abs(int(stamp) - clock.now().timestamp()) < 60
    assert request.headers["Idempotency-Key"] == request.json["delivery_id"]


def test_what_happened_before_is_not_told_and_no_personal_data_ever(station, receiver):
    store(station)
    make_webhook(station, receiver.url)
    parcel = store(station)
    hand_over_to(station, parcel)
    tell()

    assert events_of(receiver.requests) == ways_of(parcel)
    told = b"".join(request.body for request in receiver.requests).decode()
    assert not [word for word in ("13812344068", "4068", "陈", parcel.pickup_code) if word in told]


def test_a_failure_is_tried_again_later_under_the_same_id(station, receiver):
    make_webhook(station, receiver.url)
    store(station)
    receiver.answer = refuse
    assert tell().failed == 1
    receiver.answer = lambda request: (204, "", {})

    assert tell().delivered == 0
    assert tell(timedelta(minutes=BACK_OFF_MIN[0], seconds=1)).delivered == 1
    first, second = receiver.requests
    assert first.json["delivery_id"] == second.json["delivery_id"]
    assert (first.json["attempt"], second.json["attempt"]) == (1, 2)


def test_the_later_event_of_a_parcel_waits_for_the_earlier_and_other_parcels_do_not(station, receiver):
    make_webhook(station, receiver.url)
    bad = store(station)
    hand_over_to(station, bad)
    good = store(station)
    hand_over_to(station, good)
    receiver.answer = lambda request: (
        500 if request.json["event"]["waybill"] == bad.waybill else 200,
        "",
        {},
    )

    tell()

    assert events_of(receiver.requests) == [(bad.waybill, "stored"), *ways_of(good)]
    receiver.answer = lambda request: (200, "", {})
    tell(LONG)
    assert events_of(receiver.requests)[3:] == ways_of(bad)


def test_what_fails_for_good_is_a_dead_letter_that_holds_up_nothing(station, receiver):
    made = make_webhook(station, receiver.url)
    parcel = store(station)
    hand_over_to(station, parcel)
    receiver.answer = lambda request: (500 if request.json["event"]["status"] == "stored" else 200, "", {})

    exhaust()
    tell(LONG)

    (dead,) = read(lambda: queries.dead_letters(station.id, made.id))
    assert (dead.waybill, dead.attempts, dead.failure) == (parcel.waybill, len(BACK_OFF_MIN), "answer 500")
    assert events_of(receiver.requests)[-1] == (parcel.waybill, "collected")
    entry = read(lambda: queries.webhook(station.id, made.id))
    assert (entry.waiting, entry.dead) == (0, 1)


def test_a_dead_letter_is_sent_anew_under_its_own_id(station, receiver):
    made = make_webhook(station, receiver.url)
    store(station)
    receiver.answer = refuse
    exhaust()
    (dead,) = read(lambda: queries.dead_letters(station.id, made.id))
    receiver.answer = lambda request: (200, "", {})
    with transaction():
        webhooks.resend(station.manager, made.id, dead.id)

    assert tell().delivered == 1
    assert receiver.requests[-1].json["delivery_id"] == str(dead.id)
    assert read(lambda: queries.dead_letters(station.id, made.id)) == []
    with pytest.raises(StationError), transaction():
        webhooks.resend(station.manager, made.id, dead.id)


def test_a_replay_tells_all_behind_a_cursor_again_in_order(station, receiver):
    made = make_webhook(station, receiver.url)
    parcel = store(station)
    hand_over_to(station, parcel)
    tell()
    with transaction():
        webhooks.replay(station.manager, made.id, after=made.cursor)
    tell()

    assert events_of(receiver.requests) == ways_of(parcel) * 2
    assert len({request.json["delivery_id"] for request in receiver.requests}) == 4
    assert len({request.json["event"]["cursor"] for request in receiver.requests}) == 2


def test_a_replay_takes_in_what_was_still_owed(station, receiver):
    made = make_webhook(station, receiver.url)
    parcel = store(station)
    receiver.answer = refuse
    tell()
    receiver.answer = lambda request: (200, "", {})
    with transaction():
        webhooks.replay(station.manager, made.id, after=made.cursor)

    tell()
    tell(LONG)

    assert events_of(receiver.requests) == [(parcel.waybill, "stored")] * 2


def test_a_webhook_that_ended_is_told_nothing_more(station, receiver):
    made = make_webhook(station, receiver.url)
    store(station)
    with transaction():
        webhooks.end(station.manager, made.id)

    assert tell(LONG).delivered == 0
    for act in (webhooks.end, lambda actor, one: webhooks.replay(actor, one, after=0)):
        with pytest.raises(StationError) as error, transaction():
            act(station.manager, made.id)
        assert error.value.code == "not_found"


def test_one_webhook_that_is_away_keeps_no_other_waiting(station, receiver):
    make_webhook(station, "http://127.0.0.1:9")
    make_webhook(station, receiver.url)
    parcel = store(station)

    tally = tell()

    assert (tally.delivered, tally.failed) == (1, 1)
    assert events_of(receiver.requests) == [(parcel.waybill, "stored")]


def test_a_webhook_that_takes_nothing_piles_up_no_more_than_it_may(station, receiver, monkeypatch):
    monkeypatch.setattr(deliveries, "MOST_WAITING", 3)
    monkeypatch.setattr(deliveries, "FAN_OUT", 2)
    made = make_webhook(station, receiver.url)
    for _parcel in range(8):
        store(station)
    receiver.answer = refuse
    tell()
    assert read(lambda: queries.webhook(station.id, made.id)).waiting == 4
    receiver.answer = lambda request: (200, "", {})

    for hours in range(5):
        tell(timedelta(hours=1 + hours))

    taken = [one.json["event"]["cursor"] for one in receiver.requests if one.json["attempt"] > 0]
    assert len(set(taken)) == 8
    assert read(lambda: queries.webhook(station.id, made.id)).waiting == 0


@pytest.mark.parametrize(
    "url",
    [
        "",
        "carrier.example",
        "ftp://carrier.example",
        "https://",
        "https://user:secret@carrier.example",
        "https://carrier.example:0/",
        "https://carrier.example/a b",
        "https://例子.example/",
        "https://[::1",
        "http://carrier.example/",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://[::ffff:10.1.2.3]/",
        "https://169.254.169.254/",
        "https://carrier.example/" + "x" * 500,
    ],
)
def test_an_address_that_is_none_or_leads_into_the_house_is_refused(station, url):
    with pytest.raises(StationError) as error, transaction():
        webhooks.add(station.manager, "sf", url, rule=wire.public_only)
    assert error.value.code == "bad_input"


def test_a_name_that_leads_into_the_house_is_not_written_to(station, receiver):
    made = make_webhook(station, receiver.url.replace("127.0.0.1", "localhost"))
    store(station)

    assert dispatch.run_all(wire.public_only, clock.now()).failed == 1
    assert receiver.requests == []
    assert read(lambda: queries.webhook(station.id, made.id)).waiting == 1


def test_a_carrier_has_so_many_webhooks_and_no_more(station, receiver):
    for _one in range(webhooks.MOST):
        make_webhook(station, receiver.url)

    with pytest.raises(StationError) as error:
        make_webhook(station, receiver.url)
    assert error.value.code == "too_many_webhooks"
    make_webhook(station, receiver.url, carrier="zto")


def test_nobody_touches_another_station_s_or_another_carrier_s_webhook(station, receiver):
    made, other = make_webhook(station, receiver.url), make_station("Lotus Garden")
    for actor, carrier in ((other.manager, None), (station.manager, "zto")):
        for act in (
            lambda who, whose: webhooks.end(who, made.id, carrier=whose),
            lambda who, whose: webhooks.replay(who, made.id, after=0, carrier=whose),
            lambda who, whose: webhooks.resend(who, made.id, 1, carrier=whose),
        ):
            with pytest.raises(StationError) as error, transaction():
                act(actor, carrier)
            assert error.value.code == "not_found"


def test_the_stream_goes_on_where_a_page_ended(station, monkeypatch):
    parcels = [store(station) for _one in range(5)]
    store(station, carrier="zto")
    seen, after, pages = [], 0, 0
    monkeypatch.setattr(queries, "LOOKED_THROUGH", 4)
    while True:
        page = read(lambda after=after: queries.stream(station.id, "sf", after=after, limit=2))
        seen += [one.waybill for one in page.events]
        after, pages = page.next_cursor, pages + 1
        if not page.has_more:
            break

    assert seen == [one.waybill for one in parcels]
    assert pages > 2
    with pytest.raises(StationError):
        read(lambda: queries.stream(station.id, "sf", after=after + 1, limit=PAGE))


def test_a_parcel_whose_carrier_is_found_out_is_told_from_then_on(station):
    parcel = store(station, carrier=None)
    assert read(lambda: queries.stream(station.id, "sf", after=0)).events == ()

    with transaction():
        solving.choose_carrier(station.clerk, parcel.parcel_id, "sf")
    with transaction():
        handling.start_return(station.clerk, parcel.parcel_id, reason="refused")

    page = read(lambda: queries.stream(station.id, "sf", after=0))
    assert page.events[-1].status == "refused"


def test_settled_deliveries_are_forgotten_in_time(station, receiver):
    made = make_webhook(station, receiver.url)
    store(station)
    tell()
    store(station)
    receiver.answer = refuse
    tell()
    later = clock.now() + deliveries.KEEP + timedelta(hours=1)
    with clock.use(lambda: later), transaction():
        assert deliveries.forget_old(station.id) == 1
    assert read(lambda: queries.webhook(station.id, made.id)).waiting == 1
