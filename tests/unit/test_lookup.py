"""Whose number is this? What is said of a number as somebody typed it, postal items first."""

import pytest

from station.carriers.catalogue import REASONS
from station.carriers.detection import detect, s10_check_digit
from station.carriers.lookup import candidates

SERIAL = "12345678"
COUNTRIES = ("CN", "US", "GB", "JP", "HK")


def postal(country: str) -> str:
    return f"RB{SERIAL}{s10_check_digit(SERIAL)}{country}"


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_postal_item_is_said_to_be_one_first_and_only_once(country):
    found = candidates(postal(country))

    assert found[0].carrier == "s10"
    assert found[0].score == 1.0
    assert [one.carrier for one in found].count("s10") == 1


@pytest.mark.parametrize("country", COUNTRIES)
def test_only_china_s_items_are_said_to_come_from_china(country):
    reasons = [one.reason for one in candidates(postal(country))]

    assert ("s10_china" in reasons) == (country == "CN")
    assert ("s10_foreign" in reasons) == (country != "CN")


def test_what_is_said_of_every_postal_item_names_no_country():
    assert candidates(postal("CN"))[0].reason == "s10"
    assert "China" not in REASONS["s10"]


def test_a_number_is_read_as_it_was_typed():
    assert candidates(" yt8962-6467 85389 ") == detect("YT8962646785389")
    assert candidates("432770272803361", "yunda")[0].carrier == "yunda"


@pytest.mark.parametrize("text", ["", "hello", "138****4068", "15-1-7231", "9" * 90])
def test_a_text_that_is_no_number_has_no_candidates(text):
    assert candidates(text) == ()
