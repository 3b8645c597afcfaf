"""Whatever a carrier's server answers or loses, it is told every event at least once, a parcel's in their order."""

import json
from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.core import clock
from station.core.db import db, transaction
from station.notices import signed_post, wire
from station.parcels import handling
from station.tracking import dispatch, queries, webhooks
from station.tracking.deliveries import LAST_ATTEMPT
from station.tracking.queries import PAGE
from tests.carriers import make_webhook, read
from tests.factories import make_station, store

PARCELS = 3
# What becomes of an attempt: it comes and is answered; it comes and the answer is lost; it never comes; it is refused;
# the process dies after it came, or before.
FATES = ("ok", "answer_lost", "lost", "refused", "died_after", "died_before")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("event"), st.integers(0, PARCELS - 1)),
        st.tuples(st.just("send"), st.lists(st.sampled_from(FATES), max_size=6)),
        st.tuples(st.just("wait"), st.sampled_from([1, 20, 300])),
    ),
    max_size=14,
)


class DiedError(Exception):
    """The dispatcher's process ended."""


class Line:
    """A carrier's server behind a line: keeps what came, in its order."""

    def __init__(self):
        self.came, self.fates = [], []

    def post(self, url, body, headers, rule):
        fate = self.fates.pop(0) if self.fates else "ok"
        if fate == "died_before":
            raise DiedError
        if fate == "lost":
            raise TimeoutError
        if fate == "refused":
            return 500, ""
        self.came.append(json.loads(body))
        if fate == "died_after":
            raise DiedError
        if fate == "answer_lost":
            raise ConnectionResetError
        return 200, ""


@pytest.fixture
def line(monkeypatch):
    found = Line()
    monkeypatch.setattr(signed_post, "post", found.post)
    return found


def send(now):
    try:
        dispatch.run_all(wire.anywhere, now)
    except DiedError:
        db.session.remove()


def change(station, parcel, turn):
    """Make a further event of a parcel."""
    with transaction():
        if turn % 2:
            handling.cancel_return(station.clerk, parcel.parcel_id)
        else:
            handling.start_return(station.clerk, parcel.parcel_id, reason="carrier_asks")


def happened(station, after):
    """Return the cursors of each parcel's events behind a place in the log, in their order."""
    found = defaultdict(list)
    for one in read(lambda: queries.stream(station.id, "sf", after=after, limit=PAGE)).events:
        found[str(one.parcel_id)].append(str(one.cursor))
    return found


def first_told(came):
    """Return the cursors of each parcel's events in the order in which they first came."""
    found = defaultdict(list)
    for one in came:
        told = found[one["event"]["parcel_id"]]
        if one["event"]["cursor"] not in told:
            told.append(one["event"]["cursor"])
    return found


@given(STEPS)
@settings(max_examples=25)
def test_every_event_comes_at_least_once_and_a_parcel_s_in_order(sqlite, line, steps):
    sqlite.reset()
    line.came.clear()
    with sqlite.app.app_context():
        station, now = make_station(), clock.now()
        made = make_webhook(station, "http://carrier.example/")
        parcels, turns = [store(station) for _one in range(PARCELS)], Counter()
        for kind, what in steps:
            if kind == "event":
                change(station, parcels[what], turns[what])
                turns[what] += 1
            elif kind == "send":
                line.fates[:] = what
                send(now)
            else:
                now += timedelta(minutes=what)
        line.fates.clear()
        for _again in range(LAST_ATTEMPT + 2):
            now += timedelta(days=2)
            send(now)

        with_dead = read(lambda: queries.webhook(station.id, made.id))
        assert (with_dead.waiting, with_dead.dead) == (0, 0)
        assert first_told(line.came) == happened(station, made.cursor)
        ids = defaultdict(set)
        for one in line.came:
            ids[one["event"]["cursor"]].add(one["delivery_id"])
        assert all(len(found) == 1 for found in ids.values())
        db.session.remove()


@given(st.integers(0, 5), st.lists(st.sampled_from(FATES), max_size=6))
@settings(max_examples=15)
def test_a_replay_tells_all_behind_its_cursor_whatever_was_owed(sqlite, line, back, fates):
    sqlite.reset()
    line.came.clear()
    with sqlite.app.app_context():
        station, now = make_station(), clock.now()
        made = make_webhook(station, "http://carrier.example/")
        parcels = [store(station) for _one in range(PARCELS)]
        line.fates[:] = fates
        send(now)
        line.fates.clear()
        after = made.cursor + min(back, PARCELS)
        with transaction():
            webhooks.replay(station.manager, made.id, after=after)
        line.came.clear()
        for _again in range(3):
            now += timedelta(days=2)
            send(now)

        assert len(parcels) == PARCELS
        wanted = happened(station, after)
        told = first_told(line.came)
        assert {parcel: told[parcel] for parcel in wanted} == wanted
        assert read(lambda: queries.due(now)) == []
        db.session.remove()
