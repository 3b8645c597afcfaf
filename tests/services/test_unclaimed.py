"""The register of the unclaimable: who comes in, the term, two people, and what stays in the books."""

from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.events import queries as events
from station.network import queries as network
from station.network import service as network_service
from station.parcels import handling, parcel_queries, queries
from station.parcels.intake import CheckedIn
from station.parcels.lifecycle import Problem
from station.returns import manifests, register_queries, unclaimed
from station.returns import queries as returns
from station.returns.register_queries import Stage
from station.shelves import queries as shelves
from tests import invariants
from tests.factories import Station, make_station, store

TERM = timedelta(days=184)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def parcel(station: Station) -> CheckedIn:
    """A parcel that its recipient refused."""
    found = store(station)
    with transaction():
        handling.mark_problem(station.clerk, found.parcel_id, Problem.REFUSED)
    return found


def entered(station: Station, parcel: CheckedIn) -> int:
    with transaction():
        return unclaimed.enter(station.clerk, parcel.waybill, reason="carrier_refused")


def refusal(act, *args, **kwargs) -> str:
    with pytest.raises(StationError) as caught, transaction():
        act(*args, **kwargs)
    return caught.value.code


def stage(station: Station, entry_id: int) -> Stage:
    with reading():
        return register_queries.entry(station.id, entry_id).stage(clock.now())


def at(moment):
    return clock.use(lambda: moment)


def test_an_entry_begins_the_term_and_stops_the_storage_clock(station: Station, parcel: CheckedIn) -> None:
    now = clock.now()
    with at(now):
        entry_id = entered(station, parcel)
        assert stage(station, entry_id) is Stage.KEPT
    with reading():
        entry = register_queries.entry(station.id, entry_id)
        story = [event.kind for event in events.story(station.id, parcel.parcel_id)]
    assert entry.term_ends_at == now + TERM
    assert (entry.state, entry.reason, entry.entered_by) == (
        "returning",
        "carrier_refused",
        station.clerk.key,
    )
    assert story[-2:] == ["return_started", "unclaimed_entered"]
    assert refusal(unclaimed.enter, station.clerk, parcel.waybill, reason="no_sender") == "already_registered"


def test_the_term_is_the_station_s_and_stays_as_it_was_at_the_entry(
    station: Station, parcel: CheckedIn
) -> None:
    now = clock.now()
    with at(now):
        _change_term(station, 365)
        entry_id = entered(station, parcel)
        _change_term(station, 30)
    with reading():
        assert register_queries.entry(station.id, entry_id).term_ends_at == now + timedelta(days=365)


def _change_term(station: Station, days: int) -> None:
    with transaction():
        version = network.rules(station.id).version
        network_service.change_settings(station.manager, {"unclaimed_days": days}, version=version)


def test_only_what_should_go_back_comes_in(station: Station) -> None:
    waiting, unknown = store(station), "SF1999999999999"
    enter = unclaimed.enter
    assert refusal(enter, station.clerk, waiting.waybill, reason="no_sender") == "not_going_back"
    assert refusal(enter, station.clerk, unknown, reason="no_sender") == "not_found"
    assert refusal(enter, station.clerk, waiting.waybill, reason="away") == "bad_input"
    assert refusal(enter, station.clerk, "?", reason="no_sender") == "waybill_malformed"


def test_the_return_list_says_so_and_nobody_fetches_it(station: Station, parcel: CheckedIn) -> None:
    entry_id = entered(station, parcel)
    with reading():
        listed = returns.going_back(queries.clock_of(station.id))
    assert [(one.row.id, one.entry_id, one.is_to_fetch) for one in listed] == [
        (parcel.parcel_id, entry_id, False)
    ]


def test_what_is_on_a_manifest_does_not_come_in(station: Station, parcel: CheckedIn) -> None:
    with transaction():
        manifest_id = manifests.open_manifest(station.clerk, "sf")
        manifests.add(station.clerk, manifest_id, parcel.waybill)
    assert refusal(unclaimed.enter, station.clerk, parcel.waybill, reason="no_sender") == "on_manifest"


def test_nobody_disposes_of_it_before_the_term_by_any_way(station: Station, parcel: CheckedIn) -> None:
    now = clock.now()
    with at(now):
        entry_id = entered(station, parcel)
    with at(now + TERM - MOMENT):
        assert refusal(unclaimed.propose, station.clerk, entry_id, done="destroyed") == "term_not_over"
        by_its_page = refusal(handling.ask_write_off, station.clerk, parcel.parcel_id, reason="destroyed")
        assert by_its_page == "term_not_over"
    with at(now + TERM):
        assert stage(station, entry_id) is Stage.DUE
        with transaction():
            unclaimed.propose(station.clerk, entry_id, done="destroyed")
        assert stage(station, entry_id) is Stage.PROPOSED


