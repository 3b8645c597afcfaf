"""Merging entries of one person: what goes over, what stays, and who is never merged."""

import json
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from station.accounts import service as accounts
from station.core import clock
from station.core.actor import Actor, ActorKind
from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.core.permissions import Role
from station.core.phones import parse
from station.events.models import CustodyEvent, OutboxMessage, OutboxParcel
from station.models import TENANT, metadata
from station.parcels import handling, search, search_queries
from station.parcels.models import Parcel
from station.residents import agreements, erasure, merging, notes, preferences, queries, service
from station.residents.agreement_texts import CURRENT, Purpose
from station.residents.models import ConsentRecord, Recipient
from station.residents.preferences import Preferences
from station.residents.service import PRIVACY_KEPT
from tests.factories import make_station, recipient, store

PHONE = "13812344068"
PRIVACY = "17012345678,8462"
# Tables that say whose they are, and what becomes of them: see merging.py.
GO_OVER = {
    "message_links",
    "open_questions",
    "outbox_messages",
    "parcels",
    "proxies",
    "recipient_notes",
    "recipient_preferences",
}
STAY = {
    "agreements",
    "campaign_reminders",  # who asked twice is told twice at most, and hears it where the order would be
    "consent_records",
    "digit_secrets",
    "face_enrolments",
    "group_orders",  # the money for them stays in the account it was paid into
    "kiosk_conflicts",
    "kiosk_sessions",
    "payments",
    "recipient_prefixes",
}


@pytest.fixture
def names(station):
    """Two names at one phone."""
    return recipient(station, PHONE, "陈晓明"), recipient(station, PHONE, "陈小明")


@contextmanager
def refused(code):
    with pytest.raises(StationError) as caught:
        yield
    assert caught.value.code == code


def merge(station, kept, other):
    with transaction():
        return merging.merge(station.manager, kept.id, other.id)


def record(station, who, choice):
    with transaction():
        service.record_consent(station.clerk, who.id, choice=choice, how="in_person")


def resident(station):
    return Actor(ActorKind.RESIDENT, 1, station.id, Role.RESIDENT)


def counted(table, who):
    with reading():
        return db.session.scalar(select(func.count()).where(table.recipient_id == who.id))


def events_of(station, kind):
    with reading():
        rows = db.session.execute(
            select(CustodyEvent.parcel_id, CustodyEvent.data)
            .where(CustodyEvent.station_id == station.id, CustodyEvent.kind == kind)
            .order_by(CustodyEvent.seq)
        )
        return [(row.parcel_id, json.loads(row.data)) for row in rows]


def test_every_table_that_names_a_recipient_is_thought_of():
    naming = {name for name, table in metadata.tables.items() if "recipient_id" in table.columns}

    assert naming == GO_OVER | STAY
    assert naming - TENANT == {"message_links"}


def test_parcels_notes_and_messages_go_over(station, names):
    kept, other = names
    parcel_id = store(station, to=other).parcel_id
    with transaction():
        notes.add(station.clerk, other.id, "Deaf, please write.")

    assert merge(station, kept, other) == 1

    with reading():
        assert db.session.scalar(select(Parcel.recipient_id).where(Parcel.id == parcel_id)) == kept.id
        assert [note.text for note in notes.of(station.id, kept.id)] == ["Deaf, please write."]
    for table in (Parcel, OutboxMessage):
        assert counted(table, other) == 0
        assert counted(table, kept) == 1


def test_what_somebody_said_stays_with_the_entry_it_was_said_of_and_counts(station, names):
    kept, other = names
    parcel_id = store(station, to=other).parcel_id
    said = {"choice": "station", "how": "own_page", "parcel_id": parcel_id}
    with transaction():
        service.record_consent(resident(station), other.id, **said)

    merge(station, kept, other)

    assert (counted(ConsentRecord, other), counted(ConsentRecord, kept)) == (1, 0)
    with reading():
        assert queries.newest_own_word(station.id, kept.id, parcel_id) == "station"


def test_the_log_tells_of_the_merging_and_so_does_each_parcel(station, names):
    kept, other = names
    parcel_id = store(station, to=other).parcel_id

    merge(station, kept, other)

    facts = {"recipient": str(kept.id), "other": str(other.id)}
    assert events_of(station, "recipients_merged") == [(None, facts), (parcel_id, facts)]


