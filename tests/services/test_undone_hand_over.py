"""Undoing a hand-over: what the recipient was about to hear of the parcel is owed again, and nothing twice."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import select

from station.core import clock
from station.core.actor import Actor, ActorKind
from station.core.db import connection, reading, transaction
from station.core.permissions import Role
from station.core.phones import parse
from station.events import outbox
from station.events.models import OutboxMessage, OutboxParcel
from station.events.outbox import MessageState
from station.parcels import hand_over, handling
from station.parcels.hand_over import Taker
from station.residents import proxies
from tests.factories import Station, recipient, store


def owed(station: Station, parcel_id: int) -> list[str]:
    """Return the topics of the messages about a parcel that wait to be sent."""
    about = select(OutboxMessage.topic).join(OutboxParcel, OutboxParcel.message_id == OutboxMessage.id)
    with reading():
        found = connection().scalars(
            about.where(
                OutboxMessage.station_id == station.id,
                OutboxMessage.state == MessageState.OPEN,
                OutboxParcel.parcel_id == parcel_id,
            ).order_by(OutboxMessage.topic)
        )
        return list(found)


def mistake(station: Station, parcel_id: int) -> None:
    """Hand a parcel over and take that back."""
    with transaction():
        hand_over.hand_over(station.clerk, parcel_id, Taker())
    assert not {"stored", "moved"} & set(owed(station, parcel_id))
    with transaction():
        assert hand_over.undo_hand_over(station.clerk, parcel_id, reason="not_taken").is_same_code


class CrashError(Exception):
    """Something went wrong before the commit."""


def crash(act: Callable[[], object]) -> None:
    """Do something in a transaction that ends before its commit."""
    with suppress(CrashError), transaction():
        act()
        raise CrashError


def tell_now(station: Station) -> None:
    """Send everything that is owed."""
    with transaction():
        while claimed := outbox.claim_next(station.id, clock.now() + timedelta(hours=1)):
            outbox.mark_sent(claimed, channel="sms", body="text")


def test_an_undo_owes_the_withdrawn_message_again_each_time(station: Station) -> None:
    parcel = store(station)
    for _time in range(2):
        mistake(station, parcel.parcel_id)
        assert owed(station, parcel.parcel_id) == ["stored"]


def test_a_message_owed_again_waits_for_the_persons_other_parcels(station: Station) -> None:
    parcel = store(station)
    mistake(station, parcel.parcel_id)
    with transaction():
        assert outbox.claim_next(station.id, clock.now()) is None


def test_an_undo_owes_the_new_code_again_to_whoever_was_told_the_old_one(station: Station) -> None:
    parcel, there = store(station), station.layer("2")
    tell_now(station)
    with transaction():
        handling.move(station.clerk, parcel.parcel_id, there)
    mistake(station, parcel.parcel_id)
    assert owed(station, parcel.parcel_id) == ["moved"]


def test_an_undo_tells_nobody_twice(station: Station) -> None:
    parcel = store(station)
    tell_now(station)
    mistake(station, parcel.parcel_id)
    assert owed(station, parcel.parcel_id) == []


def test_an_undo_tells_nobody_of_a_parcel_that_came_without_messages(station: Station) -> None:
    parcel = store(station, is_silent=True)
    mistake(station, parcel.parcel_id)
    assert owed(station, parcel.parcel_id) == []


def test_who_heard_of_the_proxy_only_is_told_the_code_after_an_undo(station: Station) -> None:
    owner = recipient(station)
    parcel = store(station, to=owner)
    resident = Actor(ActorKind.RESIDENT, 1, station.id, Role.RESIDENT)
    with transaction():
        wish = proxies.Wish(owner.id, parcel.parcel_id, parse("13911112222"), None)
        made = proxies.give(resident, wish)
        hand_over.hand_over(station.clerk, parcel.parcel_id, Taker(proxy_id=made.proxy_id))
    tell_now(station)
    with transaction():
        hand_over.undo_hand_over(station.clerk, parcel.parcel_id, reason="not_taken")
    assert owed(station, parcel.parcel_id) == ["proxy_undone", "stored"]


def test_a_hand_over_that_did_not_happen_leaves_its_message_alone(station: Station) -> None:
    parcel = store(station)
    crash(lambda: hand_over.hand_over(station.clerk, parcel.parcel_id, Taker()))
    assert owed(station, parcel.parcel_id) == ["stored"]


def test_an_undo_that_did_not_happen_owes_nothing(station: Station) -> None:
    parcel = store(station)
    with transaction():
        hand_over.hand_over(station.clerk, parcel.parcel_id, Taker())
    crash(lambda: hand_over.undo_hand_over(station.clerk, parcel.parcel_id, reason="not_taken"))
    assert owed(station, parcel.parcel_id) == []
