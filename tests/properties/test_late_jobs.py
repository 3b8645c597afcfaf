"""Invariant 8: a job that ran every hour and one that ran once, much later, leave the same levels and dates."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from station.core import clock
from station.core.db import reading, transaction
from station.events.models import CustodyEvent
from station.network import queries as network
from station.network import service as network_service
from station.network.calendar import SpecialKind
from station.network.service import NewSpecialDay
from station.notices import dispatch
from station.parcels import overdue
from station.parcels.models import Parcel
from tests import invariants
from tests.factories import make_station, recipient, store
from tests.properties.post_office import PostOffice
from tests.properties.two_stations import PEOPLE, WAYBILLS

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai, a Monday
HOURS = st.integers(0, 240)


class Watched:
    """A station whose jobs run when the test says so."""

    def __init__(self, name, closed_after):
        with clock.use(lambda: START):
            self.station = make_station(name)
            self.people = [recipient(self.station, phone, name) for phone, name in PEOPLE]
            if closed_after is not None:
                self.close(closed_after)
        self.post = PostOffice(self.station.id)

    def close(self, days):
        """Close a day some days ahead, before the first parcel comes."""
        with transaction():
            day = network_service.today(network.rules(self.station.id).zone) + timedelta(days=days)
            closure = NewSpecialDay(SpecialKind.CLOSURE, day, day, "snow")
            network_service.add_special_day(self.station.manager, closure)

    def store(self, place, hour):
        with clock.use(lambda: START + timedelta(hours=hour)):
            store(self.station, waybill=WAYBILLS[place], to=self.people[place % len(self.people)])

    def run_jobs(self, hour):
        moment = START + timedelta(hours=hour)
        with clock.use(lambda: moment):
            entered = True
            while entered:
                with transaction():
                    entered = overdue.enter_levels(self.station.id)
            dispatch.run_due(self.station.id, [self.post], moment)

    def state(self):
        """Return level, deadline and the levels in the log for each waybill."""
        with reading():
            parcels = invariants.rows(Parcel, self.station.id)
            log = invariants.rows(CustodyEvent, self.station.id, order=CustodyEvent.seq)
        entered = {parcel.id: [] for parcel in parcels}
        for event in log:
            if event.kind == "level_entered":
                entered[event.parcel_id].append(json.loads(event.data)["level"])
        return {parcel.waybill: (parcel.level, parcel.due_at, entered[parcel.id]) for parcel in parcels}


@settings(max_examples=15)
@given(
    stored=st.lists(HOURS, min_size=1, max_size=5).map(sorted),
    runs=st.lists(HOURS, max_size=12),
    last=st.integers(240, 500),
    closed_after=st.none() | st.integers(0, 9),
)
def test_late_and_missed_runs_lead_to_the_same_state(app, stored, runs, last, closed_after):
    often, once = Watched("Often", closed_after), Watched("Once", closed_after)
    moments = sorted([*((hour, place) for place, hour in enumerate(stored)), *((hour, -1) for hour in runs)])
    for hour, place in moments:
        if place < 0:
            often.run_jobs(hour)
        else:
            often.store(place, hour)
            once.store(place, hour)
    for watched in (often, once):
        watched.run_jobs(last)

    assert often.state() == once.state()
    for watched in (often, once):
        invariants.check(watched.station.id)
        sent = list(watched.post.delivered)
        watched.run_jobs(last)
        assert watched.post.delivered == sent
