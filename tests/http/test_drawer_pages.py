"""The drawer over HTTP: a blind count, its reason, the bank, the paper, and what is refused."""

import pytest

from station.core.db import reading, transaction
from station.ledger import drawer, queries, rules
from station.ledger.chart import JournalKind
from station.ledger.drawer import BANK, CASH
from station.ledger.rules import LedgerRules
from tests import ledger
from tests.http.forms import post
from tests.ledger import RESIDENT


def pay(station, amount=10_000):
    return ledger.post(station.clerk, (CASH, RESIDENT, amount), kind=JournalKind.PAYMENT)


def balance(station, ref):
    with reading():
        return queries.balance(station.id, ref, "CNY")


def count(browser, amount, moment="check", *, follow_redirects=False, **pieces):
    data = {"moment": moment, "amount": amount, **pieces}
    return post(browser, "/money/drawer", data, follow_redirects=follow_redirects)


def counted(browser, amount, moment="check"):
    """Count, and return where the count is shown."""
    answer = count(browser, amount, moment)
    assert answer.status_code == 303
    return answer.location


def test_clerk_sees_no_sum_before_the_count(clerk_client, web_station):
    pay(web_station, 12_345)
    for path in ("/money", "/money/drawer"):
        assert "123.45" not in clerk_client.get(path).text
    assert "¥123.45" in clerk_client.get(counted(clerk_client, "100")).text


@pytest.mark.parametrize("typed", ["100", "100.00", "¥100", "１００"])
def test_count_that_agrees_says_so(clerk_client, web_station, typed):
    pay(web_station)
    page = count(clerk_client, typed, follow_redirects=True).text
    assert "The count was written down." in page
    assert "agrees" in page
    assert "Why it differs" not in page


def test_difference_is_booked_and_explained_on_the_next_page(clerk_client, web_station):
    pay(web_station)
    one = counted(clerk_client, "99.50")
    page = clerk_client.get(one).text
    assert "¥0.50 missing" in page
    assert balance(web_station, drawer.DIFFERENCES) == 50

    page = post(clerk_client, f"{one}/why", {"reason": "wrong change"}, follow_redirects=True).text

    assert "wrong change" in page
    assert "Why it differs" not in page
    assert "wrong change" in clerk_client.get("/money/drawer").text


def test_first_count_is_no_difference(clerk_client, web_station):
    page = count(clerk_client, "300", "open", follow_redirects=True).text
    assert "first count" in page
    assert "Why it differs" not in page
    for path in ("/money", "/money/drawer"):
        assert "first count" in clerk_client.get(path).text
        assert "too much" not in clerk_client.get(path).text


def test_closing_takes_what_is_above_the_change_to_the_bank(clerk_client, web_station):
    with transaction():
        rules.change(web_station.manager, LedgerRules(float_minor=3_000))
    pay(web_station)
    one = counted(clerk_client, "100", "close")
    assert 'value="70.00"' in clerk_client.get(one).text

    page = post(clerk_client, f"{one}/bank", {"amount": "70"}, follow_redirects=True).text

    assert "¥30.00" in page
    assert "Take it to the bank" not in page
    assert (balance(web_station, CASH), balance(web_station, BANK)) == (3_000, 7_000)
    assert "¥70.00" in clerk_client.get(f"{one}/paper").text


@pytest.mark.parametrize("typed", ["0", "100.01", "-1", "x", ""])
def test_what_cannot_be_taken_to_the_bank_is_refused(clerk_client, web_station, typed):
    pay(web_station)
    one = counted(clerk_client, "100", "close")
    page = post(clerk_client, f"{one}/bank", {"amount": typed}, follow_redirects=True).text
    assert 'class="flash bad"' in page
    assert balance(web_station, BANK) == 0


@pytest.mark.parametrize("typed", ["", "-1", "1.005", "ten", "1e3", "1,0", "9" * 20, "EUR 5"])
def test_count_that_is_no_amount_is_refused(clerk_client, web_station, typed):
    pay(web_station)
    page = count(clerk_client, typed)
    assert page.status_code == 422
    assert 'class="flash bad"' in page.text
    with reading():
        assert drawer.counts(web_station.id, limit=1) == []


# By notes and coins


def test_sum_of_the_pieces_is_what_was_counted(clerk_client, web_station):
    pieces = {"note_10000": "2", "note_100": " 3 ", "coin_100": "１", "coin_10": "0", "coin_50": ""}
    one = count(clerk_client, "", **pieces).location

    page = clerk_client.get(one).text
    assert "¥204.00" in page
    assert "Banknote ¥100 × 2" in page
    assert "Banknote ¥1 × 3" in page
    assert "Coin ¥1 × 1" in page
    assert "¥0.10" not in page
    with reading():
        assert drawer.counts(web_station.id, limit=1)[0].counted_minor == 20_400
    for paper in ("roll", "a4"):
        assert "Banknote ¥100 × 2" in clerk_client.get(f"{one}/paper?paper={paper}").text


