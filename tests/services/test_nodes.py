"""Node numbers: leased in the database, one for each process, and never two processes on one."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from station.core import ids
from station.core.db import db, reading, transaction
from station.core.ids import LEASE, NodeLease


@pytest.fixture(autouse=True)
def process(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Be a process that holds no node yet; the test run's own comes back afterwards."""
    monkeypatch.setattr(ids, "_held", None)
    yield monkeypatch
    monkeypatch.undo()


def node() -> int:
    return ids.next_id() >> ids.SEQUENCE_BITS & ids.NODES - 1


def leases() -> dict[int, str]:
    with reading():
        return {lease.node: lease.owner for lease in db.session.scalars(select(NodeLease))}


def age(held: timedelta) -> None:
    """Let this process believe that it leased so long ago."""
    assert ids._held is not None
    assert ids._held.leased_at is not None
    ids._held = ids.replace(ids._held, leased_at=ids._held.leased_at - held)


def test_without_a_node_no_id_is_made() -> None:
    with pytest.raises(RuntimeError, match="hold_node"):
        ids.next_id()


def test_two_processes_hold_two_nodes(process: pytest.MonkeyPatch) -> None:
    ids.hold_node()
    first = node()
    process.setattr(ids, "_held", None)
    ids.hold_node()
    assert node() != first
    assert len(leases()) == 2


def test_a_node_whose_lease_ran_out_is_given_again(process: pytest.MonkeyPatch) -> None:
    ids.hold_node()
    first = node()
    with transaction():
        db.session.execute(update(NodeLease).values(until=ids.datetime.now(ids.UTC) - timedelta(seconds=1)))
    process.setattr(ids, "_held", None)
    ids.hold_node()
    assert node() == first


def test_a_lease_is_renewed_under_the_same_number() -> None:
    ids.hold_node()
    before, owners = node(), leases()
    age(LEASE / 2)
    ids.hold_node()
    assert (node(), leases()) == (before, owners)


@pytest.mark.parametrize("idle", [LEASE / 2, LEASE * 2])
def test_a_process_whose_number_somebody_else_has_takes_another(idle: timedelta) -> None:
    """It slept, or its clock is behind the other machine's: the database knows better."""
    ids.hold_node()
    first = node()
    with transaction():
        db.session.execute(update(NodeLease).values(owner="somebody else"))
    age(idle)
    ids.hold_node()
    assert node() != first
    assert leases()[first] == "somebody else"


def test_a_process_whose_lease_was_cleared_away_leases_anew() -> None:
    ids.hold_node()
    with transaction():
        db.session.execute(delete(NodeLease))
    age(LEASE / 2)
    ids.hold_node()
    assert node() in leases()
