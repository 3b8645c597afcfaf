"""Erasing a person: nothing that tells who they are is left in any column, and the parcels' story stays provable."""

import pytest
from sqlalchemy import select

from station.accounts import queries as accounts
from station.accounts import service as account_service
from station.carriers.detection import canonical_waybill
from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.core.phones import parse
from station.events.models import CustodyEvent, OutboxMessage
from station.events.verify import verify
from station.network import queries as network
from station.network import service as network_service
from station.parcels import announce, batches, counter, hand_over, handling, parcel_queries
from station.parcels.announce import Announcement
from station.parcels.hand_over import Taker
from station.parcels.intake import Arrival, Intake
from station.residents import agreements, erasure, merging, queries
from station.residents import service as residents
from station.residents.agreement_texts import Purpose
from station.residents.erasure import EVIDENCE_KEPT
from station.residents.models import Agreement, ConsentRecord
from station.residents.service import phone_hash
from station.shelves import queries as shelves
from tests import group_buys
from tests.factories import Station, make_station, recipient, store, waybill
from tests.services import leaving
from tests.services.leaving import EVIDENCE, NAME, PERSONAL, PHONE, Known


@pytest.fixture
def known(station: Station) -> Known:
    leaving.settle(make_station("Lotus Garden"))
    return leaving.settle(station)


def erase(known: Known) -> int:
    with transaction():
        return erasure.erase(known.resident)


def test_the_walk_finds_what_is_there(known: Known) -> None:
    assert leaving.encrypted_columns()
    for text in (*PERSONAL, *EVIDENCE):
        assert leaving.places((text,)), text
    assert leaving.keys_left() >= {
        "recipients.phone_hash",
        "account_directory.phone_hash",
        "proxies.phone_tail",
    }


def test_nothing_that_tells_who_it_was_is_left_anywhere(known: Known) -> None:
    assert erase(known) == 2
    assert leaving.places(PERSONAL) == set()
    assert leaving.keys_left() == set()
    assert leaving.places(EVIDENCE) == {"hand_overs.proxy_name", "attachments.content"}


def test_the_proof_of_hand_overs_goes_after_ninety_days_and_once(station: Station, known: Known) -> None:
    erase(known)

    with transaction():
        assert erasure.forget_evidence(station.id) == 0
    when = clock.now() + EVIDENCE_KEPT
    with clock.use(lambda: when):
        with transaction():
            assert erasure.forget_evidence(station.id) == 2
        with transaction():
            assert erasure.forget_evidence(station.id) == 0
    with reading():
        kinds = list(
            connection().scalars(select(CustodyEvent.kind).where(CustodyEvent.station_id == station.id))
        )
    assert kinds.count("evidence_erased") == 1


def test_the_story_stays_provable_and_staff_read_erased(station: Station, known: Known) -> None:
    with reading():
        before = list(connection().execute(select(CustodyEvent.__table__)))
    erase(known)
    with reading():
        report = verify(station.id)
        kept = list(connection().execute(select(CustodyEvent.__table__)))
        shown = parcel_queries.detail(station.id, known.parcel_id)
    assert report.is_whole
    assert set(before) <= set(kept)
    assert (shown.name_masked, shown.phone_tail) == ("erased", "")
    assert NAME not in str(kept)


def test_that_something_was_agreed_stays(station: Station, known: Known) -> None:
    with reading():
        before = list(connection().execute(select(ConsentRecord.__table__).order_by(ConsentRecord.id)))
    erase(known)
    with reading():
        kept = list(connection().execute(select(ConsentRecord.__table__).order_by(ConsentRecord.id)))
        assert kept == before
        mine = Agreement.recipient_id == known.recipient_ids[0]
        words = list(connection().scalars(select(Agreement.word).where(mine).order_by(Agreement.id)))
        held = [agreements.in_force(station.id, known.recipient_ids[0], one) for one in Purpose]
    assert words == ["given", "given", "withdrawn", "withdrawn"]
    assert held == [None, None]


def test_no_message_goes_out_any_more(station: Station, known: Known) -> None:
    erase(known)
    with reading():
        states = set(connection().scalars(select(OutboxMessage.state)))
    assert states == {"sent", "dropped"}


