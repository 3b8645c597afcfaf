"""kill -9 at every state the spool names: nothing is lost, nothing opens again, and the books say it once."""

import base64
import pickle
import signal
import sqlite3
import subprocess
import sys

import pytest
from sqlalchemy import select

from kiosk.spool import FILE
from kiosk.spool.lifecycle import SETTLED, UNFINISHED, State
from station.core.db import connection, reading, transaction
from station.kiosks import unfinished
from station.kiosks.watch_models import KioskConflict, KioskUnfinished
from tests import factories
from tests.kiosk.killed import DOOR, SCENARIOS, Death
from tests.kiosk.kiosks import hand_overs

CASES = [
    pytest.param(state, scenario.__name__, id=f"{state}-{scenario.__name__}")
    for state, many in SCENARIOS.items()
    for scenario in many
]


@pytest.fixture(scope="module")
def deaths():
    """Start the process that forks and dies, once a database is known; return what sends it a death."""
    running = []

    def send(database, death):
        if not running:
            command = [sys.executable, "-m", "tests.kiosk.killed", str(database)]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            running.append(process)
            assert process.stdout.readline() == "ready\n"
        process = running[0]
        process.stdin.write(base64.b64encode(pickle.dumps(death)).decode() + "\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    yield send
    for process in running:
        process.communicate("")


def test_every_state_of_the_spool_has_a_death():
    assert set(SCENARIOS) == set(State)
    assert all(SCENARIOS.values())


@pytest.mark.parametrize(("state", "scenario"), CASES)
def test_killed_kiosk_comes_up_and_the_books_agree(world, deaths, state, scenario):
    person = factories.recipient(world.station)
    stored = world.store(to=person)
    world.code(person.id)
    before = world.kiosk()
    before.close()
    death = Death(world.station, before.folder, before.token, person.id, stored.parcel_id, scenario, state)

    assert deaths(world.app.config["SETTINGS"].sqlite_path, death) == -signal.SIGKILL

    assert state_on_disk(before.folder) == state
    kiosk = world.restarted(before)
    opened = door_openings(kiosk)
    assert bool(kiosk.releasing.unfinished()) is (
        state in {State.ACCEPTED, State.ALLOWED_OFFLINE} | UNFINISHED
    )
    come_to_rest(world, kiosk, has_left=bool(opened))
    standing, cases = hand_overs(stored.parcel_id), conflicts(stored.parcel_id)
    assert door_openings(kiosk) == opened <= 1
    if opened:
        assert len(standing) == 1
        assert len(cases) == (state is State.CONFLICTED)
    else:
        assert len(standing) == (state is State.SETTLED)  # there staff said that it left
        assert cases == []
    assert kiosk.spool.length() == 0
    assert kiosk.spool.intents.busy() == frozenset()
    is_here = kiosk.waiting.by_id(str(stored.parcel_id)) is not None
    assert is_here is not bool(standing)


@pytest.mark.parametrize("state", [State.ACCEPTED, State.ALLOWED_OFFLINE])
def test_parcel_nobody_knows_about_is_not_released_again(world, deaths, state):
    person = factories.recipient(world.station)
    stored = world.store(to=person)
    world.code(person.id)
    before = world.kiosk()
    before.close()
    scenario = SCENARIOS[state][0].__name__
    death = Death(world.station, before.folder, before.token, person.id, stored.parcel_id, scenario, state)
    deaths(world.app.config["SETTINGS"].sqlite_path, death)

    kiosk = world.restarted(before)
    kiosk.line.is_cut = True
    world.time.pass_(minutes=1)
    shown = kiosk.show(world.code(person.id)).person

    assert shown.parcels == ()


def state_on_disk(folder):
    with sqlite3.connect(folder / FILE) as spool:
        rows = spool.execute("SELECT state FROM intents ORDER BY seq DESC LIMIT 1").fetchall()
    spool.close()
    return State(rows[0][0])


def door_openings(kiosk):
    door = kiosk.folder / DOOR
    return len(door.read_text().splitlines()) if door.exists() else 0


def come_to_rest(world, kiosk, *, has_left):
    """Let kiosk and station agree; staff say of what is unfinished what is so."""
    for _ in range(4):
        world.time.pass_(minutes=12)
        kiosk.syncing.turn()
        for hand_over_id in unsettled():
            settle = unfinished.it_left if has_left else unfinished.it_is_here
            with transaction():
                settle(world.station.clerk, hand_over_id)
    rows = kiosk.spool._database.read("SELECT state FROM intents")
    assert {State(row["state"]) for row in rows} <= SETTLED


def unsettled():
    with reading():
        open_ones = select(KioskUnfinished.hand_over_id).where(KioskUnfinished.settled_at.is_(None))
        return list(connection().scalars(open_ones))


def conflicts(parcel_id):
    with reading():
        mine = select(KioskConflict.id).where(KioskConflict.parcel_id == parcel_id)
        return list(connection().scalars(mine))
