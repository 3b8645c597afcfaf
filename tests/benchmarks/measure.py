"""Measuring: what SQL ours runs, the same SQL by the driver alone, and the table of results."""

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, update

from station.core.db import db, transaction
from station.core.phones import parse
from station.core.sqlite import PRAGMAS
from station.parcels.intake import Arrival, CheckedIn, Intake
from station.residents import service as residents
from station.residents.service import Known
from station.shelves.models import Layer
from tests.factories import Station, waybill

TAIL = "0042"  # kept free for the parcels that a search is to find
ROOMY = 20_000  # places on a layer, so that no benchmark meets a full shelf
RESULTS: list[tuple[str, ...]] = []

Call = tuple[str, Any, bool]  # SQL, parameters, whether for many rows


def result(*cells: str) -> None:
    """Add a line to the table that is printed at the end: what, ours, the limit, the ratio and its aim."""
    RESULTS.append(cells)


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.3f} ms"


def timed(act: Callable[[], Any]) -> float:
    """Return how long `act` takes, in seconds of the wall clock."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def median_of(act: Callable[[], Any], rounds: int) -> float:
    """Return the median time of `act` in seconds, after one unmeasured run."""
    act()
    return statistics.median(timed(act) for _ in range(rounds))


@contextmanager
def recorded(calls: list[Call]) -> Iterator[None]:
    """Write down everything that is sent to the driver inside the block."""

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        calls.append((statement, parameters, many))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


class Raw:
    """A copy of the application's database behind nothing but sqlite3: WAL, synchronous=FULL, our other pragmas."""

    def __init__(self, app: Flask, path: Path) -> None:
        source = sqlite3.connect(app.config["SETTINGS"].sqlite_path)
        target = sqlite3.connect(path)
        source.backup(target)
        source.close()
        target.close()
        self._conn = sqlite3.connect(path, isolation_level=None, cached_statements=256)
        for pragma in PRAGMAS:
            self._conn.execute(pragma)

    def replay(self, calls: Sequence[Call]) -> float:
        """Run the calls, of which the first begins the transaction, and commit; return the seconds."""
        run, run_many = self._conn.execute, self._conn.executemany
        start = time.perf_counter()
        for statement, parameters, many in calls:
            if many:
                run_many(statement, parameters)
            else:
                run(statement, parameters).fetchall()
        self._conn.commit()
        return time.perf_counter() - start

    def close(self) -> None:
        self._conn.close()


def without_pragmas(calls: Sequence[Call]) -> list[Call]:
    """Leave out our switch between reading and writing, which is no part of a check-in."""
    return [call for call in calls if not call[0].startswith("PRAGMA")]


def writes_only(calls: Sequence[Call]) -> list[Call]:
    """Keep what is written: the same rows by executemany, and the few other writes."""
    return [call for call in calls if not call[0].startswith(("PRAGMA", "SELECT"))]


@dataclass
class Scene:
    """A station with room and with people, and the parcels a benchmark checks in."""

    station: Station
    people: list[Known] = field(init=False)
    layers: list[int] = field(init=False)

    def __post_init__(self) -> None:
        with transaction():
            db.session.execute(update(Layer).values(capacity=ROOMY))
            self.people = [
                residents.find_or_add(self.station.id, _phone(f"138{number:04d}{1000 + number}"), "陈晓明")
                for number in range(300)
            ]
        self.layers = [self.station.layer(shelf, layer) for shelf in "123" for layer in (1, 2, 3)]

    def arrival(self, number: int) -> Arrival:
        """Return the parcel `number` of a benchmark."""
        return Arrival(
            _waybill(),
            self.layers[number % len(self.layers)],
            carrier="sf",
            recipient=self.people[number % len(self.people)],
        )

    def check_in(self, number: int) -> CheckedIn:
        """Check one parcel in, inside the open transaction."""
        intake = Intake(self.station.clerk)
        stored = intake.add(self.arrival(number))
        intake.write()
        return stored

    def check_in_together(self, arrivals: Sequence[Arrival]) -> None:
        """Check parcels in by one Intake, inside the open transaction."""
        intake = Intake(self.station.clerk)
        intake.expect((arrival.waybill, arrival.layer_id) for arrival in arrivals)
        for arrival in arrivals:
            intake.add(arrival)
        intake.write()

    def fill(self, count: int, *, step: int = 500) -> None:
        """Store `count` parcels."""
        for _ in range(0, count, step):
            with transaction():
                self.check_in_together([self.arrival(number) for number in range(min(step, count))])


def _waybill() -> str:
    number = waybill()
    return waybill() if number.endswith(TAIL) else number


def _phone(text: str) -> Any:
    phone = parse(text)
    assert phone is not None
    return phone
