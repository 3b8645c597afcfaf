"""Between a courier's phone and the station anything may happen: lost, doubled, late and mixed up requests.

Whatever it was: one record for each scan, one parcel for each waybill, and every answer stays what it was.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.phones import parse
from station.drops import presence
from station.drops.models import DropScan
from station.events.models import RefusedScan
from station.parcels import announce
from station.parcels.announce import Announcement
from station.parcels.models import Parcel
from tests import couriers, invariants
from tests.factories import Station, make_station, waybill

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # Monday, 12:00 in Shanghai
NOTHING = "SHELF:1-1"  # no waybill
WAYBILLS = [waybill() for _ in range(6)]
FATES = st.sampled_from(["arrives", "is lost", "reply is lost", "comes twice", "comes late"])

Json = dict[str, Any]


@dataclass
class Phone:
    """A phone with its queue; what was answered leaves it, as static/js keeps it."""

    client: FlaskClient
    path: str
    queue: list[Json]
    answers: dict[str, Json] = field(default_factory=dict)
    late: list[list[Json]] = field(default_factory=list)

    def flush(self, size: int, fate: str) -> None:
        """Send the first scans of the queue; the network does to them what it likes."""
        batch = self.queue[:size]
        if not batch or fate == "is lost":
            return
        if fate == "comes late":
            self.late.append(batch)
            return
        reply = self.post(batch)
        if fate == "comes twice":
            self.heard(self.post(batch))
        if fate != "reply is lost":
            self.heard(reply)
            self.queue = [one for one in self.queue if one["key"] not in self.answers]

    def post(self, batch: list[Json]) -> list[Json]:
        """Let a request reach the station."""
        answer = self.client.post(self.path, json={"scans": batch}, headers={"Accept": "application/json"})
        assert answer.status_code == 200, answer.text
        return list(answer.json["answers"])

    def heard(self, said: list[Json]) -> None:
        """Take answers; none may differ from what was said before."""
        for answer in said:
            plain = {name: value for name, value in answer.items() if name != "replayed"}
            assert self.answers.setdefault(answer["key"], plain) == plain


def begin(web: Flask, station: Station) -> tuple[FlaskClient, str]:
    for number in WAYBILLS[:4]:
        with transaction():
            said = Announcement(number, "sf", phone=parse("13812344068"), name="陈晓明")
            announce.announce(station.clerk, said)
    client = couriers.sign_in(web.test_client(), couriers.make_courier(station))
    body = {"presence": presence.code(station.id, NOON)}
    answer = client.post("/courier/drops", json=body, headers={"Idempotency-Key": "begin-0001"})
    return client, f"/courier/drops/{answer.json['drop_id']}/scans"


def scan(seq: int, raw: str) -> Json:
    return {"key": f"scan-{seq:08d}", "seq": seq, "raw": raw, "scanned_at": NOON.isoformat()}


@given(
    raws=st.lists(st.sampled_from([*WAYBILLS, NOTHING]), min_size=1, max_size=12),
    sendings=st.lists(st.tuples(st.integers(0, 1), st.integers(1, 6), FATES), max_size=14),
)
def test_whatever_the_network_does_each_scan_counts_once(web: Flask, raws: list[str], sendings) -> None:
    with clock.use(lambda: NOON):
        station = make_station()
        client, path = begin(web, station)
        scans = [scan(seq, raw) for seq, raw in enumerate(raws)]
        phones = [Phone(client, path, list(scans)) for _ in range(2)]  # two phones that hold the same batch
        for which, size, fate in sendings:
            phones[which].flush(size, fate)
        for phone in phones:
            for batch in reversed(phone.late):
                phone.heard(phone.post(batch))
            while phone.queue:
                phone.flush(500, "arrives")
        assert phones[0].answers == phones[1].answers
        holds(station, raws, phones[0].answers)


def holds(station: Station, raws: list[str], answers: dict[str, Json]) -> None:
    """Check what the station has kept against what was scanned."""
    with reading():
        kept = connection().execute(select(DropScan).where(DropScan.station_id == station.id)).all()
        refused = connection().execute(select(RefusedScan).where(RefusedScan.station_id == station.id)).all()
        parcels = connection().execute(select(Parcel).where(Parcel.station_id == station.id)).all()
        invariants.check(station.id)
    assert sorted(one.key for one in kept) == sorted(answers)
    assert len(kept) == len(raws)
    accepted = Counter(one.waybill for one in kept if one.outcome == "accepted")
    assert accepted == Counter({raw for raw in raws if raw != NOTHING})
    assert Counter(one.waybill for one in parcels if one.state == "stored") == accepted
    assert max(Counter(one.waybill for one in parcels).values()) == 1
    assert len(refused) == len(raws) - accepted.total()
