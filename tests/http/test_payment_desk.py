"""Staff's pages of payments: taking cash, undoing it, refunding, a provider's keys, comparing its file."""

import io
from datetime import timedelta

import pytest

from station.core import clock
from station.core.db import reading
from station.payments import book_queries, queries, settings
from station.payments.catalogue import Way
from tests import alipay, payments
from tests.factories import recipient
from tests.http import residents
from tests.http.forms import post
from tests.ledger import statements
from tests.payments import ask, balance, check, in_account, now, paid, pay, take_cash


def take(browser, person, amount="20", way="cash", **values):
    return post(browser, f"/money/counter/people/{person.id}", {"amount": amount, "way": way}, **values)


def test_a_clerk_takes_cash_and_shows_the_receipt(web_station, clerk_client, ming):
    found = clerk_client.post("/money/counter/find", data={"text": "4068"})
    assert found.headers["Location"] == f"/money/counter/people/{ming.id}"
    done = take(clerk_client, ming)
    receipt = clerk_client.get(done.headers["Location"])
    assert "20.00" in receipt.text
    assert "Clerk" in receipt.text
    assert "20.00" in clerk_client.get(f"/money/counter/people/{ming.id}").text
    assert (balance(web_station, ming), in_account(web_station, Way.CASH)) == (2000, 2000)


def test_somebody_with_two_names_at_a_phone_is_found_once(web_station, clerk_client, ming):
    recipient(web_station, residents.PHONE, "Chen Xiaoming")
    alone = clerk_client.post("/money/counter/find", data={"text": "4068"})
    assert alone.status_code == 303
    stranger = recipient(web_station, "13900004068", "李雷")
    both = clerk_client.post("/money/counter/find", data={"text": "4068"}).text
    assert both.count("/money/counter/people/") == 2
    assert f"/money/counter/people/{stranger.id}" in both


