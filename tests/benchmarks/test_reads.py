"""Work that must not grow with what is stored: the one box, and the overdue pass."""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from station.core import clock
from station.core.db import reading, transaction
from station.parcels import overdue, queries, search, search_queries
from tests.benchmarks.measure import TAIL, Scene, ms, result, timed
from tests.factories import make_station, recipient, store

FEW, MANY = 500, 50_000
DUE = 100
NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a Wednesday
ROUNDS = 60


@pytest.fixture
def scenes(web: Flask) -> tuple[Scene, Scene]:
    """Two stations in one database: DUE parcels stored for 25 hours in both, few and many others since just now."""
    made = Scene(make_station("Few")), Scene(make_station("Many"))
    for scene, stored in zip(made, (FEW, MANY), strict=True):
        with clock.use(lambda: NOW - timedelta(hours=25)):
            scene.fill(DUE, step=DUE)
        with clock.use(lambda: NOW - timedelta(minutes=5)):
            scene.fill(stored - DUE - 3)
            for _ in range(3):
                store(scene.station, to=recipient(scene.station, f"1390000{TAIL}"))
    return made


def test_search_by_tail_and_overdue_pass_do_not_grow(scenes: tuple[Scene, Scene]) -> None:
    few, many = searching(scenes)
    result(f"search by tail, {FEW} against {MANY:,} stored", ms(few), ms(many), f"{many / few:.2f}", "≤ 1.20")
    few, many = passing(scenes)
    result(f"overdue pass, {DUE} due of {FEW}, of {MANY:,}", ms(few), ms(many), f"{many / few:.2f}", "flat")


def searching(scenes: tuple[Scene, Scene]) -> list[float]:
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for scene, times in zip(scenes, spent, strict=True):
            times.append(timed(lambda scene=scene: search_tail(scene)))
    return [statistics.median(times) for times in spent]


def search_tail(scene: Scene) -> None:
    with clock.use(lambda: NOW), reading():
        ids = search_queries.parcel_ids(scene.station.id, search.interpret(TAIL))
        found = queries.by_ids(queries.clock_of(scene.station.id), ids)
    assert len(found) == 3


def passing(scenes: tuple[Scene, Scene]) -> list[float]:
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(10):
        for scene, times in zip(scenes, spent, strict=True):
            with undone():
                times.append(timed(lambda scene=scene: enter(scene)))
    return [statistics.median(times) for times in spent]


def enter(scene: Scene) -> None:
    with clock.use(lambda: NOW):
        assert overdue.enter_levels(scene.station.id) == DUE
        assert overdue.enter_levels(scene.station.id) == 0


class _UndoneError(Exception):
    pass


@contextmanager
def undone() -> Iterator[None]:
    """Roll back what the block did, so that the same parcels are due again."""
    try:
        with transaction():
            yield
            raise _UndoneError
    except _UndoneError:
        return
