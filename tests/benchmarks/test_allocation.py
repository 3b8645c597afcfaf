"""2,000 buyers at one cut-off: the rules alone, beside sorting them and one pass; then all of it with the database."""

import random
import statistics
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy import insert

from station.core import clock, ids
from station.core.db import connection, transaction
from station.core.phones import parse
from station.group_buys import cut_off
from station.group_buys.allocation import Allocated, Terms, Wish, allocate, share_out
from station.group_buys.models import GroupOrder
from station.residents import many
from tests.benchmarks.measure import Call, Raw, median_of, ms, recorded, result, timed, writes_only
from tests.factories import Station
from tests.services.winding import NOON
from tests.sharing import deal

BUYERS = 2_000  # a large community at one cut-off
LIMIT_S = 1.0  # of CPU; our aim
BOX = 997
ROUNDS = 15
CUT_OFFS = 3


def wishes() -> list[Wish]:
    rng = random.Random(6)
    return [
        Wish(number, rng.randint(1, 20), rng.randint(0, 5), NOON + timedelta(seconds=rng.randint(0, 86_000)))
        for number in range(BUYERS)
    ]


def test_the_rules_for_2_000_buyers() -> None:
    orders = wishes()
    wanted = sum(one.quantity for one in orders)
    limit = median_of(lambda: one_pass(orders), ROUNDS)
    terms = Terms(BOX)
    ours = median_of(lambda: allocate(orders, terms), ROUNDS)
    result(f"cut-off of {BUYERS:,} buyers, box of {BOX}", ms(ours), ms(limit), f"{limit / ours:.2f}", "")
    shares = allocate(orders, terms).shares
    given = {share.order_id: share.units for share in shares}
    came = [Allocated(one.order_id, one.quantity, given[one.order_id], one.ranked_at) for one in orders]
    short = median_of(lambda: share_out(came, wanted // 2), ROUNDS)
    result(f"half of it came, {BUYERS:,} buyers", ms(short), ms(limit), f"{limit / short:.2f}", "")
    spent = cpu(lambda: (allocate(orders, terms), share_out(came, wanted // 2)))
    result("CPU of both", ms(spent), ms(LIMIT_S), f"{LIMIT_S / spent:.0f}", "≥ 1")
    assert spent < LIMIT_S


def test_the_whole_cut_off_of_2_000_buyers(web: Flask, web_station: Station, tmp_path: Path) -> None:
    ours, cpus, limits, limit_cpus = [], [], [], []
    for number in range(CUT_OFFS):
        one = deal(web_station, box_size=BOX, commission_bp=500)
        place(web_station, one.id)
        one.at_cut_off()
        raw = Raw(web, tmp_path / f"raw-{number}.db")
        calls: list[Call] = []
        start = time.process_time()
        with recorded(calls):
            ours.append(timed(partial(one.do, cut_off.cut_off, one.id)))
        cpus.append(time.process_time() - start)
        start = time.process_time()
        limits.append(raw.replay(writes_only(calls)))
        limit_cpus.append(time.process_time() - start)
        raw.close()
    for name, mine, limit, aim in (
        (f"whole cut-off of {BUYERS:,} buyers, beside raw writes of its rows", ours, limits, ""),
        ("  of this, CPU alone", cpus, limit_cpus, ms(LIMIT_S)),
    ):
        middle, least = statistics.median(mine), statistics.median(limit)
        result(name, ms(middle), ms(least), f"{least / middle:.2f}", aim)


def one_pass(orders: list[Wish]) -> int:
    """Return what cannot be done without: the orders sorted, and each looked at once."""
    return sum(one.quantity for one in sorted(orders, key=lambda one: (one.ranked_at, one.order_id)))


def cpu(act: object) -> float:
    """Return how much CPU `act` takes, in seconds, in this process."""
    start = time.process_time()
    act()  # type: ignore[operator]
    return time.process_time() - start


def place(station: Station, campaign_id: int) -> None:
    """Write the orders of 2,000 people directly: placing them is measured by nothing here."""
    phones = [parse(str(13_600_000_000 + number)) for number in range(BUYERS)]
    with clock.use(lambda: NOON), transaction():
        people = many.find_or_add(station.id, [(phone, "陈晓明") for phone in phones if phone])
        rows = [
            row(station, campaign_id, known.id, wish)
            for known, wish in zip(people.values(), wishes(), strict=True)
        ]
        connection().execute(insert(GroupOrder), rows)


def row(station: Station, campaign_id: int, recipient_id: int, wish: Wish) -> dict[str, object]:
    moment = datetime(2026, 11, 21, 12, tzinfo=UTC)
    return {
        "station_id": station.id,
        "id": ids.next_id(),
        "campaign_id": campaign_id,
        "recipient_id": recipient_id,
        "point_station_id": station.id,
        "quantity": wish.quantity,
        "tolerance": wish.tolerance,
        "state": "placed",
        "ranked_at": wish.ranked_at,
        "made_by": "staff:1",
        "made_at": moment,
        "changed_at": moment,
        "version": 1,
    }
