"""One check-in against the same SQL by the driver, batches of 500, and eight scanners at once."""

import statistics
import threading
import time
from pathlib import Path

from flask import Flask

from station.core import idempotency
from station.core.db import db, transaction
from station.core.idempotency import Answer, Request
from tests.benchmarks.measure import (
    Call,
    Raw,
    Scene,
    ms,
    recorded,
    result,
    timed,
    without_pragmas,
    writes_only,
)

ROUNDS = 12
SINGLES = 40  # check-ins of one round; ours and raw take turns, so that a busy machine slows both
BATCH = 500
SCANNERS = 8
SCANS = 60


def scan(scene: Scene, number: int, key: str) -> Answer:
    """Check one parcel in as the edge does: with its idempotency key, in a transaction of its own."""

    def act() -> dict[str, object]:
        stored = scene.check_in(number)
        return {"parcel_id": str(stored.parcel_id), "pickup_code": stored.pickup_code}

    return idempotency.once(Request(scene.station.clerk, "check_in", key, {"number": number}), act)


def test_single_check_in_against_the_same_sql(web: Flask, scene: Scene, tmp_path: Path) -> None:
    scene.fill(2000)
    raw = Raw(web, tmp_path / "raw.db")
    spent: dict[str, list[float]] = {"ours": [], "limit": [], "ours_cpu": [], "limit_cpu": []}
    scanned: list[list[Call]] = []
    for round_ in range(ROUNDS):
        scanned = [
            recorded_scan(scene, number, f"recorded-{round_}-{number:04d}") for number in range(SINGLES)
        ]
        start = time.process_time()
        spent["limit"] += [raw.replay(one) for one in scanned]
        spent["limit_cpu"].append((time.process_time() - start) / SINGLES)
        start = time.process_time()
        for number in range(SINGLES):
            spent["ours"].append(timed(lambda n=number, r=round_: scan(scene, n, f"single-{r}-{n:04d}")))
        spent["ours_cpu"].append((time.process_time() - start) / SINGLES)
    raw.close()
    print_statements(scanned[-1])
    middle = {name: statistics.median(times) for name, times in spent.items()}
    # Of processor time the least, since whatever else the machine does only adds to it.
    middle |= {name: min(spent[name]) for name in ("ours_cpu", "limit_cpu")}
    for name, suffix, aim in (
        ("check-in, one, with its key", "", "≥ 0.50"),
        ("  of this, CPU alone", "_cpu", ""),
    ):
        mine, theirs = middle["ours" + suffix], middle["limit" + suffix]
        result(name, ms(mine), ms(theirs), f"{theirs / mine:.2f}", aim)


def recorded_scan(scene: Scene, number: int, key: str) -> list[Call]:
    calls: list[Call] = []
    with recorded(calls):
        scan(scene, number, key)
    return without_pragmas(calls)


def print_statements(calls: list[Call]) -> None:
    print("\nThe statements of one check-in, and COMMIT:")
    for statement, _parameters, _many in calls:
        print("  " + " ".join(statement.split())[:150])


def test_batch_of_500_against_singles_and_executemany(web: Flask, scene: Scene, tmp_path: Path) -> None:
    scene.fill(2000)
    raw = Raw(web, tmp_path / "raw.db")
    batches, limits = [], []
    for _ in range(ROUNDS):
        arrivals = [scene.arrival(number) for number in range(BATCH)]
        calls: list[Call] = []

        def store(arrivals=arrivals) -> None:
            with transaction():
                scene.check_in_together(arrivals)

        with recorded(calls):
            batches.append(timed(store))
        limits.append(raw.replay(writes_only(calls)))
    raw.close()
    single = statistics.median(timed(lambda n=n: scan(scene, n, f"beside-{n:05d}")) for n in range(200))
    mine, theirs = statistics.median(batches) / BATCH, statistics.median(limits) / BATCH
    result("batch of 500, each, against one alone", ms(mine), ms(single), f"{single / mine:.1f}", "≥ 5")
    result("batch of 500, each, against executemany", ms(mine), ms(theirs), f"{theirs / mine:.2f}", "≥ 0.50")


def test_eight_scanners_at_once(web: Flask, scene: Scene) -> None:
    scene.fill(1000)
    spent: list[float] = []
    errors: list[BaseException] = []
    lock = threading.Lock()

    def work(scanner: int) -> None:
        with web.app_context():
            for number in range(SCANS):
                start = time.perf_counter()
                try:
                    answer = scan(scene, number + scanner, f"thread-{scanner}-{number:04d}")
                    assert answer.status == idempotency.OK, answer
                except Exception as error:  # noqa: BLE001 - counting what went wrong is the purpose
                    errors.append(error)
                with lock:
                    spent.append(time.perf_counter() - start)
            db.session.remove()

    threads = [threading.Thread(target=work, args=(scanner,)) for scanner in range(SCANNERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors[:3]
    middle, p99 = statistics.median(spent), statistics.quantiles(spent, n=100)[98]
    result("8 scanners at once: median, p99", ms(middle), ms(p99), f"{p99 / middle:.1f}", "≤ 5")
