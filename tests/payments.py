"""What tests of payments stand on: providers that are set up, payments that were asked, and books that must agree."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from station.core import clock, ids
from station.core.db import connection, reading, transaction
from station.ledger import charging
from station.ledger import queries as books
from station.ledger.chart import AccountKind, AccountRef
from station.payments import notices, provider_test, service, settings, test_bank
from station.payments import queries as payments
from station.payments.catalogue import AT_COUNTER, WAYS, Way
from station.payments.lifecycle import PaymentState
from station.payments.service import Wanted
from station.payments.settings import Draft
from tests import alipay
from tests.factories import recipient


def allowing_tests(app):
    """Return settings that allow the test provider."""
    return replace(app.config["SETTINGS"], test_payments=True)


def set_up(station, *ways):
    """Set providers up, switched on."""
    with transaction():
        for way in ways:
            options = alipay.options() if way is Way.ALIPAY else {}
            settings.save(station.manager, way, Draft(is_enabled=True, options=options), version=0)


def provider(station, allowed, way=Way.TEST):
    with reading():
        return settings.provider(station.id, way, allowed)


def wanted(person, amount_minor=1250, way=Way.TEST, **values):
    return Wanted(
        **{
            "purpose": "balance",
            "recipient_id": person.id,
            "amount_minor": amount_minor,
            "currency": "CNY",
            "provider": way,
            **values,
        }
    )


def ask(station, person=None, *, key=None, **values):
    """Ask somebody to pay; return the payment."""
    wish = wanted(person or recipient(station), **values)
    with transaction():
        return service.ask(station.clerk, wish, key or f"test:{ids.next_id()}")


def ask_at_counter(station, person=None, *, key=None, **values):
    """Ask somebody who stands at the counter to pay by phone; return the payment."""
    wish = wanted(person or recipient(station), **values)
    with transaction():
        return service.ask_at_counter(station.clerk, wish, key or f"test:{ids.next_id()}")


def take_cash(station, person, amount_minor=1250, way=Way.CASH):
    with transaction():
        return service.receive(station.clerk, wanted(person, amount_minor, way), f"cash:{ids.next_id()}")


def pay(station, asked):
    """Pay through the test provider; return the signed callback."""
    with transaction():
        movement = test_bank.take(station.id, str(asked.id), asked.amount_minor, asked.currency)
    return provider_test.paid_notice(station.id, movement)


def address_there(station, asked):
    """Return where the test provider's page of a payment is, as a path."""
    return f"/test-payments/{station.id}/{asked.id}/{provider_test.seal(station.id, str(asked.id))}"


def tell(station, through, fields):
    with transaction():
        return notices.take(station.manager, through, fields)


def paid(station, allowed, person=None, **values):
    """Return a payment that was paid through the test provider."""
    asked = ask(station, person, **values)
    assert tell(station, provider(station, allowed), pay(station, asked)).is_accepted
    return now(station, asked)


def now(station, asked):
    with reading():
        return payments.payment(station.id, asked.id)


def balance(station, person):
    with reading():
        return books.resident_balance(station.id, person.id, "CNY")


def in_account(station, way):
    with reading():
        return books.balance(station.id, WAYS[way].account, "CNY")


def check(station):
    """What holds after every step: the ledger balances, and each payment is in it once, less its refunds and fees."""
    with reading():
        lines = books.trial_balance(station.id)
        listed = payments.listed(station.id)
        given = payments.refunds_of(station.id, [one.id for one in listed])
        stands = {way: books.balance(station.id, WAYS[way].account, "CNY") for way in Way}
        fees = books.balance(station.id, AccountRef(AccountKind.PROVIDER_FEES), "CNY")
        residents = sum(one.balance_minor for one in books.owners(station.id, AccountKind.RESIDENT))
    assert sum(line.debit_minor for line in lines) == sum(line.credit_minor for line in lines)
    kept = dict.fromkeys(Way, 0)
    for one in listed:
        assert 0 <= one.refunded_minor <= one.amount_minor
        back = [refund for refund in given if refund.payment_id == one.id and refund.state != "failed"]
        assert one.refunded_minor == sum(refund.amount_minor for refund in back)
        if one.state is PaymentState.PAID:
            kept[one.provider] += one.rest_minor
    assert {way: stands[way] for way in AT_COUNTER} == {way: kept[way] for way in AT_COUNTER}
    assert sum(stands.values()) + fees == sum(kept.values())
    assert residents == sum(kept.values())


def charge(station, person, amount_minor):
    """Charge somebody for a service."""
    with transaction():
        key = f"test-{ids.next_id()}"
        charging.charge(station.manager, person.id, amount_minor=amount_minor, reason="A service", key=key)


def resident(person):
    return AccountRef(AccountKind.RESIDENT, str(person.id))


def raw_options():
    """Return the options of a provider as they lie in the database."""
    return bytes(connection().exec_driver_sql("select options from payment_providers").scalar())


def today(station):
    """Return the station's date now."""
    with reading():
        return books.local_today(station.id)


def day_of(station, asked):
    """Return the station's date when a payment was asked."""
    return asked.asked_at.astimezone(ZoneInfo("Asia/Shanghai")).date()


def file_of(station, allowed):
    """Return the test provider's file of today."""
    return provider(station, allowed).fetch_file(today(station))


def later(asked):
    """Let the time of a payment be over inside the block."""
    return clock.use(lambda: asked.expires_at + timedelta(seconds=1))


def nothing_follows(actor, asked):
    """What follows when money came, for those who look at the payment alone."""
