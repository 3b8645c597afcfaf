"""The carriers' reference page, and its box that says whose a number may be."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from station.carriers.catalogue import COMPANIES
from station.carriers.detection import detect
from station.commands import group
from station.core.db import db

PAGE = "/settings/carriers"


def ask(browser: FlaskClient, number: str, carrier: str = "") -> str:
    answer = browser.post(PAGE, data={"number": number, "carrier": carrier})
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_carrier_is_shown_by_both_names_with_phone_and_label(
    clerk_client: FlaskClient, language: str
) -> None:
    clerk_client.set_cookie("language", language)
    page = clerk_client.get(PAGE).text
    for facts in COMPANIES.values():
        assert facts.name_zh in page
        assert facts.name_en.replace("&", "&amp;") in page
        assert facts.service_phone is None or facts.service_phone in page
    assert "76 × 130 mm" in page


def test_candidates_come_best_first_with_score_and_reason(clerk_client: FlaskClient) -> None:
    page = ask(clerk_client, "432770272803361")
    first, second = detect("432770272803361")
    assert (first.carrier, second.carrier) == ("sto", "yunda")
    assert page.index(f"{first.score:.2f}</span>") < page.index(f"{second.score:.2f}</span>")
    assert "Starts with 77 or 43, 14 to 17 digits: STO." in page


def test_the_box_says_what_the_command_says(web: Flask, clerk_client: FlaskClient) -> None:
    page = ask(clerk_client, "rb123456785us")
    db.session.remove()
    said = web.test_cli_runner().invoke(group, ["detect", "rb123456785us"]).output
    assert said.startswith("rb123456785us: s10 1.00 (International post; the check digit is right.)")
    assert "International post; the check digit is right." in page
    assert "from China" not in page


def test_who_brings_it_ranks_its_carrier_higher(clerk_client: FlaskClient) -> None:
    page = ask(clerk_client, "432770272803361", "yunda")
    assert page.index("15 digits from 3 or 4", page.index('class="candidates"')) < page.index(
        "Starts with 77 or 43", page.index('class="candidates"')
    )


def test_what_fits_nothing_is_said_plainly(clerk_client: FlaskClient) -> None:
    assert "fits no form known here" in ask(clerk_client, "SHELF12345")
    assert "This is no waybill number" in ask(clerk_client, "15-1-7231")
    assert "<script>" not in ask(clerk_client, "<script>alert(1)</script>")


@pytest.mark.parametrize("data", [{}, {"number": "9" * 81}, {"number": "1234567890", "carrier": "nobody"}])
def test_a_form_that_cannot_be_is_shown_again(clerk_client: FlaskClient, data: dict[str, str]) -> None:
    assert clerk_client.post(PAGE, data=data).status_code == 422
