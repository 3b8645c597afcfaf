"""Questions at the check-in screen: digits choose, a burst is still a scan, cards answer in their turn."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from station.core.db import db, reading, transaction
from station.network.models import StationSettings
from station.residents import queries as residents
from station.shelves.models import Layer
from tests.browser.conftest import Desk
from tests.browser.counter import (
    PHONE,
    all_answered,
    announced,
    choose_shelf,
    parcel,
    question,
    scan,
    shown_tag,
    stored,
    type_digits,
    type_fast,
)
from tests.browser.server import Server
from tests.factories import Station, recipient, store, waybill

TAIL = PHONE[-4:]
OTHER_PHONE = "13987654068"  # the same last four digits
LOOK_MS = 700  # a person looks at the list before choosing
REACH_MS = 300  # from the keys to the trigger of the scanner
UNKNOWN = "ABCDEFGH98"  # fits no carrier


@pytest.fixture
def people(web_station: Station) -> list[int]:
    """Two people with the same last four digits; the newer one is offered first."""
    return [recipient(web_station, PHONE, "陈晓明").id, recipient(web_station, OTHER_PHONE, "周杰").id]


@pytest.fixture
def asked(people: list[int], screen: Page) -> str:
    """A parcel nobody knows the recipient of; return its waybill."""
    number = waybill()
    choose_shelf(screen)
    scan(screen, number)
    expect(screen.locator("#typed")).to_be_focused()
    return number


def options(page: Page) -> list[str]:
    return page.locator("#people [data-digit]").evaluate_all("nodes => nodes.map(n => n.dataset.digit)")


def type_tail(page: Page) -> None:
    type_digits(page, TAIL)
    expect(page.locator("#people [data-best]")).to_be_visible()


def fill(station: Station) -> None:
    """Leave no room on 1-1."""
    layer_id = store(station).row.id
    with transaction():
        db.session.execute(update(Layer).where(Layer.id == layer_id).values(capacity=1))


def owner(station: Station, number: str) -> int | None:
    return parcel(station, number).recipient_id


def test_four_digits_show_people_and_one_more_chooses(
    web_station: Station, screen: Page, people: list[int], asked: str
) -> None:
    type_tail(screen)
    assert options(screen) == ["1", "2", "3", "0"]
    screen.wait_for_timeout(LOOK_MS)
    type_digits(screen, "2")
    expect(shown_tag(screen)).to_have_text(f"1-1-{asked[-4:]}")
    assert owner(web_station, asked) == people[0]


def test_enter_takes_the_best_guess(
    web_station: Station, screen: Page, people: list[int], asked: str
) -> None:
    type_tail(screen)
    screen.keyboard.press("Enter")
    expect(shown_tag(screen)).to_have_text(f"1-1-{asked[-4:]}")
    assert owner(web_station, asked) == people[1]


def test_a_full_number_typed_in_one_go_adds_somebody_new(
    web_station: Station, screen: Page, asked: str
) -> None:
    type_digits(screen, "13700001234")
    expect(screen.locator("#phone")).to_have_value("13700001234")
    screen.keyboard.press("Enter")
    expect(screen.locator("#new-name")).to_be_focused()
    screen.keyboard.insert_text("林芳")
    screen.keyboard.press("Enter")
    expect(shown_tag(screen)).to_have_text(f"1-1-{asked[-4:]}")
    with reading():
        (found,) = residents.by_tail(web_station.id, "1234")
    assert (found.id, found.name_masked) == (owner(web_station, asked), "林**")


def test_someone_new_has_a_digit_of_its_own(web_station: Station, screen: Page, asked: str) -> None:
    type_tail(screen)
    screen.wait_for_timeout(LOOK_MS)
    type_digits(screen, "3")
    expect(screen.locator("#phone")).to_be_focused()
    type_digits(screen, "13700001234")
    screen.keyboard.press("Enter")
    expect(screen.locator("#new-name")).to_be_focused()
    screen.keyboard.press("Enter")
    expect(shown_tag(screen)).to_have_text(f"1-1-{asked[-4:]}")


def test_nobody_is_chosen_from_a_list_of_other_digits(
    server: Server, web_station: Station, screen: Page, asked: str
) -> None:
    type_tail(screen)
    screen.wait_for_timeout(LOOK_MS)
    server.delay_s = 0.5
    type_digits(screen, "3")
    expect(screen.locator("#phone")).to_be_focused()
    screen.keyboard.insert_text("13700001234")
    screen.keyboard.press("Enter")
    screen.keyboard.press("Enter")
    expect(shown_tag(screen)).to_have_text(f"1-1-{asked[-4:]}")
    with reading():
        (found,) = residents.by_tail(web_station.id, "1234")
    assert owner(web_station, asked) == found.id


def test_a_full_number_of_somebody_known_offers_them(
    web_station: Station, screen: Page, people: list[int], asked: str
) -> None:
    type_digits(screen, PHONE)
    expect(screen.locator("#people [data-best]")).to_contain_text("陈")
    screen.keyboard.press("Enter")
    expect(screen.locator("#people [data-best]")).to_be_focused()
    type_digits(screen, "1")
    expect(shown_tag(screen)).to_have_text(f"1-1-{asked[-4:]}")
    assert owner(web_station, asked) == people[0]


def test_a_privacy_number_is_known_by_its_extension(web_station: Station, screen: Page, asked: str) -> None:
    type_digits(screen, "17000001111,8462")
    screen.keyboard.press("Enter")
    screen.keyboard.press("Enter")
    expect(shown_tag(screen)).to_have_text(f"1-1-{asked[-4:]}")
    with reading():
        assert [one.phone_kind for one in residents.by_tail(web_station.id, "8462")] == ["privacy"]


def test_a_number_that_is_none_is_refused_and_the_question_stays(
    desk: Desk, screen: Page, asked: str
) -> None:
    desk.expected = ("422",)
    type_digits(screen, "12345")
    screen.keyboard.press("Enter")
    screen.keyboard.press("Enter")
    expect(question(screen).locator(".strip.bad")).to_contain_text("This is not a phone number")
    expect(screen.locator("#typed")).to_be_focused()


@pytest.mark.parametrize("suffix", ["Enter", "Tab", ""])
def test_scanning_on_from_the_questions_own_field_sets_the_parcel_aside(
    web_station: Station, screen: Page, asked: str, suffix: str
) -> None:
    (following,) = announced(web_station)
    type_tail(screen)
    screen.wait_for_timeout(REACH_MS)
    type_fast(screen, following)
    if suffix:
        screen.keyboard.press(suffix)
    expect(shown_tag(screen)).to_have_text(f"1-1-{following[-4:]}")
    expect(screen.locator("#result .strip")).to_contain_text("set aside")
    assert parcel(web_station, asked).problem == "no_phone"
    assert owner(web_station, asked) is None


def test_a_code_typed_by_hand_into_the_question_is_a_scan(
    web_station: Station, screen: Page, asked: str
) -> None:
    (following,) = announced(web_station)
    screen.keyboard.type(following, delay=60)
    screen.keyboard.press("Enter")
    expect(shown_tag(screen)).to_have_text(f"1-1-{following[-4:]}")
    assert parcel(web_station, asked).problem == "no_phone"


def test_zero_and_enter_set_aside_before_any_digit(web_station: Station, screen: Page, asked: str) -> None:
    type_digits(screen, "0")
    screen.keyboard.press("Enter")
    expect(screen.locator("#result .prompt")).to_contain_text("Put it on 99-1")
    assert parcel(web_station, asked).problem == "no_phone"


def test_a_tail_may_begin_with_zero(web_station: Station, screen: Page, asked: str) -> None:
    known = recipient(web_station, "13800000291", "吴")
    type_digits(screen, "0291")
    expect(screen.locator("#people [data-best]")).to_contain_text("0291")
    screen.keyboard.press("Enter")
    expect(shown_tag(screen)).to_have_text(f"1-1-{asked[-4:]}")
    assert owner(web_station, asked) == known.id


def test_escape_begins_the_question_anew(screen: Page, asked: str) -> None:
    type_digits(screen, "13700001234")
    expect(screen.locator("#phone")).to_be_visible()
    screen.keyboard.press("Escape")
    expect(screen.locator("#typed")).to_be_focused()
    expect(screen.locator("#typed")).to_have_value("")
    assert options(screen) == ["1", "0"]


def test_a_full_shelf_offers_others_and_a_digit_takes_one(web_station: Station, screen: Page) -> None:
    (number,) = announced(web_station)
    fill(web_station)
    choose_shelf(screen)
    scan(screen, number)
    expect(question(screen)).to_have_attribute("data-asks", "shelf_full")
    expect(question(screen)).to_contain_text("1-1 is full")
    row = screen.locator('[data-digit="1"] strong').inner_text()
    type_digits(screen, "1")
    expect(shown_tag(screen)).to_have_text(f"{row}-{number[-4:]}")
    expect(screen.locator("#row strong")).to_have_text(row)


def test_a_full_shelf_is_answered_by_a_card(web_station: Station, screen: Page) -> None:
    (number,) = announced(web_station)
    fill(web_station)
    choose_shelf(screen)
    scan(screen, number)
    expect(question(screen)).to_have_attribute("data-asks", "shelf_full")
    scan(screen, "SHELF:3-2")
    expect(shown_tag(screen)).to_have_text(f"3-2-{number[-4:]}")


def test_an_unknown_carrier_is_chosen_by_digit(web_station: Station, screen: Page) -> None:
    choose_shelf(screen)
    scan(screen, UNKNOWN)
    expect(question(screen)).to_have_attribute("data-asks", "unknown_carrier")
    type_digits(screen, "3")
    expect(question(screen)).to_have_attribute("data-asks", "no_phone")
    expect(question(screen)).to_contain_text("YTO")


def test_consent_is_recorded_only_when_given(web_station: Station, screen: Page) -> None:
    (number,) = announced(web_station)
    with transaction():
        db.session.execute(update(StationSettings).values(unknown_consent="set_aside"))
    choose_shelf(screen)
    scan(screen, number)
    expect(question(screen)).to_have_attribute("data-asks", "consent")
    screen.locator("#how").select_option("in_person")
    type_digits(screen, "1")
    expect(shown_tag(screen)).to_have_text(f"1-1-{number[-4:]}")
    assert parcel(web_station, number).consent_basis == "this_parcel"


def test_command_cards_act_in_their_turn(server: Server, web_station: Station, screen: Page) -> None:
    """Scanned faster than the server answers, a card still means the parcel scanned before it."""
    first, second, third = announced(web_station, 3)
    choose_shelf(screen)
    server.delay_s = 0.3
    for code in (first, second, "CMD:UNDO", UNKNOWN, "CMD:3", "CMD:SET-ASIDE", third):
        scan(screen, code)
    all_answered(screen)
    assert stored(web_station) == [first, UNKNOWN, third]
    assert (parcel(web_station, UNKNOWN).carrier, parcel(web_station, UNKNOWN).problem) == ("yto", "no_phone")


def test_a_card_whose_reply_was_lost_answers_one_question_only(
    server: Server, web_station: Station, desk: Desk
) -> None:
    desk.expected = ("502",)
    page = desk.window()
    choose_shelf(page)
    scan(page, UNKNOWN)
    expect(question(page)).to_have_attribute("data-asks", "unknown_carrier")
    server.lose_replies(1)
    scan(page, "CMD:3")
    expect(page.locator("#ready")).to_have_attribute("data-state", "stuck")
    page.reload()
    expect(question(page)).to_have_attribute("data-asks", "no_phone")
    all_answered(page)
    expect(question(page)).to_contain_text("YTO")
    expect(page.locator("#whole")).not_to_be_visible()


def test_undo_withdraws_the_parcel_that_waits_for_an_answer(web_station: Station, screen: Page) -> None:
    (known,) = announced(web_station)
    choose_shelf(screen)
    scan(screen, known)
    scan(screen, waybill())
    expect(question(screen)).to_be_visible()
    screen.keyboard.press("F8")
    expect(screen.locator("#result")).to_contain_text("This parcel is not checked in")
    all_answered(screen)
    assert stored(web_station) == [known]


def test_damaged_means_the_parcel_in_the_hands(web_station: Station, screen: Page) -> None:
    (known,) = announced(web_station)
    number = waybill()
    choose_shelf(screen)
    scan(screen, known)
    scan(screen, number)
    scan(screen, "CMD:DAMAGED")
    expect(screen.locator("#result")).to_contain_text("Marked as damaged")
    assert parcel(web_station, number).problem == "damaged"
    assert parcel(web_station, known).problem is None


def test_a_refused_scan_leaves_the_question_on_screen(web_station: Station, desk: Desk, screen: Page) -> None:
    desk.expected = ("409",)
    (known,) = announced(web_station)
    choose_shelf(screen)
    scan(screen, known)
    scan(screen, waybill())
    expect(question(screen)).to_be_visible()
    scan(screen, known)
    expect(question(screen).locator(".strip.bad")).to_contain_text("Already checked in")
    scan(screen, "SHELF:2-2")
    expect(question(screen).locator(".strip.ok")).to_contain_text("2-2")
    expect(screen.locator("#row strong")).to_have_text("2-2")


def test_a_digit_pressed_twice_answers_once(web_station: Station, screen: Page) -> None:
    choose_shelf(screen)
    scan(screen, UNKNOWN)
    expect(question(screen)).to_have_attribute("data-asks", "unknown_carrier")
    screen.locator('[data-digit="3"]').dblclick()
    expect(question(screen)).to_have_attribute("data-asks", "no_phone")
    all_answered(screen)
    expect(screen.locator("#result .refused")).to_have_count(0)
    assert stored(web_station) == []
