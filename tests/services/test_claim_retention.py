"""What complaints hold about people: taken along, erased in time and on request, and the money stays in the books."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from station.accounts import service as accounts
from station.claims import personal
from station.claims import pictures as claim_pictures
from station.claims import service as claims
from station.claims.models import ClaimPicture
from station.claims.personal import KEEP
from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.core.phones import parse
from station.events.models import CustodyEvent
from station.residents import erasure, export_queries
from station.residents.service import phone_hash
from tests.claims import claim, collected, get, refund
from tests.factories import recipient

PHONE = "13812344068"


@pytest.fixture
def resident(station):
    recipient(station, PHONE)
    with transaction():
        return accounts.sign_in_resident(phone_hash(parse(PHONE).key))


def mine(station):
    buyer = recipient(station, PHONE)
    one, (order,) = collected(station, (3,), people=(buyer,), prepaid=3000)  # what it costs
    return one, claim(one, order, 2, words="Mould on two of them")


def erase_old(one):
    with clock.use(one.clock), transaction():
        return personal.erase_old(one.station.id)


def pictures():
    with reading():
        return connection().scalar(select(func.count(ClaimPicture.content)))


def erased_events():
    with reading():
        query = select(CustodyEvent.data).where(CustodyEvent.kind == "claims_erased")
        return list(connection().scalars(query))


def test_words_and_pictures_go_in_time_once_and_the_money_stays(station):
    one, claim_id = mine(station)
    refund(one, claim_id, 2)
    one.clock.wind(KEEP)
    assert erase_old(one) == 0
    one.clock.wind(timedelta(seconds=1))
    assert (erase_old(one), erase_old(one)) == (1, 0)
    found = get(station, claim_id)
    assert (found.words, found.answer, found.amount_minor) == (None, None, 2000)
    assert pictures() == 0
    with pytest.raises(StationError, match="does not exist any more"), reading():
        claim_pictures.get(station.id, claim_id, 1)
    assert len(erased_events()) == 1


def test_what_waits_for_an_answer_is_kept(station):
    one, claim_id = mine(station)
    one.clock.wind(10 * KEEP)
    assert erase_old(one) == 0
    assert get(station, claim_id).words
    assert pictures() == 1


def test_a_person_takes_along_what_they_said(station, resident):
    one, claim_id = mine(station)
    refund(one, claim_id, 1)
    buyer = one.all()[0].recipient_id
    with reading():
        found = export_queries.at_station(station.id, [buyer], resident.phone_hash)
    (said,) = found["group_claims"]
    assert said["words"] == "Mould on two of them"
    assert (said["claim_pictures"], said["refunded_units"], said["amount"]) == (1, 1, "10.00 CNY")


def test_nobody_is_erased_while_an_answer_is_due(station, resident):
    one, claim_id = mine(station)
    with pytest.raises(StationError) as refused, clock.use(one.clock), transaction():
        erasure.erase(resident)
    assert refused.value.code == "orders_open"
    one.do(claims.withdraw, claim_id)
    with clock.use(one.clock), transaction():
        erasure.erase(resident)
    assert get(station, claim_id).words is None
    assert pictures() == 0
