"""The demo's group buys and drawer: a campaign in every state at any hour of any day, balanced and counted books."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from station.claims.models import OrderClaim
from station.claims.rules import ClaimState
from station.core import clock
from station.core.db import connection, reading, transaction
from station.core.phones import parse
from station.group_buys.bag_store import BagState
from station.group_buys.lifecycle import CampaignState, OrderState
from station.group_buys.models import Arrival, Campaign, GroupOrder, OrderBag
from station.ledger import drawer, proof, queries, rules
from station.ledger.chart import AccountKind, AccountRef
from station.ledger.drawer import Moment
from station.ledger.models import LedgerClose, Settlement
from station.network import queries as network_queries
from station.network import service as network
from station.network.calendar import Span, week_to_json
from station.payments import balances
from station.payments.lifecycle import PaymentState, RefundState
from station.payments.models import Payment, Refund
from station.residents.queries import ids_at_phone
from station.residents.service import phone_hash
from station.simulator import demo, drawer_counted, group_buys_come, group_buys_shown
from station.simulator.run import Order, begin, finish
from tests import invariants

# In Shanghai: a Sunday's night, a minute past a Monday's midnight, a working morning, a Saturday's closing time.
MOMENTS = (
    datetime(2026, 3, 7, 19, 0, tzinfo=UTC),
    datetime(2026, 3, 8, 16, 1, tzinfo=UTC),
    datetime(2026, 11, 25, 2, 0, tzinfo=UTC),
    datetime(2026, 11, 21, 12, 59, tzinfo=UTC),
)


def counted(column):
    with reading():
        query = select(column, func.count()).group_by(column)
        return Counter(dict(connection().execute(query).all()))


def due_of(station_id):
    """Return what the resident whose number is printed has, and has to pay, in minor units."""
    with reading():
        phone = parse(demo.DEMO_PHONE)
        mine = ids_at_phone(station_id, phone_hash(phone.key))
        due = balances.due(station_id, mine, "CNY")
        return sum(queries.resident_balance(station_id, one, "CNY") for one in mine), due


def shows_everything(station_id):
    assert counted(Campaign.state).keys() == set(CampaignState)
    assert counted(GroupOrder.state).keys() >= set(OrderState) - {OrderState.NOTHING}
    assert counted(OrderBag.state).keys() == set(BagState)
    assert counted(Campaign.storage).keys() == {"room", "chilled", "frozen"}
    assert counted(OrderClaim.state).keys() == {ClaimState.OPEN, ClaimState.REFUNDED}
    assert counted(Campaign.pays).keys() == {"before", "at_pickup"}
    assert counted(Payment.provider).keys() == {"test", "cash", "card"}
    assert counted(Payment.state).keys() == {PaymentState.PAID}
    assert counted(Refund.state).keys() == {RefundState.DONE}
    with reading():
        assert connection().scalar(select(func.sum(Arrival.damaged))) >= 2
        assert connection().scalar(select(func.sum(Arrival.short))) == 2
    own, due = due_of(station_id)
    assert own > 0
    assert [one.amount_minor > 0 for one in due] == [True]


def books_hold(station_id):
    with reading():
        assert proof.first_fault(station_id) is None
        lines = queries.trial_balance(station_id)
        today = queries.local_today(station_id)
        assert lines
        assert sum(line.debit_minor for line in lines) == sum(line.credit_minor for line in lines)
        closed = list(connection().scalars(select(LedgerClose.day).order_by(LedgerClose.day)))
        paid = connection().scalar(select(func.sum(Settlement.paid_minor)))
        assert queries.balance(station_id, AccountRef(AccountKind.BANK), "CNY") > 0
    assert (today - closed[-1]).days == 1
    assert paid > 0


def carriers_pay(station_id):
    with reading():
        owed = {
            line.ref.owner: -line.balance_minor for line in queries.owners(station_id, AccountKind.CARRIER)
        }
        received = connection().scalar(select(func.sum(Settlement.received_minor)))
        fines = queries.balance(station_id, AccountRef(AccountKind.FINES), "CNY")
        earned = queries.balance(station_id, AccountRef(AccountKind.PARCEL_FEES), "CNY")
    assert len(owed) == 6
    assert received > 0
    assert fines > 0
    assert earned == sum(owed.values()) + received + fines


def drawer_was_counted(station_id):
    """Today it was opened; yesterday it was opened, and closed with something missing and the rest at the bank."""
    with reading():
        counts = drawer.counts(station_id, limit=100)
        today = queries.local_today(station_id)
        opened = next(one for one in counts if (one.day, one.moment) == (today, Moment.OPEN))
        closed = next(one for one in counts if one.moment is Moment.CLOSE and one.difference_minor)
        assert (today - closed.day).days == 1
        assert queries.note_of(station_id, closed.journal_id)
        banked = drawer.banked(station_id, closed.id)
        assert closed.counted_minor - banked == rules.for_station(station_id).float_minor
    assert banked > 0
    assert opened.difference_minor == 0
    assert (closed.day, Moment.OPEN) in {(one.day, one.moment) for one in counts}
    assert counts[-1].difference_minor > 0
    assert [one for one in counts[:-1] if one.difference_minor] == [closed]
    assert all(one.pieces for one in counts)


@pytest.mark.parametrize("until", MOMENTS)
def test_every_state_is_there_at_any_hour_and_the_books_balance(web_station, until) -> None:
    station = web_station
    hours = {"weekly_hours": week_to_json(((Span(demo.time(8), demo.time(21)),),) * 7)}
    with transaction():
        version = network_queries.rules(station.id).version
        network.change_settings(station.manager, hours, version=version)
    simulation = begin(station.id, Order(days=10, parcels_per_day=10, seed=3), until)
    group_buys_come.plan(simulation, phone=demo.DEMO_PHONE)
    drawer_counted.plan(simulation)
    summary = finish(simulation)
    assert summary.done["orders"] == sum(len(one.wants) for one in group_buys_shown.ALL)
    with clock.use(lambda: until):
        shows_everything(station.id)
        books_hold(station.id)
        drawer_was_counted(station.id)
        invariants.check(station.id)
    invariants.chain_is_whole(station.id)


def test_the_demo_shows_them_among_its_parcels(web) -> None:
    with clock.use(lambda: MOMENTS[0]):
        station_id = demo.seed_demo()
        shows_everything(station_id)
        books_hold(station_id)
        drawer_was_counted(station_id)
        carriers_pay(station_id)
