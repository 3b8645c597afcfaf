"""Several dispatchers at one webhook: each event comes once, a parcel's in their order, and none is made twice."""

import json
import threading
from collections import Counter, defaultdict

from sqlalchemy import func, select

from station.core import clock
from station.core.db import db
from station.notices import signed_post, wire
from station.parcels import handling
from station.tracking import deliveries, dispatch, queries
from station.tracking.models import WebhookDelivery
from tests.carriers import make_webhook, read
from tests.factories import store
from tests.races.together import at_once, together

WORKERS = 4
PARCELS = 6


def test_dispatchers_share_the_work_and_tell_each_event_once_and_in_order(backend, app, station, monkeypatch):
    came, lock = [], threading.Lock()

    def post(url, body, headers, rule):
        with lock:
            came.append(json.loads(body)["event"])
        return 200, ""

    monkeypatch.setattr(signed_post, "post", post)
    make_webhook(station, "http://carrier.example/")
    for _one in range(PARCELS):
        parcel = store(station)
        together(
            app, lambda one=parcel: handling.start_return(station.clerk, one.parcel_id, reason="refused")
        )
    now = clock.now()

    at_once(app, *[lambda: dispatch.run_all(wire.anywhere, now)] * WORKERS)
    db.session.remove()
    dispatch.run_all(wire.anywhere, clock.now())

    assert Counter(one["cursor"] for one in came).most_common(1)[0][1] == 1
    assert len(came) == 2 * PARCELS
    ways = defaultdict(list)
    for one in came:
        ways[one["parcel_id"]].append(one["status"])
    assert set(map(tuple, ways.values())) == {("stored", "refused")}


def test_two_that_read_the_log_at_once_make_each_delivery_once(backend, app, station):
    make_webhook(station, "http://carrier.example/")
    for _one in range(PARCELS):
        store(station)
    now = clock.now()
    (target,) = read(lambda: queries.due(now))

    together(app, *[lambda: deliveries.fan_out(target, now)] * WORKERS)

    assert read(lambda: db.session.scalar(select(func.count()).select_from(WebhookDelivery))) == PARCELS
