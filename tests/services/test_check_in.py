"""Check-in at the counter: storing, asking, setting aside, undoing."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from station.core import clock
from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.core.phones import parse
from station.events import queries as events
from station.events.models import CustodyEvent
from station.network import service as network
from station.parcels import batches, counter, undo
from station.parcels.counter import Asks
from station.residents import service as residents
from station.residents.models import ConsentRecord
from station.shelves.models import Layer
from tests.factories import Station, open_batch, recipient, store, waybill

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a Monday


def scan(station: Station, batch_id: int, number: str) -> counter.Outcome:
    with transaction():
        return counter.scan(station.clerk, batch_id, number, scanned_at=clock.now())


def test_scan_without_recipient_asks_for_the_phone(station: Station) -> None:
    outcome = scan(station, open_batch(station), waybill())
    assert outcome.stored is None
    assert outcome.question is not None
    assert outcome.question.asks is Asks.NO_PHONE
    assert outcome.question.draft.carrier == "sf"


def test_answer_with_a_phone_stores_the_parcel_under_its_waybills_digits(station: Station) -> None:
    batch_id, number = open_batch(station), waybill()
    scan(station, batch_id, number)
    phone = parse("13812344068")
    assert phone
    with transaction():
        outcome = counter.answer_phone(station.clerk, batch_id, phone, "陈晓明")
    assert outcome.stored is not None
    assert outcome.stored.pickup_code == f"1-1-{number[-4:]}"
    assert not outcome.stored.needs_sticker
    assert outcome.stored.is_told


def test_scanning_on_sets_the_waiting_parcel_aside(station: Station) -> None:
    batch_id, first, second = open_batch(station), waybill(), waybill()
    scan(station, batch_id, first)
    outcome = scan(station, batch_id, second)
    assert outcome.set_aside is not None
    assert outcome.set_aside.waybill == first
    assert outcome.set_aside.problem == "no_phone"
    assert outcome.set_aside.row.is_set_aside
    assert outcome.question is not None
    assert outcome.question.draft.waybill == second


def test_a_waybill_that_is_stored_is_refused_and_says_where(station: Station) -> None:
    stored = store(station)
    with pytest.raises(StationError) as refusal:
        scan(station, open_batch(station), stored.waybill)
    assert refusal.value.code == "already_checked_in"
    assert refusal.value.facts["pickup_code"] == stored.pickup_code


def test_a_refused_scan_leaves_the_open_question(station: Station) -> None:
    batch_id, number, stored = open_batch(station), waybill(), store(station)
    scan(station, batch_id, number)
    with pytest.raises(StationError):
        scan(station, batch_id, stored.waybill)
    with reading():
        waiting = counter.open_question(station.clerk, batch_id)
    assert waiting is not None
    assert waiting.draft.waybill == number


def test_without_a_shelf_the_scan_is_refused(station: Station) -> None:
    with transaction():
        batch_id = batches.open_batch(station.clerk).id
    with pytest.raises(StationError, match="Scan a shelf card first"):
        scan(station, batch_id, waybill())


@pytest.mark.parametrize("choice", ["door", "locker", "ask"])
def test_a_recipient_who_wants_it_elsewhere_is_obeyed(station: Station, choice: str) -> None:
    known, batch_id = recipient(station), open_batch(station)
    with transaction():
        residents.record_consent(station.clerk, known.id, choice=choice, how="phone_call")
    scan(station, batch_id, waybill())
    with transaction():
        outcome = counter.answer_recipient(station.clerk, batch_id, known.id)
    assert outcome.stored is not None
    assert outcome.stored.problem == ("door_wanted" if choice == "door" else "ask")
    assert not outcome.stored.is_told


def test_a_standing_yes_is_the_parcels_basis(station: Station) -> None:
    known, batch_id = recipient(station), open_batch(station)
    with transaction():
        residents.record_consent(station.clerk, known.id, choice="station", how="in_person")
    scan(station, batch_id, waybill())
    with transaction():
        outcome = counter.answer_recipient(station.clerk, batch_id, known.id)
    assert outcome.stored is not None
    assert outcome.stored.consent_basis == "standing"


def ask_for_consent(station: Station) -> int:
    """Return a batch whose open question is whether the recipient agreed."""
    person, batch_id = recipient(station), open_batch(station)
    with transaction():
        network.change_settings(station.manager, {"unknown_consent": "set_aside"}, version=1)
    scan(station, batch_id, waybill())
    with transaction():
        outcome = counter.answer_recipient(station.clerk, batch_id, person.id)
    assert outcome.question is not None
    assert outcome.question.asks is Asks.CONSENT
    return batch_id


@pytest.mark.parametrize("choice", ["station", "always"])
@pytest.mark.parametrize("how", ["", "telepathy", "phone_call" * 9])
def test_a_yes_is_refused_until_somebody_says_how_it_is_known(
    station: Station, choice: str, how: str
) -> None:
    batch_id = ask_for_consent(station)
    with pytest.raises(StationError, match="how you know"), transaction():
        counter.answer_consent(station.clerk, batch_id, choice=choice, how=how)
    with reading():
        assert counter.open_question(station.clerk, batch_id) is not None
        assert db.session.scalar(select(func.count()).select_from(ConsentRecord)) == 0


def test_a_yes_for_one_parcel_is_recorded_with_it(station: Station) -> None:
    batch_id = ask_for_consent(station)
    with transaction():
        outcome = counter.answer_consent(station.clerk, batch_id, choice="station", how="in_person")
    assert outcome.stored is not None
    assert outcome.stored.consent_basis == "this_parcel"
    with reading():
        record = db.session.scalars(select(ConsentRecord)).one()
    assert (record.parcel_id, record.how) == (outcome.stored.parcel_id, "in_person")


def test_undo_frees_place_and_code(station: Station) -> None:
    batch_id, known = open_batch(station), recipient(station)
    stored = store(station, to=known, batch_id=batch_id)
    with transaction():
        undone = undo.undo_last(station.clerk, batch_id)
    assert undone.waybill == stored.waybill
    again = store(station, to=known, waybill=stored.waybill)
    assert again.pickup_code != stored.pickup_code  # the code cools down: a message may be under way
    assert again.needs_sticker


def test_a_parcel_can_come_back_after_it_left(station: Station) -> None:
    with clock.use(lambda: NOON):
        stored = store(station)
    assert stored.row.stored == 1


@pytest.mark.parametrize("choice", ["door", "locker", "ask"])
def test_a_courier_cannot_speak_against_the_recipient(station: Station, choice: str) -> None:
    known, batch_id = recipient(station), open_batch(station)
    with transaction():
        batches.declare_consent(station.clerk, batch_id, is_declared=True)
        residents.record_consent(station.clerk, known.id, choice=choice, how="phone_call")
    scan(station, batch_id, waybill())
    with transaction():
        outcome = counter.answer_recipient(station.clerk, batch_id, known.id)
    assert outcome.stored is not None
    assert outcome.stored.problem == ("door_wanted" if choice == "door" else "ask")
    assert outcome.stored.consent_basis == "unknown"


def test_a_yes_is_recorded_when_the_parcel_is_set_aside_after_it(station: Station) -> None:
    batch_id = ask_for_consent(station)
    with transaction():
        db.session.execute(update(Layer).where(Layer.station_id == station.id).values(capacity=1))
    store(station, consent="this_parcel")
    with transaction():
        full = counter.answer_consent(station.clerk, batch_id, choice="station", how="in_person")
        aside = counter.set_aside(station.clerk, batch_id)
    assert full.question is not None
    assert full.question.asks is Asks.SHELF_FULL
    assert aside is not None
    assert aside.consent_basis == "this_parcel"
    with reading():
        record = db.session.scalars(select(ConsentRecord)).one()
    assert (record.parcel_id, record.how) == (aside.parcel_id, "in_person")


def test_a_scan_that_waited_for_the_line_keeps_its_own_time(station: Station) -> None:
    """A queued scan reaches the station later; the log says both when it came in and when it was scanned."""
    known, batch_id = recipient(station), open_batch(station)
    with clock.use(lambda: NOON), transaction():
        counter.scan(station.clerk, batch_id, waybill(), scanned_at=NOON - timedelta(minutes=9))
        stored = counter.answer_recipient(station.clerk, batch_id, known.id).stored
    assert stored is not None
    with reading():
        event = events.story(station.id, stored.parcel_id)[0]
    assert event.at == NOON
    assert event.data["scanned_at"] == "2026-03-02T03:51:00+00:00"


def test_a_courier_s_word_leads_to_who_noted_it_when_and_of_which_carrier(station: Station) -> None:
    known, batch_id = recipient(station), open_batch(station)
    with clock.use(lambda: NOON), transaction():
        batches.choose_carrier(station.clerk, batch_id, "yto")
        for _twice in range(2):
            batches.declare_consent(station.clerk, batch_id, is_declared=True)
    scan(station, batch_id, waybill())
    with transaction():
        stored = counter.answer_recipient(station.clerk, batch_id, known.id).stored
    assert stored is not None
    assert stored.consent_basis == "declared_by_courier"
    with reading():
        event = events.story(station.id, stored.parcel_id)[0]
        declared = db.session.scalars(
            select(CustodyEvent).where(CustodyEvent.kind == "consent_declared")
        ).one()
    assert (declared.at, declared.actor) == (NOON, station.clerk.key)
    assert json.loads(declared.data) == {"batch": event.data["batch"], "carrier": "yto", "declared": True}