def test_open_messages_on_one_topic_become_one(station, names):
    kept, other = names
    parcels = {store(station, to=kept).parcel_id, store(station, to=other).parcel_id}

    merge(station, kept, other)

    with reading():
        rows = db.session.execute(
            select(OutboxMessage.state, OutboxParcel.parcel_id)
            .join(OutboxParcel, OutboxParcel.message_id == OutboxMessage.id)
            .where(OutboxMessage.recipient_id == kept.id)
        ).all()
    assert {row.parcel_id for row in rows} == parcels
    assert {row.state for row in rows} == {"open"}
    assert counted(OutboxMessage, kept) == 2  # the other's own is dropped, without a parcel


def test_the_newest_standing_choice_of_both_holds(station, names):
    kept, other = names
    record(station, kept, "station")
    record(station, other, "door")

    merge(station, kept, other)

    with reading():
        assert service.get(station.id, kept.id).standing_choice == "door"


def test_own_preferences_stay_and_missing_ones_come_over(station, names):
    kept, other = names
    third = recipient(station, PHONE, "小陈")
    with transaction():
        preferences.choose(resident(station), other.id, Preferences(language="en"))
        preferences.choose(resident(station), third.id, Preferences(language="zh"))

    merge(station, kept, other)
    merge(station, kept, third)

    with reading():
        assert preferences.of(station.id, kept.id).language == "en"


def test_an_agreement_does_not_go_over_but_is_withdrawn(station, names):
    kept, other = names
    with transaction():
        agreements.give(resident(station), other.id, Purpose.PHOTOS, version=CURRENT[Purpose.PHOTOS])

    merge(station, kept, other)

    with reading():
        assert agreements.in_force(station.id, other.id, Purpose.PHOTOS) is None
        assert agreements.in_force(station.id, kept.id, Purpose.PHOTOS) is None


def test_the_merged_name_leads_to_the_kept_entry(station, names):
    kept, other = names
    merge(station, kept, other)

    assert recipient(station, PHONE, "陈小明").id == kept.id
    with reading():
        assert service.get(station.id, other.id).id == kept.id
        assert [one.id for one in queries.by_phone(station.id, parse(PHONE))] == [kept.id]
        assert queries.ids_at_phone(station.id, service.phone_hash(PHONE)) == sorted([kept.id, other.id])
        for text in ("4068", "陈小明"):
            assert search_queries.people(station.id, search.interpret(text)) == [kept.id]


def test_an_assignment_to_a_merged_entry_reaches_the_kept_one(station, names):
    kept, other = names
    parcel_id = store(station, to=recipient(station, "13900001111", "王五")).parcel_id
    merge(station, kept, other)

    with transaction():
        handling.assign_recipient(station.clerk, parcel_id, other.id)

    assert counted(Parcel, kept) == 1


def test_a_merged_entry_that_is_merged_on_leads_to_the_last(station, names):
    kept, other = names
    last = recipient(station, PHONE, "小陈")
    merge(station, kept, other)
    merge(station, last, kept)

    assert recipient(station, PHONE, "陈小明").id == last.id


def test_a_privacy_number_is_linked_to_its_person(station):
    person, hidden = recipient(station, PHONE), recipient(station, PRIVACY, None)
    store(station, to=hidden)

    with transaction():
        assert merging.link(station.clerk, person.id, parse(PRIVACY)) == 1

    assert counted(Parcel, person) == 1
    assert recipient(station, PRIVACY, None).id == person.id
    with reading():
        found = queries.ids_at_phone(station.id, service.phone_hash(PHONE))
    assert found == sorted([person.id, hidden.id])


def test_a_linked_privacy_number_still_runs_out(station):
    person = recipient(station, PHONE)
    recipient(station, PRIVACY, None)
    with transaction():
        merging.link(station.clerk, person.id, parse(PRIVACY))

    later = clock.now() + PRIVACY_KEPT + timedelta(days=1)
    with clock.use(lambda: later):
        assert recipient(station, PRIVACY, None).id != person.id