def test_a_parcel_of_the_register_that_is_lost_keeps_its_term(station: Station, parcel: CheckedIn) -> None:
    now = clock.now()
    with at(now):
        entered(station, parcel)
        with transaction():
            handling.mark_lost(station.clerk, parcel.parcel_id, reason="not_found")
    with at(now + TERM - MOMENT):
        asked = refusal(handling.ask_write_off, station.clerk, parcel.parcel_id, reason="destroyed")
        assert asked == "term_not_over"
    with at(now + TERM), transaction():
        handling.ask_write_off(station.clerk, parcel.parcel_id, reason="destroyed")
        handling.confirm_write_off(station.manager, parcel.parcel_id)
    with reading():
        assert parcel_queries.detail(station.id, parcel.parcel_id).state == "written_off"


def test_a_write_off_asked_before_the_loss_waits_for_the_term_too(
    station: Station, parcel: CheckedIn
) -> None:
    with transaction():
        handling.ask_write_off(station.clerk, parcel.parcel_id, reason="destroyed")
    entered(station, parcel)
    with transaction():
        handling.mark_lost(station.clerk, parcel.parcel_id, reason="not_found")
    assert refusal(handling.confirm_write_off, station.manager, parcel.parcel_id) == "term_not_over"


def test_a_write_off_asked_before_the_entry_waits_for_the_term_too(
    station: Station, parcel: CheckedIn
) -> None:
    with transaction():
        handling.ask_write_off(station.clerk, parcel.parcel_id, reason="destroyed")
    entry_id = entered(station, parcel)
    assert refusal(unclaimed.confirm, station.manager, entry_id) == "term_not_over"


@pytest.mark.parametrize("done", ["destroyed", "to_carrier", "to_post"])
def test_one_proposes_and_another_confirms(station: Station, parcel: CheckedIn, done: str) -> None:
    now = clock.now()
    with at(now):
        entry_id = entered(station, parcel)
    with at(now + TERM):
        assert refusal(unclaimed.confirm, station.manager, entry_id) == "second_person_needed"
        with transaction():
            unclaimed.propose(station.clerk, entry_id, done=done)
        assert refusal(unclaimed.confirm, station.clerk, entry_id) == "second_person_needed"
        with transaction():
            unclaimed.confirm(station.manager, entry_id)
        assert stage(station, entry_id) is Stage.DISPOSED
        assert refusal(unclaimed.confirm, station.manager, entry_id) == "illegal_transition"
    with reading():
        story = events.story(station.id, parcel.parcel_id)
        assert shelves.layer(station.id, parcel.row.id).stored == 0
        assert parcel_queries.detail(station.id, parcel.parcel_id).write_off_reason == done
    assert [event.kind for event in story][-3:] == ["write_off_asked", "written_off", "disposed"]
    assert story[-1].data == {"entry": str(entry_id), "reason": done}
    invariants.check(station.id)
    invariants.chain_is_whole(station.id)


def test_a_proposal_can_be_turned_down(station: Station, parcel: CheckedIn) -> None:
    now = clock.now()
    with at(now):
        entry_id = entered(station, parcel)
    with at(now + TERM):
        with transaction():
            unclaimed.propose(station.clerk, entry_id, done="to_post")
        with transaction():
            unclaimed.refuse(station.manager, entry_id)
        assert stage(station, entry_id) is Stage.DUE


def test_removed_it_may_go_any_way_and_a_new_entry_has_a_new_term(
    station: Station, parcel: CheckedIn
) -> None:
    now = clock.now()
    with at(now):
        first = entered(station, parcel)
        with transaction():
            unclaimed.remove(station.clerk, first)
        assert stage(station, first) is Stage.REMOVED
        assert refusal(unclaimed.remove, station.clerk, first) == "illegal_transition"
    with at(now + TERM):
        second = entered(station, parcel)
        assert stage(station, second) is Stage.KEPT
    with reading():
        assert [one.id for one in register_queries.entries(station.id)] == [second, first]


def test_one_that_waits_for_its_recipient_again_can_be_taken_out(station: Station, parcel: CheckedIn) -> None:
    entry_id = entered(station, parcel)
    with transaction():
        handling.cancel_return(station.clerk, parcel.parcel_id)
    assert stage(station, entry_id) is Stage.KEPT

    with transaction():
        unclaimed.remove(station.clerk, entry_id)

    assert stage(station, entry_id) is Stage.REMOVED
    assert entered(station, parcel) != entry_id


def test_an_entry_whose_parcel_left_meanwhile_says_so_and_stays(station: Station, parcel: CheckedIn) -> None:
    entry_id = entered(station, parcel)
    with transaction():
        handling.return_to_carrier(station.clerk, parcel.parcel_id)
    assert stage(station, entry_id) is Stage.GONE
    assert refusal(unclaimed.remove, station.clerk, entry_id) == "illegal_transition"


def test_another_station_s_entry_does_not_exist_here(station: Station, parcel: CheckedIn) -> None:
    entry_id, other = entered(station, parcel), make_station("Cedar")
    assert refusal(unclaimed.remove, other.clerk, entry_id) == "not_found"


def test_an_unknown_disposal_is_refused(station: Station, parcel: CheckedIn) -> None:
    entry_id = entered(station, parcel)
    assert refusal(unclaimed.propose, station.clerk, entry_id, done="sold") == "bad_input"