def test_the_same_press_twice_takes_once(web_station, clerk_client, ming):
    first, second = (take(clerk_client, ming, key="pressed-twice") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert balance(web_station, ming) == 2000


@pytest.mark.parametrize("values", [{"amount": "-1"}, {"amount": "0"}, {"amount": "1.001"}, {"way": "test"}])
def test_what_cannot_be_taken_is_refused(web_station, clerk_client, ming, values):
    assert take(clerk_client, ming, **values).status_code == 422
    assert balance(web_station, ming) == 0


def test_a_mistake_is_undone_by_a_refund_and_stays_in_the_books(web_station, clerk_client, ming):
    receipt = take(clerk_client, ming).headers["Location"]
    assert "Undone" in post(clerk_client, f"{receipt}/undo", follow_redirects=True).text
    again = post(clerk_client, f"{receipt}/undo", follow_redirects=True)
    assert "Not so much of this payment is left" in again.text
    assert (balance(web_station, ming), in_account(web_station, Way.CASH)) == (0, 0)
    with reading():
        assert len(queries.listed(web_station.id)) == 1
    check(web_station)


def test_a_part_is_given_back_in_cash(web_station, clerk_client, ming):
    receipt = take(clerk_client, ming).headers["Location"]
    data = {"amount": "5", "reason": "not_needed"}
    assert "Written down" in post(clerk_client, f"{receipt}/back", data, follow_redirects=True).text
    data = {"amount": "15.01", "reason": "not_needed"}
    assert "Not so much" in post(clerk_client, f"{receipt}/back", data, follow_redirects=True).text
    assert in_account(web_station, Way.CASH) == 1500


def test_a_clerk_gives_no_providers_money_back(web_station, clerk_client, allowed, ming):
    asked = paid(web_station, allowed, ming)
    data = {"amount": "5", "reason": "mistake"}
    path = f"/money/counter/receipts/{asked.id}"
    assert "A manager refunds it" in post(clerk_client, f"{path}/back", data, follow_redirects=True).text
    assert "Refund it instead" in post(clerk_client, f"{path}/undo", follow_redirects=True).text
    assert post(clerk_client, f"/money/payments/{asked.id}/refund", data).status_code == 403
    check(web_station)


def test_a_manager_refunds_and_sees_what_the_provider_said(web_station, manager_client, allowed, ming):
    asked = paid(web_station, allowed, ming)
    path = f"/money/payments/{asked.id}/refund"
    page = manager_client.get(f"/money/payments/{asked.id}")
    assert "Booked as paid" in page.text
    data = {"amount": "2.50", "reason": "complaint"}
    for _ in range(2):
        done = post(
            manager_client,
            f"/money/payments/{asked.id}/refund",
            data,
            key="pressed-twice",
            follow_redirects=True,
        )
    assert "Given back" in done.text
    assert now(web_station, asked).refunded_minor == 250
    more = {"amount": "10.01", "reason": "complaint"}
    refused = post(manager_client, path, more, follow_redirects=True)
    assert "Not so much of this payment is left" in refused.text
    check(web_station)


def test_a_lost_callback_is_found_by_asking(web_station, manager_client, allowed, ming):
    asked = ask(web_station, ming)
    pay(web_station, asked)  # the callback is never sent
    done = post(manager_client, f"/money/payments/{asked.id}/ask", follow_redirects=True)
    assert "Booked as paid" in done.text
    assert balance(web_station, ming) == 1250


def test_the_list_is_paged_and_filtered(web_station, manager_client, allowed, ming, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    made = [ask(web_station, ming) for _ in range(3)]
    first = manager_client.get("/money/payments")
    assert str(made[0].id) not in first.text
    assert first.text.count("陈**") == 2
    assert str(made[0].id) in manager_client.get(f"/money/payments?before={made[1].id}").text
    assert str(made[2].id) not in manager_client.get("/money/payments?state=paid").text
    assert manager_client.get("/money/payments?state=rubbish&before=x").status_code == 200


def alipay_form(**values):
    return {
        **{name: value for name, value in alipay.options().items() if value is not True},
        "version": "0",
        "is_enabled": "y",
    } | values


def test_alipays_keys_are_taken_and_never_shown(web, web_station, manager_client):
    saved = post(manager_client, "/settings/payments/alipay", alipay_form(), follow_redirects=True)
    assert "Saved" in saved.text
    assert alipay.private("station")[:60] not in saved.text
    again = alipay_form(app_private_key="", version="1")
    assert (
        "Nothing was changed"
        in post(manager_client, "/settings/payments/alipay", again, follow_redirects=True).text
    )
    stale = post(manager_client, "/settings/payments/alipay", alipay_form(app_id="2021000000000002"))
    assert stale.status_code == 409
    with reading():
        found = settings.saved(web_station.id, Way.ALIPAY, web.config["SETTINGS"])
    assert found.options["app_private_key"] == alipay.private("station")


def test_the_test_provider_is_not_known_where_it_is_not_allowed(manager_client):
    assert manager_client.get("/settings/payments/test").status_code == 404
    assert "no real money" not in manager_client.get("/settings/payments").text
    assert manager_client.get("/settings/payments/gold").status_code == 404


def upload(browser, content, day, **values):
    data = {
        "provider": "test",
        "day": day.isoformat(),
        "file": (io.BytesIO(content), "x.csv"),
        "key": "upload-key-1",
    }
    return browser.post(
        "/money/reconciliation/upload", data=data | values, content_type="multipart/form-data"
    )


def test_a_days_file_shows_what_is_missing_and_books_it(web_station, manager_client, allowed, ming):
    missed, strange = ask(web_station, ming), "kind,number,trade,ref,amount_minor,fee_minor,currency\r\n"
    pay(web_station, missed)
    content = payments.file_of(web_station, allowed) + b"payment,77,77,T77,100,1,CNY\r\n"
    assert content.startswith(strange.encode())
    day = payments.today(web_station)
    with clock.use(lambda: missed.asked_at + timedelta(days=1)):
        done = upload(manager_client, content, day)
        page = manager_client.get(done.headers["Location"])
        assert page.text.count("Not in our books") == 2
        with reading():
            (one,) = book_queries.listed(web_station.id)
            lines = book_queries.differences(web_station.id, one.id)
        (bookable,) = [line for line in lines if line.can_be_booked]
        (unknown,) = [line for line in lines if not line.can_be_booked]
        path = "/money/reconciliation/lines"
        booked = post(manager_client, f"{path}/{bookable.id}/book", follow_redirects=True)
        assert "Booked" in booked.text
        explained = post(
            manager_client, f"{path}/{unknown.id}/explain", {"note": "Another shop."}, follow_redirects=True
        )
        assert "Another shop." in explained.text
        twice = post(manager_client, f"{path}/{unknown.id}/explain", {"note": "No."}, follow_redirects=True)
        assert "settled already" in twice.text
        assert "All settled" in manager_client.get("/money/reconciliation").text
    assert balance(web_station, ming) == 1250
    check(web_station)


def test_a_file_is_fetched_from_the_provider(web_station, manager_client, allowed, ming):
    asked = paid(web_station, allowed, ming)
    with clock.use(lambda: asked.asked_at + timedelta(days=1)):
        data = {"provider": "test", "day": payments.day_of(web_station, asked).isoformat()}
        assert (
            "Fetched" in post(manager_client, "/money/reconciliation/fetch", data, follow_redirects=True).text
        )
        with reading():
            (one,) = book_queries.listed(web_station.id)
    assert (one.matched, one.differing) == (1, 0)


@pytest.mark.parametrize(
    "content", [b"", b"rubbish", b"\xff\xfe", b"PK\x03\x04 broken", b"kind,number\n=1+1,2\n"]
)
def test_a_file_that_is_none_is_refused_in_words(web_station, manager_client, allowed, content):
    answer = upload(manager_client, content, payments.today(web_station) - timedelta(days=1))
    assert answer.status_code in (303, 422)
    with reading():
        assert book_queries.listed(web_station.id) == []


def test_a_day_that_is_not_over_is_not_compared(web_station, manager_client, allowed):
    content = payments.file_of(web_station, allowed)
    upload(manager_client, content, payments.today(web_station))
    with reading():
        assert book_queries.listed(web_station.id) == []


def test_a_clerk_sees_no_files_and_changes_none(clerk_client, allowed):
    assert clerk_client.get("/money/reconciliation").status_code == 403
    assert post(clerk_client, "/money/reconciliation/lines/1/book").status_code == 403
    assert clerk_client.get("/settings/payments").status_code == 403


def test_a_longer_list_asks_the_database_no_more_often(web_station, manager_client, allowed, ming):
    ask(web_station, ming)
    counts = []
    for _ in range(2):
        with statements() as found:
            assert manager_client.get("/money/payments").status_code == 200
        counts.append(len(found))
        for _again in range(10):
            take_cash(web_station, ming)
    assert counts[0] == counts[1]