@pytest.mark.parametrize("phones", [(PHONE, "13900001111"), (PRIVACY, PHONE), (PRIVACY, "17012345678,8463")])
def test_two_phones_are_never_merged(station, phones):
    kept, other = (recipient(station, phone, "陈晓明") for phone in phones)

    with refused("different_phones"):
        merge(station, kept, other)


def test_a_phone_number_is_not_linked_as_a_privacy_number(station, names):
    with refused("bad_input"), transaction():
        merging.link(station.clerk, names[0].id, parse("13900001111"))
    with refused("bad_input"), transaction():
        merging.link(station.clerk, names[0].id, parse(PRIVACY))


def test_an_entry_is_merged_once_and_not_with_itself(station, names):
    kept, other = names
    merge(station, kept, other)

    for pair in ((kept, other), (other, kept), (kept, kept)):
        with refused("stale"):
            merge(station, *pair)


def test_entries_of_another_station_are_not_found(station, names):
    elsewhere = make_station("Elm")
    stranger = recipient(elsewhere, PHONE, "陈晓明")

    with refused("not_found"):
        merge(station, names[0], stranger)
    with refused("not_found"):
        merge(elsewhere, stranger, names[0])


def test_separated_entries_go_their_own_ways_from_then_on(station, names):
    kept, other = names
    store(station, to=other)
    merge(station, kept, other)

    with transaction():
        merging.separate(station.manager, kept.id, other.id)

    assert recipient(station, PHONE, "陈小明").id == other.id
    assert counted(Parcel, kept) == 1
    assert len(events_of(station, "recipients_separated")) == 1
    with refused("stale"), transaction():
        merging.separate(station.manager, kept.id, other.id)


def test_the_kept_row_and_the_other_keep_their_keys(station, names):
    kept, other = names
    merge(station, kept, other)

    with reading():
        rows = db.session.execute(
            select(Recipient.id, Recipient.merged_into).where(Recipient.station_id == station.id)
        )
        assert {tuple(row) for row in rows} == {(kept.id, None), (other.id, kept.id)}


def test_a_note_is_bounded_attributed_and_erasable(station, names):
    kept, _ = names
    with transaction():
        note_id = notes.add(station.clerk, kept.id, "  Rings twice.\r\nLeave at 3. ")
    with reading():
        (note,) = notes.of(station.id, kept.id)
    assert (note.text, note.written_by) == ("Rings twice.\nLeave at 3.", station.clerk.key)
    assert events_of(station, "note_added") == [(None, {"recipient": str(kept.id), "note": str(note_id)})]

    with transaction():
        notes.erase(station.manager, note_id)
    with reading():
        assert notes.of(station.id, kept.id) == []
    with refused("not_found"), transaction():
        notes.erase(station.manager, note_id)


@pytest.mark.parametrize("text", ["", "  \n ", "x" * (notes.LONGEST + 1), "a\x00b", "\u202eevil"])
def test_a_note_that_is_none_is_refused(station, names, text):
    with refused("bad_input"), transaction():
        notes.add(station.clerk, names[0].id, text)


def test_notes_on_one_person_are_few(station, names):
    with transaction():
        for number in range(notes.MOST):
            notes.add(station.clerk, names[0].id, f"note {number}")

    with refused("bad_input"), transaction():
        notes.add(station.clerk, names[0].id, "one more")


def test_a_note_of_another_station_is_not_found(station, names):
    with transaction():
        note_id = notes.add(station.clerk, names[0].id, "Rings twice.")
    stranger = make_station("Elm").clerk

    with refused("not_found"), transaction():
        notes.erase(stranger, note_id)


def test_erasing_a_person_erases_what_was_merged_into_them(station):
    person, hidden = recipient(station, PHONE), recipient(station, PRIVACY, "王五")
    with transaction():
        merging.link(station.clerk, person.id, parse(PRIVACY))
        notes.add(station.clerk, person.id, "Rings twice.")
        own = accounts.sign_in_resident(service.phone_hash(PHONE))

    with transaction():
        erasure.erase(own)

    with reading():
        for who in (person, hidden):
            assert queries.personal(station.id, who.id) == queries.Personal("", None)
        assert notes.of(station.id, person.id) == []