def test_the_person_is_signed_out_everywhere_and_a_stranger_afterwards(
    station: Station, known: Known
) -> None:
    erase(known)
    with reading():
        assert accounts.resident(known.resident.account_id, epoch=known.resident.epoch) is None
        assert accounts.resident(known.resident.account_id, epoch=known.resident.epoch + 1) is None
        assert queries.stations_of(phone_hash(PHONE)) == []
    again = recipient(station, PHONE, NAME)
    with transaction():
        anew = account_service.sign_in_resident(phone_hash(PHONE))
    assert again.id not in known.recipient_ids
    assert again.standing_choice is None
    assert anew.account_id != known.resident.account_id


def test_others_at_the_station_keep_theirs(station: Station, known: Known) -> None:
    with reading():
        before = queries.personal(station.id, queries.by_tail(station.id, "2222")[0].id)
    erase(known)
    with reading():
        assert queries.personal(station.id, queries.by_tail(station.id, "2222")[0].id) == before


def test_a_second_time_there_is_nothing_to_erase(known: Known) -> None:
    erase(known)
    assert erase(known) == 0


def test_a_hand_over_can_still_be_taken_back(station: Station, known: Known) -> None:
    erase(known)
    with transaction():
        hand_over.undo_hand_over(station.clerk, known.parcel_id, reason="not_taken")
    with reading():
        assert parcel_queries.detail(station.id, known.parcel_id).state == "stored"
        assert verify(station.id).is_whole


def be_open(station: Station, recipient_id: int, how: str) -> None:
    """Leave a parcel of somebody unsettled."""
    number = canonical_waybill(waybill())
    assert number
    if how == "expected":
        announce.announce(station.clerk, Announcement(number, "sf", parse(PHONE), NAME))
        return
    if how == "asked about":
        version = network.rules(station.id).version
        network_service.change_settings(station.manager, {"unknown_consent": "set_aside"}, version=version)
        batch_id = batches.open_batch(station.clerk, layer_id=shelves.layer_by_code(station.id, "1", 1).id).id
        counter.scan(station.clerk, batch_id, number, scanned_at=clock.now())
        assert counter.answer_recipient(station.clerk, batch_id, recipient_id).question
        return
    intake = Intake(station.clerk)
    layer_id = shelves.layer_by_code(station.id, "1", 1).id
    parcel = intake.add(Arrival(number, layer_id, "sf", residents.get(station.id, recipient_id)))
    intake.write()
    if how == "lost":
        handling.mark_lost(station.clerk, parcel.parcel_id, reason="not_found")
    if how == "going back":
        handling.start_return(station.clerk, parcel.parcel_id, reason="refused")


@pytest.mark.parametrize("how", ["stored", "expected", "lost", "going back", "asked about"])
def test_open_parcels_stand_in_the_way(station: Station, known: Known, how: str) -> None:
    with transaction():
        be_open(station, known.recipient_ids[1], how)
    with pytest.raises(StationError, match="not settled yet") as refused:
        erase(known)
    assert refused.value.code == "parcels_waiting"
    assert leaving.places((NAME,))


def test_a_collected_parcel_does_not(station: Station, known: Known) -> None:
    parcel = store(station, to=recipient(station, PHONE, NAME)).parcel_id
    with transaction():
        hand_over.hand_over(station.clerk, parcel, Taker())
    assert erase(known) == 2


def test_a_privacy_number_linked_to_the_person_is_erased_with_them(station: Station, known: Known) -> None:
    private = "17012345678,8462"
    recipient(station, private, "陈小明")
    phone = parse(private)
    assert phone
    with transaction():
        merging.link(station.clerk, known.recipient_ids[0], phone)
    assert leaving.places((private, "陈小明"))
    erase(known)
    assert leaving.places((private, "陈小明", *PERSONAL)) == set()


def test_an_open_order_in_a_group_buy_stands_in_the_way(station: Station, known: Known) -> None:
    buyer = recipient(station, PHONE, NAME)
    placed = group_buys.place(station, group_buys.make_campaign(station), buyer)
    with pytest.raises(StationError) as error:
        erase(known)
    assert error.value.code == "orders_open"

    group_buys.cancel(station, placed.order_id)
    assert erase(known) == 2
