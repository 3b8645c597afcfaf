"""What tests of carriers' quality share: a fixed week, ids that belong to it, announced and faulty parcels."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from station.core import clock, ids
from station.core.db import transaction
from station.manifests import service as manifests
from station.manifests.rows import Said
from station.parcels import counter, handling
from station.parcels.intake import CheckedIn
from station.parcels.lifecycle import ConsentBasis, Problem
from station.quality.periods import Period
from tests.factories import Station, open_batch, store, waybill

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 3, 2)
WEEK = Period(MONDAY, date(2026, 3, 8))
NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a Wednesday
DAY = date(2026, 3, 4)
AFTER = NOON + timedelta(days=7)  # the week is over


def fresh_ids() -> None:
    """Begin ids anew, so that they tell the time a test says it is and not one an earlier test was at."""
    ids.use_node(int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw") or 0))


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let it be `moment`."""
    with clock.use(lambda: moment):
        yield


def bring(station: Station, carrier: str = "zto", **values: object) -> CheckedIn:
    """Check in a parcel of a carrier whose recipient agreed."""
    return store(station, carrier=carrier, **({"consent": ConsentBasis.STANDING} | values))


def mark(station: Station, parcel_id: int, problem: Problem) -> None:
    """Say what is wrong with a parcel."""
    with transaction():
        handling.mark_problem(station.clerk, parcel_id, problem)


def announce(station: Station, *days: date, carrier: str = "zto") -> list[str]:
    """Announce a parcel for each of the days; return their waybills."""
    numbers = [waybill() for _ in days]
    rows = [
        (row, Said(number, carrier, day))
        for row, (number, day) in enumerate(zip(numbers, days, strict=True), 1)
    ]
    with transaction():
        manifest_id = manifests.open_request(
            station.clerk, carrier=carrier, expected_on=days[0], count=len(days)
        )
        manifests.announce_rows(station.clerk, manifest_id, rows)
    return numbers


def check_in(station: Station, number: str) -> None:
    """Scan an announced parcel in and set it aside, since nobody is known to whom it belongs."""
    batch_id = open_batch(station)
    with transaction():
        counter.scan(station.clerk, batch_id, number, scanned_at=clock.now())
    with transaction():
        counter.set_aside(station.clerk, batch_id)