def test_pieces_and_amount_that_agree_are_written_down(clerk_client, web_station):
    assert count(clerk_client, "200.00", note_10000="2").status_code == 303


def test_drawer_with_no_pieces_at_all_is_empty(clerk_client, web_station):
    assert count(clerk_client, "", note_10000="0").status_code == 303
    with reading():
        assert drawer.counts(web_station.id, limit=1)[0].counted_minor == 0


@pytest.mark.parametrize(
    ("amount", "pieces"),
    [
        ("201", {"note_10000": "2"}),
        ("5", {"note_10000": "0", "note_500": "2"}),
        ("", {"note_10000": "-1"}),
        ("", {"note_10000": "1.5"}),
        ("", {"note_10000": "x"}),
        ("", {"note_10000": "1e3"}),
        ("", {"note_10000": "10000"}),
        ("", {"note_10000": "9" * 40}),
        ("", {"note_10000": "2          x"}),
        ("", {"note_3": "1"}),
        ("", {"note_10000": "2", "note_50000": "1"}),
        ("", {"coin_20000": "1"}),
        (" ", {}),
    ],
)
def test_pieces_that_cannot_be_are_refused_and_stand_there_still(clerk_client, web_station, amount, pieces):
    page = count(clerk_client, amount, **pieces)
    assert page.status_code == 422
    assert 'class="flash bad"' in page.text
    for name in pieces.keys() & {"note_10000", "note_500"}:
        typed = " ".join(pieces[name].split())[:12]
        assert f'name="{name}" value="{typed}"' in page.text
    with reading():
        assert drawer.counts(web_station.id, limit=1) == []


def test_refusal_says_what_both_come_to(clerk_client, web_station):
    page = count(clerk_client, "201", note_10000="2").text
    assert "¥200.00" in page
    assert "¥201.00" in page


def test_page_asks_for_pieces_as_it_was_done_the_last_time(clerk_client, web_station):
    assert "<details open>" in clerk_client.get("/money/drawer").text
    count(clerk_client, "5")
    assert "<details>" in clerk_client.get("/money/drawer").text
    count(clerk_client, "", coin_10="1")
    assert "<details open>" in clerk_client.get("/money/drawer").text


def test_station_counts_the_pieces_of_its_own_currency(clerk_client, web_station):
    with transaction():
        rules.change(web_station.manager, LedgerRules("JPY"))
    page = clerk_client.get("/money/drawer").text
    assert 'name="coin_500"' in page
    assert 'name="note_10000"' in page
    assert 'name="note_100"' not in page
    assert "¥10,500" in count(clerk_client, "", note_10000="1", coin_500="1", follow_redirects=True).text


@pytest.mark.parametrize("moment", ["", "x", "OPEN"])
def test_count_at_no_moment_is_refused(clerk_client, web_station, moment):
    assert count(clerk_client, "5", moment).status_code == 422


def test_day_begins_with_opening_and_ends_with_closing(clerk_client, web_station):
    assert 'checked id="moment-0"' in clerk_client.get("/money/drawer").text
    counted(clerk_client, "0", "open")
    assert 'checked id="moment-2"' in clerk_client.get("/money/drawer").text
    assert 'checked id="moment-1"' in clerk_client.get("/money/drawer?moment=check").text


def test_manager_is_told_that_the_closing_count_is_missing(manager_client, web_station):
    assert "closing count of the drawer is missing" in manager_client.get("/money").text
    counted(manager_client, "0", "close")
    assert "closing count of the drawer is missing" not in manager_client.get("/money").text


@pytest.mark.parametrize("paper", ["roll", "a4"])
def test_paper_is_signed_by_two(clerk_client, web_station, paper):
    page = clerk_client.get(f"{counted(clerk_client, '5', 'open')}/paper?paper={paper}").text
    assert f'data-paper="{paper}"' in page
    assert "Checked by" in page


def test_what_is_not_there_is_refused(clerk_client, web_station):
    one = counted(clerk_client, "5")
    assert clerk_client.get(f"{one}/paper?paper=x").status_code == 422
    for path in ("/money/drawer/1", "/money/drawer/1/paper"):
        assert clerk_client.get(path).status_code == 404
    page = post(clerk_client, f"{one}/why", {"reason": ""}, follow_redirects=True).text
    assert 'class="flash bad"' in page
